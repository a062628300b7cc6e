"""What a platform ring leaves to be found: its members, who controls what, measures, and when each could be known."""

import numpy as np

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints
from duanka.synth.movements import OWN_DEVICE
from duanka.synth.rings.cashing import Outlets
from duanka.synth.rings.dues import elsewhere
from duanka.synth.rings.gang import COLLECT, PAYOUT, SETTLE, TRANSIT, Gang
from duanka.synth.rings.relay import NEVER, Schedule
from duanka.synth.rings.ring import Control, Measure, Member, hold
from duanka.synth.words import P
from duanka.synth.world import OUTLETS_OF_A_CITY, moment, more_sims, telecom_outlet

_DAY = 86_400
_ROLES = {COLLECT: ("collection", 1), TRANSIT: ("transit", 2), PAYOUT: ("payout", 3), SETTLE: ("settlement", 3)}
_SHIFTS = (0, 8 * 3_600, 16 * 3_600)


def _spans(account: Ints, time: Ints) -> tuple[Ints, Ints, Ints]:
    """Accounts in order, with the first and last second of each."""
    order = np.lexsort((time, account))
    account, time = account[order], time[order]
    found, first = np.unique(account, return_index=True)
    return found, time[first], time[np.append(first[1:], len(account)) - 1]


class Roll:
    """Enrols members: accounts that have acted, with their first and last act. Who bets and works has two parts."""

    def __init__(self, gang: Gang, *, bets: bool) -> None:
        self._gang = gang
        made = gang.ring.movements
        pays, gets = made.part == P["deposit"], made.part == P["payout"]
        if not bets:
            pays, gets = ~pays, ~gets
        account = np.concatenate([made.payer[pays], made.payee[gets]]).astype(np.int64)
        self._accounts, self._first, self._last = _spans(account, np.concatenate([made.time[pays], made.time[gets]]))

    def acted(self, accounts: Array) -> Array:
        """Which of these accounts have a row in the ring."""
        place = np.minimum(np.searchsorted(self._accounts, accounts), len(self._accounts) - 1)
        return np.asarray(self._accounts[place] == accounts)

    def add(
        self, accounts: Array, role: str, tier: int, known: Array, *, rate: Array | float = 0.0, by: Array | int = -1
    ) -> None:
        """Members of one role; those who have not acted are left out."""
        columns = np.broadcast_arrays(accounts, known, rate, by)
        acted = self.acted(columns[0])
        place = np.searchsorted(self._accounts, columns[0][acted])
        rows = [*(column[acted] for column in columns), self._first[place], self._last[place]]
        self._gang.ring.members += [
            Member(account, role, tier, first, last, share, controller, known_)
            for account, known_, share, controller, first, last in zip(*(r.tolist() for r in rows), strict=True)
        ]


def first_raid(gang: Gang) -> int:
    """Second of the first raid; NEVER."""
    return int(gang.plan.raids.min())


def _later(gang: Gang, moment_: Array | int, low: float, high: float, missed: float) -> Ints:
    """Some days after moments; NEVER stays, and so does a share that nobody finds."""
    base = np.atleast_1d(np.asarray(moment_, dtype=np.int64))
    found = base + (gang.chance.uniform(low, high, len(base)) * _DAY).astype(np.int64)
    return np.where((base >= NEVER) | (gang.chance.random(len(base)) < missed), NEVER, found)


def known_cards(gang: Gang) -> Ints:
    """When each card could first be known: a report, or the raid on its studio."""
    cards, plan = gang.cards, gang.plan
    missed = 0.0 if gang.scene.reference else gang.scene.p["platform.never_known"]
    raid = np.where(cards.job == SETTLE, np.max(plan.raids), plan.raids[cards.studio])
    known = _later(gang, raid, 0.1, 9, missed)
    for report in gang.ring.reports:
        row = int(gang.row(np.array([report.payee]))[0])
        known[row] = min(known[row], report.reported)
    return known


