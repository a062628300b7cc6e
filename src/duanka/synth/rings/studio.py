"""Studios (工作室): rented rooms with a line, phones and shifts, from which others' cards are worked."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints
from duanka.synth.rings.ring import Control, Ring, Scene
from duanka.synth.world import I32, more_devices, more_networks

HOME_SHARE = 0.25
"""Of cards, those that their holder works at home by instruction: no shared device gives them away. Assumption."""


@dataclass(frozen=True, slots=True)
class Studio:
    """One room: who sits there, on which lines, and which phone holds which card."""

    operators: I32  # persons, one a shift
    network: int
    phones: I32  # devices
    cards: I32  # accounts
    device: I32  # device on which each card is worked, parallel to `cards`; -1: the holder's own

    def device_of(self, accounts: Array) -> Ints:
        """Device on which each of these cards is worked; OWN_DEVICE for cards of no studio."""
        order = np.argsort(self.cards, kind="stable")
        place = np.minimum(np.searchsorted(self.cards[order], accounts), len(order) - 1)
        found = order[place]
        return np.where(self.cards[found] == accounts, self.device[found], -1).astype(np.int64)


def open_studio(scene: Scene, ring: Ring, cards: I32, *, operators: int, city: int, since: int) -> Studio:
    """A room for these cards; phones hold two or three cards each (500 cards and 200 phones: domain.md §0).

    Its operators, and who controls what, go into the ring's truth.
    """
    world, chance = scene.world, scene.chance
    persons = scene.market.people(operators, city=city)
    network = more_networks(world.networks, "studio", np.array([city]))
    count = max(1, round(len(cards) / scene.p["studio.cards_a_phone"]))
    mobile = np.where(chance.random(count) < 0.5, city * 4 + chance.integers(0, 4, count), -1)
    phones = more_devices(world.devices, "phone", np.repeat(network, count), mobile)
    device = phones[chance.integers(0, count, len(cards))]
    at_home = chance.random(len(cards)) < HOME_SHARE
    device = np.where(at_home, -1, device).astype(np.int32)
    for number, phone in enumerate(phones.tolist()):
        ring.controls.append(Control(int(persons[number % operators]), "device", phone, since, "studio"))
    for number, card in enumerate(cards.tolist()):
        ring.controls.append(Control(int(persons[number % operators]), "account", card, since, "studio"))
    return Studio(persons, int(network[0]), phones, cards.astype(np.int32), device)
