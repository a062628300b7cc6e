"""Laws of a run-points platform ring: money, relay, roles, variants, its seized database, and the published case."""

from datetime import date
from functools import cache

import numpy as np
import polars as pl
import pytest

from duanka.synth import seasons
from duanka.synth.chance import Array, stream
from duanka.synth.movements import CASH, NO_DEVICE, OWN_DEVICE, Movements
from duanka.synth.parameters import defaults
from duanka.synth.population import populate
from duanka.synth.rings.platform import make
from duanka.synth.rings.ring import ADAPTIVE, Market, Ring, Scene
from duanka.synth.scales import RING_KINDS, SCALES, Scale
from duanka.synth.words import PARTS, ROLES, P
from duanka.synth.world import World

SMALL = Scale("small", 6_000, 300, date(2020, 6, 1), 75, 60_000, dict.fromkeys(RING_KINDS, 1), 0.3, 1.0, 31)
LARGE = Scale("large", 60_000, 2_000, date(2020, 5, 1), 110, 1, {}, 1.0, 1.0, 31)
CASES = [(0.06, "plain", 1), (1.0, "plain", 3), *((0.3, how, 4) for how in ADAPTIVE)]
CORE = {"dealer", "studio", "agent", "operator", "recruiter", "merchant"}


@cache
def _ring(size: float, how: str, seed: int) -> tuple[World, Ring]:
    return _made(SCALES["tiny"] if size < 0.1 else SMALL if size < 1 else LARGE, size, how, seed)


def _made(scale: Scale, size: float, how: str, seed: int, *, reference: bool = False) -> tuple[World, Ring]:
    world = populate(seed, scale, defaults())
    market = Market(world, stream(seed, "market"))
    return world, make(Scene(world, market, stream(seed, "ring", "platform", 0), 0, size, how, reference=reference))


@pytest.fixture(params=CASES, ids=str)
def made(request: pytest.FixtureRequest) -> tuple[World, Ring]:
    return _ring(*request.param)


def _part(ring: Ring, *names: str) -> Movements:
    rows = ring.movements
    return rows.take(np.isin(rows.part, [P[name] for name in names]))


def _accounts(ring: Ring, *roles: str) -> Array:
    return np.unique(np.array([m.account for m in ring.members if m.role in roles], dtype=np.int64))


def _least_held(ring: Ring) -> dict[int, int]:
    """Of each account the least ring money it ever held; bets and margins are a person's own money."""
    rows = ring.movements
    own = P["margin"]
    pays = ~np.isin(rows.part, [P["deposit"], own]) & (rows.payer != CASH)
    gets = ~np.isin(rows.part, [P["payout"], own]) & (rows.payee != CASH)
    account = np.concatenate([rows.payer[pays], rows.payee[gets]])
    time = np.concatenate([rows.time[pays], rows.time[gets]])
    change = np.concatenate([-rows.amount[pays], rows.amount[gets]])
    least: dict[int, int] = {}
    held: dict[int, int] = {}
    order = np.lexsort((change > 0, time, account))  # in one second, what goes out comes first
    for who, sum_ in zip(account[order].tolist(), change[order].tolist(), strict=True):
        held[who] = held.get(who, 0) + sum_
        least[who] = min(least.get(who, 0), held[who])
    return least


def test_nobody_hands_on_more_ring_money_than_it_has_received(made: tuple[World, Ring]) -> None:
    world, ring = made
    least = _least_held(ring)
    dealers = set(_accounts(ring, "dealer").tolist())
    assert dealers
    for account, amount in least.items():
        allowed = world.accounts.balance[account] // 4 + 10_000 if account in dealers else 0
        assert amount >= -allowed, (account, amount)


def test_times_amounts_parts_and_accounts_are_in_range(made: tuple[World, Ring]) -> None:
    world, ring = made
    rows = ring.movements
    assert len(rows) > 200
    assert rows.time.min() >= world.start
    assert rows.time.max() < world.end
    assert np.all(np.diff(rows.time) >= 0)
    assert np.all((rows.payer >= CASH) & (rows.payer < len(world.accounts)))
    assert np.all((rows.payee >= CASH) & (rows.payee < len(world.accounts)))
    assert np.all((rows.device >= NO_DEVICE) & (rows.device < len(world.devices)))
    assert np.all(rows.part > 0)
    assert rows.amount[rows.part == P["deposit"]].max() <= 1_000_000
    assert rows.amount[rows.part == P["forward"]].max() <= 5_000_000
    day = seasons.day_of(rows.time)
    for side in (rows.payer, rows.payee):
        card = np.isin(side, _accounts(ring, "collection", "transit", "payout", "settlement")) & (
            rows.part != P["test"]
        )
        assert np.all(world.accounts.opened[side[card]] <= day[card])