def enrol(gang: Gang, out: Outlets, bettors: Array, known: Ints) -> None:
    """Everybody into the truth."""
    roll, cards, plan, scene = Roll(gang, bets=False), gang.cards, gang.plan, gang.scene
    bank, raid = scene.world.people.bank, first_raid(gang)
    missed = 0.0 if scene.reference else scene.p["platform.never_known"]
    operator = _operators(gang)
    for job, (role, tier) in _ROLES.items():
        rows = np.flatnonzero(cards.job == job)
        roll.add(cards.account[rows], role, tier, known[rows], rate=cards.rate[rows], by=operator[rows])
    for number, studio in enumerate(gang.studios):
        when = _later(gang, np.full(len(studio.operators), plan.raids[number]), 0, 0.3, missed)
        share_of = np.zeros(len(studio.operators))
        share_of[0] = gang.studio_rate[number]
        roll.add(bank[studio.operators], "studio", -1, when, rate=share_of)
    last = int(plan.raids.max())
    agents = np.full(len(gang.people["agent"]), float(gang.agent_rate.mean()))
    for role, rate in (("dealer", 0.0), ("agent", agents), ("recruiter", 0.0), ("operator", 0.0)):
        when = _later(gang, np.full(len(gang.people[role]), raid), 0, 40, missed)
        roll.add(gang.account(role), role, -1, np.minimum(when, np.where(when < NEVER, last, NEVER)), rate=rate)
    merchants = _later(gang, np.full(len(gang.people["merchant"]), last), 0, 30, 0.4)
    roll.add(gang.account("merchant"), "merchant", 4, merchants)
    roll.add(out.shells, "settlement", 3, _later(gang, np.full(len(out.shells), last), 0, 20, missed))
    for accounts, role, tier in ((out.traders, "cash_out", 4), (out.runners, "cash_out", 4)):
        roll.add(accounts, role, tier, _later(gang, np.full(len(accounts), last), 5, 60, 0.4))
    honest = np.unique(np.concatenate([out.goods, out.sellers]))
    honest = honest[~np.isin(honest, cards.account)]
    roll.add(honest, "good_faith", 5, _later(gang, np.full(len(honest), last), 10, 60, 0.3))
    met = out.goods[roll.acted(out.goods)]
    gang.ring.innocents += [("wholesaler", account) for account in met.tolist()]
    reported = {report.payer: report.reported for report in reversed(gang.ring.reports)}
    when = _later(gang, np.full(len(bettors), raid), 15, 60, 0.4)
    told = np.array([reported.get(account, NEVER) for account in bettors.tolist()], dtype=np.int64)
    Roll(gang, bets=True).add(bettors, "bettor", 0, np.minimum(when, told))


def enrol_holders(gang: Gang) -> None:
    """The other accounts in which the cards' holders were paid (卡农), but those that are members already."""
    scene, cards = gang.scene, gang.cards
    others = np.unique(elsewhere(gang, cards.account[cards.start < NEVER]))
    others = np.setdiff1d(others, [member.account for member in gang.ring.members])
    missed = 0.0 if scene.reference else scene.p["platform.never_known"]
    known = _later(gang, np.full(len(others), first_raid(gang)), 0, 40, missed)
    Roll(gang, bets=False).add(others, "farmer", -1, known)


def _operators(gang: Gang) -> Ints:
    """Person who works each card; -1 for those that their holder works at home, or that a merchant holds."""
    by = {c.what: c.person for c in gang.ring.controls if c.over == "account"}
    found = np.array([by.get(account, -1) for account in gang.cards.account.tolist()], dtype=np.int64)
    home = (gang.cards.device == OWN_DEVICE) & (gang.cards.job != SETTLE)
    return np.where(home, -1, found)


def sims(gang: Gang) -> None:
    """SIMs that go with the cards sit in the studios' phones and become the cards' reserved phones."""
    scene, cards, chance = gang.scene, gang.cards, gang.chance
    world = scene.world
    handed = (cards.device != OWN_DEVICE) & (chance.random(len(cards)) < scene.p["platform.sims"])
    rows = np.flatnonzero(handed & (cards.start < NEVER))
    holder = world.accounts.person[cards.account[rows]]
    spare = np.full(len(world.people), -1, dtype=np.int64)
    others = np.flatnonzero((world.sims.kind != 2) & (np.arange(len(world.sims)) >= len(world.people)))
    spare[world.sims.person[others]] = others
    _, once = np.unique(holder, return_index=True)
    first = np.isin(np.arange(len(rows)), once)
    found = np.where(first, spare[holder], -1)
    new = np.flatnonzero(found < 0)
    day = seasons.day_of(cards.start[rows[new]])
    old = chance.random(len(new)) < 0.35
    opened = (
        day - np.where(old, chance.exponential(700, len(new)), chance.exponential(20, len(new))).astype(np.int64) - 2
    )
    operators = chance.choice(5, len(new), p=[0.46, 0.19, 0.16, 0.1, 0.09])
    region = world.people.region[holder[new]]
    outlet = telecom_outlet(operators, region, chance.integers(0, OUTLETS_OF_A_CITY, len(new)))
    for mvno in (False, True):
        here = new[np.isin(operators, (3, 4)) == mvno]
        pick = np.isin(new, here)
        found[here] = more_sims(
            world.sims, holder[here], kind=int(mvno), operators=operators[pick], opened=opened[pick],
            outlets=outlet[pick], devices=cards.device[rows[here]],
        )  # fmt: skip
    world.sims.device[found] = cards.device[rows]
    world.accounts.sim[cards.account[rows]] = found
    people = [gang.studios[s].operators for s in cards.studio[rows].tolist()]
    gang.ring.controls += [
        Control(int(persons[number % len(persons)]), "sim", sim, since, "studio")
        for number, (persons, sim, since) in enumerate(
            zip(people, found.tolist(), cards.start[rows].tolist(), strict=True)
        )
    ]


