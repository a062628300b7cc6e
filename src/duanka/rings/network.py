"""Which accounts work together: those that hand on the money of one strand of payments."""

from dataclasses import dataclass

import numpy as np

from duanka.flow.ledger import NOBODY, Bool, Int32, Int64, Ledger
from duanka.flow.windows import Float64
from duanka.rings.completing import completed
from duanka.rings.strands import NOTHING_SHARED, ONE_STEP, Shared, joining, strands
from duanka.rings.telling import OUTSIDE, Telling, paid_by_outsiders, place_of, share, within
from duanka.scoring.accounts import Evidence
from duanka.scoring.relays import Relays

CORE = 5.0
"""Evidence (natural log) from which an account works in a ring for what it does alone; also of one payment with another
worker that it must have: e**5 = 150 to 1."""

WEAK = 2.5
"""Evidence from which a payment is telling; also from which an account works in a ring if it shares a device, a phone
or a holder with another worker."""

SMALLEST = 3
"""Workers of the smallest ring."""

BELONGS = 0.2
"""Share of an account's pairs of telling payments that must be of one ring for it to work in that ring (assumption)."""

HANDS_ON = 0.5
"""Share of the money of an account's telling rows that it must hand on to be a worker."""

LIFE = 0.2
"""Share of all that an account pays and gets that must be its rings', unless it shares something with another worker:
ordinary accounts meet a ring, or chance, once or twice (assumption)."""

COHESION = 0.2
"""Share of a ring's own money, weighed by roots of amounts, that must move between its workers (assumption)."""

WORKER, SOURCE, SINK = range(3)
"""What a member does: hands money on; pays in and hands nothing on; is paid out and hands nothing on."""


@dataclass(frozen=True, slots=True)
class Network:
    """k rings as found, before they are described. Memberships are parallel arrays, ascending by ring, then node."""

    ring: Int64  # per membership: 0 … k-1
    node: Int64  # per membership
    part: Int64  # per membership: WORKER, SOURCE or SINK
    row_ring: Int64  # per payment that is a ring's own: its ring
    row: Int64  # per payment that is a ring's own, ascending by ring, then row; a row has one ring

    @property
    def rings(self) -> int:
        """Number of rings."""
        return int(self.ring.max()) + 1 if len(self.ring) else 0


def network(
    ledger: Ledger,
    found: Evidence,
    relays: Relays,
    shared: Shared = NOTHING_SHARED,
    *,
    account: Int64 | None = None,
    firm: Bool | None = None,
    reporting: Bool | None = None,
) -> Network:
    """Find the rings of a ledger from the evidence on its rows and nodes. An account may work in several.

    Telling rows (WEAK) between accounts of WEAK evidence fall into strands; an account may work in each ring that has
    BELONGS of its pairs. Of these accounts those work that

    - hand on HANDS_ON of what they pay and get in telling rows,
    - reported no fraud as its victim (`reporting` per node),
    - are no gamblers (who are paid by those that pay outsiders, pay those that outsiders pay, and deal with none),
    - are of CORE evidence, and LIFE of all they do is of the ring, or share something with another worker,
    - and share something with another worker, or have a payment of CORE evidence with one (in millions of payments
      weaker ones are found by chance all over).

    A ring needs SMALLEST workers, COHESION (accounts that only deal with the same shop or employer pay one another
    little) and one such payment. The others are sources if they pay the ring's workers,
    sinks if they are only paid. A ring's own rows are the telling ones of its strand with a worker at one end at least;
    cash, whose other end is nobody, among them; and those by which outsiders paid its workers meanwhile (`completed`;
    `firm` says per node whether it is a firm's). Nodes of the same number in `account` are one worker in several
    currencies; without it each node is an account.

    Shops, payrolls and utilities tie nobody together: what they pay and are paid is no relay. O(rows log rows), and
    the communities of what is telling.
    """
    telling = np.flatnonzero((found.row >= WEAK) & (ledger.payer != ledger.payee))
    known = telling[(ledger.payer[telling] != NOBODY) & (ledger.payee[telling] != NOBODY)]
    able = found.node >= WEAK
    tied = known[able[ledger.payer[known]] & able[ledger.payee[known]]]
    shared = shared.between(able)
    strand = joining(ledger, strands(ledger, tied, relays, shared), telling, relays)
    own = Telling(ledger, np.flatnonzero(strand != NOBODY), strand)
    works = _belonging(ledger, tied, strand)
    works = works[_handing_on(ledger, relays, telling)[works % ledger.nodes]]
    if reporting is not None:
        works = works[~reporting[works % ledger.nodes]]
    works = works[~_gambling(own, works)]
    alone = _living_by_it(own, works) & (found.node >= CORE)[works % ledger.nodes]
    works = works[alone | _sharing(own, works, shared)]
    works = works[_meeting(own, works, found) | _sharing(own, works, shared)]
    own, works = _rings_of(own, works, found, np.arange(ledger.nodes) if account is None else account)
    own = completed(own, works, np.zeros(ledger.nodes, np.bool_) if firm is None else firm)
    return _collect(own, works)


