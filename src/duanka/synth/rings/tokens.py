"""The honest trade of token dealers (U商): customers who know nothing of a ring. Ordinary payments."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints, lognormal
from duanka.synth.movements import Movements, movements, together
from duanka.synth.rings.ring import Ring
from duanka.synth.rings.sums import YUAN, chosen_sums
from duanka.synth.words import W
from duanka.synth.world import World


def token_dealers(ring: Ring) -> Ints:
    """Accounts of a ring's token dealers: those who take money out and are under nobody's control."""
    found = {m.account for m in ring.members if m.role == "cash_out" and m.controller < 0}
    return np.array(sorted(found), dtype=np.int64)


def honest_trade(world: World, dealers: Ints, days: Ints, chance: np.random.Generator) -> Movements:
    """Buyers pay these dealers on these days, and dealers pay sellers hours later out of it. Not of a ring. O(rows)."""
    p, people = world.parameters, world.people
    busy = lognormal(chance, p["exits.honest_trades"], 0.6, len(dealers))
    dealer = np.repeat(dealers, chance.poisson(busy * len(days) / 7))
    size = len(dealer)
    heap = np.cumsum(np.where(people.pay > 0, np.sqrt(np.maximum(people.wealth, 0)), 0))
    buyer, seller = (np.searchsorted(heap, chance.random(size) * heap[-1]) for _ in range(2))
    time = seasons.at(seasons.days_of(chance, days, "leisure", size), seasons.clock(chance, "evening", size))
    means = np.maximum(people.wealth[buyer] * 0.3, 20_000)
    paid = chosen_sums(chance, np.minimum(lognormal(chance, 3_500 * YUAN, 1.0, size), means))
    again = time + lognormal(chance, 4 * 3_600, 1.1, size).astype(np.int64) + 60
    back = chosen_sums(chance, paid * chance.uniform(0.6, 0.995, size))
    buys = chance.random(size) < 0.8
    return together([
        movements(time, people.bank[buyer], dealer, paid, W["transfer"]),
        movements(again[buys], dealer[buys], people.bank[seller][buys], back[buys], W["transfer"]),
    ])  # fmt: skip
