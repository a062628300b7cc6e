"""The country before anything happens: who is in it, and that its numbers can't be anybody's."""

import numpy as np
import pytest

from duanka.identifiers import id_card, imei, synthetic, uscc
from duanka.synth.names import Names
from duanka.synth.parameters import defaults
from duanka.synth.population import populate
from duanka.synth.scales import SCALES
from duanka.synth.world import F, J, World


@pytest.fixture(scope="module")
def world() -> World:
    return populate(7, SCALES["demo"], defaults())


def test_rows_refer_to_rows_that_exist(world: World) -> None:
    people, accounts, firms = world.people, world.accounts, world.firms
    for rows, size in (
        (people.employer, len(firms)), (people.bank, len(accounts)), (people.second, len(accounts)),
        (people.sim, len(world.sims)), (people.device, len(world.devices)), (people.next_device, len(world.devices)),
        (accounts.person, len(people)), (accounts.firm, len(firms)), (accounts.sim, len(world.sims)),
        (firms.owner, len(people)), (firms.account, len(accounts)), (firms.device, len(world.devices)),
        (world.devices.network, len(world.networks)), (world.devices.mobile, len(world.networks)),
        (world.sims.person, len(people)),
    ):  # fmt: skip
        assert rows.min() >= -1
        assert rows.max() < size
    assert ((accounts.person >= 0) ^ (accounts.firm >= 0)).all()  # everything belongs to one person or to one firm
    assert (accounts.person[people.bank] == np.arange(len(people))).all()
    second = people.second >= 0
    assert (accounts.person[people.second[second]] == np.flatnonzero(second)).all()
    assert (accounts.institution[people.second[second]] != accounts.institution[people.bank[second]]).all()


def test_people_are_of_all_sorts(world: World) -> None:
    people = world.people
    age = (world.scale.first_day - people.birth) / 365.25
    assert set(people.job) == set(J.values())
    assert (age[people.job == J["child"]] < 16).all()
    assert (age[people.job == J["retired"]] > 60).all()
    assert 0.15 < (people.origin != people.region).mean() < 0.35
    assert (people.pay[people.employer >= 0] > 0).all()
    assert 1.5 < len(world.accounts) / len(people) < 4


def test_numbers_are_unique_and_nobodys(world: World) -> None:
    names = Names(world)
    accounts, sims, devices = (np.arange(len(table)) for table in (world.accounts, world.sims, world.devices))
    ids, cards, phones = names.accounts(accounts), names.cards(accounts).drop_nulls(), names.phones(sims)
    for numbers in (ids, cards, phones, names.imeis(devices), names.iccids(sims), names.imsis(sims)):
        assert numbers.n_unique() == len(numbers)
        assert numbers.null_count() == 0
    some = np.arange(400)
    assert all(synthetic.is_synthetic_card(number.split(":")[-1]) for number in ids[some])
    assert all(synthetic.is_synthetic_card(number) for number in cards[some])
    assert all(synthetic.is_synthetic_mobile(number) for number in phones[some])
    for number in names.identities(some):
        assert synthetic.is_synthetic_id_card(number)
        assert id_card.with_check_character(number[:17]) == number
    assert all(uscc.check_character(code[:17]) == code[17] for code in names.credit_codes(some))
    assert not any(
        problem is imei.ImeiProblem.CHECKSUM for n in names.imeis(some) for problem in imei.check(n).problems
    )


def test_account_numbers_say_nothing_of_their_order(world: World) -> None:
    numbers = np.array(
        [int(number.split(":")[-1][-10:]) for number in Names(world).accounts(np.arange(len(world.accounts)))]
    )
    place = np.argsort(np.argsort(numbers))
    assert abs(np.corrcoef(place, np.arange(len(place)))[0, 1]) < 0.03


def test_the_same_seed_is_the_same_country() -> None:
    first, again, other = (populate(seed, SCALES["tiny"], defaults()) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.accounts.balance, again.accounts.balance)
    np.testing.assert_array_equal(first.people.birth, again.people.birth)
    assert not np.array_equal(first.people.birth, other.people.birth)


def test_honest_small_firms_share_an_agents_phone_too(world: World) -> None:
    accounts, firms = world.accounts, world.firms
    sim = accounts.sim[firms.account[firms.kind == F["small"]]]
    _, back, count = np.unique(sim, return_inverse=True, return_counts=True)
    assert 0.15 < (count[back] > 1).mean() < 0.6
    assert count.max() >= 3
