"""A slow and obvious twin of the order: what the kernels must agree with."""

from dataclasses import dataclass, field
from itertools import pairwise

from duanka.flow.intervals import SECOND
from duanka.flow.ledger import NO_BALANCE, Ledger
from duanka.flow.moment import CASCADE_ROUNDS

Part = tuple[int, int]
"""(row, role): 0 payer, 1 payee; a row from a node to itself has role 0 only."""


def parts_of(ledger: Ledger, node: int) -> list[Part]:
    """Parts of the node by rank."""
    rows = sorted(range(len(ledger)), key=lambda row: int(ledger.tie[row]))
    return [
        (row, role)
        for row in rows
        for role in (0, 1)
        if (ledger.payee if role else ledger.payer)[row] == node and not (role and ledger.payer[row] == node)
    ]


def to_itself(ledger: Ledger, row: int) -> bool:
    return bool(ledger.payer[row] == ledger.payee[row])


def effect(ledger: Ledger, part: Part) -> tuple[int, int]:
    """Change and printed balance."""
    row, role = part
    paid, received = -int(ledger.amount[row]), int(ledger.received[row])
    printed = [int(ledger.balance_payer[row]), int(ledger.balance_payee[row])]
    if to_itself(ledger, row):
        return paid + received, printed[1] if printed[1] != NO_BALANCE else printed[0]
    return (received if role else paid), printed[role]


def steps(ledger: Ledger, parts: list[Part]) -> dict[Part, tuple[int, int]]:
    """(before, after) of each part with a printed balance."""
    found = {}
    for part in parts:
        change, printed = effect(ledger, part)
        if printed != NO_BALANCE:
            found[part] = (printed - change, printed)
    return found


# --- moments ---------------------------------------------------------------------------------------------------------


@dataclass
class Link:
    """What a part of an imprecise row continues: a row, nothing but the interval's start ("first"), or unknown."""

    to: int | None = None
    first: bool = False
    sure: bool = False


def moments(ledger: Ledger) -> tuple[list[int], list[bool]]:
    time, width = [int(t) for t in ledger.time], [int(w) for w in ledger.width]
    moment, doubt = list(time), [False] * len(ledger)
    parts: dict[Part, list[Part]] = {}  # part of an imprecise row of a covered node -> parts in its interval
    for node in range(ledger.nodes):
        if ledger.covered_from[node] > ledger.covered_to[node]:
            continue
        mine = sorted(parts_of(ledger, node), key=lambda p: (time[p[0]], width[p[0]], int(ledger.tie[p[0]])))
        for part in mine:
            start, end = time[part[0]], time[part[0]] + width[part[0]]
            if width[part[0]] > SECOND:
                parts[part] = [other for other in mine if start <= time[other[0]] < end]
    links = {part: _link(ledger, part, window) for part, window in parts.items()}
    circular = _circular(ledger, links)
    for part, link in links.items():
        if part[0] in circular:
            link.sure = False
    _move(ledger, parts, links, circular, moment)
    for part, window in parts.items():
        for other in window:
            if not links[part].sure and moment[other[0]] != moment[part[0]]:
                doubt[other[0]] = doubt[part[0]] = True
    return moment, doubt


def _link(ledger: Ledger, part: Part, window: list[Part]) -> Link:
    chain = steps(ledger, window)
    if part not in chain:
        return Link()
    finer = [other for other in chain if ledger.width[other[0]] < ledger.width[part[0]]]
    gaps = [
        one
        for one, following in zip(finer, [*finer[1:], None], strict=False)
        if following is None or chain[one][1] != chain[following][0]
    ]
    before, after = chain[part]
    leading = [other for other in chain if other != part and chain[other][1] == before]
    by_choice = [[p for p in leading if p in gaps], [p for p in leading if p in finer], leading]
    if leading:
        sure = len(by_choice[0]) == 1 or len(leading) == 1
        return Link(to=next(choice[0][0] for choice in by_choice if choice), sure=sure)
    onward = [other for other in chain if other != part and chain[other][0] == after]
    if not onward:
        return Link()
    all_finer = [other for other in window if ledger.width[other[0]] < ledger.width[part[0]]]
    at_front = not all_finer or (onward[0] in finer and ledger.time[onward[0][0]] == ledger.time[all_finer[0][0]])
    return Link(first=True, sure=len(onward) == 1 and bool(at_front))


def _circular(ledger: Ledger, links: dict[Part, Link]) -> set[int]:
    """Imprecise rows on a circle of links, or linked to one."""
    left = {row for row in range(len(ledger)) if ledger.width[row] > SECOND}
    while True:
        free = {row for row in left if not any((row, role) in links and links[row, role].to in left for role in (0, 1))}
        if not free:
            return left
        left -= free


