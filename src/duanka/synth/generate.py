"""The order of work for one world: people it, hide the rings in it, live it slice by slice, keep its books."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from duanka.flow.clearing import BLOCKED, DONE, NO_FUNDS, OVER_LIMIT, Books, Rows, clear, tried
from duanka.synth import seasons
from duanka.synth.chance import Ints, share, stream
from duanka.synth.first_books import open_books
from duanka.synth.life.business import business
from duanka.synth.life.cast import Cast, choose
from duanka.synth.life.country import Country
from duanka.synth.life.everyday import everyday
from duanka.synth.life.innocents import innocent_life
from duanka.synth.life.loans import to_pay
from duanka.synth.life.months import by_the_month
from duanka.synth.movements import NO_DEVICE, NOT_OF_A_RING, OWN_DEVICE, Movements, nothing, together
from duanka.synth.parameters import Parameters
from duanka.synth.population import populate
from duanka.synth.rings.make import make_rings
from duanka.synth.rings.ring import Ring
from duanka.synth.rings.tokens import honest_trade, token_dealers
from duanka.synth.scales import Scale
from duanka.synth.shelf import Agenda, Ledgers, Shelf
from duanka.synth.wallets import honest_wallets, lived_with, wallet_life
from duanka.synth.words import P
from duanka.synth.world import I32, World, moment

_FAILURES_SHOWN = 0.12
"""Of ordinary payments that the balance does not allow, those that were tried all the same and stand as failed."""


@dataclass(frozen=True, slots=True)
class Booked:
    """Payments in time order, with what became of them. All arrays have length n."""

    movements: Movements
    state: Ints  # flow.clearing: DONE or why not
    left: Ints  # payer's balance after it, NO_BALANCE where there is none
    reached: Ints  # payee's
    device: Ints  # row of Devices, -1 where the payment was made on none
    first_number: int  # serial of the first row; the others follow

    def __len__(self) -> int:
        return len(self.movements)

    def blocks(self, size: int) -> Iterator["Booked"]:
        """The same, at most so many rows at a time; nothing is copied."""
        for first in range(0, max(len(self), 1), size):
            rows = slice(first, first + size)
            yield Booked(
                movements=self.movements.take(rows), state=self.state[rows], left=self.left[rows],
                reached=self.reached[rows], device=self.device[rows], first_number=self.first_number + first,
            )  # fmt: skip


@dataclass(slots=True)
class History:
    """A world, its rings, and everything that happens in it."""

    world: World
    rings: list[Ring]  # without their payments and ledgers, which are in the next two
    agenda: Agenda
    ledgers: Ledgers
    country: Country
    cast: Cast
    wallets: I32  # e-CNY wallets with which somebody lives
    dealers: Ints  # accounts that trade tokens, for rings and for anybody

    def slices(self) -> Iterator[Booked]:
        """What happens, some days at a time, in time order. Walk it once."""
        books, waiting, number = open_books(self.world), nothing(), 0
        for place, (first, last) in enumerate(slices_of(self.world.scale)):
            meant = together([self.agenda.due(place), waiting, *self.ordinary(first, last)]).in_order()
            begin, end = np.searchsorted(meant.time, [moment(first), moment(last)]).tolist()
            waiting = meant.take(np.arange(end, len(meant)))
            meant = self._with_loans(books, meant.take(slice(begin, end)), moment(first))
            booked = self._book(books, meant, number)
            number += len(booked)
            del meant  # while the slice is written, only what became of it is held
            yield booked

    def ordinary(self, first: int, last: int) -> list[Movements]:
        """What people and firms mean to do from day `first` up to `last`; some of it falls due later."""
        days = np.arange(first, last, dtype=np.int64)
        seed = self.world.seed
        return [
            *everyday(self.country, days, stream(seed, "everyday", first)),
            *by_the_month(self.country, days, stream(seed, "months", first)),
            *business(self.country, days, stream(seed, "business", first)),
            *innocent_life(self.country, self.cast, days, stream(seed, "innocents", first)),
            wallet_life(self.country, self.wallets, days, stream(seed, "wallets", first)),
            honest_trade(self.world, self.dealers, days, stream(seed, "tokens", first)),
        ]  # fmt: skip

    def _with_loans(self, books: Books, meant: Movements, begin: int) -> Movements:
        """The same with loans for those who lack what they mean to pay into a ring, as victims and gamblers take them.

        O(rows).
        """
        pays_in = np.flatnonzero((meant.ring != NOT_OF_A_RING) & (meant.part == P["deposit"]))
        if not len(pays_in):
            return meant
        state = tried(books, _rows(meant))
        poor = meant.take(pays_in[state[pays_in] == NO_FUNDS])
        if not len(poor):
            return meant
        loans = to_pay(self.country, poor.payer, poor.time, poor.amount, begin=begin)
        return meant.joined_by(loans)

    def _book(self, books: Books, meant: Movements, number: int) -> Booked:
        state, left, reached = clear(books, _rows(meant))
        tried = (meant.ring != NOT_OF_A_RING) | (share(meant.time * 31 + meant.payer, 401) < _FAILURES_SHOWN)
        keep = (state == DONE) | (np.isin(state, (NO_FUNDS, OVER_LIMIT, BLOCKED)) & tried)
        kept = meant.take(keep)
        return Booked(
            movements=kept, state=state[keep], left=left[keep], reached=reached[keep],
            device=_devices(self.world, kept), first_number=number,
        )  # fmt: skip


def _rows(meant: Movements) -> Rows:
    days = seasons.day_of(meant.time)
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    return Rows(meant.time, days, years, meant.payer, meant.payee, meant.amount)


def generate(
    scale: Scale, seed: int, parameters: Parameters, rings: dict[str, int], *, room: Path | None = None
) -> History:
    """A world that is ready to be lived. The same arguments give the same rows, whatever the machine's threads.

    What rings mean to do waits in a nameless file in the folder `room`, by default where the system has such files.
    """
    world = populate(seed, scale, parameters)
    honest_wallets(world, stream(seed, "honest wallets"))
    shelf = Shelf(room)
    starts = [moment(first) for first, _ in slices_of(scale)]
    agenda, ledgers, made = Agenda(shelf, [*starts, world.end]), Ledgers(shelf), []
    for ring in make_rings(world, rings):
        movements, ledger = ring.give_away()
        agenda.add(movements)
        if ledger is not None:
            ledgers.add(ring.number, ledger)
        made.append(ring)
    country = Country(world)
    cast = choose(country, stream(seed, "cast"))
    members = np.array([member.account for ring in made for member in ring.members], dtype=np.int64)
    dealers = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(token_dealers(ring) for ring in made)]))
    return History(world, made, agenda, ledgers, country, cast, lived_with(world, members), dealers)


def slices_of(scale: Scale) -> list[tuple[int, int]]:
    """First day, and the day after the last, of the slices in which a world is made."""
    firsts = range(scale.first_day, scale.last_day, scale.slice_days)
    return [(first, min(first + scale.slice_days, scale.last_day)) for first in firsts]


def _devices(world: World, made: Movements) -> Ints:
    """On which device each payment was made: the ring's where it says so, else the holder's or the firm's own."""
    accounts, people, firms = world.accounts, world.people, world.firms
    payer = np.maximum(made.payer, 0)
    person, firm = accounts.person[payer], accounts.firm[payer]
    changed = seasons.day_of(made.time) >= people.change_day[np.maximum(person, 0)]
    own = np.where(changed, people.next_device[np.maximum(person, 0)], people.device[np.maximum(person, 0)])
    own = np.where(person >= 0, own, firms.device[np.maximum(firm, 0)])
    device = np.where(made.device == OWN_DEVICE, own, made.device)
    return np.where((made.payer < 0) | (made.device == NO_DEVICE), -1, device).astype(np.int64)
