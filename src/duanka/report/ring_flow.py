"""A ring's own payments as a picture: tiers as columns, the largest accounts of each, and money handed from one on."""

import polars as pl

from duanka.report.facts import Box, Flow, Ribbon
from duanka.report.findings import RingFlow
from duanka.report.follow import MOVES
from duanka.report.tier_columns import tier_columns

ACCOUNTS_EACH = 7
"""Boxes of accounts in a column; the smaller ones become one box."""

_RANK: dict[str, int] = {"account": 0, "other": 1, "source": 2, "level": 3, "back": 4, "outside": 5}


def ring_flow(pairs: pl.DataFrame, tiers: pl.DataFrame, currency: str, holders: dict[str, tuple[str, str]]) -> RingFlow:
    """Lay one ring's payments of one currency out by tier.

    Args:
        pairs: payer, payee, amount, rows: sums over the ring's own rows in the currency.
        tiers: account_id, tier of its members; those without a tier count as no members here.
        currency: theirs.
        holders: holder and institution by account.

    Money to a later column is a ribbon between accounts. Money within a column, to an earlier one, or to an account
    that is no member ends in a box of that name one column on; money from an account that is no member comes from a box
    of that name. A box is as high as the larger of what flows in and out of it. O(pairs log pairs).
    """
    own = tiers.drop_nulls("tier").select("account_id", tier=pl.col("tier").cast(pl.Int64))
    moves = pairs.join(own.rename({"account_id": "payer", "tier": "from_tier"}), on="payer", how="left")
    moves = moves.join(own.rename({"account_id": "payee", "tier": "to_tier"}), on="payee", how="left")
    columns = tier_columns(moves.group_by("from_tier", "to_tier").agg(pl.col("amount").sum()))
    column = {tier: number for number, (first, last) in enumerate(columns) for tier in range(first, last + 1)}
    moves = moves.with_columns(
        from_column=pl.col("from_tier").replace_strict(column, default=None, return_dtype=pl.Int64),
        to_column=pl.col("to_tier").replace_strict(column, default=None, return_dtype=pl.Int64),
    )
    homes = _homes(moves)
    edges = _edges(moves, homes)
    boxes = _boxes(edges, homes)
    source = boxes.select(source="box", from_column="column", from_kind="kind", from_name="name")
    target = boxes.select(target="box", to_column="column", to_kind="kind", to_name="name")
    joined = edges.join(source, on=["from_column", "from_kind", "from_name"])
    joined = joined.join(target, on=["to_column", "to_kind", "to_name"]).sort("source", "target")
    flow = Flow(
        currency=currency,
        started=int(pairs["amount"].sum()),
        start_rows=int(pairs["rows"].sum()),
        boxes=tuple(
            Box(box["column"], box["kind"], box["name"], holders.get(box["name"], ("", ""))[0], box["members"],
                box["amount"])
            for box in boxes.iter_rows(named=True)
        ),
        ribbons=tuple(Ribbon(*row) for row in joined.select("source", "target", "amount", "rows").iter_rows()),
        moves=MOVES.empty_table(),
    )  # fmt: skip
    return RingFlow(flow, columns)


def _homes(moves: pl.DataFrame) -> pl.DataFrame:
    """In which box each member of each column stands: account_id, column, kind, name."""
    went = moves.filter(pl.col("from_column").is_not_null())
    came = moves.filter(pl.col("to_column").is_not_null())
    sums = pl.concat([
        went.select(account_id="payer", column="from_column", went="amount", came=pl.lit(0, pl.Int64)),
        came.select(account_id="payee", column="to_column", went=pl.lit(0, pl.Int64), came="amount"),
    ])  # fmt: skip
    nodes = sums.group_by("column", "account_id").agg(pl.col("went", "came").sum())
    nodes = nodes.with_columns(amount=pl.max_horizontal("went", "came"))
    nodes = nodes.sort("column", "amount", "account_id", descending=[False, True, False])
    place, count = pl.int_range(pl.len()).over("column"), pl.len().over("column")
    crowd = (count > ACCOUNTS_EACH) & (place >= ACCOUNTS_EACH - 1)
    return nodes.select(
        "account_id", "column", kind=pl.when(crowd).then(pl.lit("other")).otherwise(pl.lit("account")),
        name=pl.when(crowd).then(pl.lit("")).otherwise(pl.col("account_id")),
    )  # fmt: skip


def _edges(moves: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Edges between boxes: column, kind and name of both sides, amount, rows."""
    joined = moves
    for end, side in (("payer", "from"), ("payee", "to")):
        home = homes.select(pl.col("account_id").alias(end), **{f"{side}_kind": "kind", f"{side}_name": "name"})
        joined = joined.join(home, on=end, how="left")
    stranger = pl.col("from_column").is_null()
    joined = joined.with_columns(
        from_column=pl.coalesce("from_column", (pl.col("to_column") - 1).clip(0), pl.lit(0)),
        from_kind=pl.when(stranger).then(pl.lit("source")).otherwise(pl.col("from_kind")),
        from_name=pl.when(stranger).then(pl.lit("")).otherwise(pl.col("from_name")),
    )
    step = pl.col("to_column") - pl.col("from_column")
    where = (
        pl.when(pl.col("to_column").is_null()).then(pl.lit("outside"))
        .when(step == 0).then(pl.lit("level"))
        .when(step < 0).then(pl.lit("back"))
    )  # fmt: skip
    joined = joined.with_columns(end=where)
    ends = pl.col("end").is_not_null()
    joined = joined.with_columns(
        to_column=pl.when(ends).then(pl.col("from_column") + 1).otherwise(pl.col("to_column")),
        to_kind=pl.when(ends).then(pl.col("end")).otherwise(pl.col("to_kind")),
        to_name=pl.when(ends).then(pl.lit("")).otherwise(pl.col("to_name")),
    )
    sides = ["from_column", "from_kind", "from_name", "to_column", "to_kind", "to_name"]
    return joined.group_by(sides).agg(pl.col("amount", "rows").sum())


def _boxes(edges: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """box, column, kind, name, members, amount; numbered by column, accounts by falling amount, then the others."""
    key = ["column", "kind", "name"]
    out = edges.group_by(column="from_column", kind="from_kind", name="from_name").agg(out=pl.col("amount").sum())
    into = edges.group_by(column="to_column", kind="to_kind", name="to_name").agg(into=pl.col("amount").sum())
    members = homes.group_by(key).agg(members=pl.len().cast(pl.Int64))
    boxes = out.join(into, on=key, how="full", coalesce=True).join(members, on=key, how="left")
    boxes = boxes.with_columns(
        members=pl.col("members").fill_null(0),
        amount=pl.max_horizontal(pl.col("out").fill_null(0), pl.col("into").fill_null(0)),
        rank=pl.col("kind").replace_strict(_RANK, return_dtype=pl.Int64),
    )
    boxes = boxes.sort("column", "rank", "amount", "name", descending=[False, False, True, False])
    return boxes.with_row_index("box").with_columns(pl.col("box").cast(pl.Int64))
