"""What a learner sees of an account: named columns from times, amounts, counterparties and the evidence of relays.

Nothing tells who an account is, where it is kept, what it was opened with, or what was decided about it.
"""

from dataclasses import dataclass

import numpy as np

from duanka.flow.dwell import NEVER
from duanka.flow.ledger import NOBODY, Float32, Int64, Ledger
from duanka.flow.lineage import lineage
from duanka.flow.windows import DAY, HOUR, WEEK, summarise
from duanka.scoring.accounts import Evidence
from duanka.scoring.grouped import Grouped, counted, share
from duanka.scoring.handed import relayed
from duanka.scoring.neighbourhood import contacts, largest, means
from duanka.scoring.one_side import Columns, Side, describe
from duanka.scoring.relays import Relays
from duanka.scoring.usual import medians, relative

VERSION = 1
"""Raised whenever a column changes its meaning; a model of another version is refused."""

_WIDTHS = {"hour": HOUR, "day": DAY, "week": WEEK}
_DWELL = ("p10", "p50", "p90")

OF_THE_LARGEST = (
    "out_rows", "out_sum", "out_log_mean", "out_log_spread", "out_q0", "out_q25", "out_q50", "out_q75", "out_largest_1",
    "out_partners", "out_most_with_one", "out_strangers_large", "in_rows", "in_sum", "in_log_mean", "in_log_spread",
    "in_q0", "in_q25", "in_q50", "in_q75", "in_largest_1", "in_partners", "in_most_with_one", "in_strangers_large",
    "in_of_both", "through_share", "turnover", "wait_median", "wait_least", "kept", "passed_day", "evidence",
    "relay_largest", "relays_strong", "paid_hands_on_largest", "paid_handed_on_largest", "paid_both_largest",
    "paid_row_largest", "paid_row_mean", "paid_row_strong", "got_hands_on_largest", "got_handed_on_largest",
    "got_both_largest", "got_row_largest", "got_row_mean", "got_row_strong",
)  # fmt: skip
"""Columns of which the largest value among counterparties is a column, too; the mean is of every column."""


@dataclass(frozen=True, slots=True)
class Features:
    """One row per node; NaN is what a node does not have."""

    names: tuple[str, ...]
    values: Float32  # (nodes, names)


def features(
    ledger: Ledger, currency: Int64, found: Relays, evidence: Evidence, *, moment: Int64 | None = None
) -> Features:
    """Columns of each node's own, then of those that paid it and that it paid. O(rows log rows).

    `currency` is a number per node. Numbers of nodes change nothing but the order of rows of the result. Rows of one
    moment may come in any order, except where money is followed (`kept`, `passed_…`, `dwell_…`, and evidence of
    relays), which follows the ledger's order.
    """
    moment = ledger.time if moment is None else moment
    own = _own(ledger, currency, moment) | _followed(ledger, moment) | relayed(ledger, found, evidence)
    names = list(own)
    values = np.column_stack([own[name].astype(np.float32) for name in names])
    pairs = contacts(ledger)
    some = [names.index(name) for name in OF_THE_LARGEST]
    columns, titles = [values], list(names)
    for side, over_payees in (("payees", True), ("payers", False)):
        columns.append(means(pairs, values, over_payees=over_payees, by_payments=True))
        titles += [f"{side}_mean_{name}" for name in names]
        columns.append(largest(pairs, values[:, some], over_payees=over_payees))
        titles += [f"{side}_largest_{name}" for name in OF_THE_LARGEST]
    return Features(tuple(titles), np.hstack(columns))


