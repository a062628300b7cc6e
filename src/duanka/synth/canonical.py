"""The world as canonical tables: what `records.schemas` describes, as Polars frames."""

import numpy as np
import polars as pl

from duanka.flow.clearing import DONE
from duanka.flow.ledger import NO_BALANCE
from duanka.records.vocabulary import Status
from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, below, share
from duanka.synth.generate import Booked, History
from duanka.synth.lookups import Lookup, pick
from duanka.synth.names import Names
from duanka.synth.words import WORDS
from duanka.synth.world import DEVICE_KINDS

ZONE = "Asia/Shanghai"
_STATUSES = pl.Series([Status.SUCCESS.value, Status.FAILED.value])
_LEASE_DAYS = 30
_ON_THE_ROAD = 0.45  # of payments from a phone, over the operator's network
_SESSIONS = 0.3  # of payments made on a device, those with a login of their own on record
_REASONS = ("", "余额不足", "超过限额", "账户状态异常", "")
"""What is printed instead of a memo where a payment failed, by its state in `flow.clearing`."""


class Tables:
    """Canonical frames of what happens in a history, slice by slice; those that stand still are in `standing`."""

    def __init__(self, history: History) -> None:
        self.history, self.world = history, history.world
        names = Names(self.world)
        self.names = names
        self._leases = -(-self.world.scale.days // _LEASE_DAYS)
        self.account_ids = Lookup(names.accounts, len(self.world.accounts))
        self.phones = Lookup(names.phones, len(self.world.sims))
        self.imeis = Lookup(names.imeis, len(self.world.devices))
        self.party_ids = Lookup(names.parties, len(self.world.people) + len(self.world.firms))
        self._macs = Lookup(names.macs, len(self.world.devices))
        leases = self._leases
        self._addresses = Lookup(lambda rows: names.addresses(rows, leases), len(self.world.networks) * leases)
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
        sides = self.account_ids(np.concatenate([made.payer, made.payee]))
        return pl.DataFrame({
            "external_id": serials(made.time, booked.first_number + np.arange(size)),
            "time": pl.Series(made.time * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "zone": pl.Series([ZONE]).new_from_index(0, size),
            "time_precision": pl.Series(["second"]).new_from_index(0, size),
            "payer": sides.head(size),
            "payee": sides.tail(size),
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
            "ip": self._addresses(address).fill_null(""),
            "mac": self._macs(np.where(computer, booked.device, -1)).fill_null(""),
            "device": self.imeis(np.where(computer, -1, booked.device)).fill_null(""),
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
            "account_id": self.account_ids(account),
            "time": pl.Series(time * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "zone": pl.Series([ZONE]).new_from_index(0, size),
            "ip": self._addresses(self._address(device, time)).fill_null(""),
            "mac": self._macs(np.where(computer, device, -1)).fill_null(""),
            "device": self.imeis(np.where(computer, -1, device)).fill_null(""),
            "action": pl.Series(["登录"]).new_from_index(0, size),
        })  # fmt: skip

    def printed_devices(self, device: Array) -> pl.Series:
        """IMEI of each phone or modem pool, MAC of each computer."""
        computer = self._is_computer(device)
        macs = self._macs(np.where(computer, device, -1))
        return macs.zip_with(pl.Series(computer), self.imeis(np.where(computer, -1, device)))

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


def serials(time: Ints, numbers: Ints) -> pl.Series:
    """Serial numbers of payments by their running numbers: the day, then ten digits that never come twice.

    The digits look like none in particular.
    """
    dates = seasons.day_of(time).astype("datetime64[D]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = seasons.of_month(seasons.day_of(time))
    running = (numbers * 387_420_489 + 31_415) % 10**10
    return pl.Series((year * 10_000 + month * 100 + day) * 10**10 + running).cast(pl.String)


def _printed(balances: Ints) -> pl.Series:
    series = pl.Series(balances)
    return series.set(series == NO_BALANCE, None)
