"""Who claims which money: the payments that each seed stands for, and which of them are one claim."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from duanka.derive import Ordered
from duanka.flow.index import Index, index
from duanka.flow.ledger import NOBODY, Int64
from duanka.messages.catalogue import Language, say
from duanka.store.case import Case
from duanka.store.holdings import unread
from duanka.store.reported import Reported, reported_payments
from duanka.store.seeds import Seed, missing, resolve

LEFT_OUT = pl.Schema({"seed": pl.String(), "row_id": pl.String(), "report_line": pl.Int64(), "why": pl.String()})
"""`why`: not_moved, later, no_payments, or as in `store.reported.Unmatched`."""

_CLAIMS = pl.Schema({
    "claim": pl.Int64(), "seeds": pl.List(pl.String()), "currency": pl.String(), "payments": pl.Int64(),
    "seeded": pl.Int64(),
})  # fmt: skip


class _Picked(NamedTuple):
    """What one seed stands for: payments by id, or rows of the ledger."""

    seed: int
    how: str  # named, reported, received, paid
    row_ids: tuple[str, ...] = ()
    row: Int64 = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Claims:
    """s seeds, ascending by claim, then row; `left_out` is what can't be traced. A claim is in one currency."""

    start: tuple[str, ...]  # the seeds as the user named them
    seed: Int64  # s: of `start`
    row: Int64  # s: of the ledger
    amount: Int64  # s, minor units
    claim: Int64  # s: 0 … c-1
    how: tuple[str, ...]  # s
    currency: tuple[str, ...]  # c
    left_out: pl.DataFrame

    def table(self) -> pl.DataFrame:
        """`claim, seeds, currency, payments, seeded`; in tables claims are numbered from 1."""
        each = pl.DataFrame({"claim": self.claim + 1, "seed": self.seed, "seeded": self.amount})
        summed = each.group_by("claim").agg(
            seeds=pl.col("seed").unique().sort(), payments=pl.len().cast(pl.Int64), seeded=pl.col("seeded").sum()
        )
        told = summed.sort("claim").with_columns(
            pl.col("seeds").list.eval(pl.element().replace_strict(dict(enumerate(self.start)), return_dtype=pl.String)),
            currency=pl.Series(self.currency, dtype=pl.String),
        )
        return told.select([pl.col(name).cast(kind) for name, kind in _CLAIMS.items()])

    def nothing(self, language: Language) -> str:
        """Why there is nothing to trace."""
        why = self.left_out["why"].unique().sort().to_list()
        return say("trace.nothing", language, why="; ".join(say(f"trace.left_out.{one}", language) for one in why))


def claims_of(
    case: Case,
    data: Ordered,
    start: list[Seed],
    *,
    up: bool,
    at: datetime | None = None,
    apart: bool = False,
    together: bool = False,
    language: Language = "en",
) -> Claims:
    """The payments of each seed, as claims: each seed is one, or (`apart`) each payment, or (`together`) all are one.

    A row stands for its payment. A report stands for the payments that it speaks of (`store.reported`). An account
    (also those of a party, a phone or a device) going down stands for what it received; a reported victim's account for
    the reported payments that it made; one that received nothing for what it paid. Going up it stands for what it paid,
    or else for what it received. With `at`, reports made later, unless they are seeds themselves, are not looked at. A
    claim in several currencies becomes one claim in each. A payment that is named twice
    within a claim counts once; one that is in two claims is the first one's, and the trace lists the rest as overlap.
    """
    named = tuple(one.value for one in start if one.kind == "report")
    found = _Finder(case, data, lambda: reported_payments(case.db, at, named), up=up, language=language)
    picked = found.in_ledger([one for number, seed in enumerate(start) for one in found.of(number, seed)], start)
    seed = np.concatenate([np.full(len(one.row), one.seed, np.int64) for one in picked] or [np.zeros(0, np.int64)])
    row = np.concatenate([one.row for one in picked] or [np.zeros(0, np.int64)])
    how = np.repeat([one.how for one in picked], [len(one.row) for one in picked])
    ledger = data.ledger
    amount = (ledger.amount if up else ledger.received)[row]
    near, far = (ledger.payer, ledger.payee) if up else (ledger.payee, ledger.payer)
    node = np.where(near[row] == NOBODY, far[row], near[row])
    money, code = np.unique(np.asarray(data.nodes["currency"].to_pylist(), dtype=np.str_), return_inverse=True)
    of = row if apart else np.zeros(len(row), np.int64) if together else seed
    kept = np.flatnonzero((amount > 0) & (node != NOBODY))
    kept = kept[np.lexsort((row[kept], seed[kept]))]
    claim, currency = _numbered(of[kept], code[node[kept]])
    once = np.unique(np.stack([claim, row[kept]], axis=1), axis=0, return_index=True)[1]
    kept, claim = kept[once], claim[once]
    return Claims(
        start=tuple(_name(one) for one in start),
        seed=seed[kept],
        row=row[kept],
        amount=amount[kept],
        claim=claim,
        how=tuple(how[kept].tolist()),
        currency=tuple(str(money[one]) for one in currency),
        left_out=pl.DataFrame(found.left_out, schema=LEFT_OUT, orient="row"),
    )


