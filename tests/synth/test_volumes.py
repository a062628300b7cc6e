"""Every kind of ring moves about what it means to move: its payers have the money, and no payment fails for want of it.

What fails because an account was stopped or because it would pass a limit is meant to fail, and what such a failure
would have funded is no payer's want.
"""

import numpy as np
import pytest

from duanka.flow.clearing import DONE, NO_FUNDS
from duanka.synth.generate import Booked, History, generate
from duanka.synth.parameters import defaults
from duanka.synth.scales import RING_KINDS, SCALES
from duanka.synth.words import P


@pytest.fixture(scope="module")
def lived() -> tuple[History, list[Booked]]:
    history = generate(SCALES["demo"], 11, defaults(), SCALES["demo"].rings)
    return history, list(history.slices())


@pytest.mark.parametrize("kind", RING_KINDS)
def test_a_ring_takes_in_what_it_means_to(lived: tuple[History, list[Booked]], kind: str) -> None:
    history, slices = lived
    (ring,) = (one for one in history.rings if one.kind == kind)
    took = sum(
        int(booked.movements.amount[_of(booked, ring.number, "deposit") & (booked.state == DONE)].sum())
        for booked in slices
    )
    assert 0.8 * ring.meant <= took <= 1.2 * ring.meant


@pytest.mark.parametrize("kind", RING_KINDS)
def test_hardly_a_payment_fails_for_want_of_money(lived: tuple[History, list[Booked]], kind: str) -> None:
    history, slices = lived
    (ring,) = (one for one in history.rings if one.kind == kind)
    states = np.concatenate([booked.state for booked in slices])
    made = [booked.movements for booked in slices]
    mine = np.concatenate([one.ring for one in made]) == ring.number
    deposit = mine & (np.concatenate([one.part for one in made]) == P["deposit"])
    assert (states[deposit] == NO_FUNDS).mean() <= 0.01
    assert (states[mine] == NO_FUNDS).mean() <= 0.01


def test_shells_move_the_volume_of_their_parameters(lived: tuple[History, list[Booked]]) -> None:
    history, _ = lived
    (ring,) = (one for one in history.rings if one.kind == "corporate")
    p, rings = defaults(), history.rings
    size = ring.meant / (p["corporate.volume"] * 1e8 * (1 + p["corporate.victims"]))
    assert 0.3 * SCALES["demo"].ring_size < size < 3 * SCALES["demo"].ring_size  # sizes vary by sigma 0.4
    assert all(one.meant > 0 for one in rings)


def _of(booked: Booked, number: int, part: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    made = booked.movements
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (made.ring == number) & (made.part == P[part])
    return found
