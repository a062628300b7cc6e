"""Who pays into a ring: people who gamble, buy or invest, what they can spend, and who of them goes to the police."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Floats, Ints, lognormal
from duanka.synth.rings.bettors import stakes
from duanka.synth.rings.hiring import enrol, provide, spans
from duanka.synth.rings.ring import Report, Ring, Scene
from duanka.synth.rings.sums import YUAN, chosen_sums
from duanka.synth.rings.tiers import Works, moments
from duanka.synth.rings.turns import NEVER, Money, Turns
from duanka.synth.world import I32, J

_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Payers:
    """Payments into a ring by time: arrays, one entry a payment."""

    account: I32
    time: Ints  # seconds UTC
    amount: Ints  # 分
    victim: Array  # whether it is a victim's
    reported: Ints  # seconds UTC, NEVER for no report
    danger: Ints  # seconds UTC at which the police stop the receiver for it, NEVER

    def __len__(self) -> int:
        return len(self.time)

    def take(self, chosen: Array) -> "Payers":
        """The rows that a mask or an index array chooses."""
        return Payers(*(getattr(self, name)[chosen] for name in Payers.__slots__))


@dataclass(frozen=True, slots=True)
class Police:
    """How often those who were robbed go to the police, and what comes of it."""

    reported: float  # share of the victims
    hours: float  # median from the last payment to the report
    stopped: float  # share of reports that stop the receiver


def able(scene: Scene, spent: Array) -> I32:
    """Somebody for each of these sums to be spent (分), none of a ring so far, each person once: who has more, more.

    They live on pay or have savings; what their account still lacks is put there as savings of earlier years.
    """
    people, table = scene.world.people, scene.world.accounts
    crowd = scene.market.crowd(4 * len(spent) + 20)
    crowd = crowd[scene.market.free(crowd) & (table.opened[people.bank[crowd]] < scene.world.scale.first_day)]
    held = table.balance[people.bank[crowd]]
    trades = people.job[crowd] == J["merchant"]  # whose money is out in goods, mostly
    lives = (held > np.where(trades, 10_000_000, 2_000_000)) | (~trades & (people.pay[crowd] > 0))
    crowd, held = np.concatenate([crowd[lives], crowd[~lives]]), np.concatenate([held[lives], held[~lives]])
    crowd, held = crowd[: 2 * len(spent)], held[: 2 * len(spent)]
    likes = held * lognormal(scene.chance, 1.0, 0.8, len(crowd))
    chosen = crowd[np.argsort(-likes, kind="stable")[: len(spent)]]
    found = np.empty(len(spent), dtype=np.int32)
    found[np.argsort(-np.asarray(spent), kind="stable")[: len(chosen)]] = chosen
    found[np.argsort(-np.asarray(spent), kind="stable")[len(chosen) :]] = chosen[-1]
    return found


def paid_by(
    scene: Scene, account: I32, of: Ints, time: Ints, amount: Ints, *, victim: Array, police: Police
) -> Payers:  # fmt: skip
    """Payments of these accounts, which have the money for them; `of` is a row of `account` and of `victim`.

    Some of the victims report all their payments after the last one. O(n log n).
    """
    chance, end, size = scene.chance, scene.world.end, len(account)
    order = np.argsort(time, kind="stable")
    order = order[(time[order] < end) & (amount[order] > 0)]
    of, time, amount = of[order], time[order], amount[order]
    provide(scene, account, np.bincount(of, amount, minlength=size))
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, of, time)
    told = last + lognormal(chance, police.hours * _HOUR, 1.2, size).astype(np.int64) + 600
    told = np.where(victim & (chance.random(size) < police.reported) & (told < end), told, NEVER)
    late = lognormal(chance, 2_700, 0.9, size).astype(np.int64)
    stops = (told < NEVER) & (chance.random(size) < police.stopped)
    danger = np.where(stops, told + late, NEVER)
    return Payers(account[of].astype(np.int32), time, amount, victim[of], told[of], danger[of])


def together(one: Payers, two: Payers) -> Payers:
    """Both, by time."""
    both = Payers(*(np.concatenate([getattr(one, name), getattr(two, name)]) for name in Payers.__slots__))
    return both.take(np.argsort(both.time, kind="stable"))


def visits(scene: Scene, persons: int, orders: int) -> Ints:
    """Which of so many persons pays each of so many orders: some come far more often."""
    often = np.cumsum(lognormal(scene.chance, 1.0, 0.9, persons))
    found: Ints = np.searchsorted(often, scene.chance.random(orders) * often[-1]).astype(np.int64)
    return found


def victims(scene: Scene, days: Ints, payments: int, *, median: float, police: Police) -> Payers:
    """About so many payments of persons who are robbed, of about `median` 元, in office hours; one to four each."""
    of = np.sort(scene.chance.integers(0, max(2, payments // 2), payments))
    amount = chosen_sums(scene.chance, np.clip(lognormal(scene.chance, median, 0.8, payments), 300, 480_000) * YUAN)
    size = int(of.max()) + 1
    account = scene.world.people.bank[able(scene, np.bincount(of, amount, minlength=size))]
    time = moments(scene.chance, days, "even", "office", payments)
    return paid_by(scene, account, of, time, amount, victim=np.ones(size, dtype=np.bool_), police=police)


def gamblers(scene: Scene, days: Ints, orders: int, *, each: float, sums: Floats | None = None) -> Payers:
    """So many stakes of persons who come about `each` times, in the evening; `sums` (分), or those of the menu."""
    size = max(6, round(orders / each))
    of = visits(scene, size, orders)
    amount = stakes(scene, scene.chance.standard_normal(size)[of]) if sums is None else chosen_sums(scene.chance, sums)
    spent = np.bincount(of, amount, minlength=size)
    account = _wallets(scene, able(scene, spent), spent)
    time = moments(scene.chance, days, "leisure", "evening", orders)
    quiet = Police(0, 1, 0)
    return paid_by(scene, account, of, time, amount, victim=np.zeros(size, dtype=np.bool_), police=quiet)


def _wallets(scene: Scene, persons: I32, spent: Array) -> I32:
    """From which account each person pays: some use a wallet, if its limit of a year allows it."""
    people, chance = scene.world.people, scene.chance
    wallet = np.where(chance.random(len(persons)) < 0.55, people.wechat[persons], people.alipay[persons])
    uses = (wallet >= 0) & (chance.random(len(persons)) < 0.4) & (spent < 8_000_000)
    uses &= scene.world.accounts.opened[np.maximum(wallet, 0)] < scene.world.scale.first_day
    account: I32 = np.where(uses, wallet, people.bank[persons]).astype(np.int32)
    return account


def punters(scene: Scene, section: str, days: Ints, orders: int) -> Payers:
    """About so many payments on these days; victims, their sums and reports by the parameters of the section."""
    p = scene.p
    robbed = max(1, round(orders * p[f"{section}.victims"]))
    police = Police(p[f"{section}.reported"], p[f"{section}.report_hours"], p[f"{section}.stopped"])
    many = victims(scene, days, robbed, median=p[f"{section}.victim_ticket"], police=police)
    return together(gamblers(scene, days, orders - robbed, each=p[f"{section}.payments_a_person"]), many)


def collect(
    works: Works, ring: Ring, payers: Payers, word: Array | int, *, lanes: int, days: float,
    lane: Ints | None = None, cell: Ints | None = None,
) -> tuple[Money, Turns]:  # fmt: skip
    """Payments reach a new tier, whose cards take turns; they, and the reports of them, are written."""
    cell = works.scene.chance.integers(0, works.cells, len(payers)) if cell is None else cell
    money = Money(payers.time, np.full(len(payers), -1), payers.amount, payers.danger, cell)
    arrived, turns = works.turns_of(money, lanes=lanes, days=days, lane=lane)
    works.book.add(payers.time, payers.account, arrived.node, payers.amount, word, "deposit")
    told = np.flatnonzero(payers.reported < NEVER)
    columns = (payers.account[told], arrived.node[told], payers.time[told], payers.amount[told], payers.reported[told])
    ring.reports += [Report(*map(int, row)) for row in zip(*(c.tolist() for c in columns), strict=True)]
    ring.meant += int(payers.amount.sum())
    return arrived, turns


def enrol_payers(ring: Ring, payers: Payers) -> None:
    """Victims and bettors among the members. Known are victims who reported."""
    when = spans(ring)
    order = np.lexsort((payers.reported, payers.account))
    for mask, role in ((payers.victim[order], "victim"), (~payers.victim[order], "bettor")):
        chosen = order[mask]
        enrol(ring, when, payers.account[chosen], role, tier=0, known=payers.reported[chosen])
