"""A run-points platform (跑分平台) for gambling: cards in a relay, a pool, payouts, merchants, its database."""

import numpy as np
from scipy.special import ndtri

from duanka.synth.movements import OWN_DEVICE
from duanka.synth.rings import cashing, dues, evidence, pool
from duanka.synth.rings.gang import COLLECT, PAYOUT, SETTLE, TRANSIT, Gang, assemble, lay_plan, open_in_time
from duanka.synth.rings.points import database
from duanka.synth.rings.relay import NEVER, Schedule, schedule
from duanka.synth.rings.ring import Ring, Scene
from duanka.synth.rings.studio import open_studio
from duanka.synth.world import moment

_MEAN = 2_700
"""元 of a deposit on average (domain.md §3.2, 咸宁)."""
_LOSSES = 0.6
"""Of what all bettors can lose, what they do lose at most: those who come often are not the richest. Assumption."""
_OPERATORS_BANK = 0.3
"""Size from which an operator has an account in the country; most live abroad and have none. Assumption."""
_SERVED = 1.1
"""Orders planned for each one that is made: some bettors run out of money."""


def make(scene: Scene) -> Ring:
    """One platform ring. O(people + payments)."""
    plan = lay_plan(scene)
    ring = Ring(scene.number, "platform", scene.adaptive, int(plan.cities[0]))
    gang = assemble(scene, ring, plan)
    crowds = pool.crowds(gang)
    rosters = _rosters(gang, sum(int(crowd.means.sum()) for crowd in crowds))
    lanes = {job: [pool.lanes_of(gang, cell, job) for cell in range(plan.cells)] for job in (TRANSIT, PAYOUT)}
    _open_studios(gang)
    open_in_time(gang)
    out = cashing.outlets(gang)
    takings = []
    operators = gang.account("operator").astype(np.int64)
    for cell, (crowd, roster) in enumerate(zip(crowds, rosters, strict=True)):
        own = operators[cell : cell + (1 if scene.size >= _OPERATORS_BANK else 0)]
        cards = lanes[TRANSIT][cell], lanes[PAYOUT][cell], out.takers[cell]
        takings.append(pool.run_cell(gang, crowd, roster, *cards, own))
    for cell, taken in enumerate(takings):
        cashing.cash_out(gang, taken.settled, out, cell)
    dues.pay_everybody(gang, takings, lanes[TRANSIT])
    ring.reports += pool.reports(gang, pool.both(takings, "deposits"))
    evidence.sims(gang)
    evidence.controls(gang, out)
    known = evidence.known_cards(gang)
    bettors = np.unique(pool.both(takings, "deposits").payer)
    evidence.enrol(gang, out, bettors, known)
    evidence.stops(gang, known)
    for roster in rosters:
        evidence.logins(gang, roster)
    ring.commission, ring.kept = _agreed(gang), _kept(gang)
    ring.ledger = database(gang, takings)
    evidence.enrol_holders(gang)
    return ring


def _rosters(gang: Gang, means: int) -> list[Schedule]:
    """For each cell, which collection cards work when; how much each takes in follows one heavy-tailed law.

    `means` (分) is what all bettors can lose: a ring with more cards than its country can feed takes in less on each.
    """
    chance, p, cards, plan = gang.chance, gang.scene.p, gang.cards, gang.plan
    own = np.flatnonzero(cards.job == COLLECT)
    place = chance.permutation(len(own))
    if gang.minor >= 0:  # the third of them: the published case's minor had more than 40 million of turnover
        minor = int(np.flatnonzero(cards.account[own] == gang.minor)[0])
        third = int(np.flatnonzero(place == max(0, len(own) - 3))[0])
        place[minor], place[third] = place[third], place[minor]
        cards.studio[own[minor]] = int(np.argmax(plan.ends - plan.begins))
    spread = np.exp(p["platform.turnover_spread"] * ndtri((place + 0.5) / len(own)))
    orders = p["platform.turnover"] * plan.volume * spread / _MEAN * _SERVED
    if gang.scene.adaptive == "small_tickets":
        orders /= p["platform.small"]
    lost = orders.sum() * _MEAN * 100 * (1 - p["platform.paid_back"])
    wanted = np.maximum(np.round(orders * min(1.0, _LOSSES * means / lost)), 3)
    found: list[list[Schedule]] = [[] for _ in range(plan.cells)]
    for studio in range(len(plan.begins)):
        here = cards.studio[own] == studio
        if here.any():
            days = int(plan.begins[studio]), int(plan.ends[studio])
            found[plan.cell[studio]].append(schedule(chance, p, own[here], wanted[here], *days))
    rosters = [
        Schedule(*(np.concatenate([getattr(s, n) for s in f]) for n in ("card", "day", "orders"))) for f in found
    ]
    for roster in rosters:
        np.minimum.at(cards.start, roster.card, np.asarray(moment(0) + roster.day * 86_400))
    cards.start[cards.job == SETTLE] = moment(plan.first)
    return rosters


def _open_studios(gang: Gang) -> None:
    """Rooms, phones and shifts for the cards of each; where a card is worked is known from here on."""
    scene, plan, cards = gang.scene, gang.plan, gang.cards
    desks = 4 if scene.reference else max(1, round(2 * min(scene.size, 3.0)))
    for number in range(len(plan.begins)):
        rows = np.flatnonzero((cards.studio == number) & (cards.start < NEVER) & (cards.job != SETTLE))
        since, city = moment(int(plan.begins[number])), int(plan.cities[number])
        studio = open_studio(scene, gang.ring, cards.account[rows], operators=3 * desks, city=city, since=since)
        bank = scene.world.people.bank[studio.operators]
        opened = scene.world.accounts.opened
        opened[bank] = np.minimum(opened[bank], scene.world.scale.first_day - 30)
        cards.device[rows] = studio.device_of(cards.account[rows]) if len(rows) else OWN_DEVICE
        gang.studios.append(studio)


def _agreed(gang: Gang) -> dict[str, float]:
    """Commission by level, as a share of deposits."""
    collects = gang.cards.job == COLLECT
    return {
        "holder": float(gang.cards.rate[collects].mean()),
        "studio": float(gang.studio_rate.mean()),
        "agent": float(gang.agent_rate.mean()),
        "operator": gang.scene.p["platform.operator"] * (1 - gang.scene.p["platform.paid_back"]),
    }


def _kept(gang: Gang) -> list[tuple[int, float]]:
    """Tiers and the shares that stay there at a hand-over.

    Pool cards keep enough for the dearest studio and agent till all are paid; collection cards keep nothing, but for
    those whose holders keep their own share, each another.
    """
    both = gang.studio_rate + gang.agent_rate
    most = float(gang.studio_rate.max() + gang.agent_rate.max())
    return [(1, 0.0), *sorted({(2, most), *((2, float(share)) for share in both)})]