def _own(ledger: Ledger, currency: Int64, moment: Int64) -> Columns:
    usual = medians(ledger, currency)
    ends = {
        "out": (ledger.payer, ledger.payee, ledger.amount), "in": (ledger.payee, ledger.payer, ledger.received),
    }  # fmt: skip
    sides: dict[str, Side] = {}
    columns: Columns = {}
    for name, (node, partner, amount) in ends.items():
        rows = np.flatnonzero((node != NOBODY) & (amount > 0))
        log = relative(amount, node, currency, usual).astype(np.float64)
        sides[name] = Side(node[rows], partner[rows], amount[rows], log[rows], moment[rows], ledger.nodes)
        columns |= {f"{name}_{title}": column for title, column in describe(sides[name]).items()}
    came, left = np.expm1(columns["in_sum"]), np.expm1(columns["out_sum"])
    got, paid = np.expm1(columns["in_rows"]), np.expm1(columns["out_rows"])
    payers, payees = np.expm1(columns["in_partners"]), np.expm1(columns["out_partners"])
    columns |= {
        "in_of_both": share(came, came + left), "through": np.log1p(np.minimum(came, left)),
        "through_share": share(np.minimum(came, left), np.maximum(came, left)),
        "turnover": np.log1p(came + left), "rows_out_of_both": share(paid, got + paid),
        "partners_out_of_both": share(payees, payers + payees),
    }  # fmt: skip
    return columns | _waits(sides["in"], sides["out"])


def _waits(into: Side, out: Side) -> Columns:
    """From each receipt to the next payment by the same node, in the same moment or later: log of seconds."""
    _, rank = np.unique(np.concatenate([into.moment, out.moment]), return_inverse=True)
    span = len(rank) + 1
    paid = np.sort(out.node * np.int64(span) + rank[len(into.moment) :])
    moments = out.moment[np.lexsort((out.moment, out.node))]
    at = np.searchsorted(paid, into.node * np.int64(span) + rank[: len(into.moment)])
    there = at < len(paid)
    there[there] = paid[at[there]] // span == into.node[there]
    wait = moments[at[there]] - into.moment[there]
    found = Grouped(into.node[there], np.log1p(wait / 1e6), into.nodes)
    receipts = np.bincount(into.node, minlength=into.nodes)
    return {
        "wait_median": found.quantile(0.5), "wait_least": found.quantile(0.0), "wait_mean": found.mean(),
        "wait_hour": share(counted(into.node[there], wait <= HOUR, into.nodes), receipts),
        "wait_day": share(counted(into.node[there], wait <= DAY, into.nodes), receipts),
    }  # fmt: skip


def _followed(ledger: Ledger, moment: Int64) -> Columns:
    """Windows and dwell. Money is followed from the records alone: printed opening balances are no evidence."""
    windows = summarise(ledger, lineage(ledger), tuple(_WIDTHS.values()), moment=moment)
    through = windows.pass_through
    turnover = windows.whole.in_sum + windows.whole.out_sum
    columns: Columns = {"kept": windows.retention, "period": _log(windows.last - windows.first)}
    for place, name in enumerate(_WIDTHS):
        peak = windows.peak
        columns |= {
            f"passed_{name}": through[:, place],
            f"peak_{name}_share": share(peak.in_sum[:, place] + peak.out_sum[:, place], turnover),
            f"peak_{name}_balance": share(
                np.minimum(peak.in_sum[:, place], peak.out_sum[:, place]),
                np.maximum(peak.in_sum[:, place], peak.out_sum[:, place]),
            ),
            f"peak_{name}_rows": np.log1p(peak.in_count[:, place] + peak.out_count[:, place]),
            f"peak_{name}_payers": np.log1p(peak.payers[:, place]),
            f"peak_{name}_payees": np.log1p(peak.payees[:, place]),
        }  # fmt: skip
    for place, name in enumerate(_DWELL):
        dwell = windows.dwell[:, place]
        columns[f"dwell_{name}"] = np.where(dwell == NEVER, np.nan, np.log1p(np.maximum(dwell, 0) / 1e6))
    return columns


def _log(span: Int64) -> np.ndarray:
    """Log of seconds."""
    result: np.ndarray = np.log1p(np.maximum(span, 0) / 1e6)
    return result
