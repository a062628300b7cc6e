"""Slow and obvious twins of tracing: what the kernels must agree with. Python integers and fractions, no index."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from duanka.flow.ledger import NOBODY, Ledger
from duanka.trace.doctrine import Doctrine
from duanka.trace.follow import Limits
from duanka.trace.reason import Reason
from duanka.trace.seeds import Seeds
from flow.twins import is_covered
from flow.twins_balances import opening_twin

Unit = tuple[int, int] | None
"""One minor unit of money: (group, hops), or None where it is not traced."""

Line = tuple[int, int, int, int, int]
"""A step: (row, group, amount, received, hop)."""

End = tuple[int, Reason, int, int]
"""(group, reason, row, node)."""


@dataclass
class Outcome:
    """What a twin finds."""

    steps: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 1 << 30]))
    ends: dict[End, int] = field(default_factory=lambda: defaultdict(int))

    def step(self, row: int, group: int, amount: int, received: int, hop: int) -> None:
        line = self.steps[row, group]
        line[0] += amount
        line[1] += received
        line[2] = min(line[2], hop)

    def end(self, group: int, reason: Reason, row: int, node: int, amount: int) -> None:
        if amount:
            self.ends[group, reason, row, node] += amount

    def lines(self) -> list[Line]:
        return sorted((*key, line[0], line[1], line[2]) for key, line in self.steps.items())


def largest_remainder(total: int, weights: list[int]) -> list[int]:
    """Shares of `total` in proportion to the weights; what is left goes to the largest remainders, first of equals."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [int(value) for value in exact]
    by_rest = sorted(range(len(weights)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def stopped(ledger: Ledger, row: int) -> Reason | None:
    node = int(ledger.payee[row])
    if node == NOBODY:
        return Reason.OUTSIDE
    if ledger.covered_from[node] > ledger.covered_to[node]:
        return Reason.UNPRODUCED
    return None if is_covered(ledger, node, row) else Reason.UNCOVERED


@dataclass
class Setting:
    """What all twins read."""

    ledger: Ledger
    opening: list[int]
    seeds: Seeds
    limits: Limits

    def horizon(self) -> int:
        at = self.limits.at
        return sum(1 for time in self.ledger.time.tolist() if at is None or time <= at)

    def oldest(self, group: int) -> float:
        if self.limits.age is None:
            return float("inf")
        times = [
            int(self.ledger.time[row]) for row, of in zip(self.seeds.row, self.seeds.group, strict=True) if of == group
        ]
        return max(times) + self.limits.age

    def of_row(self, row: int) -> list[tuple[int, int]]:
        """(group, amount) of the seeds of a row, by group."""
        found = [
            (int(group), int(amount))
            for at, amount, group in zip(self.seeds.row, self.seeds.amount, self.seeds.group, strict=True)
            if at == row
        ]
        return sorted(found, key=lambda seed: seed[0])

    def cut(self, row: int, hop: int, total: int) -> Reason | None:
        """Why money of a group that arrived with a row is not followed."""
        if reason := stopped(self.ledger, row):
            return reason
        if total < self.limits.floor:
            return Reason.FLOOR
        return Reason.HOPS if self.limits.hops is not None and hop >= self.limits.hops else None


def runs(units: list[Unit]) -> list[tuple[Unit, int]]:
    """Neighbouring units that are alike, as (unit, how many)."""
    found: list[tuple[Unit, int]] = []
    for unit in units:
        if found and found[-1][0] == unit:
            found[-1] = unit, found[-1][1] + 1
        else:
            found.append((unit, 1))
    return found


def unit_twin(setting: Setting, doctrine: Doctrine) -> Outcome:
    """FIFO and LIFO by moving single minor units about. A line of units lies at each node, oldest receipt first.

    The units of one receipt keep the order in which they were spent. A payment leaves in that order, too.
    """
    ledger, found = setting.ledger, Outcome()
    held: list[list[tuple[int, list[Unit]]]] = [[(NOBODY, [None] * count)] for count in setting.opening]
    for row in range(setting.horizon()):
        payer, payee = int(ledger.payer[row]), int(ledger.payee[row])
        moved: list[Unit] = []
        if payer != NOBODY and is_covered(ledger, payer, row):
            newest = doctrine is Doctrine.LIFO
            short = max(int(ledger.amount[row]) - sum(len(units) for _, units in held[payer]), 0)
            if short:  # came just before by a row that the records miss
                held[payer].append((NOBODY, [None] * short))
            moved = _spend(setting, found, held[payer], int(ledger.amount[row]), row, newest=newest)
        moved += [None] * (int(ledger.amount[row]) - len(moved))
        arrived = _converted(found, moved, int(ledger.received[row]), row)
        kept = _settle(setting, found, arrived, row)
        if payee != NOBODY and is_covered(ledger, payee, row):
            held[payee].append((row, kept))
    for node, receipts in enumerate(held):
        for row, units in receipts:
            for unit in units:
                if unit is not None:
                    found.end(unit[0], Reason.HELD, row, node, 1)
    return found


def _settle(setting: Setting, found: Outcome, arrived: list[Unit], row: int) -> list[Unit]:
    """Put the seeds of a row on what arrived with it, and take out what is not followed."""
    payee = int(setting.ledger.payee[row])
    for group, amount in setting.of_row(row):
        free = [i for i, unit in enumerate(arrived) if unit is None][:amount]
        for i in free:
            arrived[i] = (group, 0)
        found.end(group, Reason.OVERLAP, row, payee, amount - len(free))
    kept: list[Unit] = []
    for unit in arrived:
        reason = None
        if unit is not None:
            total = sum(1 for other in arrived if other is not None and other[0] == unit[0])
            reason = setting.cut(row, unit[1], total)
            if reason is not None:
                found.end(unit[0], reason, row, payee, 1)
        kept.append(None if reason else unit)
    return kept


def _spend(
    setting: Setting, found: Outcome, receipts: list[tuple[int, list[Unit]]], amount: int, row: int, *, newest: bool
) -> list[Unit]:
    """Take units off a node; those too old end where they lay, and what leaves is no longer told apart."""
    moved: list[Unit] = []
    for came, units in receipts[::-1] if newest else receipts:
        taken = units[: amount - len(moved)]
        del units[: len(taken)]
        for unit in taken:
            if unit is not None and setting.ledger.time[row] > setting.oldest(unit[0]):
                found.end(unit[0], Reason.STALE, came, int(setting.ledger.payer[row]), 1)
                moved.append(None)
            else:
                moved.append(None if unit is None else (unit[0], unit[1] + 1))
    return moved


def _converted(found: Outcome, moved: list[Unit], received: int, row: int) -> list[Unit]:
    """What arrives of what left: each run in proportion."""
    if not moved:
        return [None] * received
    lengths = runs(moved)
    # between two traced runs there is always a place for untraced money, though it may be empty
    parts = largest_remainder(received, [count for _, count in lengths])
    arrived: list[Unit] = []
    for (unit, count), part in zip(lengths, parts, strict=True):
        if unit is not None:
            found.step(row, unit[0], count, part, unit[1])
        arrived += [unit] * part
    return arrived


Takes = Callable[[list[int], list[int], int, int, int], list[int]]
"""(held per group, gathered per group, payment, held by the node, gathered by the node) -> taken per group."""


def rolling_takes(held: list[int], gathered: list[int], amount: int, before: int, whole: int) -> list[int]:
    del gathered, whole
    return largest_remainder(amount, [*held, before - sum(held)])[:-1]


def lowest_takes(held: list[int], gathered: list[int], amount: int, before: int, whole: int) -> list[int]:
    del gathered, whole
    return largest_remainder(max(sum(held) - (before - amount), 0), held)


def pro_rata_takes(held: list[int], gathered: list[int], amount: int, before: int, whole: int) -> list[int]:
    """The level at which all have the same share of what they brought, except who has less already."""
    held, gathered = [*held, before - sum(held)], [*gathered, whole - sum(gathered)]
    low: set[int] = set()
    while True:
        others = [i for i in range(len(held)) if i not in low and gathered[i]]
        left = before - amount - sum(held[i] for i in low)
        total = sum(gathered[i] for i in others)
        more = {i for i in others if held[i] * total < left * gathered[i]}
        if not more:
            break
        low |= more
    keeps = largest_remainder(left, [gathered[i] if i in others else 0 for i in range(len(held))])
    return [held[i] - keeps[i] if i in others else 0 for i in range(len(held))][:-1]


TAKES: dict[Doctrine, Takes] = {
    Doctrine.ROLLING: rolling_takes,
    Doctrine.LOWEST_BALANCE: lowest_takes,
    Doctrine.PRO_RATA: pro_rata_takes,
}


@dataclass
class Pot:
    """What a node holds and has gathered since it was last empty; of groups (by key) held, gathered, hops."""

    held: int
    gathered: int
    groups: dict[tuple[int, int], list[int]] = field(default_factory=dict)


def share_twin(setting: Setting, doctrine: Doctrine) -> Outcome:
    """Pro rata, rolling charge and lowest balance, row by row."""
    ledger, found = setting.ledger, Outcome()
    pots = [Pot(count, count) for count in setting.opening]
    apart = setting.limits.hops is not None  # then money of different hops is told apart
    for row in range(setting.horizon()):
        payer, payee = int(ledger.payer[row]), int(ledger.payee[row])
        amount, received = int(ledger.amount[row]), int(ledger.received[row])
        carried: dict[tuple[int, int], list[int]] = {}  # key: (received, hop)
        if payer != NOBODY and is_covered(ledger, payer, row):
            taken = _pay(setting, found, pots[payer], doctrine, row)
            came = largest_remainder(
                received, [out for _, out, _ in taken] + [amount - sum(out for _, out, _ in taken)]
            )
            for (key, out, hop), part in zip(taken, came, strict=False):
                found.step(row, key[0], out, part, hop)
                carried[key[0], hop if apart else 0] = [part, hop]
        free = received - sum(part for part, _ in carried.values())
        for group, asked in setting.of_row(row):
            sown = min(asked, free)
            free -= sown
            found.end(group, Reason.OVERLAP, row, payee, asked - sown)
            if sown:
                part, _ = carried.get((group, 0), [0, 0])
                carried[group, 0] = [part + sown, 0]
        _arrive(setting, found, pots, carried, row)
    for node, pot in enumerate(pots):
        for (group, _), entry in pot.groups.items():
            found.end(group, Reason.HELD, NOBODY, node, entry[0])
    return found


def _pay(
    setting: Setting, found: Outcome, pot: Pot, doctrine: Doctrine, row: int
) -> list[tuple[tuple[int, int], int, int]]:
    """Take the payment out of the pot; (key, taken, hop) of each group that it takes from."""
    ledger = setting.ledger
    amount = int(ledger.amount[row])
    for key in sorted(pot.groups):
        if ledger.time[row] > setting.oldest(key[0]):
            found.end(key[0], Reason.STALE, NOBODY, int(ledger.payer[row]), pot.groups.pop(key)[0])
    short = max(amount - pot.held, 0)  # came by a row that the records miss
    pot.held, pot.gathered = pot.held + short, pot.gathered + short
    keys = sorted(pot.groups)
    taken = []
    if keys and amount:
        held, gathered = ([pot.groups[key][field] for key in keys] for field in (0, 1))
        for key, out in zip(keys, TAKES[doctrine](held, gathered, amount, pot.held, pot.gathered), strict=True):
            entry = pot.groups[key]
            entry[0] -= out
            if out:
                taken.append((key, out, entry[2] + 1))
            if not entry[0]:
                del pot.groups[key]
    pot.held -= amount
    pot.gathered = pot.gathered if pot.held else 0
    return taken


def _arrive(
    setting: Setting, found: Outcome, pots: list[Pot], carried: dict[tuple[int, int], list[int]], row: int
) -> None:
    payee = int(setting.ledger.payee[row])
    for key in sorted(carried):
        part, hop = carried[key]
        total = sum(other for (group, _), (other, _) in carried.items() if group == key[0])
        if reason := setting.cut(row, hop, total):
            found.end(key[0], reason, row, payee, part)
        elif part:
            entry = pots[payee].groups.setdefault(key, [0, 0, hop])
            entry[0] += part
            entry[1] += part
            entry[2] = min(entry[2], hop)
    if payee != NOBODY and is_covered(setting.ledger, payee, row):
        pots[payee].held += int(setting.ledger.received[row])
        pots[payee].gathered += int(setting.ledger.received[row])


def opening_of(ledger: Ledger) -> list[int]:
    """What each node held before its first covered row; debts are nothing."""
    return [max(balance, 0) for balance in opening_twin(ledger)]


def direct_links_twin(  # noqa: C901 - the rules one after the other, as they are written down
    ledger: Ledger, held_before: dict[int, int], within: int, empty: int, commission: int
) -> dict[int, list[tuple[int, int]]]:
    """Per payment that carries receipts on: each receipt, and how much. Rule after rule, receipt after receipt."""
    found: dict[int, list[tuple[int, int]]] = {}
    done: set[int] = set()

    def of(node: int) -> list[int]:
        """Payments of a node that take part and are free."""
        return [
            row
            for row in range(len(ledger))
            if ledger.payer[row] == node
            and ledger.payee[row] != node
            and ledger.amount[row] > 0
            and is_covered(ledger, node, row)
            and row not in found
        ]

    def payments(node: int, row: int) -> list[int]:
        return [other for other in of(node) if other > row and ledger.time[other] - ledger.time[row] <= within]

    def receipts() -> list[int]:
        return [
            row
            for row in range(len(ledger))
            if is_covered(ledger, int(ledger.payee[row]), row)
            and ledger.payer[row] != ledger.payee[row]
            and ledger.received[row]
            and row not in done
        ]

    for rule in (1, 2, 3):
        for row in receipts():
            node, whole = int(ledger.payee[row]), int(ledger.received[row])
            free = payments(node, row)
            chosen: list[int] = []
            if rule == 1:
                chosen = [other for other in free if ledger.amount[other] == whole][:1]
            elif rule == 2:
                sums = [sum(ledger.amount[other] for other in free[: count + 1]) for count in range(len(free))]
                chosen = free[: sums.index(whole) + 1] if whole in sums else []
            elif held_before[row] <= empty:
                following = [other for other in range(row + 1, len(ledger)) if ledger.payee[other] == node]
                chosen = [other for other in free if not following or other < following[0]]
            rest = whole
            for other in chosen:
                if rest:
                    found[other] = [(row, min(rest, int(ledger.amount[other])))]
                    rest -= found[other][0][1]
                    done.add(row)
    free_receipts = receipts()
    for node in range(ledger.nodes):
        own = [row for row in free_receipts if ledger.payee[row] == node]
        before = -1
        for row in of(node):
            if row not in found:
                run = [one for one in own if before < one < row]
                until = min([*(one for one in own if one > row), len(ledger)])
                after = [one for one in payments(node, run[-1]) if row <= one < until] if run else []
                found |= _gathered(ledger, run, row, within, commission) or _handed_on(ledger, run, after, commission)
            before = row
    return found


def _kept(whole: int, paid: int, commission: int) -> bool:
    """Whether what stays of `whole` may be a commission."""
    return 0 <= whole - paid <= Fraction(whole * commission, 100)


def _gathered(
    ledger: Ledger, run: list[int], row: int, within: int, commission: int
) -> dict[int, list[tuple[int, int]]]:
    """Rule 4: of all latest receipts of the run the fewest that reach the payment."""
    amount = int(ledger.amount[row])
    for count in range(1, len(run) + 1):
        latest = run[-count:]
        came = [int(ledger.received[one]) for one in latest]
        if sum(came) >= amount:
            prompt = ledger.time[row] - ledger.time[latest[0]] <= within
            if prompt and _kept(sum(came), amount, commission):
                return {row: list(zip(latest, largest_remainder(amount, came), strict=True))}
            return {}
    return {}


def _handed_on(ledger: Ledger, run: list[int], after: list[int], commission: int) -> dict[int, list[tuple[int, int]]]:
    """Rule 5: the payments that stay within the latest receipt."""
    if not run:
        return {}
    whole = int(ledger.received[run[-1]])
    fitting = [
        after[:count] for count in range(1, len(after) + 1) if sum(ledger.amount[one] for one in after[:count]) <= whole
    ]
    chosen = fitting[-1] if fitting else []
    if chosen and _kept(whole, int(sum(ledger.amount[one] for one in chosen)), commission):
        return {one: [(run[-1], int(ledger.amount[one]))] for one in chosen}
    return {}


def direct_twin(setting: Setting, within: int, empty: int, commission: int) -> Outcome:
    """Direct tracing by moving single units about: a payment takes them from its receipts only."""
    ledger, found = setting.ledger, Outcome()
    now, held_before = list(setting.opening), {}
    for row in range(len(ledger)):
        for node, change in ((ledger.payer[row], -ledger.amount[row]), (ledger.payee[row], ledger.received[row])):
            if change > 0:
                held_before[row] = now[node]
            if is_covered(ledger, int(node), row):
                now[node] = max(now[node] + int(change), 0)
    links = direct_links_twin(ledger, held_before, within, empty, commission)
    lying: dict[int, list[Unit]] = {}
    for row in range(setting.horizon()):
        moved: list[Unit] = []
        for source, carried in links.get(row, []):
            moved += _spend(setting, found, [(source, lying[source])], carried, row, newest=False)
        moved += [None] * (int(ledger.amount[row]) - len(moved))
        arrived = _converted(found, moved, int(ledger.received[row]), row)
        lying[row] = _settle(setting, found, arrived, row)
    for row, units in lying.items():
        node = int(ledger.payee[row])
        unclear = [
            other
            for other in range(row + 1, setting.horizon())
            if ledger.payer[other] == node
            and is_covered(ledger, node, other)
            and sum(carried for _, carried in links.get(other, [])) < ledger.amount[other]
        ]
        later = sum(
            carried
            for other, some in links.items()
            for source, carried in some
            if source == row and other >= setting.horizon()
        )
        for place, unit in enumerate(units):
            if unit is not None:
                found.end(unit[0], Reason.UNMATCHED if unclear and place >= later else Reason.HELD, row, node, 1)
    return found
