"""From followed money to the boxes and ribbons of a picture: the largest accounts of a tier, and the others as one."""

from dataclasses import dataclass

import polars as pl

from duanka.report.tiers import NOBODY, End, Unrolled

ACCOUNT, OTHER, UNNAMED, END = "account", "other", "unnamed", "end"


@dataclass(frozen=True, slots=True)
class Bundled:
    """Frames of boxes (box, column, kind, node, members, amount) and ribbons (source, target, amount, rows).

    Boxes are numbered by column, accounts by falling amount, then the other ones, then the ends. `node` is the account
    number, NOBODY for "other" and "unnamed", and the `End` for an end.
    """

    boxes: pl.DataFrame
    ribbons: pl.DataFrame


_RANK = {ACCOUNT: 0, UNNAMED: 0, OTHER: 1, END: 2}


def bundle(followed: Unrolled, *, limit: int = 12) -> Bundled:
    """At most `limit` boxes a tier beside the ends; the smallest accounts of a tier become one box "other"."""
    moves = pl.DataFrame({
        "tier": followed.tier, "payer": followed.payer, "payee": followed.payee, "amount": followed.amount,
    })  # fmt: skip
    ends = pl.DataFrame({
        "tier": followed.end_tier, "node": followed.end_node, "kind": followed.end_kind, "amount": followed.end_amount,
    })  # fmt: skip
    homes = _homes(moves, limit)
    edges = pl.concat([_handed_on(moves, homes), _ended(ends, homes)])
    return _numbered(homes, edges)


def _homes(moves: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Which box each account of each column is in: column, node, amount, kind, home (node of the box)."""
    start = moves.filter(pl.col("tier") == 1).select(column=pl.lit(0, pl.Int64), node="payer", amount="amount")
    later = moves.select(column="tier", node="payee", amount="amount")
    nodes = pl.concat([start, later]).group_by("column", "node").agg(pl.col("amount").sum())
    nodes = nodes.sort("column", "amount", "node", descending=[False, True, False])
    place, count = pl.int_range(pl.len()).over("column"), pl.len().over("column")
    crowd = (count > limit) & (place >= limit - 1)
    named = pl.when(pl.col("node") == NOBODY).then(pl.lit(UNNAMED)).otherwise(pl.lit(ACCOUNT))
    kind = pl.when(crowd).then(pl.lit(OTHER)).otherwise(named)
    return nodes.with_columns(kind=kind, home=pl.when(crowd).then(NOBODY).otherwise(pl.col("node")))


def _handed_on(moves: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Edges between boxes: columns, kinds and nodes of both sides, amount, rows."""
    source = homes.select(from_column="column", payer="node", from_kind="kind", from_node="home")
    target = homes.select(to_column="column", payee="node", to_kind="kind", to_node="home")
    sides = moves.select("payer", "payee", "amount", from_column=pl.col("tier") - 1, to_column="tier")
    joined = sides.join(source, on=["from_column", "payer"]).join(target, on=["to_column", "payee"])
    return _grouped(joined, pl.len().cast(pl.Int64))


def _ended(ends: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    source = homes.select(from_column="column", node="node", from_kind="kind", from_node="home")
    to = {"to_column": pl.col("tier") + 1, "to_node": pl.col("kind"), "to_kind": pl.lit(END)}
    sides = ends.select("node", "amount", from_column="tier", **to)
    return _grouped(sides.join(source, on=["from_column", "node"]), pl.lit(0, pl.Int64))


_SOURCE, _TARGET = ["from_column", "from_kind", "from_node"], ["to_column", "to_kind", "to_node"]


def _grouped(sides: pl.DataFrame, rows: pl.Expr) -> pl.DataFrame:
    return sides.group_by(*_SOURCE, *_TARGET).agg(pl.col("amount").sum(), rows.alias("rows"))


def _numbered(homes: pl.DataFrame, edges: pl.DataFrame) -> Bundled:
    members = pl.len().cast(pl.Int64).alias("members")
    own = homes.group_by("column", "kind", node="home").agg(members, pl.col("amount").sum())
    end = edges.filter(pl.col("to_kind") == END).group_by(column="to_column", kind="to_kind", node="to_node")
    ends = end.agg(pl.lit(0, pl.Int64).alias("members"), pl.col("amount").sum())
    boxes = pl.concat([own, ends]).with_columns(rank=pl.col("kind").replace_strict(_RANK, return_dtype=pl.Int64))
    boxes = boxes.sort("column", "rank", "amount", "node", descending=[False, False, True, False]).with_row_index("box")
    boxes = boxes.select(pl.col("box").cast(pl.Int64), "column", "kind", "node", "members", "amount")
    source = boxes.select(source="box", from_column="column", from_kind="kind", from_node="node")
    target = boxes.select(target="box", to_column="column", to_kind="kind", to_node="node")
    ribbons = edges.join(source, on=_SOURCE).join(target, on=_TARGET).select("source", "target", "amount", "rows")
    return Bundled(boxes, ribbons.sort("source", "target"))


END_NAMES = {
    End.STAYS: "stays",
    End.NOT_PRODUCED: "not_produced",
    End.CURRENCY: "currency",
    End.FEE: "fee",
    End.BEYOND: "beyond",
}
