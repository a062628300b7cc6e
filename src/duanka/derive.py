"""Between the store's tables and the kernels' arrays: everything that is derived from a settled ledger."""

import time
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from duanka.flow.balances import breaks, opening
from duanka.flow.dwell import NEVER
from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64, Ledger
from duanka.flow.lineage import Lineage, lineage
from duanka.flow.order import Order, order
from duanka.flow.pairing import pair
from duanka.flow.windows import DAY, HOUR, WEEK, summarise
from duanka.store import arrays
from duanka.store.case import Case
from duanka.watch import Silent, Watch

PAIR_TOLERANCE_US = 120 * 1_000_000
"""Two banks book the two sides of one transfer within this time of each other (assumption; shown in the docs)."""

_SECOND = 1_000_000
_PART = 120_000
_ORDER: dict[str, type[np.generic]] = {"moment": np.int64, "assumed": np.bool_}
"""Columns of the table `row_order` beside seq and row_id."""

_LEDGER: dict[str, type[np.generic]] = {
    "width": np.int64, "payer": np.int32, "payee": np.int32, "amount": np.int64, "received": np.int64,
    "balance_payer": np.int64, "balance_payee": np.int64,
}  # fmt: skip
"""Columns of the table `ledger` beside seq."""


def bring_up_to_date(case: Case) -> None:
    """Derive what an interrupted run left undone, so that every reader sees a whole ledger."""
    if not case.settled() or not case.table_exists("wanted"):
        anew(case, Silent(), {}, time.perf_counter())


def anew(case: Case, watch: Watch, seconds: dict[str, float | None], started: float) -> "Ordered":
    """Settle, order, check balances, follow the money; `seconds` says how long each took, import since `started`."""
    watch.stage("settle")
    case.settle(pairing)
    seconds["import"] = round(time.perf_counter() - started, 3)
    watch.stage("order")
    begun = time.perf_counter()
    data = ordered(case)
    write_order(case, data)
    write_coverage(case, data)
    seconds["order"] = round(time.perf_counter() - begun, 3)
    watch.stage("lineage")
    begun = time.perf_counter()
    links = trace_lineage(data)
    write_lineage(case, data, links)
    write_windows(case, data, links)
    write_wanted(case)
    seconds["lineage"] = round(time.perf_counter() - begun, 3)
    return data


def pairing(candidates: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Units of the payer's and of the payee's side that are one transfer. See `store.merge.candidates`."""
    if not len(candidates):
        return pa.array([], pa.int64()), pa.array([], pa.int64())
    side = _numpy(candidates, "side")
    partner = pair(
        _numpy(candidates, "group_id"),
        _numpy(candidates, "time"),
        _numpy(candidates, "width"),
        (side == 1),
        _numpy(candidates, "tie"),
        PAIR_TOLERANCE_US,
        serial=_numpy(candidates, "serial"),
    )
    payers = np.flatnonzero((side == 1) & (partner >= 0))
    units = _numpy(candidates, "unit")
    return pa.array(units[payers]), pa.array(units[partner[payers]])


@dataclass(frozen=True, slots=True)
class Ordered:
    """The case's payments in the one global order, and the names of what the kernels call by number."""

    ledger: Ledger
    row_ids: pa.Array  # string, in order
    nodes: pa.Table  # node, account_id, currency, from, to
    moment: np.ndarray  # µs, in order
    assumed: np.ndarray  # bool, in order

    def take(self, rows: Int64) -> "Ordered":
        """Some of the payments, `rows` ascending; accounts stay."""
        return Ordered(
            self.ledger.take(rows), self.row_ids.take(pa.array(rows)), self.nodes, self.moment[rows],
            self.assumed[rows],
        )  # fmt: skip

    def account(self) -> Int64:
        """A number per node: equal where nodes are one account in several currencies."""
        names = self.nodes["account_id"].combine_chunks().dictionary_encode()
        return names.indices.to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]  # pyarrow


