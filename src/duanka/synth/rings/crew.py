"""Who works a ring's cards, and how: dealer, studios, pay, reports and stops, and the truth about all of them."""

from dataclasses import dataclass, field

import numpy as np

from duanka.synth.chance import Array, Floats, Ints, lognormal
from duanka.synth.life.everyday import priced, round_sums
from duanka.synth.movements import CASH, NO_DEVICE, OWN_DEVICE, movements
from duanka.synth.rings.onward import NEVER, Flow, Tier, batches, paced, peel
from duanka.synth.rings.ring import Control, Measure, Member, Report, Ring, Scene, hold
from duanka.synth.rings.studio import Studio, open_studio
from duanka.synth.words import P, W
from duanka.synth.world import I32, F

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Manner:
    """How a ring behaves; see `ring.ADAPTIVE`. `plain` is 1, 0, 1, 0, 1."""

    wait: float  # factor on the time before money is handed on
    keep: float  # share of a batch left behind for good, on average
    ticket: float  # factor on the size of tickets
    cover: float  # share of a batch spent in shops like anybody's
    cells: int  # parts with no money between them, under one dealer


def manner(scene: Scene, *, most_cells: int = 3) -> Manner:
    """What the scene's variant changes."""
    p, how = scene.p, scene.adaptive
    return Manner(
        wait=p["onward.slow"] if how == "slow" else 1.0,
        keep=p["onward.retention"] if how == "retention" else 0.0,
        ticket=p["onward.small_tickets"] if how == "small_tickets" else 1.0,
        cover=p["onward.cover"] if how == "purchases" else 0.0,
        cells=max(2, most_cells) if how == "split" else 1,
    )


