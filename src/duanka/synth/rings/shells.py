"""Shells (空壳公司) that a ring buys or founds: young nominees with several each, and an agent's phone for some."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Ints
from duanka.synth.rings.bosses import Bosses, Given
from duanka.synth.rings.hiring import first_uses
from duanka.synth.rings.ring import Control, Ring
from duanka.synth.rings.tiers import Works
from duanka.synth.rings.turns import CARD, Turns
from duanka.synth.world import bank_outlet

_DAY = 86_400


def buy_shells(works: Works, ring: Ring, tiers: list[Turns], bosses: Bosses) -> Given:
    """Small firms for all cards of these tiers, whose numbers follow each other; some newly founded. O(firms).

    Those of one agent (代办) have his phone, as honest small firms of an agent have (domain.md TX18).
    """
    scene, world, chance, p = works.scene, works.scene.world, works.scene.chance, works.scene.p
    firms, accounts, city = world.firms, world.accounts, works.city
    at, count = int(tiers[0].node[0]) - CARD, sum(len(tier.node) for tier in tiers)
    first = first_uses(works.book, works.cards)[at : at + count]
    rows = scene.market.shells(count, city=city)
    nominees = scene.market.people(max(1, round(count / p["corporate.firms_of_a_nominee"])), city=city)
    firms.owner[rows] = np.sort(nominees[chance.integers(0, len(nominees), count)])
    agent = int(scene.market.people(1, city=city)[0])
    by_agent = chance.random(count) < p["corporate.agents_phone"]
    book = firms.account[rows]
    accounts.sim[book] = np.where(by_agent, world.people.sim[agent], world.people.sim[firms.owner[rows]])
    used: Ints = seasons.day_of(first)
    new = (chance.random(count) < p["corporate.new_shells"]) | (accounts.opened[book] >= used)
    opened = used[new] - chance.integers(4, 60, int(new.sum()))
    firms.founded[rows[new]] = opened - chance.integers(5, 25, len(opened))
    place = np.full(len(opened), city)
    outlet = bank_outlet(accounts.institution[book[new]], place, np.full(len(opened), int(chance.integers(0, 4))))
    scene.market.reopen(book[new], opened, outlet=outlet)
    begun = int(first.min()) - 2 * _DAY
    for firm, card in zip(rows.tolist(), book.tolist(), strict=True):
        ring.controls.append(Control(int(firms.owner[firm]), "account", card, begun, "farmer"))
    for person in np.unique(firms.owner[rows]).tolist():
        ring.controls.append(Control(agent, "person", person, begun, "recruiter"))
    ring.controls.append(Control(int(bosses.dealers[0]), "person", agent, begun, "dealer"))
    return Given(at, book.astype(np.int32))
