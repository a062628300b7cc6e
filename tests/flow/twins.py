"""Slow and obvious twins of lineage, windows and reach: what the kernels must agree with."""

from dataclasses import dataclass, field

from duanka.flow.ledger import NOBODY, Int64, Ledger
from duanka.flow.lineage import Doctrine, Lineage

Link = tuple[int, int, int]
"""(in_row, out_row, amount)."""

Part = tuple[int, int, int, int]
"""(row, role: 0 paid or 1 got, amount, other node)."""


def is_covered(ledger: Ledger, node: int, row: int) -> bool:
    return node != NOBODY and bool(ledger.covered_from[node] <= ledger.time[row] <= ledger.covered_to[node])


# --- lineage ---------------------------------------------------------------------------------------------------------


def lineage_twin(ledger: Ledger, doctrine: Doctrine, opening: Int64) -> tuple[list[Link], list[int], list[int]]:  # noqa: C901 - obvious
    """Links, what remains per row, what is left of each opening."""
    produced = [bool(ledger.covered_from[node] <= ledger.covered_to[node]) for node in range(ledger.nodes)]
    held = [[[NOBODY, max(int(opening[node]), 0) * produced[node]]] for node in range(ledger.nodes)]
    links: list[Link] = []
    for row in range(len(ledger)):
        payer, payee = int(ledger.payer[row]), int(ledger.payee[row])
        due, unexplained = int(ledger.amount[row]), 0
        if is_covered(ledger, payer, row):
            for piece in held[payer] if doctrine is Doctrine.FIFO else held[payer][::-1]:
                spent = min(due, piece[1])
                piece[1] -= spent
                due -= spent
                if piece[0] == NOBODY:
                    unexplained += spent
                elif spent:
                    links.append((piece[0], row, spent))
        if due + unexplained:
            links.append((NOBODY, row, due + unexplained))
        if is_covered(ledger, payee, row):
            held[payee].append([row, int(ledger.received[row])])
    remaining = [0] * len(ledger)
    left = [0] * ledger.nodes
    for node, pieces in enumerate(held):
        for row, rest in pieces:
            if row == NOBODY:
                left[node] = rest
            else:
                remaining[row] = rest
    return links, remaining, left


def links_of(found: Lineage) -> list[Link]:
    return list(zip(found.in_row.tolist(), found.out_row.tolist(), found.amount.tolist(), strict=True))


# --- windows ---------------------------------------------------------------------------------------------------------


def parts_of(ledger: Ledger, node: int) -> list[Part]:
    """What the node paid and got, in order; a row from a node to itself is both."""
    found: list[Part] = []
    for row in range(len(ledger)):
        if ledger.payer[row] == node:
            found.append((row, 0, int(ledger.amount[row]), int(ledger.payee[row])))
        if ledger.payee[row] == node:
            found.append((row, 1, int(ledger.received[row]), int(ledger.payer[row])))
    return found


def flows_twin(parts: list[Part]) -> list[int]:
    """in_sum, in_count, payers, out_sum, out_count, payees."""
    found = []
    for side in (1, 0):
        ours = [part for part in parts if part[1] == side]
        found += [sum(part[2] for part in ours), len(ours), len({part[3] for part in ours} - {NOBODY})]
    return found


def window_twin(ledger: Ledger, moment: Int64, node: int, row: int, width: int) -> list[int]:
    """Flows of the node within (t - width, t], where t is the moment of the row."""
    end = int(moment[row])
    return flows_twin([part for part in parts_of(ledger, node) if end - width < moment[part[0]] <= end])


@dataclass
class Summary:
    """One node."""

    peak: list[list[int]]
    peak_row: list[int]
    whole: list[int]
    span: tuple[int, int]
    queued: int
    kept: int
    passed: list[int]
    dwell: list[int] = field(default_factory=list)


def summary_twin(ledger: Ledger, moment: Int64, links: Lineage, node: int, widths: tuple[int, ...]) -> Summary:
    parts = parts_of(ledger, node)
    rows = [part[0] for part in parts]
    peak, peak_row = [], []
    for width in widths:
        windows = [window_twin(ledger, moment, node, row, width) for row in rows]
        totals = [window[0] + window[3] for window in windows]
        best = totals.index(max(totals)) if totals else -1
        peak.append(windows[best] if totals else [0] * 6)
        peak_row.append(rows[best] if totals else -1)
    queued = [row for row in range(len(ledger)) if ledger.payee[row] == node and is_covered(ledger, node, row)]
    left = [
        (int(moment[target] - moment[source]), amount)
        for source, target, amount in links_of(links)
        if source != NOBODY and ledger.payer[target] == node
    ]
    return Summary(
        peak=peak,
        peak_row=peak_row,
        whole=flows_twin(parts),
        span=(int(moment[rows[0]]), int(moment[rows[-1]])) if rows else (-1, -1),
        queued=sum(int(ledger.received[row]) for row in queued),
        kept=sum(int(links.remaining[row]) for row in queued),
        passed=[sum(amount for dwell, amount in left if dwell < width) for width in widths],
        dwell=[quantile_twin(left, share) for share in (10, 50, 90)],
    )


def quantile_twin(weighted: list[tuple[int, int]], share: int) -> int:
    """The least value by which `share` per cent of the weight is reached, exactly; -1 of nothing."""
    total = sum(weight for _, weight in weighted)
    done = 0
    for value, weight in sorted(weighted):
        done += weight
        if 100 * done >= share * total:
            return value
    return -1


# --- reach -----------------------------------------------------------------------------------------------------------


def reach_twin(
    ledger: Ledger,
    moment: Int64,
    seeds: list[int],
    hops: int,
    *,
    ahead: bool,
    until: int | None,
    within: int | None,
    covered_only: bool,
) -> dict[int, int]:
    """Hop of each row reached, one hop after the other."""

    def follows(row: int, later: int) -> bool:
        node = int(ledger.payee[row])
        return (
            later > row
            and node != NOBODY
            and node == ledger.payer[later]
            and (within is None or moment[later] - moment[row] <= within)
            and (not covered_only or (is_covered(ledger, node, row) and is_covered(ledger, node, later)))
        )

    def is_open(row: int) -> bool:
        return until is None or bool(moment[row] <= until if ahead else moment[row] >= until)

    found = dict.fromkeys(seeds, 0)
    for hop in range(1, hops + 1):
        for row in [row for row in found if found[row] == hop - 1]:
            for other in range(len(ledger)):
                if other not in found and is_open(other) and (follows(row, other) if ahead else follows(other, row)):
                    found[other] = hop
    return dict(sorted(found.items()))