def _belonging(ledger: Ledger, tied: Int64, strand: Int64) -> Int64:
    """Accounts with BELONGS of their pairs in a strand, as strand · nodes + node, ascending."""
    tied = tied[strand[tied] != NOBODY]
    pair = ledger.payer[tied].astype(np.int64) * ledger.nodes + ledger.payee[tied]  # a pair has one strand
    _, once = np.unique(pair, return_index=True)
    once = tied[once]
    ends = np.concatenate([strand[once] * ledger.nodes + end[once] for end in (ledger.payer, ledger.payee)])
    key, count = np.unique(ends, return_counts=True)
    whole = np.bincount(key % ledger.nodes, count, minlength=ledger.nodes)
    kept: Int64 = key[count >= BELONGS * whole[key % ledger.nodes]]
    return kept


def _handing_on(ledger: Ledger, relays: Relays, telling: Int64) -> Bool:
    """Nodes that hand on HANDS_ON of their telling rows, weighed by roots of amounts, in both directions."""
    paid, got = np.sqrt(ledger.amount[telling]), np.sqrt(ledger.received[telling])
    payer, payee = ledger.payer[telling], ledger.payee[telling]
    out, passed = (_sums(payer, weight, ledger.nodes) for weight in (paid, paid * (relays.second[telling] >= ONE_STEP)))
    into, going_on = (_sums(payee, weight, ledger.nodes) for weight in (got, got * (relays.first[telling] >= ONE_STEP)))
    working: Bool = (passed >= HANDS_ON * out) & (going_on >= HANDS_ON * into) & (passed + going_on > 0)
    return working


def _sums(node: Int32 | Int64, weight: Float64, nodes: int) -> Float64:
    """Sum of the weights by node; what is nobody's is left out."""
    known = node != NOBODY
    return np.bincount(node[known], weight[known], minlength=nodes).astype(np.float64)


def _gambling(own: Telling, works: Int64) -> Bool:
    """Per membership: whether OUTSIDE of its money comes from outlets, and as much goes to inlets, of its strand.

    An inlet is an account of whose payers more than OUTSIDE are no workers, an outlet one of whose payees as many are
    none: between the two, outside the ring, are those who bet, lose, win and bet again. Inlets and outlets are none.
    """
    ledger, row = own.ledger, own.row
    by_worker, to_worker = own.ends(works)
    payer, payee = ledger.payer[row], ledger.payee[row]
    once = own.once()
    partners = np.ones(len(once))
    inlet = paid_by_outsiders(own, works)
    outlet = share(works, own, payer[once], once, partners * ~to_worker[once], partners) > OUTSIDE
    money, every = own.money(), np.arange(len(row))
    to_inlet = np.zeros(len(row), np.bool_)
    to_inlet[to_worker] = inlet[place_of(works, own, payee, every)[to_worker]]
    from_outlet = np.zeros(len(row), np.bool_)
    from_outlet[by_worker] = outlet[place_of(works, own, payer, every)[by_worker]]
    stakes = share(works, own, payer, every, money * to_inlet, money)
    wins = share(works, own, payee, every, money * from_outlet, money)
    gambles: Bool = (stakes >= OUTSIDE) & (wins >= OUTSIDE) & ~inlet & ~outlet
    return gambles


def _living_by_it(own: Telling, works: Int64) -> Bool:
    """Per membership: whether LIFE of all that the account pays and gets, by roots of amounts, is its rings'."""
    ledger = own.ledger
    by_worker, to_worker = own.ends(works)
    money = own.money()
    rings = _sums(ledger.payer[own.row[by_worker]], money[by_worker], ledger.nodes)
    rings += _sums(ledger.payee[own.row[to_worker]], money[to_worker], ledger.nodes)
    root = np.sqrt(ledger.amount)
    whole = _sums(ledger.payer, root, ledger.nodes) + _sums(ledger.payee, root, ledger.nodes)
    lives: Bool = (rings >= LIFE * whole)[works % ledger.nodes]
    return lives


