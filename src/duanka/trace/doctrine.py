"""The doctrines: conventions of courts and investigators on whose money a payment out of a mixed account is."""

from enum import StrEnum


class Doctrine(StrEnum):
    """A convention, not a fact. Which one holds is for a court to say; compare them (`trace.compare`)."""

    DIRECT = "direct"  # by timestamp: only what visibly carries a receipt on (银监会 公安部 返还规定, second mode)
    FIFO = "fifo"  # the oldest money first (Devaynes v Noble, Clayton's case, 1816)
    LIFO = "lifo"  # the newest money first
    PRO_RATA = (
        "pro_rata"  # pari passu: all lose the same share of what they brought (返还规定, third mode; 法释〔2011〕7号)
    )
    ROLLING = "rolling"  # rolling charge: each payment takes from all in proportion to what they have left just then
    LOWEST_BALANCE = "lowest_balance"  # lowest intermediate balance: the holder's own money goes first, none comes back
    POISON = "poison"  # whatever was touched is tainted whole: an outer bound to look at, never a basis of a measure


BY_LINKS = frozenset({Doctrine.DIRECT, Doctrine.FIFO, Doctrine.LIFO})
"""Doctrines under which each unit of money keeps its identity: readings of a lineage."""

BY_SHARES = frozenset({Doctrine.PRO_RATA, Doctrine.ROLLING, Doctrine.LOWEST_BALANCE})
"""Doctrines under which money is mixed, and an account owes shares of what it holds."""

ALLOCATING = tuple(doctrine for doctrine in Doctrine if doctrine is not Doctrine.POISON)
"""Doctrines whose amounts add up; only these are compared or summed."""

UPWARD = BY_LINKS | {Doctrine.ROLLING}
"""Doctrines that also say where a payment's money came from."""


class DoctrineError(ValueError):
    """The doctrine does not answer this question; the message says which do."""