def _numbered(of: Int64, code: Int64) -> tuple[Int64, Int64]:
    """A number per pair, by first appearance, and the code of each number."""
    if not len(of):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs, first, place = np.unique(np.stack([of, code], axis=1), axis=0, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rank[place.reshape(-1)], pairs[np.argsort(first), 1]


class _Finder:
    """Looks up what a seed stands for."""

    def __init__(
        self, case: Case, data: Ordered, reports: Callable[[], tuple[Reported, ...]], *, up: bool, language: Language
    ) -> None:
        self._case, self._data, self._up, self._language = case, data, up, language
        self._index: Index | None = None
        self._reported = cache(reports)
        self.left_out: list[tuple[str, str | None, int | None, str]] = []

    def of(self, number: int, seed: Seed) -> Iterator[_Picked]:
        """What one seed stands for."""
        if seed.kind == "row":
            yield _Picked(number, "named", resolve(self._case, seed, self._language))
        elif seed.kind == "report":
            yield _Picked(number, "reported", self._report(seed))
        else:
            accounts = resolve(self._case, seed, self._language)
            some = [
                one for one in (self._account(number, account) for account in accounts) if one.row_ids or len(one.row)
            ]
            if not some:
                self.left_out.append((_name(seed), None, None, "no_payments"))
            yield from some

    def in_ledger(self, picked: list[_Picked], start: list[Seed]) -> list[_Picked]:
        """The same with all payments as rows; those that the ledger does not have are left out. One pass over it."""
        wanted = pa.array(sorted({row_id for one in picked for row_id in one.row_ids}), pa.string())
        there = np.flatnonzero(np.asarray(pc.is_in(self._data.row_ids, value_set=wanted)))
        place = dict(zip(self._data.row_ids.take(pa.array(there)).to_pylist(), there.tolist(), strict=True))
        moved = unread(self._case.db, [one for one in wanted.to_pylist() if one not in place])
        result = []
        for one in picked:
            for row_id in one.row_ids:
                if row_id in moved:
                    why = "later" if moved[row_id] else "not_moved"
                    self.left_out.append((_name(start[one.seed]), row_id, None, why))
            rows = [place[row_id] for row_id in one.row_ids if row_id in place]
            result.append(one._replace(row=np.array(rows, np.int64)) if one.row_ids else one)
        return result

    def _report(self, seed: Seed) -> tuple[str, ...]:
        lines = [one for one in self._reported() if one.report_id == seed.value]
        if not lines:
            raise missing(self._case, seed, self._language)
        for one in lines:
            if one.why_not:
                self.left_out.append((_name(seed), None, one.source_row, one.why_not))
        return tuple(one.row_id for one in lines if one.row_id)

    def _account(self, number: int, account: str) -> _Picked:
        nodes = np.flatnonzero(np.asarray(pc.equal(self._data.nodes["account_id"], account)))
        received, paid = self._of_nodes(nodes, received=True), self._of_nodes(nodes, received=False)
        if self._up:
            return _Picked(number, "paid", row=paid) if len(paid) else _Picked(number, "received", row=received)
        reported = tuple(one.row_id for one in self._reported() if one.victim == account and one.row_id)
        if reported:
            return _Picked(number, "reported", reported)
        return _Picked(number, "received", row=received) if len(received) else _Picked(number, "paid", row=paid)

    def _of_nodes(self, nodes: Int64, *, received: bool) -> Int64:
        if self._index is None:
            self._index = index(self._data.ledger)
        found = self._index
        start, rows = (found.got_from, found.got) if received else (found.paid_from, found.paid)
        amount = self._data.ledger.received if received else self._data.ledger.amount
        parts = [rows[start[node] : start[node + 1]] for node in nodes.tolist()]
        all_ = np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
        return np.sort(all_[amount[all_] > 0])


def _name(seed: Seed) -> str:
    return f"{seed.kind}:{seed.value}"
