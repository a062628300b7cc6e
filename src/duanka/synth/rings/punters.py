"""Who pays into a ring that lives on many small sums: people who gamble or buy, and now and then a victim of fraud."""

from dataclasses import dataclass

import numpy as np

from duanka.synth.chance import Array, Ints, lognormal
from duanka.synth.rings.bettors import stakes
from duanka.synth.rings.hiring import enrol, living, provide, spans
from duanka.synth.rings.ring import Report, Ring, Scene
from duanka.synth.rings.tiers import moments
from duanka.synth.rings.turns import NEVER, YUAN, chosen_sums
from duanka.synth.world import I32

_HOUR = 3_600


@dataclass(frozen=True, slots=True)
class Payers:
    """Payments into a ring: arrays, one entry a payment."""

    account: I32
    time: Ints  # seconds UTC
    amount: Ints  # 分
    victim: Array  # whether it is a victim's
    reported: Ints  # seconds UTC, NEVER for no report
    danger: Ints  # seconds UTC at which the police stop the receiver for it, NEVER

    def __len__(self) -> int:
        return len(self.time)


def punters(scene: Scene, section: str, days: Ints, orders: int) -> Payers:
    """About so many payments on these days; victims, their sums and reports by the parameters of the section."""
    chance, p, world = scene.chance, scene.p, scene.world
    people, known_by = world.people, world.scale.first_day
    who = scene.market.crowd(max(6, round(orders / p[f"{section}.payments_a_person"])))
    who = who[scene.market.free(who) & (world.accounts.opened[people.bank[who]] < known_by)]
    wallet = np.where(chance.random(len(who)) < 0.55, people.wechat[who], people.alipay[who])
    uses = (wallet >= 0) & (chance.random(len(who)) < 0.4)
    uses &= world.accounts.opened[np.maximum(wallet, 0)] < known_by
    account = np.where(uses, wallet, people.bank[who])
    often = np.cumsum(lognormal(chance, 1.0, 0.9, len(who)))
    of = np.searchsorted(often, chance.random(orders) * often[-1])
    victim = np.zeros(len(who), dtype=np.bool_)
    victim[: max(1, round(len(who) * p[f"{section}.victims"]))] = True
    taste = chance.standard_normal(len(who))
    cheap = stakes(scene, taste[of])
    dear = np.clip(lognormal(chance, p[f"{section}.victim_ticket"], 0.8, orders), 300, 150_000) * YUAN
    amount = np.where(victim[of], chosen_sums(chance, dear), cheap)
    time = np.where(
        victim[of], moments(chance, days, "even", "office", orders), moments(chance, days, "leisure", "evening", orders)
    )
    fits = time < world.end
    of, time, amount = of[fits], time[fits], amount[fits]
    order = np.argsort(time, kind="stable")
    of, time, amount = of[order], time[order], amount[order]
    total = np.bincount(of, amount, minlength=len(who))
    provide(scene, account, total * p[f"{section}.provided"] + living(scene, who))
    tells = victim & (chance.random(len(who)) < p[f"{section}.reported"])
    last = np.zeros(len(who), dtype=np.int64)
    np.maximum.at(last, of, time)
    told = last + lognormal(chance, p[f"{section}.report_hours"] * _HOUR, 1.1, len(who)).astype(np.int64) + 600
    told = np.where(tells & (told < world.end), told, NEVER)
    late = lognormal(chance, 2_700, 0.9, len(who)).astype(np.int64)
    stops = (told < NEVER) & (chance.random(len(who)) < p[f"{section}.stopped"])
    danger = np.where(stops, told + late, NEVER)
    return Payers(account[of].astype(np.int32), time, amount, victim[of], told[of], danger[of])


def file_reports(ring: Ring, payers: Payers, payee: Ints) -> Ints:
    """Put the reports among the ring's truth; returns the payees reported, and when, as two rows."""
    told = np.flatnonzero(payers.reported < NEVER)
    columns = (payers.account[told], payee[told], payers.time[told], payers.amount[told], payers.reported[told])
    ring.reports += [Report(*map(int, row)) for row in zip(*(c.tolist() for c in columns), strict=True)]
    return np.stack([payee[told], payers.reported[told]])


def enrol_payers(ring: Ring, payers: Payers) -> None:
    """Victims and bettors among the members. Known are victims who reported."""
    when = spans(ring)
    order = np.lexsort((payers.reported, payers.account))
    for mask, role in ((payers.victim[order], "victim"), (~payers.victim[order], "bettor")):
        chosen = order[mask]
        enrol(ring, when, payers.account[chosen], role, tier=0, known=payers.reported[chosen])
