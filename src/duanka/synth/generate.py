"""The order of work for one world: people it, hide the rings in it, live it slice by slice, keep its books."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from duanka.flow.clearing import BLOCKED, DONE, NO_FUNDS, OVER_LIMIT, UNLIMITED, Books, clear, packed
from duanka.synth import seasons
from duanka.synth.chance import Array, Ints, share, stream
from duanka.synth.life.business import business
from duanka.synth.life.cast import Cast, choose
from duanka.synth.life.country import Country
from duanka.synth.life.everyday import everyday
from duanka.synth.life.innocents import innocent_life
from duanka.synth.life.loans import to_pay
from duanka.synth.life.months import by_the_month
from duanka.synth.movements import NO_DEVICE, NOT_OF_A_RING, OWN_DEVICE, Movements, together
from duanka.synth.parameters import Parameters
from duanka.synth.population import populate
from duanka.synth.rings.make import make_rings
from duanka.synth.rings.ring import Ring
from duanka.synth.rings.tokens import honest_trade, token_dealers
from duanka.synth.scales import Scale
from duanka.synth.wallets import A_DAY, HELD, SINGLE, honest_wallets, lived_with, wallet_life
from duanka.synth.words import P
from duanka.synth.world import FAR, I32, A, F, World, moment

_FAILURES_SHOWN = 0.12
"""Of ordinary payments that the balance does not allow, those that were tried all the same and stand as failed."""

_YUAN = 100


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


@dataclass(slots=True)
class History:
    """A world, its rings, and everything that happens in it."""

    world: World
    rings: list[Ring]
    country: Country
    cast: Cast
    wallets: I32  # e-CNY wallets with which somebody lives
    dealers: Ints  # accounts that trade tokens, for rings and for anybody

    def slices(self) -> Iterator[Booked]:
        """What happens, some days at a time, in time order. Walk it once."""
        world = self.world
        books, waiting, number = open_books(world), self._of_rings(), 0
        for first in range(world.scale.first_day, world.scale.last_day, world.scale.slice_days):
            last = min(first + world.scale.slice_days, world.scale.last_day)
            meant = together([waiting, self.ordinary(first, last)]).in_order()
            end = int(np.searchsorted(meant.time, moment(last)))
            begin = int(np.searchsorted(meant.time, moment(first)))
            waiting = meant.take(np.arange(end, len(meant)))
            booked = self._book(
                books, self._with_loans(books, meant.take(np.arange(begin, end)), moment(first)), number
            )
            number += len(booked)
            yield booked

    def ordinary(self, first: int, last: int) -> Movements:
        """What people and firms mean to do from day `first` up to `last`; some of it falls due later."""
        days = np.arange(first, last, dtype=np.int64)
        seed = self.world.seed
        return together([
            *everyday(self.country, days, stream(seed, "everyday", first)),
            *by_the_month(self.country, days, stream(seed, "months", first)),
            *business(self.country, days, stream(seed, "business", first)),
            *innocent_life(self.country, self.cast, days, stream(seed, "innocents", first)),
            wallet_life(self.country, self.wallets, days, stream(seed, "wallets", first)),
            honest_trade(self.world, self.dealers, days, stream(seed, "tokens", first)),
        ])  # fmt: skip

    def _of_rings(self) -> Movements:
        return together([ring.movements for ring in self.rings])

    def _with_loans(self, books: Books, meant: Movements, begin: int) -> Movements:
        """The same with loans for those who lack what they mean to pay into a ring, as victims and gamblers take them.

        The books are tried on a copy. O(rows).
        """
        pays_in = np.flatnonzero((meant.ring != NOT_OF_A_RING) & (meant.part == P["deposit"]))
        if not len(pays_in):
            return meant
        state, _, _ = _clear(packed(books), meant)
        poor = meant.take(pays_in[state[pays_in] == NO_FUNDS])
        if not len(poor):
            return meant
        loans = to_pay(self.country, poor.payer, poor.time, poor.amount, begin=begin)
        return together([meant, loans]).in_order()

    def _book(self, books: Books, meant: Movements, number: int) -> Booked:
        state, left, reached = _clear(books, meant)
        tried = (meant.ring != NOT_OF_A_RING) | (share(meant.time * 31 + meant.payer, 401) < _FAILURES_SHOWN)
        keep = (state == DONE) | (np.isin(state, (NO_FUNDS, OVER_LIMIT, BLOCKED)) & tried)
        kept = meant.take(keep)
        return Booked(
            movements=kept, state=state[keep], left=left[keep], reached=reached[keep],
            device=_devices(self.world, kept), first_number=number,
        )  # fmt: skip


def _clear(books: Books, meant: Movements) -> tuple[Ints, Ints, Ints]:
    days = seasons.day_of(meant.time)
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64)
    return clear(books, meant.time, days, years, meant.payer, meant.payee, meant.amount)


def generate(scale: Scale, seed: int, parameters: Parameters, rings: dict[str, int]) -> History:
    """A world that is ready to be lived. The same arguments give the same rows, whatever the machine's threads."""
    world = populate(seed, scale, parameters)
    honest_wallets(world, stream(seed, "honest wallets"))
    made = make_rings(world, rings)
    country = Country(world)
    cast = choose(country, stream(seed, "cast"))
    members = np.array([member.account for ring in made for member in ring.members], dtype=np.int64)
    dealers = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(token_dealers(ring) for ring in made)]))
    return History(world, made, country, cast, lived_with(world, members), dealers)


def open_books(world: World) -> Books:
    """The books on the first morning: limits by class (银发〔2016〕302号, 〔2018〕16号: domain.md §1.2).

    All e-CNY wallets of the world are of class 4, so that its limits do not tell a crew's from anybody's.
    """
    accounts = world.accounts
    size, kind = len(accounts), accounts.kind

    def limits(**by_kind: int) -> Ints:
        found = np.full(size, UNLIMITED, dtype=np.int64)
        for name, yuan in by_kind.items():
            found[kind == A[name]] = yuan * _YUAN
        return found

    floor = np.zeros(size, dtype=np.int64)
    firm_kind = world.firms.kind[np.where(accounts.firm >= 0, accounts.firm, 0)]
    deep = (accounts.firm >= 0) & np.isin(firm_kind, [F["state"], F["lender"], F["telecom"], F["utility"], F["group"]])
    floor[deep] = -(10**15)  # they stand for the rest of the economy
    zero = np.zeros(size, dtype=np.int64)
    opened = np.where(accounts.opened <= world.scale.first_day, 0, _seconds(accounts.opened))
    books = Books(
        balance=accounts.balance, floor=floor, opened=opened, closed=_seconds(accounts.closed),
        holder=_holders(world),
        blocked_from=accounts.blocked_from, blocked_to=accounts.blocked_to,
        single=limits(ecny_wallet=SINGLE),
        daily=limits(personal_ii=10_000, personal_iii=2_000, ecny_wallet=A_DAY),
        yearly=limits(personal_ii=200_000, personal_iii=50_000, payment_alipay=200_000, payment_wechat=200_000),
        most=limits(personal_iii=2_000, ecny_wallet=HELD),
        day=zero, day_out=zero, year=zero, year_out=zero,
    )  # fmt: skip
    return packed(books)


def _holders(world: World) -> Ints:
    accounts = world.accounts
    return np.where(accounts.person >= 0, accounts.person, len(world.people) + accounts.firm).astype(np.int64)


def _seconds(days: Array) -> Ints:
    return np.where(days >= FAR, UNLIMITED, moment(0) + days.astype(np.int64) * 86_400)


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
