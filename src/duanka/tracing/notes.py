"""What a trace rests on, and how sure that makes it: one note for each thing that a reader should know."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int64
from duanka.messages.catalogue import Language, say
from duanka.trace.result import Trace
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


def notes(held: Held, claims: Claims, traces: tuple[Trace, ...], made: Tables) -> tuple[Note, ...]:
    """Notes that apply, in a fixed order. O(steps + rows)."""
    ledger, opening = held.data.ledger, held.opening
    nodes = made.nodes
    produced = nodes[ledger.covered_from[nodes] <= ledger.covered_to[nodes]]
    currencies = len(set(claims.currency))
    guessed, in_debt = _of_balances(held, produced)
    money = _Money(held)
    found = [
        Note("currencies", currencies if currencies > 1 else 0),
        Note("exchanged", *money.of_rows(traces, money.exchanged)),
        _ended("one_side", made.ends, "unproduced", "uncovered"),
        _ended("records_end", made.ends, "records_end"),
        Note("order", *money.of_rows(traces, held.data.assumed)),
        Note("balances", len(made.contradictions), _most_at(made.ends, "unrecorded")),
        Note("known_openings", int((opening[produced] != NO_BALANCE).sum())),
        Note("openings", guessed),
        Note("debts", in_debt),
        Note("circles", _in_circles(held, traces)),
        _ended("overlap", made.ends, "overlap"),
    ]
    return tuple(one for one in found if one.count)


class _Money:
    """Traced amounts by currency."""

    def __init__(self, held: Held) -> None:
        ledger, column = held.data.ledger, held.data.nodes["currency"].to_pylist()
        self._names, code = np.unique(np.asarray(column, dtype=np.str_), return_inverse=True)
        payer, payee = ledger.payer, ledger.payee
        both = (payer != NOBODY) & (payee != NOBODY)
        self._code = code[np.where(payer == NOBODY, payee, payer)] if len(code) else np.zeros(0, np.int64)
        self.exchanged = both & (code[payer] != code[payee]) if len(code) else both

    def of_rows(self, traces: tuple[Trace, ...], chosen: Bool) -> tuple[int, tuple[tuple[str, int], ...]]:
        """How many of the chosen rows some trace goes through, and by currency the most that one carries there."""
        rows, most = [np.zeros(0, np.int64)], np.zeros(len(self._names), np.int64)
        for one in traces:
            some = chosen[one.steps.row]
            row, amount = one.steps.row[some], one.steps.amount[some]
            total = np.zeros_like(most)
            np.add.at(total, self._code[row], amount)
            most = np.maximum(most, total)
            rows.append(np.unique(row))
        sums = tuple((str(name), int(amount)) for name, amount in zip(self._names, most, strict=True) if amount)
        return len(np.unique(np.concatenate(rows))), sums


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


def _most_at(ends: pl.DataFrame, *reasons: str) -> tuple[tuple[str, int], ...]:
    """By currency, what ended for these reasons under the doctrine where it is most."""
    summed = ends.filter(pl.col("reason").is_in(reasons)).group_by("doctrine", "currency").agg(pl.col("amount").sum())
    return tuple(summed.group_by("currency").agg(pl.col("amount").max()).sort("currency").iter_rows())


def _ended(code: str, ends: pl.DataFrame, *reasons: str) -> Note:
    """At how many accounts money ended for these reasons, and how much at most."""
    places = ends.filter(pl.col("reason").is_in(reasons))["account_id"].n_unique()
    return Note(code, places, _most_at(ends, *reasons))


def _in_circles(held: Held, traces: tuple[Trace, ...]) -> int:
    """Accounts whose traced money goes round: those that reach themselves by steps, and those that pay themselves."""
    rows = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.steps.row for one in traces)]))
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
