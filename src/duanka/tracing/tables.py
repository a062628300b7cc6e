"""Traces as tables: what each doctrine finds for each claim, side by side, in the case's own ids."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from duanka.derive import Ordered
from duanka.flow.ledger import NOBODY, Int32, Int64
from duanka.trace.book import Book
from duanka.trace.doctrine import Doctrine
from duanka.trace.reason import ENDED, LEFT, REMAINDER, Reason
from duanka.trace.result import Trace
from duanka.tracing.claims import Claims
from duanka.tracing.held import Held

TIME = pl.Datetime("us", "UTC")
DOCTRINE = pl.Enum([str(doctrine) for doctrine in Doctrine])
REASON = pl.Enum([reason.name.lower() for reason in Reason])
_ONE: dict[str, pl.DataType] = {"doctrine": DOCTRINE, "claim": pl.Int64()}
STEPS = pl.Schema(_ONE | {
    "hop": pl.Int64(), "row_id": pl.String(), "time": TIME, "payer": pl.String(), "payee": pl.String(),
    "amount": pl.Int64(), "currency": pl.String(), "received": pl.Int64(), "currency_received": pl.String(),
    "whole": pl.Int64(), "assumed": pl.Boolean(),
})  # fmt: skip
ENDS = pl.Schema(_ONE | {
    "reason": REASON, "row_id": pl.String(), "account_id": pl.String(), "amount": pl.Int64(),
    "currency": pl.String(),
})  # fmt: skip
LEFT_AT = pl.Schema(_ONE | {
    "account_id": pl.String(), "currency": pl.String(), "left": pl.Int64(), "balance": pl.Int64(),
    "known_by": pl.String(), "share": pl.Float64(),
})  # fmt: skip
BREAKS = pl.Schema({
    "account_id": pl.String(), "currency": pl.String(), "row_id": pl.String(), "time": TIME, "expected": pl.Int64(),
    "printed": pl.Int64(),
})  # fmt: skip

NOTHING = pl.Schema({
    "account_id": pl.String(), "currency": pl.String(), "reason": REASON, "least": pl.Int64(),
    "least_doctrine": DOCTRINE, "most": pl.Int64(), "most_doctrine": DOCTRINE, "spread": pl.Int64(),
})  # fmt: skip
"""What `compared` has where no doctrine is compared."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What `tables` makes; columns as documented in the reference."""

    sums: pl.DataFrame
    reasons: pl.DataFrame
    compared: pl.DataFrame
    left: pl.DataFrame
    steps: pl.DataFrame
    ends: pl.DataFrame
    contradictions: pl.DataFrame
    doctrines: tuple[Doctrine, ...]  # in the order in which they were traced
    rows: Int64  # every row that some trace goes through, ascending
    nodes: Int64  # every node that some trace touches, ascending


class Names:
    """Ids of what the kernels call by number; nothing for NOBODY."""

    def __init__(self, data: Ordered) -> None:
        self._data = data
        self._account, self._currency, self._row = (
            _words(column) for column in (data.nodes["account_id"], data.nodes["currency"], data.row_ids)
        )

    def account(self, node: Int64 | Int32) -> pl.Series:
        """Account ids."""
        return _taken(self._account, node)

    def currency(self, node: Int64 | Int32) -> pl.Series:
        """Currencies."""
        return _taken(self._currency, node)

    def row(self, row: Int64) -> pl.Series:
        """Row ids."""
        return _taken(self._row, row)

    def time(self, row: Int64) -> pl.Series:
        """When each row happens, UTC."""
        return pl.Series(self._data.moment[row], dtype=pl.Int64).cast(TIME)

    def paid_in(self, row: Int64) -> pl.Series:
        """The currency that left the payer: his account's, else, where he is not named, the payee's."""
        return self.currency(_known(self._data.ledger.payer[row], self._data.ledger.payee[row]))

    def received_in(self, row: Int64) -> pl.Series:
        """The currency that reached the payee, likewise."""
        return self.currency(_known(self._data.ledger.payee[row], self._data.ledger.payer[row]))


