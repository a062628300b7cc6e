"""What stands still in a world as canonical tables, in blocks of rows: who and what there is, and what was reported."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from duanka.synth.canonical import ZONE, Tables
from duanka.synth.chance import Array, Ints, below
from duanka.synth.lookups import Lookup, pick
from duanka.synth.world import (
    ACCOUNT_KINDS,
    DEVICE_KINDS,
    FAR,
    INSTITUTIONS,
    OPERATORS,
    REGIONS,
    SIM_KINDS,
    J,
)

_BLOCK = 300_000
Frames = Iterator[pl.DataFrame]


class Standing:
    """Canonical frames of the world and of its rings' traces, one block of rows after the other."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._names, self._world = tables, tables.names, tables.world
        both = len(self._world.people) + len(self._world.firms)
        self._holders = Lookup(self._names.holders, both)
        self._numbers = Lookup(self._names.holder_numbers, both)
        self._outlet_ids = self._names.outlets()["outlet_id"]

    def accounts(self) -> Frames:
        """Accounts with holders and reserved phones; `alias` is the card's number."""
        accounts, people = self._world.accounts, len(self._world.people)
        for rows in _blocks(len(accounts)):
            person, firm = accounts.person[rows], accounts.firm[rows]
            holder = np.where(person >= 0, person, people + firm)
            yield pl.DataFrame({
                "account_id": self._tables.account_ids(rows),
                "alias": self._names.cards(rows),
                "institution": pick(pl.Series([i.name for i in INSTITUTIONS]), accounts.institution[rows]),
                "kind": pick(pl.Series([kind.value for kind in ACCOUNT_KINDS]), accounts.kind[rows]),
                "party_id": self._tables.party_ids(holder),
                "holder_name": self._holders(holder),
                "holder_id": self._numbers(holder),
                "phone": self._tables.phones(accounts.sim[rows]),
                "opened_on": _dates(accounts.opened[rows]),
                "closed_on": _dates(accounts.closed[rows]),
                "outlet_id": pick(self._outlet_ids, accounts.outlet[rows]),
                "state": _same("正常", rows),
            })  # fmt: skip

    def parties(self) -> Frames:
        """Persons, then firms."""
        people, firms = self._world.people, self._world.firms
        for rows in _blocks(len(people)):
            employer = np.where(people.job[rows] == J["retired"], -1, people.employer[rows])
            works_for = np.where(employer >= 0, len(people) + employer, -1)
            employers = self._holders(works_for).fill_null("")
            yield self._parties(rows, people.sim[rows], people.region[rows], employers, ("id_card", "person"))
        for rows in _blocks(len(firms)):
            phone = people.sim[firms.owner[rows]]
            holder = len(people) + rows
            yield self._parties(holder, phone, firms.region[rows], _same("", rows), ("uscc", "firm"))

    def _parties(
        self, holder: Ints, sim: Array, region: Array, employer: pl.Series, kind: tuple[str, str]
    ) -> pl.DataFrame:
        cities = pl.Series([self._names.city(c) for c in range(REGIONS)])
        return pl.DataFrame({
            "party_id": self._tables.party_ids(holder),
            "name": self._holders(holder),
            "id_kind": _same(kind[0], holder),
            "id_number": self._numbers(holder),
            "kind": _same(kind[1], holder),
            "phone": self._tables.phones(sim),
            "address": pick(cities, region),
            "employer": employer,
        })  # fmt: skip

    def sims(self) -> Frames:
        """SIM cards with their registered holders."""
        sims = self._world.sims
        for rows in _blocks(len(sims)):
            person = sims.person[rows]
            yield pl.DataFrame({
                "phone": self._tables.phones(rows),
                "kind": pick(pl.Series([kind.value for kind in SIM_KINDS]), sims.kind[rows]),
                "operator": pick(pl.Series(OPERATORS), sims.operator[rows]),
                "party_id": self._tables.party_ids(person),
                "holder_name": self._holders(person),
                "holder_id": self._numbers(person),
                "iccid": self._names.iccids(rows),
                "imsi": self._names.imsis(rows),
                "opened_on": _dates(sims.opened[rows]),
                "closed_on": pl.Series([None], dtype=pl.Date).new_from_index(0, len(rows)),
                "outlet_id": pick(self._outlet_ids, sims.outlet[rows]),
                "state": _same("正常", rows),
            })  # fmt: skip

    def devices(self) -> Frames:
        """Phones and modem pools by IMEI, computers by MAC."""
        models = pl.Series(["示例手机A", "示例手机B", "示例手机C", "示例手机D"])
        for rows in _blocks(len(self._world.devices)):
            kind = self._world.devices.kind[rows]
            computer = kind == DEVICE_KINDS.index("computer")
            frame = pl.DataFrame({
                "id": self._tables.printed_devices(rows), "pc": computer, "model": pick(models, below(rows, 505, 4)),
                "modem": kind == DEVICE_KINDS.index("modem"),
            })  # fmt: skip
            yield frame.select(
                device_id="id",
                kind=pl.when("pc").then(pl.lit("mac")).otherwise(pl.lit("imei")),
                model=pl.when("pc").then(pl.lit("示例电脑")).when("modem").then(pl.lit("")).otherwise("model"),
            )

    def reports(self) -> Frames:
        """Victims' reports, by the time of the report; nothing where there is none."""
        found = sorted(
            (r.reported, r.time, r.payer, r.payee, r.amount)
            for ring in self._tables.history.rings
            for r in ring.reports
        )
        if not found:
            return
        reported, time, payer, payee, amount = np.array(found, dtype=np.int64).T
        accounts, size = self._world.accounts, len(found)
        person = accounts.person[payer]
        yield pl.DataFrame({
            "report_id": pl.Series([f"示例公（刑）受案字{n + 1:07d}号" for n in range(size)], dtype=pl.String),
            "victim_name": self._holders(np.where(person >= 0, person, len(self._world.people) + accounts.firm[payer])),
            "victim_account": self._tables.account_ids(payer),
            "receiver_account": self._tables.account_ids(payee),
            "time": _times(time),
            "zone": _same(ZONE, payer),
            "amount": amount,
            "currency": _same("CNY", payer),
            "reported_at": _times(reported),
            "memo": _same("被骗转账", payer),
        })  # fmt: skip

    def measures(self) -> Frames:
        """Stops and freezes, by their start; nothing where there is none."""
        found = sorted(
            (m.start, m.end, m.account, m.amount, m.kind) for ring in self._tables.history.rings for m in ring.measures
        )
        if not found:
            return
        size = len(found)
        start, end, account, amount = (np.array([m[i] for m in found], dtype=np.int64) for i in range(4))
        yield pl.DataFrame({
            "account_id": self._tables.account_ids(account),
            "kind": pl.Series([m[4] for m in found], dtype=pl.String),
            "start": _times(start),
            "end": _times(end),
            "amount": pl.Series(amount).to_frame("a").select(pl.when(pl.col("a") > 0).then("a")).to_series(),
            "currency": _same("CNY", account),
            "authority": _same("示例市公安局", account),
            "reference": pl.Series([f"示例冻字〔{n + 1:06d}〕号" for n in range(size)], dtype=pl.String),
        })  # fmt: skip


def _blocks(size: int) -> Iterator[Ints]:
    """Row numbers below `size`, some at a time; once, and none, where there is no row."""
    for first in range(0, max(size, 1), _BLOCK):
        yield np.arange(first, min(first + _BLOCK, size), dtype=np.int64)


def _same(word: str, rows: Array) -> pl.Series:
    return pl.Series([word]).new_from_index(0, len(rows))


def _times(seconds: Ints) -> pl.Series:
    return pl.Series(seconds * 1_000_000).cast(pl.Datetime("us", "UTC"))


def _dates(days: Array) -> pl.Series:
    series = pl.Series(days.astype(np.int32))
    return series.set(series == FAR, None).cast(pl.Date)
