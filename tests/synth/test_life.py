"""What happens in a world: money adds up, limits hold, the same seed gives the same rows."""

from dataclasses import fields

import numpy as np
import pytest

from duanka.flow.clearing import DONE
from duanka.flow.ledger import NO_BALANCE
from duanka.synth import seasons
from duanka.synth.first_books import open_books
from duanka.synth.generate import Booked, History, generate
from duanka.synth.movements import CASH
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.words import INNOCENT_KINDS
from duanka.synth.world import A


@pytest.fixture(scope="module")
def lived() -> tuple[History, list[Booked]]:
    history = generate(SCALES["tiny"], 5, defaults(), SCALES["tiny"].rings)
    return history, list(history.slices())


def test_printed_balances_follow_from_the_rows(lived: tuple[History, list[Booked]]) -> None:
    history, slices = lived
    balance = history.world.accounts.balance.copy()
    for booked in slices:
        made = booked.movements
        for i in range(len(booked)):
            if booked.state[i] != DONE:
                assert booked.left[i] == booked.reached[i] == NO_BALANCE
                continue
            payer, payee, amount = made.payer[i], made.payee[i], made.amount[i]
            if payer != CASH:
                balance[payer] -= amount
                assert booked.left[i] == balance[payer]
            if payee != CASH:
                balance[payee] += amount
                assert booked.reached[i] == balance[payee]


def test_nobody_goes_below_the_allowed_debt_or_above_a_limit(lived: tuple[History, list[Booked]]) -> None:
    history, slices = lived
    books = open_books(history.world)
    accounts = history.world.accounts
    for booked in slices:
        made, done = booked.movements, booked.state == DONE
        paid = done & (made.payer != CASH)
        payer = made.payer[paid]
        rule = books.accounts["rule"][payer]
        assert (booked.left[paid] >= books.rules.floor[rule]).all()
        assert (made.amount[paid] <= books.rules.single[rule]).all()
        day = seasons.day_of(made.time[paid])
        small = accounts.kind[payer] == A["personal_iii"]
        spent: dict[tuple[int, int], int] = {}
        for account, when, amount in zip(payer[small], day[small], made.amount[paid][small], strict=True):
            spent[account, when] = spent.get((account, when), 0) + int(amount)
        assert max(spent.values(), default=0) <= 200_000
        for account, when in ((made.payer[done], made.time[done]), (made.payee[done], made.time[done])):
            real = account != CASH
            assert (seasons.day_of(when[real]) >= books.accounts["opened"][account[real]]).all()


def test_rows_come_in_order_and_within_the_period(lived: tuple[History, list[Booked]]) -> None:
    history, slices = lived
    time = np.concatenate([booked.movements.time for booked in slices])
    assert (np.diff(time) >= 0).all()
    assert time[0] >= history.world.start
    assert time[-1] < history.world.end
    assert 8_000 < len(time) < 25_000  # about 10^4


def test_most_of_what_people_mean_to_do_happens(lived: tuple[History, list[Booked]]) -> None:
    state = np.concatenate([booked.state for booked in lived[1]])
    assert (state == DONE).mean() > 0.95


def test_every_kind_of_hard_innocent_lives(lived: tuple[History, list[Booked]]) -> None:
    history, slices = lived
    found = set(history.world.innocents.kind) | {kind for ring in history.rings for kind, _ in ring.innocents}
    assert set(INNOCENT_KINDS) - found <= {"second_hand"}  # made by rings, where they buy goods
    active = np.unique(np.concatenate([np.concatenate([b.movements.payer, b.movements.payee]) for b in slices]))
    for kind in ("village_shop", "group_buy", "wholesaler", "travel_agent", "till_sweeper", "online_seller"):
        own = [
            a for k, a in zip(history.world.innocents.kind, history.world.innocents.account, strict=True) if k == kind
        ]
        assert np.isin(own, active).all(), kind


def test_the_same_seed_gives_the_same_rows() -> None:
    def rows(seed: int) -> list[bytes]:
        history = generate(SCALES["tiny"], seed, defaults(), SCALES["tiny"].rings)
        return [getattr(b.movements, f.name).tobytes() for b in history.slices() for f in fields(b.movements)]

    assert rows(11) == rows(11)
    assert rows(11) != rows(12)
