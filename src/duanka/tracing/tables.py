"""Traces as tables: what each doctrine finds for each claim, side by side, in the case's own ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from duanka.derive import Ordered
from duanka.flow.ledger import NOBODY, Bool, Int32, Int64
from duanka.report.long import LongTable
from duanka.trace.book import Book
from duanka.trace.doctrine import Doctrine
from duanka.trace.reason import ENDED, LEFT, REMAINDER, Reason
from duanka.trace.result import Trace
from duanka.tracing.claims import Claims
from duanka.tracing.held import Held

Int16 = NDArray[np.int16]

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
PLACED = pl.Schema({
    "doctrine": DOCTRINE, "account_id": pl.String(), "currency": pl.String(), "reason": REASON, "amount": pl.Int64(),
})  # fmt: skip
_BY_CLAIM = pl.Schema(_ONE | {
    "currency": pl.String(), "left": pl.Int64(), "ended": pl.Int64(), "remainder": pl.Int64(),
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
    """What `tables` makes; columns as documented in the reference. `steps`, `ends` and `left` may be very long."""

    sums: pl.DataFrame
    reasons: pl.DataFrame
    compared: pl.DataFrame
    left: LongTable
    steps: LongTable
    ends: LongTable
    contradictions: pl.DataFrame
    placed: pl.DataFrame  # `ends` summed: doctrine, account_id, currency, reason, amount
    balances: pl.DataFrame  # account_id, currency, balance, known_by: of every place where some trace leaves money
    exchanged: pl.DataFrame  # the steps that change a currency
    doctrines: tuple[Doctrine, ...]  # in the order in which they were traced
    rows: Int64  # every row that some trace goes through, ascending
    nodes: Int64  # every node that some trace touches, ascending


class Names:
    """Ids of what the kernels call by number; nothing for NOBODY."""

    def __init__(self, data: Ordered) -> None:
        self._data = data
        self._account, self._currency = (_words(data.nodes[column]) for column in ("account_id", "currency"))

    @cached_property
    def money(self) -> pl.Series:
        """Currencies; codes of them are places in this."""
        return self._currency.drop_nulls().unique().sort()

    @cached_property
    def _code(self) -> Int16:
        """Of each node, and at the end that of NOBODY."""
        places = pl.Series(range(len(self.money)), dtype=pl.Int16)
        return self._currency.replace_strict(self.money, places, default=-1).to_numpy()

    @cached_property
    def _rank(self) -> pl.Series:
        return self._account.rank("ordinal").cast(pl.UInt32)

    def rank(self, node: pl.Expr) -> pl.Expr:
        """The place of each node's account among all by name."""
        return node.map_batches(lambda some: self._rank.gather(some.cast(pl.Int64)), return_dtype=pl.UInt32)

    @cached_property
    def exchanging(self) -> Bool:
        """Of every row, whether it takes one currency and brings another."""
        paid, received = self._data.ledger.payer, self._data.ledger.payee
        result: Bool = (paid != NOBODY) & (received != NOBODY) & (self._code[paid] != self._code[received])
        return result

    def currency_code(self, node: Int64 | Int32, row: Int64 | Int32, *, up: bool) -> pl.Series:
        """The currency of each node, or, where it is NOBODY, of the row's other side."""
        ledger = self._data.ledger
        near, far = (ledger.payer, ledger.payee) if up else (ledger.payee, ledger.payer)
        code = self._code[node]
        unnamed = np.flatnonzero(node == NOBODY)
        at = row[unnamed]
        code[unnamed] = self._code[_known(near[at], far[at])]
        return pl.Series(code)

    def account(self, node: Int64 | Int32) -> pl.Series:
        """Account ids."""
        return _taken(self._account, node)

    def currency(self, node: Int64 | Int32) -> pl.Series:
        """Currencies."""
        return _taken(self._currency, node)

    def row(self, row: Int64 | Int32) -> pl.Series:
        """Row ids."""
        found = pl.from_arrow(self._data.row_ids.take(pa.array(row, mask=row == NOBODY)))
        assert isinstance(found, pl.Series)  # noqa: S101 - a column is a series
        return found.cast(pl.String)

    def time(self, row: Int64 | Int32) -> pl.Series:
        """When each row happens, UTC."""
        return pl.Series(self._data.moment[row], dtype=pl.Int64).cast(TIME)

    def paid_in(self, row: Int64 | Int32) -> pl.Series:
        """The currency that left the payer: his account's, else, where he is not named, the payee's."""
        return self.currency(_known(self._data.ledger.payer[row], self._data.ledger.payee[row]))

    def received_in(self, row: Int64 | Int32) -> pl.Series:
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

    Traces are taken one after the other, and none is kept: in memory are the tables, about 15 bytes a step and as many
    an end, and one trace.
    """
    data, names = held.data, Names(held.data)
    walked, met = np.zeros(len(data.ledger), np.bool_), np.zeros(data.ledger.nodes + 1, np.bool_)  # last: NOBODY
    found: list[_Found] = []
    for one in traces:
        walked[one.steps.row] = True
        met[one.ends.node] = True
        found.append(_found(data, names, one))
        del one  # before the next is made
    rows = np.flatnonzero(walked)
    for row in (rows, claims.row):
        met[data.ledger.payer[row]] = met[data.ledger.payee[row]] = True
    nodes = np.flatnonzero(met[:-1])
    doctrines = tuple(one.doctrine for one in found)
    placed = pl.concat([pl.DataFrame(schema=PLACED), *(one.placed for one in found)])
    balances = _balances(held, placed)
    at_node = _at_nodes(names, balances, data.ledger.nodes)
    return Tables(
        sums=_sums(claims, doctrines, [one.changing for one in found], [one.by_claim for one in found], up=up),
        reasons=_by(placed, ["doctrine", "currency", "reason"]),
        compared=_compared(placed, tuple(str(one) for one in doctrines)),
        left=LongTable(LEFT_AT, tuple((one.left, partial(_left, names, at_node, one.doctrine)) for one in found)),
        steps=LongTable(STEPS, tuple((one.steps, partial(_steps, data, names, one.doctrine)) for one in found)),
        ends=LongTable(ENDS, tuple((one.ends, partial(_ends, names, one.doctrine, up=up)) for one in found)),
        contradictions=_contradictions(held.ready, names, nodes),
        placed=placed,
        balances=balances,
        exchanged=_exchanged(found),
        doctrines=doctrines,
        rows=rows,
        nodes=nodes,
    )


class _Found(NamedTuple):
    """What is kept of one trace: narrow tables, and sums of them."""

    doctrine: Doctrine
    steps: pl.DataFrame  # row, claim, hop, amount, and received unless it is the amount everywhere
    ends: pl.DataFrame  # claim, reason, row, node, amount
    left: pl.DataFrame  # claim, node, left
    changing: pl.DataFrame  # as STEPS: those that change amount or currency
    by_claim: pl.DataFrame  # doctrine, claim, currency, and the three kinds of ends
    placed: pl.DataFrame  # as PLACED


def _found(data: Ordered, names: Names, trace: Trace) -> _Found:
    """What is kept of a trace. Columns are as narrow as their values allow."""
    steps, ends, doctrine = trace.steps, trace.ends, trace.doctrine
    narrow = pl.DataFrame({
        "row": _narrow(steps.row), "claim": _narrow(steps.group), "hop": _narrow(steps.hop),
        "amount": _narrow(steps.amount),
    })  # fmt: skip
    changes = names.exchanging[steps.row]
    if steps.received is not steps.amount:
        narrow = narrow.with_columns(received=_narrow(steps.received))
        changes |= steps.amount != steps.received
    where = pl.DataFrame({
        "claim": _narrow(ends.group), "reason": ends.reason, "row": ends.row, "node": ends.node,
        "amount": _narrow(ends.amount),
    })  # fmt: skip
    currency = names.currency_code(ends.node, ends.row, up=trace.up)
    coded = where.with_columns(currency=currency).lazy()
    kinds = [("left", LEFT), ("ended", ENDED), ("remainder", REMAINDER)]
    amount = pl.col("amount").cast(pl.Int64)
    by_claim = coded.group_by("claim", "currency").agg(
        amount.filter(pl.col("reason").is_in([int(one) for one in which])).sum().alias(name) for name, which in kinds
    )
    placed = coded.group_by("node", "currency", "reason").agg(amount.sum()).collect()
    left = where.lazy().filter(pl.col("reason").is_in([int(one) for one in LEFT]))
    left = left.group_by("claim", "node").agg(left=amount.sum()).with_columns(rank=names.rank(pl.col("node")))
    ranked = left.sort("claim", "left", "rank", "node", descending=[False, True, False, False]).drop("rank")
    return _Found(
        doctrine,
        narrow,
        where,
        ranked.collect(),
        _steps(data, names, doctrine, narrow.filter(pl.Series(changes))),
        _coded(names, doctrine, by_claim.collect()).with_columns(pl.col("claim").cast(pl.Int64) + 1),
        _coded(names, doctrine, placed).select(
            "doctrine", "currency", "amount", account_id=names.account(placed["node"].to_numpy()),
            reason=_reasons(placed["reason"]),
        ).select(*PLACED),
    )  # fmt: skip


def _narrow(values: np.ndarray) -> pl.Series:
    """The same in the narrowest whole numbers that hold them; none is negative."""
    most = int(values.max(initial=0))
    kind = next(one for one in (np.int8, np.int16, np.int32, np.int64) if most <= np.iinfo(one).max)
    return pl.Series(values.astype(kind))


def _coded(names: Names, doctrine: Doctrine, frame: pl.DataFrame) -> pl.DataFrame:
    """With the doctrine, and currencies in words."""
    return frame.with_columns(
        doctrine=_same(doctrine, len(frame)), currency=names.money.gather(frame["currency"].cast(pl.Int64))
    )


def _steps(data: Ordered, names: Names, doctrine: Doctrine, narrow: pl.DataFrame) -> pl.DataFrame:
    row, ledger = narrow["row"].to_numpy().astype(np.int64), data.ledger
    return _as(STEPS, {
        "doctrine": _same(doctrine, len(row)), "claim": narrow["claim"].cast(pl.Int64) + 1, "hop": narrow["hop"],
        "row_id": names.row(row), "time": names.time(row), "payer": names.account(ledger.payer[row]),
        "payee": names.account(ledger.payee[row]), "amount": narrow["amount"], "currency": names.paid_in(row),
        "received": narrow["received" if "received" in narrow.columns else "amount"],
        "currency_received": names.received_in(row), "whole": ledger.amount[row], "assumed": data.assumed[row],
    })  # fmt: skip


def _ends(names: Names, doctrine: Doctrine, narrow: pl.DataFrame, *, up: bool) -> pl.DataFrame:
    """Where it ends; the currency is that of the place, or, where no place is named, of the row's other side."""
    row, node = (narrow[column].to_numpy().astype(np.int64) for column in ("row", "node"))
    currency = names.currency_code(node, row, up=up).cast(pl.Int64)
    return _as(ENDS, {
        "doctrine": _same(doctrine, len(narrow)), "claim": narrow["claim"].cast(pl.Int64) + 1,
        "reason": _reasons(narrow["reason"]), "row_id": names.row(row), "account_id": names.account(node),
        "amount": narrow["amount"], "currency": names.money.gather(currency),
    })  # fmt: skip


