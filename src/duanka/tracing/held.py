"""What accounts hold after the last row of a ledger, and how that is known."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from duanka.derive import Ordered
from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64
from duanka.trace.book import Book


class _Lines(NamedTuple):
    """Per node asked for: the places of its last printed balance and of its last row (-1: none), and what they tell."""

    last: Int64
    final: Int64
    printed: Int64
    since: Int64  # what rows after the last printed balance change


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
        node = told["node"].to_numpy()
        ledger = self.data.ledger
        lines = self._lines(node)
        produced = pl.Series(ledger.covered_from[node] <= ledger.covered_to[node])
        known = pl.Series(self.opening[node] != NO_BALANCE)
        told = told.with_columns(
            base=pl.Series(lines.printed).set(pl.Series(lines.last < 0), None), since=pl.Series(lines.since),
            at_end=pl.Series((lines.last >= 0) & (lines.last == lines.final)), produced=produced, known=known,
            opening=pl.when(known).then(pl.Series(self.opening[node])).otherwise(pl.Series(self.ready.opening[node])),
        )  # fmt: skip
        return told.select(
            "account_id", "currency",
            balance=pl.when("produced").then(pl.coalesce("base", "opening") + pl.col("since").fill_null(0)),
            known_by=pl.when(~pl.col("produced")).then(pl.lit("unknown"))
            .when(pl.col("at_end")).then(pl.lit("printed"))
            .when(pl.col("base").is_not_null() | pl.col("known")).then(pl.lit("computed"))
            .otherwise(pl.lit("estimated")),
        )  # fmt: skip

    def _lines(self, nodes: Int64) -> _Lines:
        """What the covered sides of rows say of each of these nodes."""
        ledger, size = self.data.ledger, self.data.ledger.nodes
        wanted = np.zeros(size, np.bool_)
        wanted[nodes] = True
        last, final = np.full((2, size), -1, np.int64)
        printed, since = np.zeros((2, size), np.int64)
        sides = (
            (ledger.payer, -ledger.amount, ledger.balance_payer),
            (ledger.payee, ledger.received, ledger.balance_payee),
        )
        found = []
        for place, (node, change, balance) in enumerate(sides):
            some = np.flatnonzero((node != NOBODY) & wanted[np.maximum(node, 0)])
            at = node[some].astype(np.int64)
            inside = (ledger.covered_from[at] <= ledger.time[some]) & (ledger.time[some] <= ledger.covered_to[at])
            some, at = some[inside], at[inside]
            shown, seq = balance[some] != NO_BALANCE, 2 * some + place
            np.maximum.at(final, at, seq)
            np.maximum.at(last, at[shown], seq[shown])
            found.append((at, seq, change[some], balance[some]))
        for at, seq, change, balance in found:
            later, here = seq > last[at], seq == last[at]
            np.add.at(since, at[later], change[later])
            printed[at[here]] = balance[here]
        return _Lines(last[nodes], final[nodes], printed[nodes], since[nodes])
