"""Slow and obvious twins of the balances and the pairing: what the kernels must agree with."""

from dataclasses import dataclass
from itertools import pairwise

from duanka.flow.ledger import NO_BALANCE, Ledger
from duanka.flow.pairing import MINUTE
from flow.twins_order import Part, effect, parts_of


def _covered_parts(ledger: Ledger, node: int) -> list[Part]:
    """Parts of the node in the order of rows, within coverage."""
    start, end = int(ledger.covered_from[node]), int(ledger.covered_to[node])
    return [part for part in sorted(parts_of(ledger, node)) if start <= int(ledger.time[part[0]]) <= end]


def breaks_twin(ledger: Ledger) -> list[tuple[int, int, int, int]]:
    found = []
    for node in range(ledger.nodes):
        parts = _covered_parts(ledger, node)
        printed = [at for at, part in enumerate(parts) if effect(ledger, part)[1] != NO_BALANCE]
        for last, at in pairwise(printed):
            expected = effect(ledger, parts[last])[1] + sum(effect(ledger, p)[0] for p in parts[last + 1 : at + 1])
            balance = effect(ledger, parts[at])[1]
            if balance != expected:
                found.append((*parts[at], node, expected, balance))
    return [(row, node, expected, balance) for row, _, node, expected, balance in sorted(found)]


def opening_twin(ledger: Ledger) -> list[int]:
    result = []
    for node in range(ledger.nodes):
        effects = [effect(ledger, part) for part in _covered_parts(ledger, node)]
        sums = [sum(change for change, _ in effects[: at + 1]) for at in range(len(effects))]
        printed = [balance - total for (_, balance), total in zip(effects, sums, strict=True) if balance != NO_BALANCE]
        result.append(printed[0] if printed else -min([0, *sums]))
    return result


@dataclass(frozen=True)
class Side:
    """One element of a pairing."""

    group: int
    time: int
    width: int
    side: bool
    tie: int
    serial: int


def may_pair(one: Side, two: Side, tolerance: int) -> bool:
    return (
        one.group == two.group
        and one.side != two.side
        and one.time < two.time + two.width + tolerance
        and two.time < one.time + one.width + tolerance
    )


def most_pairs(sides: list[Side], tolerance: int) -> int:
    """The largest number of pairs, by trying all."""
    if not sides:
        return 0
    first, rest = sides[0], sides[1:]
    best = most_pairs(rest, tolerance)
    for other in rest:
        if may_pair(first, other, tolerance):
            best = max(best, 1 + most_pairs([s for s in rest if s is not other], tolerance))
    return best


def pair_twin(sides: list[Side], tolerance: int) -> list[int]:
    """Partners by serial, then to the minute, then all: each time the earliest end, and the earliest it may take."""
    partner = [-1] * len(sides)

    def end(i: int) -> tuple[int, int, int, bool]:
        return (sides[i].time + sides[i].width, sides[i].time, sides[i].tie, sides[i].side)

    def same_serial(i: int, j: int) -> bool:
        return sides[i].serial == sides[j].serial != 0

    def to_the_minute(i: int, j: int) -> bool:
        return max(sides[i].width, sides[j].width) <= MINUTE

    for allowed in (same_serial, to_the_minute, lambda _i, _j: True):
        for i in sorted(range(len(sides)), key=end):
            choice = [
                j
                for j in range(len(sides))
                if partner[i] == partner[j] == -1 and may_pair(sides[i], sides[j], tolerance) and allowed(i, j)
            ]
            if choice:
                j = min(choice, key=end)
                partner[i], partner[j] = j, i
    return partner
