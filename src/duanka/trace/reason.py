"""Why a branch of a trace ends where it does."""

from enum import IntEnum


class Reason(IntEnum):
    """One for every unit of money that a trace began with."""

    HELD = 1  # down: it lies at the node at the end of the trace; up: it lay there already before `at`
    STALE = 2  # it lies at the node, older than the age limit; later payments were not followed
    RECORDS_END = 3  # down: as HELD, but the node's records end before the trace does: it may have moved on since
    OUTSIDE = 4  # the row names no payee (going up: no payer): cash, or not said
    UNPRODUCED = 5  # the other side's own ledger was never produced: outside the case, or to be asked for
    UNCOVERED = 6  # the other side's ledger was produced, but not for that moment
    FLOOR = 7  # less than the amount floor arrived
    HOPS = 8  # the hop limit
    UNMATCHED = 9  # direct only: it left, or may have, but no payment visibly carried it
    OVERLAP = 10  # the seed's money is already traced from another seed: each unit counts once (去重)
    OPENING = 11  # up only: it was there before the records of the account begin
    UNRECORDED = 12  # printed balances show that it left (up: came) by a row that the records miss, or out of a debt


ENDED = frozenset({
    Reason.OUTSIDE, Reason.UNPRODUCED, Reason.UNCOVERED, Reason.FLOOR, Reason.HOPS, Reason.OPENING, Reason.UNRECORDED,
})  # fmt: skip
"""Money that went out of sight at a known row."""

LEFT = frozenset({Reason.HELD, Reason.STALE, Reason.RECORDS_END})
"""Money that lies at a known node."""

REMAINDER = frozenset({Reason.UNMATCHED, Reason.OVERLAP})
"""Money that the doctrine, or the choice of seeds, does not allocate."""