def _sharing(own: Telling, works: Int64, shared: Shared) -> Bool:
    """Per membership: whether the account shares something with another worker of its strand."""
    nodes = own.ledger.nodes
    strand, node = works // nodes, works % nodes
    shares = np.zeros(len(works), np.bool_)
    left = np.concatenate([shared.left, shared.right])
    right = np.concatenate([shared.right, shared.left])
    order = np.argsort(left, kind="stable")
    left, right = left[order], right[order]
    begin, end = np.searchsorted(left, node), np.searchsorted(left, node, side="right")
    mine = np.repeat(np.arange(len(works)), end - begin)
    partner = right[np.arange(len(mine)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin) + begin[mine]]
    shares[mine[within(works, strand[mine], partner, nodes)]] = True
    return shares


def _meeting(own: Telling, works: Int64, found: Evidence) -> Bool:
    """Per membership: whether a payment of CORE evidence is with another worker of its strand."""
    by_worker, to_worker = own.ends(works)
    inside = np.flatnonzero(by_worker & to_worker & (found.row[own.row] >= CORE))
    meets = np.zeros(len(works), np.bool_)
    for end in (own.ledger.payer, own.ledger.payee):
        meets[place_of(works, own, end[own.row[inside]], inside)] = True
    return meets


def _rings_of(own: Telling, works: Int64, found: Evidence, account: Int64) -> tuple[Telling, Int64]:
    """Those strands that are rings, with SMALLEST workers, COHESION and a CORE payment; numbered by their first row."""
    nodes, strand = own.ledger.nodes, own.strand[own.row]
    by_worker, to_worker = own.ends(works)
    money, count = own.money(), int(own.strand.max(initial=0)) + 1
    inside, either = by_worker & to_worker, by_worker | to_worker
    moved = np.bincount(strand[inside], money[inside], minlength=count)
    whole = np.bincount(strand[either], money[either], minlength=count)
    surely = np.zeros(count, np.bool_)
    surely[strand[inside & (found.row[own.row] >= CORE)]] = True
    size = np.bincount(np.unique(works // nodes * nodes + account[works % nodes]) // nodes, minlength=count)
    holds = (size >= SMALLEST) & (moved >= COHESION * whole) & surely
    strands_by_row, first = np.unique(strand[either], return_index=True)
    order = strands_by_row[np.argsort(first)]
    number = np.full(count, NOBODY, np.int64)
    number[order[holds[order]]] = np.arange(int(holds[order].sum()))
    ring = number[works // nodes]
    kept = np.sort(ring[ring != NOBODY] * nodes + works[ring != NOBODY] % nodes)
    of_row = np.full(len(own.strand), NOBODY, np.int64)
    of_row[own.row] = number[strand]
    return Telling(own.ledger, own.row[number[strand] != NOBODY], of_row), kept


def _collect(own: Telling, works: Int64) -> Network:
    """The rings' own rows, and who stands at their ends. `works` and strands are by ring now."""
    ledger = own.ledger
    by_worker, to_worker = own.ends(works)
    rows = own.row[by_worker | to_worker]
    row_ring = own.strand[rows]
    order = np.lexsort((rows, row_ring))
    rows, row_ring = rows[order], row_ring[order]
    ends = ledger.payer[rows], ledger.payee[rows]
    pays, paid = (
        (end != NOBODY) & ~within(works, row_ring, end, ledger.nodes) for end in ends
    )  # fmt: skip
    ring = np.concatenate([works // ledger.nodes, row_ring[pays], row_ring[paid]])
    node = np.concatenate([works % ledger.nodes, ends[0][pays], ends[1][paid]]).astype(np.int64)
    part = np.repeat([WORKER, SOURCE, SINK], [len(works), pays.sum(), paid.sum()])
    order = np.lexsort((part, node, ring))  # who pays in is a source, even if he is paid, too
    ring, node, part = ring[order], node[order], part[order]
    first = np.ones(len(ring), np.bool_)
    first[1:] = (ring[1:] != ring[:-1]) | (node[1:] != node[:-1])
    return Network(ring[first], node[first], part[first], row_ring, rows)