def test_tiers_are_what_the_rows_say(made: tuple[World, Ring]) -> None:
    _, ring = made
    tier = {m.account: m.tier for m in ring.members if m.role in {"collection", "transit", "payout", "settlement"}}
    bettors = set(_accounts(ring, "bettor").tolist())
    deposits, forwards, payouts = _part(ring, "deposit"), _part(ring, "forward"), _part(ring, "payout")
    assert {tier[a] for a in deposits.payee.tolist()} == {1}
    assert set(deposits.payer.tolist()) == bettors
    steps = {(tier[a], tier[b]) for a, b in zip(forwards.payer.tolist(), forwards.payee.tolist(), strict=True)}
    assert steps == {(1, 2), (2, 3)}
    assert {tier[a] for a in payouts.payer.tolist()} == {3}
    assert set(payouts.payee.tolist()) <= bettors


def test_the_house_wins_and_winners_have_staked(made: tuple[World, Ring]) -> None:
    _, ring = made
    staked, paid = _part(ring, "deposit").amount.sum(), _part(ring, "payout").amount.sum()
    assert 0.3 * staked < paid < 0.97 * staked


def test_every_member_has_acted_when_it_says(made: tuple[World, Ring]) -> None:
    _, ring = made
    rows = ring.movements
    span: dict[int, tuple[int, int]] = {}
    for account, time in zip(
        np.concatenate([rows.payer, rows.payee]).tolist(), np.tile(rows.time, 2).tolist(), strict=True
    ):
        old = span.get(account, (time, time))
        span[account] = min(old[0], time), max(old[1], time)
    for member in ring.members:
        assert member.role in ROLES
        first, last = span[member.account]
        assert first <= member.first <= member.last <= last
        assert member.known > member.first
    pairs = [(m.account, m.role) for m in ring.members]
    assert len(pairs) == len(set(pairs))


def test_reports_are_rows(made: tuple[World, Ring]) -> None:
    world, ring = made
    deposits = _part(ring, "deposit")
    rows = set(
        zip(*(c.tolist() for c in (deposits.payer, deposits.payee, deposits.time, deposits.amount)), strict=True)
    )
    for report in ring.reports:
        assert (report.payer, report.payee, report.time, report.amount) in rows
        assert report.time < report.reported < world.end


def test_measures_stop_the_card_and_the_relay_goes_on(made: tuple[World, Ring]) -> None:
    world, ring = made
    rows = ring.movements
    for measure in ring.measures:
        assert measure.start < world.end
        after = (rows.payer == measure.account) & (rows.time >= measure.start) & (rows.part != P["deposit"])
        assert not after.any()
        assert world.accounts.blocked_to[measure.account] >= measure.end


def test_controls_name_what_exists(made: tuple[World, Ring]) -> None:
    world, ring = made
    sizes = {"person": len(world.people), "sim": len(world.sims), "device": len(world.devices)}
    sizes["account"] = len(world.accounts)
    for control in ring.controls:
        assert 0 <= control.person < len(world.people)
        assert 0 <= control.what < sizes[control.over]
        assert control.role in ROLES
    studio_phones = {c.what for c in ring.controls if c.over == "device"}
    used = set(np.unique(ring.movements.device).tolist()) - {OWN_DEVICE, NO_DEVICE}
    assert used <= studio_phones
    for sim in (c.what for c in ring.controls if c.over == "sim"):
        assert world.sims.device[sim] in studio_phones
    logins = np.concatenate(ring.logins.device)
    assert set(logins.tolist()) <= studio_phones


def test_commission_lies_within_the_agreed_range(made: tuple[World, Ring]) -> None:
    world, ring = made
    p = world.parameters
    for member in ring.members:
        if member.role == "collection":
            assert p["platform.holder_low"] <= member.rate <= p["platform.holder_high"]
    paid, forwards = _part(ring, "commission"), _part(ring, "forward")
    pool = _accounts(ring, "transit")
    passed = forwards.amount[np.isin(forwards.payee, pool)].sum()
    got = paid.amount[np.isin(paid.payer, pool)].sum()
    assert 0.004 < got / passed < p["platform.studio_high"] + p["platform.agent_high"]
    assert p["platform.studio_low"] <= ring.commission["studio"] <= p["platform.studio_high"]


def test_holders_keep_little(made: tuple[World, Ring]) -> None:
    world, ring = made
    deposits, out = _part(ring, "deposit"), _part(ring, "forward")
    kept = []
    for card in _accounts(ring, "collection").tolist():
        got = deposits.amount[deposits.payee == card].sum()
        if got > 10_000_000:
            kept.append(1 - out.amount[out.payer == card].sum() / got)
    assert min(kept) >= 0
    if ring.adaptive in {"plain", "split"} and len(kept) > 8:  # a card that a raid surprises keeps what lies on it
        assert np.median(kept) < world.parameters["platform.holder_high"]