def _move(  # noqa: C901 - one rule after the other
    ledger: Ledger, parts: dict[Part, list[Part]], links: dict[Part, Link], circular: set[int], moment: list[int]
) -> None:
    def end(row: int) -> int:
        return int(ledger.time[row]) + int(ledger.width[row])

    def follow_one(row: int) -> bool:
        old = moment[row]
        for role in (0, 1):
            to = links[row, role].to if (row, role) in links else None
            if to is not None and moment[row] < moment[to] < end(row):
                moment[row] = moment[to]
        return moment[row] != old

    def follow() -> None:
        while any(follow_one(row) for row in range(len(ledger)) if row not in circular):
            pass
        for row in sorted(circular, key=lambda row: int(ledger.tie[row])):
            follow_one(row)

    follow()
    for _ in range(CASCADE_ROUNDS):
        moved = False
        for row, role in sorted(parts, key=lambda p: p):
            link = links[row, role]
            if role or link.to is not None or link.first or to_itself(ledger, row) or moment[row] == end(row) - 1:
                continue
            window = parts[row, role]
            mixed = any(ledger.width[other] < ledger.width[row] for other, _ in window)
            later = any(side and moment[row] < moment[other] < end(row) for other, side in window)
            if mixed or later:
                moment[row] = end(row) - 1
                moved = True
        if not moved:
            return
        follow()


# --- chains ----------------------------------------------------------------------------------------------------------


@dataclass
class Reading:
    """Paths of parts, which of them are loose, which steps are, and the closing balance if certain."""

    paths: list[list[Part]] = field(default_factory=list)
    loose: set[Part] = field(default_factory=set)
    loose_steps: set[tuple[Part, Part]] = field(default_factory=set)
    closing: int = NO_BALANCE


def read_chain(chain: dict[Part, tuple[int, int]], known: int) -> Reading:
    """The chain read by trying every sequence of each connected part. `chain` is by rank."""
    reading = Reading()
    left = list(chain)
    while left:
        piece = [left[0]]
        for part in piece:
            piece += [p for p in left if p not in piece and set(chain[p]) & set(chain[part])]
        piece = [part for part in left if part in piece]
        left = [part for part in left if part not in piece]
        balances = {value for part in piece for value in chain[part]}
        closed = all(
            sum(chain[p][0] == value for p in piece) == sum(chain[p][1] == value for p in piece) for value in balances
        )
        walks = walks_over(chain, [], piece)
        if closed and known in balances:
            walks = [walk for walk in walks if chain[walk[0]][0] == known]
        if walks:
            best = walks[0]  # they come in lexicographic order
            if closed and known not in balances:
                walks = [walk for walk in walks if len(piece) > 1]
            reading.paths.append(best)
            for at in range(1, len(best)):
                if any(set(walk[:at]) != set(best[:at]) for walk in walks):
                    reading.loose_steps.add((best[at - 1], best[at]))
            reading.loose |= {
                part
                for at, part in enumerate(best)
                if any(set(w[:at]) != set(best[:at]) or w[at] != part for w in walks)
            }
            ends = {chain[walk[-1]][1] for walk in walks} or {chain[best[-1]][1]}
            reading.closing = ends.pop() if len(ends) == 1 else NO_BALANCE
        else:
            reading.paths += _single_paths(chain, piece)
            reading.closing = NO_BALANCE
    if len(reading.paths) != 1:
        reading.closing = NO_BALANCE
    return reading


def walks_over(chain: dict[Part, tuple[int, int]], walk: list[Part], left: list[Part]) -> list[list[Part]]:
    """Every sequence of the parts in which each continues the one before, least by rank first."""
    if not left:
        return [walk]
    onward = [part for part in left if not walk or chain[walk[-1]][1] == chain[part][0]]
    return [
        found
        for part in onward
        for found in walks_over(chain, [*walk, part], [other for other in left if other != part])
    ]


def _single_paths(chain: dict[Part, tuple[int, int]], piece: list[Part]) -> list[list[Part]]:
    """Paths through balances with one way in and one way out."""

    def next_of(part: Part) -> Part | None:
        value = chain[part][1]
        into = [p for p in piece if chain[p][1] == value]
        out = [p for p in piece if chain[p][0] == value]
        return out[0] if len(into) == len(out) == 1 else None

    followers = {part: next_of(part) for part in piece}
    paths = []
    for part in piece:
        if part in followers.values():
            continue
        path = [part]
        while (onward := followers[path[-1]]) is not None:
            path.append(onward)
        paths.append(path)
    return paths


# --- groups ----------------------------------------------------------------------------------------------------------


CHAIN, LOOSE, CUSTOM = 0, 1, 2


def order_twin(ledger: Ledger) -> tuple[list[int], list[int], list[bool]]:
    """Rows, moments and assumed, as `flow.order.order` gives them."""
    moment, assumed = moments(ledger)
    known: dict[int, int] = {}
    rows: list[int] = []
    for value in sorted(set(moment)):
        group = sorted((row for row in range(len(ledger)) if moment[row] == value), key=lambda r: int(ledger.tie[r]))
        rows += _settle(ledger, group, known, assumed)
    return rows, moment, assumed