def _words(column: pa.Array | pa.ChunkedArray) -> pl.Series:
    """With nothing at the end, so that place -1 (NOBODY) is nothing."""
    found = pl.from_arrow(column)
    assert isinstance(found, pl.Series)  # noqa: S101 - a column is a series
    return found.cast(pl.String).extend_constant(None, 1)


def _taken(words: pl.Series, at: Int64 | Int32) -> pl.Series:
    return words.gather(pl.Series(np.where(at == NOBODY, len(words) - 1, at)))


def _known(one: Int32, other: Int32) -> Int32:
    result: Int32 = np.where(one == NOBODY, other, one)
    return result


def tables(held: Held, claims: Claims, traces: Iterable[Trace], *, up: bool) -> Tables:
    """The tables of traces of the same seeds. O(steps + ends), and one pass over the rows for balances.

    Traces are taken one after the other, and none is kept: in memory are the tables, about 110 bytes a step, and one
    trace.
    """
    data, names = held.data, Names(held.data)
    walked, met = np.zeros(len(data.ledger), np.bool_), np.zeros(data.ledger.nodes + 1, np.bool_)  # last: NOBODY
    steps, ends = [pl.DataFrame(schema=STEPS)], [pl.DataFrame(schema=ENDS)]
    doctrines = []
    for one in traces:
        steps.append(_steps(data, names, one))
        ends.append(_ends(names, one))
        walked[one.steps.row] = True
        met[one.ends.node] = True
        doctrines.append(one.doctrine)
        del one  # before the next is made
    rows = np.flatnonzero(walked)
    for row in (rows, claims.row):
        met[data.ledger.payer[row]] = met[data.ledger.payee[row]] = True
    nodes = np.flatnonzero(met[:-1])
    every, ended = pl.concat(steps), pl.concat(ends)
    return Tables(
        sums=_sums(claims, tuple(doctrines), every, ended, up=up),
        reasons=_by(ended, ["doctrine", "currency", "reason"]),
        compared=_compared(ended, tuple(str(one) for one in doctrines)),
        left=_left(held, ended),
        steps=every,
        ends=ended,
        contradictions=_contradictions(held.ready, names, nodes),
        doctrines=tuple(doctrines),
        rows=rows,
        nodes=nodes,
    )


def _steps(data: Ordered, names: Names, found: Trace) -> pl.DataFrame:
    row, ledger = found.steps.row, data.ledger
    return pl.DataFrame({
        "doctrine": _same(found.doctrine, len(row)), "claim": found.steps.group + 1, "hop": found.steps.hop,
        "row_id": names.row(row), "time": names.time(row), "payer": names.account(ledger.payer[row]),
        "payee": names.account(ledger.payee[row]), "amount": found.steps.amount, "currency": names.paid_in(row),
        "received": found.steps.received, "currency_received": names.received_in(row), "whole": ledger.amount[row],
        "assumed": data.assumed[row],
    }, schema=STEPS)  # fmt: skip


def _ends(names: Names, found: Trace) -> pl.DataFrame:
    """Where it ends; the currency is that of the place, or, where no place is named, of the row's other side."""
    ends = found.ends
    of_row = (names.paid_in if found.up else names.received_in)(np.maximum(ends.row, 0))
    money = pl.DataFrame({"node": names.currency(ends.node), "row": of_row})
    return pl.DataFrame({
        "doctrine": _same(found.doctrine, len(ends)), "claim": ends.group + 1,
        "reason": pl.Series(REASON.categories).gather(pl.Series(ends.reason - 1)),
        "row_id": names.row(ends.row), "account_id": names.account(ends.node), "amount": ends.amount,
        "currency": money.select(pl.coalesce("node", "row")).to_series(),
    }, schema=ENDS)  # fmt: skip


def _same(doctrine: Doctrine, size: int) -> pl.Series:
    return pl.Series([str(doctrine)], dtype=DOCTRINE).new_from_index(0, size)


