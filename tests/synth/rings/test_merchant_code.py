import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.synth.life.country import Country
from duanka.synth.rings.ring import ADAPTIVE
from duanka.synth.words import W
from duanka.synth.world import A, J
from ring_laws import check_all, groups_of_cards, kept_share, make_ring, members, of_part, same, wait

_CARDS = ("collection", "transit", "agent", "settlement")


@pytest.mark.parametrize("size", [0.06, 0.3, 1.0])
def test_laws_at_every_size(size: float) -> None:
    scene, ring = make_ring("merchant_code", size)
    check_all(scene, ring, "collection", "transit", "settlement")
    assert {"bettor", "collection", "transit", "agent", "settlement"} <= {m.role for m in ring.members}


@given(st.integers(0, 10_000), st.sampled_from(ADAPTIVE))
@settings(max_examples=3, deadline=None)
def test_laws_for_any_seed_and_habit(seed: int, adaptive: str) -> None:
    scene, ring = make_ring("merchant_code", 0.06, adaptive, seed)
    check_all(scene, ring, "collection", "transit", "settlement")


def test_same_chance_same_ring() -> None:
    assert same(make_ring("merchant_code", 0.06)[1], make_ring("merchant_code", 0.06)[1])


def test_codes_are_the_tills_of_merchants() -> None:
    scene, ring = make_ring("merchant_code", 0.3)
    world = scene.world
    codes = members(ring, "collection")
    person = world.accounts.person[codes]
    assert (world.people.job[person] == J["merchant"]).all()
    assert np.isin(world.accounts.kind[codes], [A["payment_wechat"], A["payment_alipay"]]).all()
    country = Country(world)
    assert np.isin(codes, country.till).all()


def test_amounts_and_turnover_as_published() -> None:
    _, ring = make_ring("merchant_code", 1.0)
    deposits = ring.movements.take(of_part(ring, "deposit"))
    assert 2_000_00 < deposits.amount.mean() < 3_500_00
    codes = members(ring, "collection")
    assert 150_000_00 < deposits.amount.sum() / len(codes) < 450_000_00
    reported = sum(r.amount for r in ring.reports) / deposits.amount.sum()
    assert 0.002 < reported < 0.05
    assert np.isin(deposits.word, [W["virtual"], W["fees"]]).mean() > 0.3


def test_withdrawn_to_the_own_card_and_passed_on_to_suppliers() -> None:
    scene, ring = make_ring("merchant_code", 0.3)
    rows, person = ring.movements, scene.world.accounts.person
    codes, banks, agents = (members(ring, role) for role in ("collection", "transit", "agent"))
    withdrawn = of_part(ring, "forward") & (rows.word == W["withdraw"])
    assert np.isin(rows.payer[withdrawn], codes).all()
    assert (person[rows.payer[withdrawn]] == person[rows.payee[withdrawn]]).all()
    passed = of_part(ring, "forward") & np.isin(rows.payer, banks)
    assert np.isin(rows.payee[passed], agents).all()
    refunds = rows.word == W["refund"]
    assert refunds.any()
    assert np.isin(rows.payer[refunds], codes).all()
    kept = kept_share(ring, "transit")
    assert 0 < kept < 0.2


def test_merchants_answer_to_suppliers_and_these_to_one_above() -> None:
    scene, ring = make_ring("merchant_code", 0.3)
    over = {c.what: c.person for c in ring.controls if c.over == "person" and c.role == "agent"}
    for person in scene.world.accounts.person[members(ring, "collection")].tolist():
        assert over[over[person]] not in over


def test_habits_change_what_they_claim() -> None:
    rings = {adaptive: make_ring("merchant_code", 0.3, adaptive)[1] for adaptive in ADAPTIVE}
    plain = rings["plain"]
    assert wait(rings["slow"], "transit") > 4 * wait(plain, "transit")
    assert kept_share(rings["retention"], "transit") > kept_share(plain, "transit") + 0.03
    small = rings["small_tickets"].movements.amount[of_part(rings["small_tickets"], "deposit")]
    assert small.mean() < 0.6 * plain.movements.amount[of_part(plain, "deposit")].mean()
    assert of_part(rings["purchases"], "cover").sum() > 50
    assert groups_of_cards(rings["split"], *_CARDS) >= 3 > groups_of_cards(plain, *_CARDS)
