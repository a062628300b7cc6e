"""Cards that several rings use: who has them, when, and that the truth says so in each ring."""

from importlib import import_module

import numpy as np
import pytest

from duanka.synth.chance import stream
from duanka.synth.movements import OWN_DEVICE
from duanka.synth.parameters import settings
from duanka.synth.population import populate
from duanka.synth.rings.houses import Cards, Houses, Need
from duanka.synth.rings.ring import Market, Member, Ring, Scene
from duanka.synth.rings.turns import NEVER
from duanka.synth.world import moment
from ring_laws import SMALL, check_money, check_rows, check_stops, check_truth, of_part

_CARDS = ("collection", "transit", "payout", "cash_out")
_DAY = 86_400


@pytest.fixture(scope="module")
def made() -> tuple[list[Scene], list[Ring]]:
    """Three rings one after the other in one small world, where houses lend what they can."""
    world = populate(5, SMALL, settings(["houses.shared=0.9", "houses.near_days=60"]))
    market = Market(world, stream(5, "market"))
    scenes = [
        Scene(world, market, stream(5, "ring", kind, number), number, 0.5, "plain")
        for number, kind in enumerate(("fraud", "fraud", "mirror"))
    ]
    kinds = ("fraud", "fraud", "mirror")
    rings: list[Ring] = [
        import_module(f"duanka.synth.rings.{kind}").make(scene) for kind, scene in zip(kinds, scenes, strict=True)
    ]
    return scenes, rings


def _worked(ring: Ring) -> dict[int, Member]:
    return {m.account: m for m in ring.members if m.role in _CARDS and m.controller >= 0}


def _lent(made: tuple[list[Scene], list[Ring]], number: int) -> set[int]:
    """Cards that the rings before had already."""
    before = {account for ring in made[1][:number] for account in _worked(ring)}
    return before & set(_worked(made[1][number]))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_laws_hold_for_each_ring(made: tuple[list[Scene], list[Ring]], number: int) -> None:
    scene, ring = made[0][number], made[1][number]
    check_rows(scene, ring)
    check_money(ring, *_CARDS)
    check_truth(scene, ring)
    check_stops(scene, ring)


@pytest.mark.parametrize("number", [1, 2])
def test_a_lent_card_is_worked_by_one_house_and_named_in_both_rings(
    made: tuple[list[Scene], list[Ring]], number: int
) -> None:
    ring, person = made[1][number], made[0][0].world.accounts.person
    lent = _lent(made, number)
    assert len(lent) > 5
    over = {(c.person, c.over, c.what) for c in ring.controls}
    dealers = {m.account for m in ring.members if m.role == "dealer"}
    assert len(dealers) > 1
    for account in lent:
        mine = _worked(ring)[account]
        others = [_worked(one)[account] for one in made[1][:number] if account in _worked(one)]
        assert {one.controller for one in others} == {mine.controller}
        assert (mine.controller, "account", account) in over
        assert any(what == person[account] for who, kind, what in over if kind == "person")
        devices = {
            int(device)
            for one in made[1]
            for device in one.movements.device[one.movements.payer == account].tolist()
            if device != OWN_DEVICE
        }
        assert len(devices) <= 1  # one phone in one room, whoever's money it is


def test_nobody_pays_with_a_card_that_was_stopped_for_another_ring(made: tuple[list[Scene], list[Ring]]) -> None:
    stops: dict[int, int] = {}
    for ring in made[1]:
        for measure in ring.measures:
            if measure.kind == "止付":
                assert stops.setdefault(measure.account, ring.number) == ring.number
    assert stops
    for ring in made[1]:
        rows = ring.movements.take(~of_part(ring, "test"))  # holders may try one card with another
        since = made[0][0].world.accounts.blocked_from[rows.payer]
        others = np.array([stops.get(one, ring.number) != ring.number for one in rows.payer.tolist()])
        late = others & (rows.time >= since)
        assert not np.isin(rows.payer[late], list(_worked(ring))).any()


def test_holders_are_not_hired_a_second_time(made: tuple[list[Scene], list[Ring]]) -> None:
    person = made[0][0].world.accounts.person
    holders: list[set[int]] = []
    for number, ring in enumerate(made[1]):
        fresh = set(_worked(ring)) - _lent(made, number)
        holders.append({int(person[account]) for account in fresh})
    assert not holders[0] & holders[1]
    assert not (holders[0] | holders[1]) & holders[2]


def test_a_card_is_lent_once_near_its_other_work_and_before_any_stop() -> None:
    world = populate(5, SMALL, settings([]))
    day = moment(world.scale.first_day)
    account = np.flatnonzero(world.accounts.opened < world.scale.first_day)[:4].astype(np.int64)
    houses = Houses()
    when = day + np.array([10, 10, 60, 10]) * _DAY
    stop = np.array([NEVER, day + 12 * _DAY, NEVER, NEVER])
    houses.add(Cards(account, when, when + _DAY, stop, *(np.zeros(4, dtype=np.int64) for _ in range(3))))
    first = np.full(6, day + 14 * _DAY)
    need = Need(first, first + _DAY, np.full(6, NEVER))
    found = houses.lend(stream(1, "lend"), world.accounts, need, share=1, days=7, taken=account[3:])
    assert sorted(found.tolist()) == [-1, -1, -1, -1, -1, 0]
    houses.note(found[found >= 0], need.take(found >= 0))
    assert houses.cards.last[0] == first[0] + _DAY
    assert (houses.lend(stream(1, "lend"), world.accounts, need, share=0, days=7, taken=account[3:]) == -1).all()