def ordered(case: Case, *, at: datetime | None = None) -> Ordered:
    """Read the payments and put them in order; with `at` only those that had surely happened by then (closed).

    A payment known to the day only has surely happened when the day is over. Coverage is what was produced, whenever.
    """
    arrays.prepare(case.db)
    nodes = arrays.nodes(case.db)
    rows = arrays.payments(case.db)
    if at is not None:
        over = _numpy(rows, "time") + np.maximum(_numpy(rows, "width") - _SECOND, 0)
        rows = rows.filter(pa.array(over <= round(at.timestamp() * _SECOND)))
    ledger = Ledger(
        time=_numpy(rows, "time"),
        width=_numpy(rows, "width"),
        payer=_numpy(rows, "payer").astype(np.int32),
        payee=_numpy(rows, "payee").astype(np.int32),
        amount=_numpy(rows, "amount"),
        received=_numpy(rows, "received"),
        balance_payer=_numpy(rows, "balance_payer", NO_BALANCE),
        balance_payee=_numpy(rows, "balance_payee", NO_BALANCE),
        tie=np.arange(len(rows), dtype=np.int64),
        nodes=len(nodes),
        covered_from=_numpy(nodes, "from"),
        covered_to=_numpy(nodes, "to"),
    )
    sequence: Order = order(ledger)
    moments = replace(ledger, time=sequence.moment)  # from here on a row happens when the order says
    return Ordered(
        ledger=moments.take(sequence.rows),
        row_ids=rows["row_id"].combine_chunks().take(pa.array(sequence.rows)),
        nodes=nodes,
        moment=sequence.moment[sequence.rows],
        assumed=sequence.assumed[sequence.rows],
    )


def seen(case: Case, at: datetime | None) -> Ordered:
    """The payments in order, to the end of the records or as of a moment. The case must be up to date.

    As of a moment it is what `ordered` gives, read back where the order that is stored owes nothing to later rows.
    """
    if at is None:
        return recalled(case)
    first = arrays.ordered_by(case.db, at)
    return ordered(case, at=at) if first is None else recalled(case, first=first)


def recalled(case: Case, *, first: int | None = None) -> Ordered:
    """What `ordered` gave when the ledger was derived, read back: a tenth of the work, and less memory.

    Needs `row_order`, `coverage` and `account_windows`, as they are in a case that is up to date; `ledger` is made
    where an older version left none. The tie rank is the place in the order. With `first` only so many rows; accounts
    stay. O(rows).
    """
    if not case.table_exists("ledger"):
        write_ledger(case, ordered(case))
    arrays.recall(case.db)
    nodes = arrays.nodes(case.db)
    size = case.count("row_order") if first is None else first
    seq, names, order = [np.zeros(0, np.int64)], [pa.array([], pa.string())], _empty(_ORDER, size)
    for part in arrays.ordered_rows(case.db, _PART, size):
        _place(part, order)
        seq.append(part["seq"].to_numpy())
        names.append(part["row_id"])
    by_seq = np.empty(size, np.int64)
    by_seq[np.concatenate(seq)] = np.arange(size)
    found = _empty(_LEDGER, size)
    for part in arrays.ordered_payments(case.db, _PART, size):
        _place(part, found)
    return Ordered(
        Ledger(time=order["moment"], **found, tie=np.arange(size), nodes=len(nodes),
               covered_from=_numpy(nodes, "from"), covered_to=_numpy(nodes, "to")),
        pa.chunked_array(names, pa.string()).combine_chunks().take(pa.array(by_seq)), nodes, order["moment"],
        order["assumed"],
    )  # fmt: skip


def _empty(kinds: dict[str, type[np.generic]], size: int) -> dict[str, np.ndarray]:
    return {name: np.empty(size, kind) for name, kind in kinds.items()}


def _place(part: pa.RecordBatch, found: dict[str, np.ndarray]) -> None:
    """Put each row of a part in its place in the order."""
    seq = part["seq"].to_numpy()
    for name, values in found.items():
        column = part[name]
        values[seq] = (column.fill_null(NO_BALANCE) if name.startswith("balance") else column).to_numpy(
            zero_copy_only=False
        )


