"""What a trace rests on, and how sure that makes it: one note for each thing that a reader should know."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from duanka.flow.ledger import NO_BALANCE, NOBODY, Int64
from duanka.messages.catalogue import Language, say
from duanka.report.long import BATCH, LongTable
from duanka.tracing.claims import Claims
from duanka.tracing.held import Held
from duanka.tracing.tables import Tables


@dataclass(frozen=True, slots=True)
class Note:
    """One note: `code` has words in the catalogue, `count` says how many, `amount` is per currency where it matters."""

    code: str
    count: int
    amounts: tuple[tuple[str, int], ...] = ()  # currency -> minor units, the most under any doctrine

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {"code": self.code, "count": self.count, "amounts": dict(self.amounts)}

    def words(self, language: Language, amounts: str) -> str:
        """The note in words; `amounts` as the caller prints them."""
        return say(f"trace.note.{self.code}", language, count=f"{self.count:,}", amounts=amounts)


def notes(held: Held, claims: Claims, made: Tables) -> tuple[Note, ...]:
    """Notes that apply, in a fixed order. O(steps + rows)."""
    ledger, opening = held.data.ledger, held.opening
    nodes = made.nodes
    produced = nodes[ledger.covered_from[nodes] <= ledger.covered_to[nodes]]
    currencies = len(set(claims.currency))
    guessed, in_debt = _of_balances(held, produced)
    found = [
        Note("currencies", currencies if currencies > 1 else 0),
        _through("exchanged", made.exchanged),
        _ended("one_side", made.placed, "unproduced", "uncovered"),
        _ended("records_end", made.placed, "records_end"),
        _of_assumed_order(held, made.steps),
        Note("balances", len(made.contradictions), _most(made.placed.filter(pl.col("reason") == "unrecorded"))),
        Note("known_openings", int((opening[produced] != NO_BALANCE).sum())),
        Note("openings", guessed),
        Note("debts", in_debt),
        Note("circles", _in_circles(held, made.rows)),
        _ended("overlap", made.placed, "overlap"),
    ]
    return tuple(one for one in found if one.count)


def _through(code: str, steps: pl.DataFrame) -> Note:
    """How many payments these steps go through, and how much at most."""
    return Note(code, steps["row_id"].n_unique(), _most(steps))


def _of_assumed_order(held: Held, steps: LongTable) -> Note:
    """Payments whose place in the order is assumed, and how much goes through them."""
    rows, assumed = np.zeros(len(held.data.ledger), np.bool_), []
    for narrow, made in steps.parts:
        some = held.data.assumed[narrow["row"].to_numpy()]
        rows[narrow["row"].to_numpy()[some]] = True
        parts = map(made, narrow.filter(pl.Series(some)).iter_slices(BATCH))
        assumed += [part.group_by("doctrine", "currency").agg(pl.col("amount").sum()) for part in parts]
    return Note("order", int(rows.sum()), _most(pl.concat(assumed)) if assumed else ())


def _of_balances(held: Held, nodes: Int64) -> tuple[int, int]:
    """Of produced accounts: how many print no balance and have no known opening, and how many were in debt."""
    ledger = held.data.ledger
    printed, negative = np.zeros(ledger.nodes, np.bool_), np.zeros(ledger.nodes, np.bool_)
    for node, balance in ((ledger.payer, ledger.balance_payer), (ledger.payee, ledger.balance_payee)):
        there = balance != NO_BALANCE
        printed[node[there]] = True
        negative[node[there & (balance < 0)]] = True
    negative |= (held.opening != NO_BALANCE) & (held.opening < 0)
    guessed = ~printed[nodes] & (held.opening[nodes] == NO_BALANCE)
    return int(guessed.sum()), int(negative[nodes].sum())


def _most(lines: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    """By currency, the sum of the lines under the doctrine where it is most."""
    summed = lines.group_by("doctrine", "currency").agg(pl.col("amount").sum()).filter(pl.col("amount") > 0)
    return tuple(summed.group_by("currency").agg(pl.col("amount").max()).sort("currency").iter_rows())


def _ended(code: str, ends: pl.DataFrame, *reasons: str) -> Note:
    """At how many accounts money ended for these reasons, and how much at most."""
    some = ends.filter(pl.col("reason").is_in(reasons))
    return Note(code, some["account_id"].n_unique(), _most(some))


def _in_circles(held: Held, rows: Int64) -> int:
    """Accounts whose traced money goes round: those that reach themselves by steps, and those that pay themselves."""
    payer, payee = held.data.ledger.payer[rows], held.data.ledger.payee[rows]
    both = (payer != NOBODY) & (payee != NOBODY)
    account = held.data.account()
    names, place = np.unique(np.stack([account[payer[both]], account[payee[both]]]), return_inverse=True)
    one, other = place.reshape(2, -1)
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(len(names), len(names)))
    if not len(names):
        return 0
    group = connected_components(graph, directed=True, connection="strong")[1]
    alone = np.bincount(group)[group] == 1
    alone[one[one == other]] = False
    return int((~alone).sum())