def _left(names: Names, at_node: pl.DataFrame, doctrine: Doctrine, narrow: pl.DataFrame) -> pl.DataFrame:
    """What lies where at the end of the trace, with the balance of the account and how it is known."""
    node = narrow["node"].to_numpy()
    told = narrow.with_columns(
        at_node[node], doctrine=_same(doctrine, len(narrow)), account_id=names.account(node),
        currency=names.currency(node), claim=pl.col("claim").cast(pl.Int64) + 1,
    )  # fmt: skip
    share = pl.when(pl.col("balance") > 0).then(pl.col("left") / pl.col("balance"))
    return told.with_columns(share=share).select([pl.col(name).cast(kind) for name, kind in LEFT_AT.items()])


def _as(schema: pl.Schema, columns: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(columns).select([pl.col(name).cast(kind) for name, kind in schema.items()])


def _reasons(code: pl.Series) -> pl.Series:
    return pl.Series(REASON.categories).gather(code.cast(pl.Int64) - 1).cast(REASON)


def _balances(held: Held, placed: pl.DataFrame) -> pl.DataFrame:
    places = placed.filter(pl.col("reason").is_in(_names_of(LEFT))).select("account_id", "currency").unique()
    return held.of(places.sort("account_id", "currency"))


def _at_nodes(names: Names, balances: pl.DataFrame, nodes: int) -> pl.DataFrame:
    """`balance, known_by` of each node by its number; nothing where no balance is asked for."""
    every = np.arange(nodes, dtype=np.int32)
    places = pl.DataFrame({"account_id": names.account(every), "currency": names.currency(every)})
    return places.join(balances, on=["account_id", "currency"], how="left", maintain_order="left").select(
        "balance", pl.col("known_by").cast(pl.Categorical)
    )


def _exchanged(found: list[_Found]) -> pl.DataFrame:
    every = pl.concat([pl.DataFrame(schema=STEPS), *(one.changing for one in found)])
    return every.filter(pl.col("currency") != pl.col("currency_received"))


def _same(doctrine: Doctrine, size: int) -> pl.Series:
    return pl.Series([str(doctrine)], dtype=DOCTRINE).new_from_index(0, size)


def _by(ends: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return ends.group_by(keys).agg(pl.col("amount").sum()).sort(keys)


def _names_of(reasons: frozenset[Reason]) -> list[str]:
    return [reason.name.lower() for reason in reasons]


def _sums(
    claims: Claims,
    doctrines: tuple[Doctrine, ...],
    changing: list[pl.DataFrame],
    ended: list[pl.DataFrame],
    *,
    up: bool,
) -> pl.DataFrame:
    """For each doctrine, claim and currency: seeded + changed = left + ended + remainder.

    `changed` is what fees took, or what left for (and came from) another currency. Most steps change nothing.
    """
    keys = ["doctrine", "claim", "currency"]
    began = claims.table().select("claim", "currency", "seeded")
    traced = pl.DataFrame({"doctrine": [str(one) for one in doctrines]}, schema={"doctrine": DOCTRINE})
    seeded = traced.join(began, how="cross")
    sign = -1 if up else 1
    steps = pl.concat([pl.DataFrame(schema=STEPS), *changing])
    went = steps.select(*keys, changed=-sign * pl.col("amount"))
    came = steps.select("doctrine", "claim", currency="currency_received", changed=sign * pl.col("received"))
    changed = pl.concat([went, came]).group_by(keys).agg(pl.col("changed").sum())
    kinds = ("left", "ended", "remainder")
    ends = pl.concat([pl.DataFrame(schema=_BY_CLAIM), *(one.select(*_BY_CLAIM) for one in ended)])
    result = pl.concat(one.select(keys) for one in (seeded, changed, ends)).unique()
    for one in (seeded, changed, ends):
        result = result.join(one, on=keys, how="left")
    return result.with_columns(pl.col(name).fill_null(0) for name in ("seeded", "changed", *kinds)).sort(keys)


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


def _contradictions(ready: Book, names: Names, nodes: Int64) -> pl.DataFrame:
    """Where printed balances of the accounts concerned don't follow from known openings and the rows."""
    some = np.isin(ready.breaks.node, nodes)
    row, node = ready.breaks.row[some], ready.breaks.node[some]
    return pl.DataFrame({
        "account_id": names.account(node), "currency": names.currency(node), "row_id": names.row(row),
        "time": names.time(row), "expected": ready.breaks.expected[some], "printed": ready.breaks.printed[some],
    }, schema=BREAKS)  # fmt: skip