@dataclass(slots=True)
class Crew:
    """One ring at work. Times are seconds UTC, sums 分."""

    scene: Scene
    ring: Ring
    manner: Manner
    start: int
    end: int  # the ring does nothing from then on
    dealer: int  # person
    dealer_card: int
    studios: list[Studio] = field(default_factory=list)
    rates: dict[int, float] = field(default_factory=dict)  # card -> share of what passes
    by_transfer: set[int] = field(default_factory=set)  # cards whose holder is paid by the dealer, not by keeping
    passed: list[Flow] = field(default_factory=list)

    def device(self, cards: Array) -> Ints:
        """On which device each card is worked; OWN_DEVICE: its holder's."""
        found: Ints = np.full(len(cards), OWN_DEVICE, dtype=np.int64)
        for studio in self.studios:
            found = np.maximum(found, studio.device_of(cards))
        return found

    def outsiders(self, persons: I32) -> I32:
        """Those of these persons whose main account is none of the ring's own cards."""
        own = np.fromiter(self.rates, dtype=np.int64, count=len(self.rates))
        return persons[~np.isin(self.scene.world.people.bank[persons], own)]

    def staff(self, cards: Array, *, low: float, high: float, a_studio: int = 30) -> None:
        """Agree on a rate with each card's holder, some to be paid by transfer, and open studios for the cards."""
        chance = self.scene.chance
        rates = chance.uniform(low, high, len(cards))
        apart = chance.random(len(cards)) < self.scene.p["onward.paid_by_transfer"]
        self.rates.update(zip(cards.tolist(), rates.tolist(), strict=True))
        self.by_transfer.update(cards[apart].tolist())
        order = chance.permutation(cards).astype(np.int32)
        for group in np.array_split(order, max(1, round(len(cards) / a_studio))):
            studio = open_studio(self.scene, self.ring, group, operators=2, city=self.ring.city, since=self.start - DAY)
            self.studios.append(studio)
            boss = Control(self.dealer, "person", int(studio.operators[0]), self.start - DAY, "dealer")
            self.ring.controls.append(boss)

    def gather(self, flow: Flow, tier: Tier, *, within: float, delay: float, sigma: float = 1.0) -> Flow:
        """What a tier hands on after commission, what is left behind and what is spent to look alive."""
        chance, how = self.scene.chance, self.manner
        self.passed.append(flow)
        ready = batches(chance, flow, within=within, delay=delay * how.wait, sigma=sigma)
        ready = ready.take((ready.time < tier.stop_of(ready.card)) & (ready.time < self.end))
        rate = np.array([0.0 if card in self.by_transfer else self.rates[card] for card in ready.card.tolist()])
        pay = ready.amount * rate * chance.uniform(0.8, 1.2, len(ready))
        pay = np.where(chance.random(len(ready)) < 0.5, np.floor(pay / 1_000) * 1_000, pay)
        left = ready.amount * how.keep * chance.uniform(0.4, 1.6, len(ready))
        spent = ready.amount * how.cover * chance.uniform(0.3, 1.7, len(ready))
        if how.cover:
            self._cover(ready, spent.astype(np.int64), tier)
        return ready.less((pay + left + spent).astype(np.int64))

    def _cover(self, ready: Flow, budget: Ints, tier: Tier) -> None:
        """Purchases on the web, hours later, out of what stayed."""
        chance, world = self.scene.chance, self.scene.world
        sellers = world.firms.account[np.isin(world.firms.kind, (F["online"], F["shop"]))]
        owner, amount = peel(budget, lambda rows: priced(chance, lognormal(chance, 130, 0.9, len(rows))), least=3_000)
        time = ready.time[owner] + chance.exponential(9 * 3_600, len(owner)).astype(np.int64) + 60
        fits = (time < tier.stop_of(ready.card[owner])) & (time < self.end)
        seller = sellers[(len(sellers) * chance.random(len(owner)) ** 2).astype(np.int64)]
        card = ready.card[owner]
        self.ring.pay(
            movements(time[fits], card[fits], seller[fits], amount[fits], W["purchase"], part=P["cover"])
        )  # the holder's own phone: as in his life

    def send(
        self,
        ready: Flow,
        source: Tier,
        to: Tier,
        *,
        ticket: float,
        most: int,
        pause: float,
        word: Array | int,
        traced: float = 0.0,
        tickets: tuple[Ints, Ints] | None = None,
        settled: bool = False,
    ) -> Flow:
        """Hand batches on to the next tier; returns what arrives there. `ticket` (median) and `most` in 分.

        `word` is one word or several to choose from; `traced` the share of alarms that follow the money; `tickets` the
        batch and amount of each ticket where the caller splits; `settled` where the tier's relay stands already.
        """
        chance, cells = self.scene.chance, self.manner.cells
        owner, amount = tickets or self.split(ready.amount, ticket, most)
        time = paced(chance, ready.time, owner, pause * self.manner.wait)
        per_cell = max(1, to.lanes // cells)
        favourite = chance.integers(0, 3, len(owner)) + ready.card[owner] * 7
        lane = ready.lane[owner] % cells + cells * (favourite % per_cell)
        lane = np.minimum(lane, to.lanes - 1)
        first = np.diff(owner, prepend=-1) != 0  # police follow one payment of a batch, if any
        follows = first & (chance.random(len(owner)) < traced) & (ready.alarm[owner] < NEVER)
        later = np.maximum(ready.alarm[owner], time) + chance.exponential(5 * 3_600, len(owner)).astype(np.int64) + 600
        alarm = np.where(follows, later, NEVER)
        can = (time < source.stop_of(ready.card[owner])) & (time < self.end)
        card = to.at(time, lane) if settled else to.settle(self.start, time, np.where(can, lane, -1), alarm)
        card, alarm = _beside(to, time, lane, card, alarm, cells)
        can &= (card >= 0) & (card != ready.card[owner])
        owner, time, amount, card = owner[can], time[can], amount[can], card[can]
        payer, words = ready.card[owner], np.atleast_1d(word)
        self.ring.pay(
            movements(
                time, payer, card, amount, words[chance.integers(0, len(words), len(time))],
                device=self.device(payer), part=P["forward"],
            )
        )  # fmt: skip
        return Flow(time, card, lane[can], amount, np.where(settled, NEVER, alarm[can]))

    def split(self, total: Ints, ticket: float, most: int) -> tuple[Ints, Ints]:
        """Tickets of irregular size about a median (分), none above `most`."""
        chance, median = self.scene.chance, ticket * self.manner.ticket

        def draw(rows: Ints) -> Ints:
            sums = round_sums(chance, lognormal(chance, median / 100, 0.55, len(rows)))
            return np.minimum(sums, most - 100 * (sums % 7))

        return peel(total, draw, least=int(max(0.3 * min(median, most), 1)))

    def cash(self, ready: Flow, source: Tier) -> None:
        """Notes out of machines, at most 20,000 元 a time; what is under a note stays."""
        chance = self.scene.chance

        def draw(rows: Ints) -> Ints:
            notes = chance.choice([20, 25, 30, 40, 50, 50, 100, 150, 200], len(rows)) * 10_000
            return np.where(chance.random(len(rows)) < 0.3, notes - 10_000 * chance.integers(0, 9, len(rows)), notes)

        owner, amount = peel(ready.amount, draw, least=110_000)
        amount -= amount % 10_000
        time = paced(chance, ready.time, owner, 70)
        can = (time < source.stop_of(ready.card[owner])) & (time < self.end)
        payer, word = ready.card[owner][can], W["cash_out"]
        self.ring.pay(movements(time[can], payer, CASH, amount[can], word, device=NO_DEVICE, part=P["cash_out"]))

    def probe(self, cards: Array, moments: Ints) -> None:
        """Before use, some cards get a few yuan, or their price, from the dealer's own money."""
        chance = self.scene.chance
        chosen = chance.random(len(cards)) < self.scene.p["onward.probed"]
        when = moments - chance.exponential(20 * 3_600, len(cards)).astype(np.int64) - 300
        when = np.maximum(when, self.scene.world.start + chance.integers(0, 3_600, len(cards)))
        small = chance.choice([100, 100, 200, 500, 1_000, 110, 188], len(cards))
        price = chance.integers(5, 41, len(cards)) * 10_000
        bought = chance.random(len(cards)) < 0.3
        self.ring.pay(
            movements(
                when[chosen], self.dealer_card, cards[chosen], np.where(bought, price, small)[chosen], W["transfer"],
                part=np.where(bought, P["purchase"], P["test"])[chosen],
            )
        )  # fmt: skip

    def pay_dealer(self, ready: Flow, source: Tier, low: float, high: float) -> Flow:
        """Out of some batches goes the dealer's share of all; returns what is left of them."""
        chance = self.scene.chance
        agreed = float(chance.uniform(low, high))
        self.ring.commission["dealer"] = agreed
        every = np.flatnonzero(chance.random(len(ready)) < 0.35)
        fee = np.zeros(len(ready), dtype=np.int64)
        fee[every] = ready.amount[every] * np.minimum(agreed / 0.35 * chance.uniform(0.7, 1.3, len(every)), 0.5)
        fee = np.where(chance.random(len(ready)) < 0.6, fee - fee % 10_000, fee)
        time = ready.time + chance.integers(1, 30, len(ready))
        fee[(time >= source.stop_of(ready.card)) | (time >= self.end)] = 0
        paid = fee > 0
        self.ring.pay(
            movements(
                time[paid], ready.card[paid], self.dealer_card, fee[paid], W["transfer"],
                device=self.device(ready.card[paid]), part=P["commission"],
            )
        )  # fmt: skip
        self._pay_holders(time[paid], fee[paid])
        return ready.less(fee)

    def _pay_holders(self, time: Ints, income: Ints) -> None:
        """Every few days the dealer pays holders who keep nothing, as far as what came in reaches."""
        chance = self.scene.chance
        owed: list[tuple[int, int, int]] = []
        flows = Flow(*(np.concatenate([getattr(f, n) for f in self.passed]) for n in ("time", "card", "lane", "amount",
                                                                                      "alarm")))  # fmt: skip
        for card in sorted(self.by_transfer):
            mine = flows.take(flows.card == card)
            period = int(chance.integers(2, 8)) * DAY
            for number in np.unique(mine.time // period).tolist():
                here = mine.amount[mine.time // period == number].sum()
                sum_ = int(here * self.rates[card] * chance.uniform(0.85, 1.1)) // 1_000 * 1_000
                owed.append(((number + 1) * period + int(chance.integers(0, DAY)), card, sum_))
        events = [(t, -1, a) for t, a in zip(time.tolist(), income.tolist(), strict=True)]
        purse, paid = 0, []
        for when, card, amount in sorted(events + owed):
            if card < 0:
                purse += amount
            elif 0 < amount <= purse and when < self.end:
                purse -= amount
                paid.append((when, card, amount))
        if paid:
            when_, card_, amount_ = np.array(paid, dtype=np.int64).T
            self.ring.pay(movements(when_, self.dealer_card, card_, amount_, W["transfer"], part=P["commission"]))

    def report(self, time: Ints, share_of: float, stopped: float) -> tuple[Ints, Ints]:
        """When each victim reports (NEVER), and when the card is stopped for it (NEVER)."""
        chance, size = self.scene.chance, len(time)
        told = time + lognormal(chance, 9 * 3_600, 1.3, size).astype(np.int64) + 900
        told = np.where(chance.random(size) < share_of, told, NEVER)
        stop = told + lognormal(chance, 2_400, 1.0, size).astype(np.int64)
        return told, np.where((told < NEVER) & (chance.random(size) < stopped), stop, NEVER)

    def file(self, told: Ints, payer: Array, payee: Array, time: Ints, amount: Ints) -> None:
        """Put the reports among the ring's truth."""
        rows = np.flatnonzero(told < NEVER)
        columns = (payer[rows], payee[rows], time[rows], amount[rows], told[rows])
        self.ring.reports += [Report(*map(int, row)) for row in zip(*(c.tolist() for c in columns), strict=True)]

    def stop(self, tier: Tier) -> None:
        """48-hour stops of the tier's stopped cards (STOP-86), then for most a freeze of six months (FREEZE-1)."""
        chance = self.scene.chance
        for row in np.flatnonzero(tier.stops < self.scene.world.end).tolist():
            card, begin = int(tier.cards[row]), int(tier.stops[row])
            short = Measure(card, "止付", begin, begin + 2 * DAY)
            freeze = begin + int(chance.integers(3_600, 2 * DAY))
            long = Measure(card, "冻结", freeze, freeze + 182 * DAY)
            both = chance.random() < self.scene.p["onward.frozen_after_stop"]
            self.ring.measures += [short, long] if both else [short]
            hold(self.scene.world, Measure(card, "冻结", begin, long.end) if both else short)

    def enlist(self, accounts: Array, role: str, tier: int, *, led: bool = True) -> None:
        """Members among these accounts: those that the ring's rows name. Times come from the rows."""
        moves, chance = self.ring.movements, self.scene.chance
        accounts = np.unique(accounts)
        if not len(accounts):
            return
        first: Ints = np.full(len(accounts), NEVER, dtype=np.int64)
        last: Ints = np.full(len(accounts), -1, dtype=np.int64)
        for side in (moves.payer, moves.payee):
            place = np.minimum(np.searchsorted(accounts, side), len(accounts) - 1)
            hit = accounts[place] == side
            np.minimum.at(first, place[hit], moves.time[hit])
            np.maximum.at(last, place[hit], moves.time[hit])
        told: dict[int, int] = {}
        for report in self.ring.reports:
            for card in (report.payer, report.payee):
                told[card] = min(told.get(card, NEVER), report.reported)
        found = chance.random(len(accounts)) < 1 - self.scene.p["onward.never_found"]
        arrest = self.end + int(chance.integers(0, 12 * DAY))
        heads = {c.what: c.person for c in self.ring.controls if c.over == "account"}
        for row, account in enumerate(accounts.tolist()):
            if last[row] >= 0:
                known = min(told.get(account, NEVER), arrest if found[row] and led else NEVER)
                self.ring.members.append(
                    Member(
                        account, role, tier, int(first[row]), int(last[row]), self.rates.get(account, 0.0),
                        heads.get(account, -1), known,
                    )
                )  # fmt: skip


def _beside(to: Tier, time: Ints, lane: Ints, card: Ints, alarm: Ints, cells: int) -> tuple[Ints, Ints]:
    """Where a lane has no card left, one that works beside it in the same cell takes the sum, and no alarm with it."""
    card = card.copy()
    for step in range(1, to.lanes // cells):
        rows = np.flatnonzero(card < 0)
        card[rows] = to.at(time[rows], (lane[rows] + cells * step) % to.lanes)
        alarm = np.where(np.isin(np.arange(len(card)), rows), NEVER, alarm)
    return card, alarm


def gather_crew(scene: Scene, ring: Ring, *, days: float, most_cells: int = 3) -> Crew:
    """Dealer and period of a ring: it begins in the first fifth of the world and lasts about so many days."""
    world, chance = scene.world, scene.chance
    whole = world.end - world.start
    start = world.start + int(whole * chance.uniform(0.03, 0.2)) + DAY
    lasts = max(6 * DAY, int(lognormal(chance, days * DAY, 0.3, 1)[0]))
    end = min(start + lasts, world.end - int(whole * chance.uniform(0.01, 0.05)))
    boss = scene.market.people(1, city=ring.city, least_wealth=3_000_000)
    return Crew(scene, ring, manner(scene, most_cells=most_cells), start, end, int(boss[0]),
                int(world.people.bank[boss[0]]))  # fmt: skip


def lanes_for(cards: int, life: float, crew: Crew) -> int:
    """How many cards work side by side so that all are used up over the ring's time; `life` in seconds."""
    wanted = max(1, round(cards * life * 1.15 / max(crew.end - crew.start, 1)))
    cells = crew.manner.cells
    return int(min(max(cells, -(-wanted // cells) * cells), max(cards // cells * cells, 1)))


def payers(crew: Crew, count: int, least: int) -> I32:
    """Outsiders with at least so much (分) in their main account, in random order; the richest if there are too few."""
    accounts, people = crew.scene.world.accounts, crew.scene.world.people
    drawn = crew.outsiders(crew.scene.market.crowd(12 * count))
    held = accounts.balance[people.bank[drawn]]
    rich = drawn[held >= least]
    if len(rich) < count:
        rich = drawn[np.argsort(-held, kind="stable")]
    return rich[:count].astype(np.int32)


def within_means(amount: Ints, payer: Array, balance: Floats, part: float) -> Ints:
    """Sums (分) cut so that each payer's together stay below a part of its `balance`; `payer` is a row of that."""
    total = np.bincount(payer, amount.astype(np.float64), minlength=len(balance))
    factor: Floats = np.minimum(1.0, part * balance / np.maximum(total, 1))
    cut = amount * factor[payer]
    return np.where(factor[payer] < 1, np.floor(cut / 10_000) * 10_000, amount).astype(np.int64)


def regulars(crew: Crew, count: int, size: int) -> tuple[I32, Ints]:
    """Outsiders who pay again and again, some far more often, and who of them pays each of `size` times.

    Who has more pays more: `count` persons, and a row of them for each payment.
    """
    scene = crew.scene
    crowd = crew.outsiders(scene.market.crowd(count))
    held = scene.world.accounts.balance[scene.world.people.bank[crowd]].astype(np.float64)
    keen = np.minimum(scene.chance.pareto(1.3, len(crowd)) + 0.3, 6) * (held + 10_000) ** 0.9
    return crowd, scene.chance.choice(len(crowd), size, p=keen / keen.sum())