def test_accounts_in_which_holders_of_cards_are_paid_are_members(made: tuple[World, Ring]) -> None:
    """Whoever a dealer or studio pays, and who holds a card, is paid in an account that the truth lists."""
    world, ring = made
    cards = {m.account for m in ring.members if m.role in {"collection", "transit", "payout"}}
    bosses = {m.account for m in ring.members if m.role in {"dealer", "studio"}}
    holders = set(world.accounts.person[list(cards)].tolist())
    paid = ring.movements.part == P["commission"]
    payee = ring.movements.payee[paid & np.isin(ring.movements.payer, list(bosses)) & (ring.movements.payee >= 0)]
    own = {account for account in payee.tolist() if int(world.accounts.person[account]) in holders}
    assert own
    assert own <= {m.account for m in ring.members}
    assert all(m.tier == -1 for m in ring.members if m.role == "farmer")


def test_points_of_every_user_are_the_sum_of_its_bookings(made: tuple[World, Ring]) -> None:
    _, ring = made
    assert ring.ledger is not None
    users, points = ring.ledger.users, ring.ledger.points
    assert set(points["user"].to_list()) <= set(users["user"].to_list())
    sums = points.pivot("kind", index="user", values="amount", aggregate_function="sum").fill_null(0)
    both = users.join(sums, on="user", how="left", suffix="_booked").fill_null(0)
    held = both["deposit_booked"] + both["up"] - both["down"] - both["commission"]
    assert held.to_list() == both["points"].to_list()
    assert both["deposit"].to_list() == both["deposit_booked"].to_list()
    assert users["user"].n_unique() == len(users)


def test_paid_orders_are_bank_rows_within_minutes(made: tuple[World, Ring]) -> None:
    world, ring = made
    assert ring.ledger is not None
    orders = ring.ledger.orders
    assert orders["order"].n_unique() == len(orders)
    assert set(orders["user"].to_list()) | set(orders["merchant"].to_list()) <= set(ring.ledger.users["user"].to_list())
    for kind, part, side in (("collect", "deposit", "payee"), ("payout", "payout", "payer")):
        rows = _part(ring, part)
        bank = pl.DataFrame({"card": getattr(rows, side).astype(np.int64), "amount": rows.amount, "booked": rows.time})
        paid = orders.filter(kind=kind, status="paid").with_row_index()
        wait = pl.col("booked") - pl.col("time")
        found = paid.join(bank, on=["card", "amount"]).filter(wait.is_between(0, 1_200))
        assert found["index"].n_unique() == len(paid)
        assert 0.9 * len(rows) < len(paid) <= len(rows)
    assert (
        orders.filter(pl.col("status") != "paid")["confirmed"].null_count() == len(orders) - orders["confirmed"].count()
    )
    assert orders["time"].min() is not None
    assert len(world.accounts) > orders["card"].to_numpy().max()


def test_the_same_seed_gives_the_same_ring() -> None:
    for how in ("plain", "split"):
        one, two = (_made(SCALES["tiny"], 0.06, how, 11)[1] for _ in range(2))
        for field in ("time", "payer", "payee", "amount", "word", "device", "part"):
            assert np.array_equal(getattr(one.movements, field), getattr(two.movements, field))
        assert one.members == two.members
        assert one.ledger is not None
        assert two.ledger is not None
        assert one.ledger.points.equals(two.ledger.points)


def _held(ring: Ring) -> float:
    """Median seconds that money lies on a collection card before it is handed on, first in first out."""
    deposits, forwards = _part(ring, "deposit"), _part(ring, "forward")
    ages = []
    for card in np.unique(deposits.payee).tolist():
        into, out = deposits.take(deposits.payee == card), forwards.take(forwards.payer == card)
        place = np.searchsorted(np.cumsum(into.amount), np.cumsum(out.amount))
        ages.append(out.time - into.time[np.minimum(place, len(into) - 1)])
    return float(np.median(np.concatenate(ages)))


def _kept(ring: Ring) -> float:
    deposits, forwards = _part(ring, "deposit"), _part(ring, "forward")
    half = np.median(deposits.time)
    out = forwards.amount[np.isin(forwards.payer, deposits.payee) & (forwards.time < half)].sum()
    return float(1 - out / deposits.amount[deposits.time < half].sum())


def test_variants_do_what_they_claim() -> None:
    rings = {how: _ring(0.3, how, 4)[1] for how in ADAPTIVE}
    plain = rings["plain"]
    assert _held(rings["slow"]) > 3 * _held(plain) > 0
    assert _kept(rings["retention"]) > _kept(plain) + 0.04
    small, usual = _part(rings["small_tickets"], "deposit"), _part(plain, "deposit")
    assert small.amount.mean() < 0.6 * usual.amount.mean()
    assert len(small) > 1.5 * len(usual)
    assert len(_part(rings["purchases"], "cover")) > 20
    assert not len(_part(plain, "cover"))