def write_order(case: Case, data: Ordered) -> None:
    """`row_order (row_id, seq, moment, assumed)`, and the ledger in that order."""
    case.replace_table("row_order", pa.table({
        "row_id": data.row_ids,
        "seq": np.arange(len(data.row_ids), dtype=np.int64),
        "moment": _times(data.moment),
        "assumed": data.assumed,
    }))  # fmt: skip
    write_ledger(case, data)


def write_ledger(case: Case, data: Ordered) -> None:
    """`ledger (seq, width, payer, payee, amount, received, balance_payer, balance_payee)`: what `recalled` reads."""
    ledger = data.ledger
    columns: dict[str, object] = {"seq": np.arange(len(ledger), dtype=np.int64)}
    for name in _LEDGER:
        values = getattr(ledger, name)
        columns[name] = pa.array(values, mask=values == NO_BALANCE) if name.startswith("balance") else values
    case.replace_table("ledger", pa.table(columns))


def write_coverage(case: Case, data: Ordered) -> None:
    """`coverage (account_id, from, to, complete, breaks)`.

    `complete` is false where printed balances don't follow from the rows, true where they all do or a full book was
    given, and null where no balance is printed to tell.
    """
    found = breaks(data.ledger)
    table = pa.table({
        "node": found.node.astype(np.int32),
        "row_id": data.row_ids.take(pa.array(found.row)),
        "expected": found.expected,
        "printed": found.printed,
    })  # fmt: skip
    with case.db.lend("break_rows", table):
        case.db.run("coverage", """
            CREATE OR REPLACE TABLE coverage AS
            WITH broken AS (
                SELECT n.account_id, list({'row_id': b.row_id, 'expected': b.expected, 'printed': b.printed,
                       'currency': n.currency} ORDER BY o.seq) AS breaks
                FROM break_rows b JOIN nodes n USING (node) JOIN row_order o USING (row_id) GROUP BY n.account_id),
            checked AS (
                SELECT DISTINCT account_id FROM (
                    SELECT payer AS account_id FROM transactions WHERE balance_payer IS NOT NULL
                    UNION ALL SELECT payee FROM transactions WHERE balance_payee IS NOT NULL)),
            booked AS (
                SELECT DISTINCT coalesce(a.account_id, x.account) AS account_id FROM (
                    SELECT payer AS account FROM entries WHERE side = 3
                    UNION SELECT payee FROM entries WHERE side = 3) x LEFT JOIN aliases a ON x.account = a.alias)
            SELECT s.account_id, s."from", s."to",
                   CASE WHEN b.breaks IS NOT NULL THEN false
                        WHEN c.account_id IS NOT NULL OR k.account_id IS NOT NULL THEN true ELSE NULL END AS complete,
                   coalesce(b.breaks, []) AS breaks
            FROM spans s LEFT JOIN broken b USING (account_id) LEFT JOIN checked c USING (account_id)
            LEFT JOIN booked k USING (account_id) ORDER BY s.account_id
        """)  # fmt: skip


def trace_lineage(data: Ordered) -> Lineage:
    """The FIFO lineage of the whole case."""
    return lineage(data.ledger, opening=opening(data.ledger))


def write_lineage(case: Case, data: Ordered, links: Lineage) -> None:
    """`lineage (in_row, out_row, amount)`; `in_row` is null where the records don't show where the money came from."""
    source = pa.array(links.in_row, mask=links.in_row == NOBODY)
    case.replace_table("lineage", pa.table({
        "in_row": data.row_ids.take(source),
        "out_row": data.row_ids.take(pa.array(links.out_row)),
        "amount": links.amount,
    }))  # fmt: skip


