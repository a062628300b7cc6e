"""What accounts hold after the last row of a ledger, and how that is known."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from duanka.derive import Ordered
from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64
from duanka.trace.book import Book


@dataclass(frozen=True, slots=True)
class Held:
    """A ledger, with `opening` balances per node that are known (else NO_BALANCE) and what its book infers."""

    data: Ordered
    ready: Book
    opening: Int64

    def of(self, places: pl.DataFrame) -> pl.DataFrame:
        """`places` (`account_id, currency`) with `balance` (minor units, null if unknown) and `known_by`. O(rows).

        `printed`: the account's last row prints it; `computed`: from an earlier printed, or a known opening, balance
        and the rows since; `estimated`: from the least opening balance that keeps the account from going below zero;
        `unknown`: its own ledger was not produced. Rows outside the account's coverage don't count.
        """
        nodes = pl.DataFrame(self.data.nodes.select(["account_id", "currency"])).with_row_index("node")
        told = places.join(nodes, on=["account_id", "currency"], how="left").with_columns(pl.col("node").cast(pl.Int64))
        lines = self._lines(told["node"].to_numpy())
        there = pl.col("printed").is_not_null()
        last = pl.col("seq").filter(there).max()
        summed = lines.group_by("node").agg(
            base=pl.col("printed").sort_by("seq").drop_nulls().last(),
            since=pl.col("change").filter(pl.col("seq") > last.fill_null(-1)).sum(),
            at_end=last == pl.col("seq").max(),
        )
        told = told.join(summed, on="node", how="left")
        node = told["node"].to_numpy()
        ledger = self.data.ledger
        produced = pl.Series(ledger.covered_from[node] <= ledger.covered_to[node])
        known = pl.Series(self.opening[node] != NO_BALANCE)
        told = told.with_columns(
            produced=produced, known=known, opening=pl.when(known).then(pl.Series(self.opening[node]))
            .otherwise(pl.Series(self.ready.opening[node])),
        )  # fmt: skip
        return told.select(
            "account_id", "currency",
            balance=pl.when("produced").then(pl.coalesce("base", "opening") + pl.col("since").fill_null(0)),
            known_by=pl.when(~pl.col("produced")).then(pl.lit("unknown"))
            .when(pl.col("at_end")).then(pl.lit("printed"))
            .when(pl.col("base").is_not_null() | pl.col("known")).then(pl.lit("computed"))
            .otherwise(pl.lit("estimated")),
        )  # fmt: skip

    def _lines(self, nodes: Int64) -> pl.DataFrame:
        """`node, seq, change, printed`: a line for each covered side of a row that is one of the nodes'."""
        ledger = self.data.ledger
        wanted = np.zeros(ledger.nodes, np.bool_)
        wanted[nodes] = True
        sides = (
            (ledger.payer, -ledger.amount, ledger.balance_payer),
            (ledger.payee, ledger.received, ledger.balance_payee),
        )
        parts = []
        for place, (node, change, balance) in enumerate(sides):
            some = np.flatnonzero((node != NOBODY) & wanted[np.maximum(node, 0)])
            at = node[some].astype(np.int64)
            inside = (ledger.covered_from[at] <= ledger.time[some]) & (ledger.time[some] <= ledger.covered_to[at])
            some, at = some[inside], at[inside]
            printed = pl.Series(balance[some])
            parts.append(pl.DataFrame({
                "node": at, "seq": 2 * some + place, "change": change[some],
                "printed": printed.set(printed == NO_BALANCE, None),
            }))  # fmt: skip
        return pl.concat(parts)