def test_cells_of_a_split_ring_have_only_the_dealer_in_common() -> None:
    _, ring = _ring(0.3, "split", 4)
    rows = _part(ring, "forward", "settlement")
    group: dict[int, int] = {}

    def root(account: int) -> int:
        while group.setdefault(account, account) != account:
            account = group[account]
        return account

    for payer, payee in zip(rows.payer.tolist(), rows.payee.tolist(), strict=True):
        group[root(payer)] = root(payee)
    assert len({root(account) for account in group}) >= 2
    assert len({c.person for c in ring.controls if c.role == "dealer"}) == 1


def test_a_full_ring_has_the_shape_of_the_sheet() -> None:
    """domain.md §3.3: inflows a card and day, evening shape, few cards at once, tails, people who return."""
    _, ring = _ring(1.0, "plain", 3)
    deposits = _part(ring, "deposit")
    day = seasons.day_of(deposits.time)
    each = np.unique(deposits.payee.astype(np.int64) * 100_000 + day, return_counts=True)[1]
    assert 30 <= np.median(each) <= 300
    assert np.mean(each <= 300) > 0.98
    hour = (deposits.time + 28_800) // 3_600
    assert np.mean((hour % 24 >= 18) | (hour % 24 < 3)) > 0.5
    at_once = np.unique(np.unique(np.stack([hour, deposits.payee], axis=1), axis=0)[:, 0], return_counts=True)[1]
    studios = len({c.person for c in ring.controls if c.role == "agent"})
    assert np.median(at_once) <= 3 * studios
    assert 0.15 < np.mean(deposits.amount % 100 != 0) < 0.45
    assert np.mean(np.unique(deposits.payer, return_counts=True)[1] > 1) > 0.5


@pytest.mark.long
def test_the_reference_case() -> None:
    """domain.md §0, on the `case` world."""
    world, ring = _made(SCALES["case"], 1.0, "plain", 2020, reference=True)
    rows, deposits = ring.movements, _part(ring, "deposit")
    assert len(np.unique(deposits.payer)) > 50_000
    first_tier = _accounts(ring, "collection")
    gross = sum(int(rows.amount[np.isin(side, first_tier)].sum()) for side in (rows.payer, rows.payee))
    assert gross > 100_000_000_000  # 分: 1 bn yuan, in and out of the first tier alone
    persons = {c.person for c in ring.controls if c.role in CORE}
    persons |= {int(world.accounts.person[m.account]) for m in ring.members if m.role in CORE}
    assert len(persons) == 134
    cards = _accounts(ring, "collection", "transit", "payout", "settlement")
    assert len(cards) >= 500
    assert len({c.what for c in ring.controls if c.over == "sim"}) >= 300
    holders = world.accounts.person[cards]
    regions = world.people.region[np.unique(np.append(holders[holders >= 0], sorted(persons)))]
    assert len(np.unique(regions)) == 50
    assert len(np.unique(regions // 5)) == 10
    age = (world.scale.first_day - world.people.birth[holders]) / 365.25
    minors = cards[(holders >= 0) & (age < 18)]
    turnover = [int(rows.amount[(rows.payer == m) | (rows.payee == m)].sum()) for m in minors.tolist()]
    assert max(turnover) > 4_000_000_000
    known = np.array([m.known for m in ring.members])
    arrests = seasons.day_of(np.sort(known[known < world.end]))
    first = (date(2020, 9, 4) - date(1970, 1, 1)).days
    frozen = [m.start for m in ring.measures if m.kind == "冻结"]
    assert (
        seasons.day_of(np.array([min(c for c in frozen if seasons.day_of(np.array([c]))[0] >= first)]))[0] <= first + 3
    )
    assert arrests[-1] <= (date(2020, 11, 20) - date(1970, 1, 1)).days
    assert seasons.day_of(rows.time[[0, -1]]).tolist()[1] >= (date(2020, 11, 18) - date(1970, 1, 1)).days
    assert date.fromordinal(int(seasons.day_of(deposits.time[:1])[0]) + date(1970, 1, 1).toordinal()).month == 4
    received = np.array([deposits.amount[deposits.payee == c].sum() for c in _accounts(ring, "collection").tolist()])
    assert 30_000_000 < np.median(received) < 120_000_000
    assert np.quantile(received, 0.99) > 1_500_000_000
    assert 2_300 < deposits.amount.mean() / 100 < 3_100
    assert set(PARTS) > {"deposit", "payout"}
