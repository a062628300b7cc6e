"""A trace as a network: accounts, and between them the traced money under each doctrine."""

from collections.abc import Iterator

import polars as pl

from duanka.report.graphs import Graph
from duanka.report.long import BATCH
from duanka.trace.reason import LEFT
from duanka.tracing.run import Traced
from duanka.tracing.tables import DOCTRINE

NOT_NAMED = "?"
"""The node of all money whose other side no row names."""

_PAIR = ("source", "target")


def network(found: Traced) -> Graph:
    """Accounts (each of its currencies a node where there are several), and payments between them summed.

    Of an edge: `payments` (how many), `hop` (the least; 0 for a seed), `first`, `last`, `whole` (all that they moved,
    minor units), `seeded` (of it, what is a seed), and for each doctrine what of it is traced. Of a node: what each
    doctrine leaves there. O(steps).
    """
    several = pl.concat([found.seeds["currency"], *_currencies(found)]).n_unique() > 1
    seeds = found.seeds.select(*_ends(("currency", "currency"), several=several), "row_id", "time",
                               hop=pl.lit(0, pl.Int64), whole="amount", seeded="amount")  # fmt: skip
    rows = pl.concat([*_payments(found, several=several), seeds.drop("seeded")])
    rows = rows.sort("hop").unique("row_id", keep="first", maintain_order=True)
    edges = rows.group_by(*_PAIR).agg(
        payments=pl.len().cast(pl.Int64), hop=pl.col("hop").min(), first=pl.col("time").min(),
        last=pl.col("time").max(), whole=pl.col("whole").sum(),
    )  # fmt: skip
    begun = seeds.unique("row_id").group_by(*_PAIR).agg(pl.col("seeded").sum())
    traced = _traced(found, several=several).group_by(*_PAIR).agg(_each(found, "amount"))
    edges = edges.join(begun, on=_PAIR, how="left").join(traced, on=_PAIR, how="left")
    return Graph(_nodes(found, edges, several=several), edges.with_columns(pl.col(pl.Int64).fill_null(0)).sort(*_PAIR))


def _currencies(found: Traced) -> list[pl.Series]:
    """Those of steps, once for each batch."""
    sides = ("currency", "currency_received")
    return [frame[side].unique().alias("currency") for frame in found.long["steps"].frames() for side in sides]


def _payments(found: Traced, *, several: bool) -> Iterator[pl.DataFrame]:
    """Every payment that some step goes through, once, with its least hop."""
    parts = found.long["steps"].parts
    least = [narrow.group_by("row").agg(pl.col("hop").min().cast(pl.Int32)) for narrow, _ in parts]
    if not least:
        return
    rows = pl.concat([one.with_columns(pl.col("row").cast(pl.Int32)) for one in least])
    rows = rows.group_by("row").agg(pl.col("hop").min()).sort("row")
    one_each = rows.with_columns(claim=pl.lit(0), amount=pl.lit(0), received=pl.lit(0))
    for some in one_each.iter_slices(BATCH):
        wide = parts[0][1](some)
        yield wide.select(*_ends(("currency", "currency_received"), several=several), "row_id", "time", "hop", "whole")


def _traced(found: Traced, *, several: bool) -> pl.DataFrame:
    """By pair and doctrine, what the steps move; summed for each batch."""
    sums = [pl.DataFrame(schema={"source": pl.String, "target": pl.String, "doctrine": DOCTRINE, "amount": pl.Int64})]
    for frame in found.long["steps"].frames():
        sides = _ends(("currency", "currency_received"), several=several)
        sums.append(frame.group_by(*sides, "doctrine").agg(pl.col("amount").sum()))
    return pl.concat(sums)


def _ends(currencies: tuple[str, str], *, several: bool) -> list[pl.Expr]:
    sides = zip(_PAIR, ("payer", "payee"), currencies, strict=True)
    return [_node(pl.col(side), pl.col(currency), several=several).alias(name) for name, side, currency in sides]


def _node(account: pl.Expr, currency: pl.Expr, *, several: bool) -> pl.Expr:
    name = account.fill_null(NOT_NAMED)
    return name + " " + currency.fill_null("") if several else name


def _each(found: Traced, column: str) -> list[pl.Expr]:
    return [pl.col(column).filter(pl.col("doctrine") == str(one)).sum().alias(str(one)) for one in found.doctrines]


def _nodes(found: Traced, edges: pl.DataFrame, *, several: bool) -> pl.DataFrame:
    held = [reason.name.lower() for reason in LEFT]
    left = found.placed.filter(pl.col("reason").is_in(held)).rename({"amount": "left"})
    left = left.with_columns(id=_node(pl.col("account_id"), pl.col("currency"), several=several))
    ids = pl.concat([edges["source"], edges["target"], left["id"]]).unique().sort().alias("id")
    nodes = pl.DataFrame({"id": ids}).with_columns(account_id=pl.col("id").str.split(" ").list.first())
    told = nodes.join(found.accounts, on="account_id", how="left")
    told = told.join(left.group_by("id").agg(_each(found, "left")), on="id", how="left")
    label = pl.when(pl.col("holder").fill_null("") != "").then(pl.col("holder") + " " + pl.col("id")).otherwise("id")
    sums = [pl.col(str(one)).fill_null(0) for one in found.doctrines]
    return told.select("id", pl.col("account_id").alias("account"), "holder", "institution", "produced", *sums,
                       label=label).sort("id")  # fmt: skip