def _by(ends: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return ends.group_by(keys).agg(pl.col("amount").sum()).sort(keys)


def _names_of(reasons: frozenset[Reason]) -> list[str]:
    return [reason.name.lower() for reason in reasons]


def _sums(
    claims: Claims, doctrines: tuple[Doctrine, ...], steps: pl.DataFrame, ends: pl.DataFrame, *, up: bool
) -> pl.DataFrame:
    """For each doctrine, claim and currency: seeded + changed = left + ended + remainder.

    `changed` is what fees took, or what left for (and came from) another currency. Most steps change nothing.
    """
    keys = ["doctrine", "claim", "currency"]
    began = claims.table().select("claim", "currency", "seeded")
    traced = pl.DataFrame({"doctrine": [str(one) for one in doctrines]}, schema={"doctrine": DOCTRINE})
    seeded = traced.join(began, how="cross")
    sign = -1 if up else 1
    change = (pl.col("amount") != pl.col("received")) | (pl.col("currency") != pl.col("currency_received"))
    changing = steps.filter(change)
    went = changing.select(*keys, changed=-sign * pl.col("amount"))
    came = changing.select("doctrine", "claim", currency="currency_received", changed=sign * pl.col("received"))
    changed = pl.concat([went, came]).group_by(keys).agg(pl.col("changed").sum())
    kinds = [("left", LEFT), ("ended", ENDED), ("remainder", REMAINDER)]
    ended = ends.group_by(keys).agg(
        pl.col("amount").filter(pl.col("reason").is_in(_names_of(which))).sum().alias(name) for name, which in kinds
    )
    result = pl.concat(one.select(keys) for one in (seeded, changed, ended)).unique()
    for one in (seeded, changed, ended):
        result = result.join(one, on=keys, how="left")
    result = result.with_columns(
        pl.col(name).fill_null(0) for name in ("seeded", "changed", "left", "ended", "remainder")
    )
    return result.sort(keys)


def _compared(ends: pl.DataFrame, doctrines: tuple[str, ...]) -> pl.DataFrame:
    """By account, currency and reason: the amount under each doctrine, all claims together; the widest spread first."""
    keys = ["account_id", "currency", "reason"]
    each = [pl.col("amount").filter(pl.col("doctrine") == doctrine).sum().alias(doctrine) for doctrine in doctrines]
    wide = ends.group_by(keys).agg(each)
    if not doctrines:
        return pl.DataFrame(schema=NOTHING)
    columns = [pl.col(doctrine) for doctrine in doctrines]
    ranked, words = pl.concat_list(columns), dict(zip(range(len(doctrines)), doctrines, strict=True))
    told = wide.with_columns(
        least=pl.min_horizontal(columns), most=pl.max_horizontal(columns),
        least_doctrine=ranked.list.arg_min().replace_strict(words, return_dtype=DOCTRINE),
        most_doctrine=ranked.list.arg_max().replace_strict(words, return_dtype=DOCTRINE),
    ).with_columns(spread=pl.col("most") - pl.col("least"))  # fmt: skip
    told = told.select(*keys, *doctrines, "least", "least_doctrine", "most", "most_doctrine", "spread")
    return told.sort("spread", "most", *keys, descending=[True, True, False, False, False])


def _left(held: Held, ends: pl.DataFrame) -> pl.DataFrame:
    """What lies where at the end of the trace, with the balance of the account and how it is known."""
    keys = ["doctrine", "claim", "account_id", "currency"]
    left = ends.filter(pl.col("reason").is_in(_names_of(LEFT))).group_by(keys).agg(left=pl.col("amount").sum())
    places = left.select("account_id", "currency").unique().sort("account_id", "currency")
    share = pl.when(pl.col("balance") > 0).then(pl.col("left") / pl.col("balance"))
    told = left.join(held.of(places), on=["account_id", "currency"], how="left").with_columns(share=share)
    told = told.select([pl.col(name).cast(kind) for name, kind in LEFT_AT.items()])
    return told.sort("doctrine", "claim", "left", "account_id", descending=[False, False, True, False])


def _contradictions(ready: Book, names: Names, nodes: Int64) -> pl.DataFrame:
    """Where printed balances of the accounts concerned don't follow from known openings and the rows."""
    some = np.isin(ready.breaks.node, nodes)
    row, node = ready.breaks.row[some], ready.breaks.node[some]
    return pl.DataFrame({
        "account_id": names.account(node), "currency": names.currency(node), "row_id": names.row(row),
        "time": names.time(row), "expected": ready.breaks.expected[some], "printed": ready.breaks.printed[some],
    }, schema=BREAKS)  # fmt: skip