def write_windows(case: Case, data: Ordered, links: Lineage) -> None:
    """`account_windows`: per account and currency what came and went, how fast, and the busiest hour, day and week."""
    found = summarise(data.ledger, links, (HOUR, DAY, WEEK))
    dwell = pa.array(found.dwell.ravel(), mask=(found.dwell == NEVER).ravel())
    seconds = pc.divide(dwell, pa.scalar(_SECOND, pa.int64())).to_numpy(zero_copy_only=False).reshape(found.dwell.shape)
    columns: dict[str, object] = {
        "account_id": data.nodes["account_id"],
        "currency": data.nodes["currency"],
        "in_sum": found.whole.in_sum,
        "out_sum": found.whole.out_sum,
        "in_count": found.whole.in_count,
        "out_count": found.whole.out_count,
        "payers": found.whole.payers,
        "payees": found.whole.payees,
        "first": _times(found.first),
        "last": _times(found.last),
        "received_traced": found.queued,
        "retained": found.kept,
    }
    for place, name in enumerate(("10", "50", "90")):
        columns[f"dwell_p{name}"] = pa.array(seconds[:, place], from_pandas=True).cast(pa.int64())
    whole = found.queued
    for place, name in enumerate(("1h", "24h", "7d")):
        passed = found.passed[:, place]
        share = np.divide(passed, whole, out=np.full(len(whole), np.nan), where=whole > 0)
        columns[f"passed_{name}"] = pa.array(share, from_pandas=True)
        columns[f"peak_{name}_in"] = np.ascontiguousarray(found.peak.in_sum[:, place])
        columns[f"peak_{name}_out"] = np.ascontiguousarray(found.peak.out_sum[:, place])
    plain = {name: np.ascontiguousarray(c) if isinstance(c, np.ndarray) else c for name, c in columns.items()}
    case.replace_table("account_windows", pa.table(plain))


def write_wanted(case: Case) -> None:
    """`wanted (account_id, why, amount, currency, rows, rank)`: whose records to ask for next (调单).

    Every account whose own ledger is not in the case and that received from, or paid to, one whose ledger is: first
    those that received most, for their records show where the money went on to. `amount` is what they received, or
    paid where they received nothing; an account has a row a currency, and one rank, by the row that comes first.
    """
    case.db.run("wanted", """
        CREATE OR REPLACE TABLE wanted AS
        WITH produced AS (SELECT account_id FROM spans),
        flows AS (
            SELECT payee AS account_id, currency_received AS currency, amount_received AS received, 0 AS paid
            FROM transactions WHERE status IN ('success', 'unknown', 'reversal') AND payee IS NOT NULL
              AND payee NOT IN (SELECT account_id FROM produced) AND payer IN (SELECT account_id FROM produced)
            UNION ALL
            SELECT payer, currency, 0, amount FROM transactions
            WHERE status IN ('success', 'unknown', 'reversal') AND payer IS NOT NULL
              AND payer NOT IN (SELECT account_id FROM produced) AND payee IN (SELECT account_id FROM produced)),
        summed AS (
            SELECT account_id, currency, count(*) AS rows,
                   sum(received)::HUGEINT AS received, sum(paid)::HUGEINT AS paid
            FROM flows GROUP BY account_id, currency),
        placed AS (
            SELECT *, row_number() OVER (ORDER BY received DESC, paid DESC, account_id, currency) AS place FROM summed),
        best AS (SELECT *, min(place) OVER (PARTITION BY account_id) AS first FROM placed)
        SELECT account_id,
               CASE WHEN received > 0 AND paid > 0 THEN 'received_and_paid' WHEN received > 0 THEN 'received'
                    ELSE 'paid' END AS why,
               CASE WHEN received > 0 THEN received ELSE paid END::BIGINT AS amount, currency, rows,
               dense_rank() OVER (ORDER BY first) AS rank
        FROM best ORDER BY rank, place
    """)  # fmt: skip


def _numpy(table: pa.Table, name: str, missing: int | None = None) -> np.ndarray:
    """A column as an array of its own: kernels would be compiled once more for arrays that can't be written to."""
    column = table[name]
    if missing is not None:
        column = pc.fill_null(column, missing)
    values: np.ndarray = column.to_numpy()
    return values if values.flags.writeable else values.copy()


def _times(micros: np.ndarray) -> pa.Array:
    return pa.array(micros, pa.int64(), mask=micros == NEVER).cast(pa.timestamp("us", tz="UTC"))
