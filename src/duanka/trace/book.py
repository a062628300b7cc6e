"""A ledger made ready for tracing: mended once, with what every account held at each row, for any number of traces."""

from dataclasses import dataclass, field

import numpy as np

from duanka.flow.balances import Breaks
from duanka.flow.clock import clock
from duanka.flow.index import index as build_index
from duanka.flow.ledger import NOBODY, Int32, Int64, Ledger
from duanka.flow.lineage import Doctrine as LineageDoctrine
from duanka.flow.lineage import lineage
from duanka.kernels.compile import kernel
from duanka.trace.direct import direct_links
from duanka.trace.doctrine import Doctrine
from duanka.trace.links import Links, links_of
from duanka.trace.mending import mend
from duanka.trace.skipping import Loads, loads
from duanka.trace.way import Way, mirror

HOUR = 3_600 * 10**6

WITHIN = 24 * HOUR
"""µs: how long after a receipt a payment may directly carry it on. An assumption: no rule gives a figure."""

COMMISSION = 5
"""Per cent of what was received that may stay behind as a commission. An assumption: no rule gives a figure."""


@dataclass(frozen=True, slots=True)
class Book:
    """A ledger of n rows, ready for `trace.follow`. Links and the mirror are made when first asked for, and kept."""

    rows: int  # n
    down: Way
    place: Int64  # n: where each given row stands among the N of the way down
    breaks: Breaks  # contradictions between printed and computed balances: a missing ledger shows up here
    opening: Int64  # per node, minor units: the balance before its first covered row, known, printed or inferred
    within: int
    empty: int
    commission: int
    _links: dict[tuple[Doctrine, bool], Links] = field(default_factory=dict, repr=False)
    _loads: dict[tuple[int, bool], Loads] = field(default_factory=dict, repr=False)
    _up: list[Way] = field(default_factory=list, repr=False)

    @property
    def up(self) -> Way:
        """The mirror image. O(N + nodes) the first time."""
        if not self._up:
            self._up.append(mirror(self.down))
        return self._up[0]

    def bare(self) -> "Book":
        """The same book without links and loads, whose memory it gives back: about 60 bytes a row each."""
        self._links.clear()
        self._loads.clear()
        return self

    def links(self, doctrine: Doctrine, *, down: bool) -> Links:
        """Links of a doctrine that goes by links. O(N + nodes) the first time."""
        if (doctrine, down) not in self._links:
            self._links[doctrine, down] = _link(self, doctrine, down=down)
        return self._links[doctrine, down]

    def loads(self, sharing: int, *, down: bool) -> Loads:
        """Loads of a rule of `trace.shares`. O(N) the first time."""
        if (sharing, down) not in self._loads:
            self._loads[sharing, down] = loads(self.down if down else self.up, sharing)
        return self._loads[sharing, down]


def book(
    ledger: Ledger,
    *,
    moment: Int64 | None = None,
    opening: Int64 | None = None,
    within: int = WITHIN,
    empty: int = 0,
    commission: int = COMMISSION,
) -> Book:
    """Make a ledger in order (see `flow.order`) ready for tracing.

    `opening` are known balances (minor units per node, NO_BALANCE where unknown); see `trace.mending` for the others
    and for what printed balances do. `within` (µs), `empty` (minor units) and `commission` (per cent) are those of
    `trace.direct`. Rows at equal times follow each other as they stand in the ledger. Raises ValueError if time goes
    back, `opening` does not have one balance per node, or a setting is out of its range. What a node holds must stay
    below 2**63 minor units. O(n + nodes).
    """
    if opening is not None and len(opening) != ledger.nodes:
        raise ValueError(f"There are {len(opening)} opening balances for {ledger.nodes} nodes; give one per node.")
    if within < 0 or empty < 0:
        raise ValueError(f"`within` is {within} µs and `empty` {empty}; neither may be negative.")
    if not 0 <= commission <= 100:
        raise ValueError(f"`commission` is {commission} per cent; it must be 0 to 100.")
    found = mend(ledger, clock(ledger, moment), opening)
    whole = found.ledger
    before, gathered, after = (np.zeros(len(whole), np.int64) for _ in range(3))
    _hold(
        whole.time,
        whole.payer,
        whole.payee,
        whole.amount,
        whole.received,
        whole.covered_from,
        whole.covered_to,
        before,
        gathered,
        after,
    )
    down = Way(whole, found.moment, found.kind, found.source, build_index(whole), before, gathered, after)
    return Book(len(ledger), down, found.place, found.breaks, found.opening, within, empty, commission)


def _link(of: Book, doctrine: Doctrine, *, down: bool) -> Links:
    ledger, rows = of.down.ledger, len(of.down.ledger)
    if doctrine is Doctrine.DIRECT:
        way = of.down
        in_row, out_row, amount, loose = direct_links(
            ledger, way.index, way.moment, way.kind, way.after, of.within, of.empty, of.commission
        )
        return links_of(in_row, out_row, amount, rows, loose, down=down)
    in_row, out_row, amount = _known_links(ledger, doctrine)
    return links_of(in_row, out_row, amount, rows, np.full(rows, rows, np.int64), down=down)


def _known_links(ledger: Ledger, doctrine: Doctrine) -> tuple[Int64, Int64, Int64]:
    """A lineage without what came from nobody knows where; the rest of it is let go."""
    found = lineage(ledger, doctrine=LineageDoctrine(doctrine.value))
    known = found.in_row != NOBODY
    return found.in_row[known], found.out_row[known], found.amount[known]


@kernel
def _hold(
    time: Int64,
    payer: Int32,
    payee: Int32,
    amount: Int64,
    received: Int64,
    covered_from: Int64,
    covered_to: Int64,
    before: Int64,
    gathered: Int64,
    after: Int64,
) -> None:
    """Write what nodes hold around each row."""
    held = np.zeros((len(covered_from), 2), np.int64)  # now, and received since it last held nothing
    for row in range(len(time)):
        node = payer[row]
        if node >= 0 and covered_from[node] <= time[row] <= covered_to[node]:
            before[row] = held[node, 0]
            gathered[row] = held[node, 1]
            held[node, 0] -= amount[row]
            if held[node, 0] == 0:
                held[node, 1] = 0
        node = payee[row]
        if node >= 0 and covered_from[node] <= time[row] <= covered_to[node]:
            held[node, 0] += received[row]
            held[node, 1] += received[row]
            after[row] = held[node, 0]
