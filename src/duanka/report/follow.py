"""The money flow of a case: which payments start it, which rows it can reach, and what of them it does."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from duanka.records.vocabulary import MOVED
from duanka.report.bundle import ACCOUNT, END, END_NAMES, OTHER, bundle
from duanka.report.facts import Box, BoxKind, Flow, Ribbon, Seeds
from duanka.report.tiers import NO_ROW, End, Int64, Links, Rows, Unrolled, unroll
from duanka.store.database import Database

MAX_FLOWS = 3
MOVED_SQL = ", ".join(f"'{status.value}'" for status in sorted(MOVED))

MOVES = pa.schema([
    ("tier", pa.int64()), ("row_id", pa.string()), ("payer", pa.string()), ("payee", pa.string()),
    ("amount", pa.int64()), ("currency", pa.string()),
])  # fmt: skip
"""Columns of `Flow.moves`: what of each row was followed into which tier."""


def follow(db: Database, seeds: Seeds, *, max_tiers: int) -> tuple[Flow, ...]:
    """One flow per currency of the starting payments, those with most payments first, at most MAX_FLOWS.

    Needs transactions, row_order, lineage and coverage. O(E log E) for the E links that are reached.
    """
    _starts(db, seeds)
    _reach(db, max_tiers)
    rows, row_ids, currency, names = _rows(db)
    links = _links(db)
    starts = db.arrow("SELECT s.seq, t.currency FROM flow_starts s JOIN transactions t USING (row_id) ORDER BY s.seq")
    counts = pl.DataFrame(starts).group_by("currency").len().sort("len", "currency", descending=[True, False])
    flows = []
    for code in counts["currency"].to_list()[:MAX_FLOWS]:
        chosen = starts.filter(pc.equal(starts["currency"], code))["seq"].to_numpy()
        followed = unroll(rows, links, chosen, max_tiers=max_tiers)
        if len(followed.amount):
            moves = _moves(followed, rows, row_ids, currency, names)
            flows.append(_flow(db, code, followed, names, moves))
    for table in ("flow_starts", "flow_reached"):
        db.run(f"drop {table}", f"DROP TABLE IF EXISTS {table}")
    return tuple(flows)


def inlet(db: Database, accounts: Sequence[str]) -> tuple[str, ...]:
    """Where the money of these accounts comes in: the rows that pay them from accounts that were not produced.

    Where no row does, as in a full book, all rows that pay them.
    """
    values = [*accounts]
    marks = ", ".join("?" for _ in values) or "NULL"
    paid = f"SELECT row_id, payer FROM transactions WHERE payee IN ({marks}) AND status IN ({MOVED_SQL}) AND amount > 0"
    entered = "payer IS NULL OR payer NOT IN (SELECT account_id FROM coverage)"
    outside = db.arrow(f"SELECT row_id FROM ({paid}) WHERE {entered} ORDER BY row_id", values)
    found = outside if len(outside) else db.arrow(f"SELECT row_id FROM ({paid}) ORDER BY row_id", values)
    return tuple(found["row_id"].to_pylist())


def _starts(db: Database, seeds: Seeds) -> None:
    """`flow_starts (row_id, seq)`: the named rows, and all that the named accounts paid."""
    accounts = pa.table({"account_id": pa.array(seeds.accounts, pa.string())})
    rows = pa.table({"row_id": pa.array(seeds.rows, pa.string())})
    with db.lend("seed_accounts", accounts), db.lend("seed_rows", rows):
        db.run("flow starts", f"""
            CREATE OR REPLACE TEMP TABLE flow_starts AS
            SELECT t.row_id, o.seq FROM transactions t JOIN row_order o USING (row_id)
            WHERE t.status IN ({MOVED_SQL}) AND t.amount > 0
              AND (t.payer IN (SELECT account_id FROM seed_accounts) OR t.row_id IN (SELECT row_id FROM seed_rows))
        """)  # fmt: skip


def _reach(db: Database, max_tiers: int) -> None:
    """`flow_reached (row_id, tier)`: rows that lineage reaches from the starts, each at its first tier."""
    db.run("reached", "CREATE OR REPLACE TEMP TABLE flow_reached AS SELECT row_id, 0 AS tier FROM flow_starts")
    for tier in range(1, max_tiers):
        db.run(f"reached {tier}", f"""
            INSERT INTO flow_reached
            SELECT DISTINCT l.out_row, {tier} FROM lineage l JOIN flow_reached r ON l.in_row = r.row_id
            WHERE r.tier = {tier - 1} AND l.out_row NOT IN (SELECT row_id FROM flow_reached)
        """)  # fmt: skip


def _rows(db: Database) -> tuple[Rows, pa.Array, pa.Array, pa.Array]:
    """The rows reached, their ids and currencies, and the names of the accounts that they call by number."""
    found = db.arrow("""
        SELECT o.seq, t.row_id, t.payer, t.payee, t.amount, t.amount_received AS received, t.currency,
               t.currency <> t.currency_received AS exchanged,
               coalesce(t.time BETWEEN c."from" AND c."to", c.account_id IS NOT NULL) AS produced
        FROM flow_reached r JOIN transactions t USING (row_id) JOIN row_order o USING (row_id)
        LEFT JOIN coverage c ON t.payee = c.account_id ORDER BY o.seq
    """)
    payer, payee = found["payer"].combine_chunks(), found["payee"].combine_chunks()
    names = pc.unique(pa.concat_arrays([payer, payee])).drop_null()
    names = names.take(pc.sort_indices(names))
    rows = Rows(
        row=_numbers(found["seq"]),
        payer=_numbers(pc.index_in(payer, names, skip_nulls=True)),
        payee=_numbers(pc.index_in(payee, names, skip_nulls=True)),
        amount=_numbers(found["amount"]),
        received=_numbers(found["received"]),
        exchanged=np.asarray(found["exchanged"]),
        produced=np.asarray(found["produced"]),
    )
    return rows, found["row_id"].combine_chunks(), found["currency"].combine_chunks(), names


def _numbers(column: pa.ChunkedArray | pa.Array) -> Int64:
    """As int64; null becomes -1, which stands for nobody and for no row."""
    return np.asarray(pc.fill_null(column.cast(pa.int64()), NO_ROW), dtype=np.int64)


def _links(db: Database) -> Links:
    """Every link into or out of a reached row, rows by their place in the order."""
    found = db.arrow("""
        SELECT i.seq AS in_row, o.seq AS out_row, l.amount
        FROM lineage l JOIN row_order o ON l.out_row = o.row_id LEFT JOIN row_order i ON l.in_row = i.row_id
        WHERE l.in_row IN (SELECT row_id FROM flow_reached) OR l.out_row IN (SELECT row_id FROM flow_reached)
    """)
    return Links(_numbers(found["in_row"]), _numbers(found["out_row"]), _numbers(found["amount"]))


def _moves(followed: Unrolled, rows: Rows, row_ids: pa.Array, currency: pa.Array, names: pa.Array) -> pa.Table:
    at = pa.array(np.searchsorted(rows.row, followed.row))
    payer = pa.array(followed.payer, mask=followed.payer < 0)
    payee = pa.array(followed.payee, mask=followed.payee < 0)
    return pa.table(
        [followed.tier, row_ids.take(at), names.take(payer), names.take(payee), followed.amount, currency.take(at)],
        schema=MOVES,
    )


def _flow(db: Database, currency: str, followed: Unrolled, names: pa.Array, moves: pa.Table) -> Flow:
    bundled = bundle(followed)
    shown = bundled.boxes.filter(pl.col("kind") == ACCOUNT)["node"].unique().to_list()
    ids = {node: str(names[node]) for node in shown}
    holders = holder_names(db, list(ids.values()))
    boxes = []
    for box in bundled.boxes.iter_rows(named=True):
        account = ids[box["node"]] if box["kind"] == ACCOUNT else ""
        holder = holders.get(account, ("", ""))[0]
        kind = _kind(box["kind"], box["node"])
        boxes.append(Box(box["column"], kind, account, holder, box["members"], box["amount"]))
    first = followed.tier == 1
    return Flow(
        currency=currency,
        started=int(followed.amount[first].sum()),
        start_rows=int(first.sum()),
        boxes=tuple(boxes),
        ribbons=tuple(Ribbon(*row) for row in bundled.ribbons.iter_rows()),
        moves=moves,
    )


def _kind(kind: str, node: int) -> BoxKind:
    names: dict[str, BoxKind] = {
        name: name  # type: ignore[misc]  # these are the box kinds
        for name in (*END_NAMES.values(), ACCOUNT, OTHER, "unnamed")
    }
    return names[END_NAMES[End(node)] if kind == END else kind]


def holder_names(db: Database, accounts: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Holder and institution of some accounts."""
    with db.lend("some_accounts", pa.table({"account_id": pa.array(sorted(set(accounts)), pa.string())})):
        found = db.rows("""
            SELECT account_id, holder_name, institution FROM accounts
            WHERE account_id IN (SELECT account_id FROM some_accounts)
        """)
    return {str(account): (str(name or ""), str(bank or "")) for account, name, bank in found}
