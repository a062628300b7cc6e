"""The world as canonical tables: what `records.schemas` describes, as Polars frames."""

import numpy as np
import polars as pl

from duanka.flow.clearing import DONE
from duanka.flow.ledger import NO_BALANCE
from duanka.records.vocabulary import Status
from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, below, share
from duanka.synth.generate import Booked, History
from duanka.synth.names import Names
from duanka.synth.words import WORDS
from duanka.synth.world import ACCOUNT_KINDS, DEVICE_KINDS, FAR, INSTITUTIONS, OPERATORS, SIM_KINDS, J

ZONE = "Asia/Shanghai"
_STATUSES = pl.Series([Status.SUCCESS.value, Status.FAILED.value])
_LEASE_DAYS = 30
_ON_THE_ROAD = 0.45  # of payments from a phone, over the operator's network
_SESSIONS = 0.3  # of payments made on a device, those with a login of their own on record
_REASONS = ("", "余额不足", "超过限额", "账户状态异常", "")
"""What is printed instead of a memo where a payment failed, by its state in `flow.clearing`."""


class Tables:
    """Canonical frames of a history. Static ones are made once, the others slice by slice."""

    def __init__(self, history: History) -> None:
        self.history, self.world = history, history.world
        names = Names(self.world)
        self.names = names
        self.account_ids, self.cards = names.accounts(), names.cards()
        self.phones = names.phones()
        self._persons, self._identities = names.persons(), names.identities()
        self._firms, self._codes = names.firms(), names.credit_codes()
        self.device_ids, self._macs = names.imeis(), names.macs()
        self._leases = -(-self.world.scale.days // _LEASE_DAYS)
        self._addresses = names.addresses(self._leases)
        self._memos = pl.Series([memo for word in WORDS for memo in word.memos] + list(_REASONS))
        counts = np.array([len(word.memos) for word in WORDS])
        self._memo_count, self._memo_first = counts, np.cumsum(counts) - counts
        self._kinds = pl.Series([word.kind for word in WORDS])
        self._channels = pl.Series([word.channel for word in WORDS])

    def transactions(self, booked: Booked) -> pl.DataFrame:
        """Payments of a slice, as in `records.schemas.TRANSACTION` but without `row_id`, which an import gives."""
        made, size = booked.movements, len(booked)
        word = made.word.astype(np.int64)
        bits = made.time * 1_000_003 + made.payer * 101 + made.amount
        memo = self._memo_first[word] + below(bits, 501, self._memo_count[word])
        done, computer = booked.state == DONE, self._is_computer(booked.device)
        address = self._address(booked.device, made.time)
        return pl.DataFrame({
            "external_id": serials(made.time, booked.first_number),
            "time": pl.Series(made.time * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "zone": pl.Series([ZONE]).new_from_index(0, size),
            "time_precision": pl.Series(["second"]).new_from_index(0, size),
            "payer": pick(self.account_ids, made.payer),
            "payee": pick(self.account_ids, made.payee),
            "amount": made.amount,
            "currency": pl.Series(["CNY"]).new_from_index(0, size),
            "amount_received": made.amount,
            "currency_received": pl.Series(["CNY"]).new_from_index(0, size),
            "kind": pick(self._kinds, word),
            "channel": pick(self._channels, word),
            "status": pick(_STATUSES, ~done),
            "memo": pick(self._memos, np.where(done, memo, len(self._memos) - len(_REASONS) + booked.state)),
            "balance_payer": _printed(booked.left),
            "balance_payee": _printed(booked.reached),
            "ip": pick(self._addresses, address).fill_null(""),
            "mac": pick(self._macs, np.where(computer, booked.device, -1)).fill_null(""),
            "device": pick(self.device_ids, np.where(computer, -1, booked.device)).fill_null(""),
        })  # fmt: skip

    def sessions(self, booked: Booked) -> pl.DataFrame:
        """Logins before some of the payments of a slice, and those that rings made besides."""
        made = booked.movements
        bits = made.time * 7 + made.payer * 1_013
        on = (booked.device >= 0) & (share(bits, 502) < _SESSIONS)
        time = made.time[on] - 8 - below(bits[on], 503, 150)
        return self._logins(time, made.payer[on], booked.device[on])

    def ring_sessions(self) -> pl.DataFrame:
        """Logins without a payment: cards being tried, watched, or worked by a machine."""
        parts = [(t, a, d) for r in self.history.rings
                 for t, a, d in zip(r.logins.time, r.logins.account, r.logins.device, strict=True)]  # fmt: skip
        empty = np.empty(0, dtype=np.int64)
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [empty] * 3
        order = np.lexsort((columns[1], columns[0]))
        return self._logins(*(column[order].astype(np.int64) for column in columns))

    def _logins(self, time: Ints, account: Array, device: Array) -> pl.DataFrame:
        size = len(time)
        computer = self._is_computer(device)
        return pl.DataFrame({
            "account_id": pick(self.account_ids, account),
            "time": pl.Series(time * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "zone": pl.Series([ZONE]).new_from_index(0, size),
            "ip": pick(self._addresses, self._address(device, time)).fill_null(""),
            "mac": pick(self._macs, np.where(computer, device, -1)).fill_null(""),
            "device": pick(self.device_ids, np.where(computer, -1, device)).fill_null(""),
            "action": pl.Series(["登录"]).new_from_index(0, size),
        })  # fmt: skip

    def _is_computer(self, device: Array) -> Array:
        kind = self.world.devices.kind[np.maximum(device, 0)]
        found: Array = (kind == DEVICE_KINDS.index("computer")) & (device >= 0)
        return found

    def _address(self, device: Array, time: Ints) -> Ints:
        """Row of the address table of each use of a device; -1 where there is no device."""
        devices = self.world.devices
        row = np.maximum(device, 0)
        mobile = devices.mobile[row].astype(np.int64)
        road = (mobile >= 0) & (share(row * 4_099 + time // 7_200, 504) < _ON_THE_ROAD)
        network = np.where(road, mobile, devices.network[row])
        lease = np.clip((seasons.day_of(time) - self.world.scale.first_day) // _LEASE_DAYS, 0, self._leases - 1)
        return np.where(device >= 0, network * self._leases + lease, -1)

    def accounts(self) -> pl.DataFrame:
        """Accounts with holders and reserved phones; `alias` is the card's number."""
        accounts = self.world.accounts
        person = accounts.person >= 0
        holder = np.where(person, accounts.person, len(self._persons) + accounts.firm)
        names = pl.concat([self._persons.alias("n"), self._firms.alias("n")])
        ids = pl.concat([self._identities.alias("i"), self._codes.alias("i")])
        size = len(accounts)
        return pl.DataFrame({
            "account_id": self.account_ids,
            "alias": self.cards,
            "institution": pick(pl.Series([i.name for i in INSTITUTIONS]), accounts.institution),
            "kind": pick(pl.Series([kind.value for kind in ACCOUNT_KINDS]), accounts.kind),
            "party_id": pick(self.party_ids(), holder),
            "holder_name": pick(names, holder),
            "holder_id": pick(ids, holder),
            "phone": pick(self.phones, accounts.sim),
            "opened_on": _dates(accounts.opened),
            "closed_on": _dates(accounts.closed),
            "outlet_id": pick(self.names.outlets()["outlet_id"], accounts.outlet),
            "state": pl.Series(["正常"]).new_from_index(0, size),
        })  # fmt: skip

    def party_ids(self) -> pl.Series:
        """Ids of persons, then of firms."""
        return pl.concat([("id:" + self._identities).alias("party_id"), ("uscc:" + self._codes).alias("party_id")])

    def parties(self) -> pl.DataFrame:
        """Persons, then firms."""
        people, firms = self.world.people, self.world.firms
        cities = pl.Series([self.names.city(c) for c in range(50)])
        employer = np.where(people.job == J["retired"], -1, people.employer)
        persons = pl.DataFrame({
            "id_number": self._identities, "name": self._persons, "phone": pick(self.phones, people.sim),
            "address": pick(cities, people.region), "employer": pick(self._firms, employer).fill_null(""),
        })  # fmt: skip
        companies = pl.DataFrame({
            "id_number": self._codes, "name": self._firms, "phone": pick(self.phones, people.sim[firms.owner]),
            "address": pick(cities, firms.region), "employer": pl.Series([""]).new_from_index(0, len(firms)),
        })  # fmt: skip
        both = [
            persons.with_columns(id_kind=pl.lit("id_card"), kind=pl.lit("person")),
            companies.with_columns(id_kind=pl.lit("uscc"), kind=pl.lit("firm")),
        ]
        return (
            pl.concat(both)
            .with_columns(party_id=self.party_ids())
            .select("party_id", "name", "id_kind", "id_number", "kind", "phone", "address", "employer")
        )

    def sims(self) -> pl.DataFrame:
        """SIM cards with their registered holders."""
        sims = self.world.sims
        size = len(sims)
        return pl.DataFrame({
            "phone": self.phones,
            "kind": pick(pl.Series([kind.value for kind in SIM_KINDS]), sims.kind),
            "operator": pick(pl.Series(OPERATORS), sims.operator),
            "party_id": pick(self.party_ids(), sims.person),
            "holder_name": pick(self._persons, sims.person),
            "holder_id": pick(self._identities, sims.person),
            "iccid": self.names.iccids(),
            "imsi": self.names.imsis(),
            "opened_on": _dates(sims.opened),
            "closed_on": pl.Series([None], dtype=pl.Date).new_from_index(0, size),
            "outlet_id": pick(self.names.outlets()["outlet_id"], sims.outlet),
            "state": pl.Series(["正常"]).new_from_index(0, size),
        })  # fmt: skip

    def devices(self) -> pl.DataFrame:
        """Phones and modem pools by IMEI, computers by MAC."""
        kind = self.world.devices.kind
        computer = pl.Series(kind == DEVICE_KINDS.index("computer"))
        models = pl.Series(["示例手机A", "示例手机B", "示例手机C", "示例手机D"])
        model = pick(models, below(np.arange(len(kind)), 505, 4))
        frame = pl.DataFrame({"imei": self.device_ids, "mac": self._macs, "pc": computer, "model": model,
                              "modem": pl.Series(kind == DEVICE_KINDS.index("modem"))})  # fmt: skip
        return frame.select(
            device_id=pl.when("pc").then("mac").otherwise("imei"),
            kind=pl.when("pc").then(pl.lit("mac")).otherwise(pl.lit("imei")),
            model=pl.when("pc").then(pl.lit("示例电脑")).when("modem").then(pl.lit("")).otherwise("model"),
        )

    def reports(self) -> pl.DataFrame:
        """Victims' reports, by the time of the report."""
        found = sorted(
            (r.reported, r.time, r.payer, r.payee, r.amount) for ring in self.history.rings for r in ring.reports
        )
        columns = np.array(found, dtype=np.int64).reshape(-1, 5).T
        reported, time, payer, payee, amount = columns
        holders = self.accounts()["holder_name"] if found else pl.Series("holder_name", [], dtype=pl.String)
        size = len(found)
        return pl.DataFrame({
            "report_id": pl.Series([f"示例公（刑）受案字{n + 1:07d}号" for n in range(size)], dtype=pl.String),
            "victim_name": pick(holders, payer),
            "victim_account": pick(self.account_ids, payer),
            "receiver_account": pick(self.account_ids, payee),
            "time": pl.Series(time * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "zone": pl.Series([ZONE]).new_from_index(0, size),
            "amount": amount,
            "currency": pl.Series(["CNY"]).new_from_index(0, size),
            "reported_at": pl.Series(reported * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "memo": pl.Series(["被骗转账"]).new_from_index(0, size),
        })  # fmt: skip

    def measures(self) -> pl.DataFrame:
        """Stops and freezes, by their start."""
        found = sorted(
            (m.start, m.end, m.account, m.amount, m.kind) for ring in self.history.rings for m in ring.measures
        )
        size = len(found)
        start, end, account, amount = (np.array([m[i] for m in found], dtype=np.int64) for i in range(4))
        return pl.DataFrame({
            "account_id": pick(self.account_ids, account),
            "kind": pl.Series([m[4] for m in found], dtype=pl.String),
            "start": pl.Series(start * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "end": pl.Series(end * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "amount": pl.Series(amount).to_frame("a").select(pl.when(pl.col("a") > 0).then("a")).to_series(),
            "currency": pl.Series(["CNY"]).new_from_index(0, size),
            "authority": pl.Series(["示例市公安局"]).new_from_index(0, size),
            "reference": pl.Series([f"示例冻字〔{n + 1:06d}〕号" for n in range(size)], dtype=pl.String),
        })  # fmt: skip


def serials(time: Ints, first_number: int) -> pl.Series:
    """Serial numbers: the day, then ten digits that look like none in particular but never come twice."""
    dates = seasons.day_of(time).astype("datetime64[D]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = seasons.of_month(seasons.day_of(time))
    running = (np.arange(first_number, first_number + len(time), dtype=np.int64) * 387_420_489 + 31_415) % 10**10
    return pl.Series((year * 10_000 + month * 100 + day) * 10**10 + running).cast(pl.String)


def pick(words: pl.Series, rows: Array) -> pl.Series:
    """Words by row; null where the row is negative."""
    places = pl.Series(rows.astype(np.int64))
    if len(rows) and int(rows.min()) < 0:
        places = places.set(places < 0, None)
    return words.gather(places)


def _printed(balances: Ints) -> pl.Series:
    series = pl.Series(balances)
    return series.set(series == NO_BALANCE, None)


def _dates(days: Array) -> pl.Series:
    series = pl.Series(days.astype(np.int32))
    return series.set(series == FAR, None).cast(pl.Date)