def _settle(  # noqa: C901, PLR0912 - the rules of one group, in their order
    ledger: Ledger, group: list[int], known: dict[int, int], assumed: list[bool]
) -> list[int]:
    by_node = {node: [part for part in parts_of(ledger, node) if part[0] in group] for node in range(ledger.nodes)}
    claims: list[tuple[int | str, int | str, int]] = []
    path_of: dict[Part, tuple[int, int]] = {}
    loose: set[Part] = set()
    for node, parts in by_node.items():
        if not parts:
            continue
        chain = steps(ledger, parts)
        reading = read_chain(chain, known.get(node, NO_BALANCE))
        if len(reading.paths) == 1 and len(chain) == len(parts):
            known[node] = reading.closing
        elif known.get(node, NO_BALANCE) != NO_BALANCE:
            known[node] += sum(effect(ledger, part)[0] for part in parts)
        if len(parts) == 1:
            if chain:
                known[node] = chain[parts[0]][1]
            continue
        loose |= reading.loose
        for number, path in enumerate(reading.paths):
            path_of.update(dict.fromkeys(path, (node, number)))
            for one, two in pairwise(path):
                claims.append((one[0], two[0], LOOSE if (one, two) in reading.loose_steps else CHAIN))
        units = [*reading.paths, *([part] for part in parts if part not in chain)]
        if len(units) > 1:
            claims += _custom(ledger, node, units)
    for parts in by_node.values():
        _mark(parts, path_of, loose, assumed)
    sequence = _sort(group, claims)
    for first, second, strength in claims:
        if strength == CUSTOM or not isinstance(first, int) or not isinstance(second, int):
            continue
        if sequence.index(first) > sequence.index(second):
            assumed[first] = assumed[second] = True
    return sequence


def _custom(ledger: Ledger, node: int, units: list[list[Part]]) -> list[tuple[int | str, int | str, int]]:
    def all_of(unit: list[Part], role: int) -> bool:
        return all(side == role and not to_itself(ledger, row) for row, side in unit)

    receipts = [unit[-1][0] for unit in units if all_of(unit, 1)]
    payments = [unit[0][0] for unit in units if all_of(unit, 0)]
    if not receipts or not payments:
        return []
    gate = f"gate {node}"
    return [*((row, gate, CUSTOM) for row in receipts), *((gate, row, CUSTOM) for row in payments)]


def _mark(parts: list[Part], path_of: dict[Part, tuple[int, int]], loose: set[Part], assumed: list[bool]) -> None:
    if len(parts) < 2:
        return
    opposite = {(row, role): (row, 1 - role) for row, role in parts}
    whole = parts[0] in path_of and all(path_of.get(part) == path_of[parts[0]] for part in parts)
    other = opposite[parts[0]] in path_of and all(
        path_of.get(opposite[part]) == path_of[opposite[parts[0]]] for part in parts
    )
    for part in parts:
        if not (whole and part not in loose) and not (other and opposite[part] not in loose):
            assumed[part[0]] = True


def _sort(group: list[int], claims: list[tuple[int | str, int | str, int]]) -> list[int]:
    """By claims, then by place in `group`: knots one after the other, each untied by the least harm."""
    items: list[int | str] = [*group, *sorted({str(x) for c in claims for x in c[:2] if isinstance(x, str)})]
    rank = {item: place for place, item in enumerate(items)}
    reach = {item: {item} for item in items}
    for _ in items:
        for one, two, _strength in claims:
            reach[one] |= reach[two]
    knot = {item: min(rank[o] for o in items if o in reach[item] and item in reach[o]) for item in items}
    done: list[int | str] = []
    while len(done) < len(items):
        ready = [
            number
            for number in set(knot.values())
            if any(knot[item] == number and item not in done for item in items)
            and all(one in done for one, two, _ in claims if knot[two] == number and knot[one] != number)
        ]
        gates = [number for number in ready if isinstance(items[number], str)]
        number = min(gates or ready)
        inner = [claim for claim in claims if knot[claim[0]] == knot[claim[1]] == number]
        _untie([item for item in items if knot[item] == number], inner, done)
    return [item for item in done if isinstance(item, int)]


def _untie(crowd: list[int | str], claims: list[tuple[int | str, int | str, int]], done: list[int | str]) -> None:
    left = list(crowd)

    def free(item: int | str, *, of: int) -> bool:
        return not any(two == item and one in left and strength <= of for one, two, strength in claims)

    while left:
        gates = [item for item in left if isinstance(item, str) and free(item, of=CUSTOM)]
        rows = [item for item in left if isinstance(item, int)]
        levels: list[list[int | str]] = [[row for row in rows if free(row, of=of)] for of in (CUSTOM, LOOSE, CHAIN)]
        choices: list[list[int | str]] = [list(gates), *levels, [*rows], left]
        chosen = next(choice[0] for choice in choices if choice)
        left.remove(chosen)
        done.append(chosen)