def controls(gang: Gang, out: Outlets) -> None:
    """Who has power over whom beyond the studios, and over the merchants' accounts."""
    cards, people, plan, ring = gang.cards, gang.people, gang.plan, gang.ring
    begin = moment(plan.first)
    holders = gang.scene.world.accounts.person[cards.account]
    used = np.flatnonzero(cards.start < NEVER).tolist()
    for row in used:
        since = int(cards.start[row]) - _DAY
        ring.controls.append(
            Control(int(people["dealer"][cards.dealer[row]]), "person", int(holders[row]), since, "dealer")
        )
    for number, row in enumerate(used):
        if number % 5 < 3 or number < len(people["recruiter"]):
            person = people["recruiter"][number % len(people["recruiter"])]
            ring.controls.append(Control(int(person), "person", int(holders[row]), int(cards.start[row]), "recruiter"))
    heads = [int(studio.operators[0]) for studio in gang.studios]
    for number, agent in enumerate(people["agent"].tolist()):
        own = heads[number % plan.cells :: plan.cells]  # a studio of a split ring is a cell
        ring.controls.append(Control(agent, "person", own[number // plan.cells % len(own)], begin, "agent"))
        operator = int(people["operator"][number % len(people["operator"])])
        ring.controls.append(Control(operator, "person", agent, begin - 5 * _DAY, "operator"))
    for operator in people["operator"][len(people["agent"]) :].tolist():
        ring.controls.append(Control(operator, "person", int(people["agent"][0]), begin, "operator"))
    merchants = people["merchant"].tolist()
    for cell, takers in enumerate(out.takers):
        owners = merchants[cell :: plan.cells]
        for number, account in enumerate(takers.tolist()):
            ring.controls.append(Control(owners[number % len(owners)], "account", account, begin, "merchant"))
    for number, person in enumerate(out.runner_persons.tolist()):
        ring.controls.append(Control(merchants[number % plan.cells], "person", person, begin, "merchant"))


def stops(gang: Gang, known: Ints) -> None:
    """Measures: a stop of 48 hours and a freeze after reports in time, freezes in the days after a raid."""
    cards, chance, world, ring = gang.cards, gang.chance, gang.scene.world, gang.ring
    raid = gang.plan.raids[cards.studio]
    for row in np.flatnonzero((cards.start < NEVER) & (known < NEVER) & (cards.job != SETTLE)).tolist():
        account, stop = int(cards.account[row]), int(cards.stop[row])
        found = []
        if stop < raid[row] and known[row] <= stop:
            freeze = stop + int(chance.integers(7_200, 47 * 3_600))
            found.append(Measure(account, "止付", stop, stop + 48 * 3_600))
            found.append(Measure(account, "冻结", freeze, freeze + 182 * _DAY))
        elif raid[row] < NEVER and chance.random() < 0.8:
            freeze = int(raid[row]) + int(chance.integers(0, 2 * _DAY))
            found.append(Measure(account, "冻结", freeze, freeze + 182 * _DAY))
        for measure in found:
            if measure.start < world.end:
                ring.measures.append(measure)
                hold(world, measure)


def logins(gang: Gang, plan: Schedule) -> None:
    """At the beginning of a shift its people look into the cards that work that day."""
    chance, cards = gang.chance, gang.cards
    device = cards.device[plan.card]
    for shift in _SHIFTS:
        time = seasons.at(plan.day, shift + chance.integers(0, 2_400, len(plan.day)))
        some = (device != OWN_DEVICE) & (chance.random(len(device)) < 0.6) & (time < gang.scene.world.end)
        some &= (time < gang.plan.raids[cards.studio[plan.card]]) & (cards.start[plan.card] < NEVER)
        gang.ring.logins.add(time[some], cards.account[plan.card[some]], device[some])
