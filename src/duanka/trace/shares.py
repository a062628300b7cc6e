"""How a payment out of mixed money is shared: pro rata (pari passu), rolling charge, lowest intermediate balance."""

from typing import NamedTuple

import numpy as np

from duanka.flow.ledger import Int64
from duanka.kernels.compile import kernel
from duanka.trace.exact import divided, share

PRO_RATA, ROLLING, LOWEST = range(3)


class Purse(NamedTuple):
    """Scratch for the traced money of one node: a place per group of seeds, and after those in use one for the rest."""

    key: Int64
    held: Int64
    gathered: Int64  # brought since the node last held nothing
    hop: Int64
    out: Int64  # what a payment takes
    came: Int64  # what of it reached the payee
    weights: Int64
    spare: Int64  # twice the room


def purse(room: int) -> Purse:
    """An empty purse for so many groups."""
    key, held, gathered, hop, out, came, weights = np.zeros((7, room + 2), np.int64)
    return Purse(key, held, gathered, hop, out, came, weights, np.zeros(2 * room + 4, np.int64))


@kernel
def take(doctrine: int, own: Purse, count: int, amount: int, before: int, gathered: int) -> None:
    """Write into `own.out` what a payment of `amount` <= `before` takes from each of the `count` groups.

    `before` is what the node holds, all groups and the rest together, `gathered` what it received since it last held
    nothing. What a group loses is never more than it holds. O(count), for pro rata O(count²) at worst.
    """
    traced, brought = 0, 0
    for i in range(count):
        traced += own.held[i]
        brought += own.gathered[i]
    if amount == before:
        for i in range(count):
            own.out[i] = own.held[i]
        return
    if doctrine == LOWEST:
        share(max(traced - (before - amount), 0), own.held, traced, count, own.out, own.spare)
        return
    own.held[count] = before - traced
    if doctrine == ROLLING:
        share(amount, own.held, before, count + 1, own.out, own.spare)
        return
    own.gathered[count] = gathered - brought
    _level(own, count + 1, before - amount, gathered)


@kernel
def _level(own: Purse, count: int, left: int, gathered: int) -> None:
    """Take so that `left` stays, and each keeps the same share of what it brought; none gets back what it has lost."""
    for i in range(count):
        own.weights[i] = own.gathered[i]
        own.out[i] = 0
    whole = gathered
    settled = False
    while not settled and whole > 0:
        settled = True
        for i in range(count):
            if own.weights[i] == 0:
                continue
            fair, more = divided(own.weights[i], left, whole)
            if own.held[i] < fair or (own.held[i] == fair and more > 0):
                own.out[i] = -1  # has lost more than the others: loses nothing now
        for i in range(count):
            if own.out[i] == -1:
                settled = False
                own.out[i] = 0
                left -= own.held[i]
                whole -= own.weights[i]
                own.weights[i] = 0
    share(left, own.weights, whole, count, own.came, own.spare)
    for i in range(count):
        if own.weights[i] > 0:
            own.out[i] = own.held[i] - own.came[i]
