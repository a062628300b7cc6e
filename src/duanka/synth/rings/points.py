"""A seized platform database: users, orders, and points booked in 上分, 下分, margins and commission."""

import numpy as np
import polars as pl

from duanka.synth import seasons
from duanka.synth.chance import Array, Ints
from duanka.synth.rings.gang import Gang
from duanka.synth.rings.pool import Takings, both
from duanka.synth.rings.relay import NEVER, Money
from duanka.synth.rings.ring import Ledger
from duanka.synth.words import P

KINDS = ("deposit", "up", "down", "commission")
"""保证金, 上分, 下分, 佣金. For every user, points = Σ deposit + Σ up − Σ down − Σ commission, exactly.

Up is what the platform owes the user: to a member, money that he has handed on or paid out; to a merchant, what bettors
paid in. Down is the contrary: orders that a member took, and what a merchant has had paid out. Commission is positive
for who pays it (merchants) and negative for who earns it (members)."""

STATUSES = ("paid", "expired", "cancelled")
_FEE = 0.05
"""What merchants pay the platform: all levels together (domain.md §3.2: 1-5 %)."""


def database(gang: Gang, takings: list[Takings]) -> Ledger:
    """The three tables; `card` is a row of Accounts, times are seconds UTC, amounts 分. O(payments log payments)."""
    users, numbers = _users(gang)
    kinds = {"collect": both(takings, "deposits"), "payout": both(takings, "payouts")}
    orders = [_orders(gang, kind, money, numbers) for kind, money in kinds.items()]
    frame = pl.concat(orders).sort("time", maintain_order=True)
    days = frame["time"].to_numpy() + 28_800
    date = np.array(days // 86_400).astype("datetime64[D]").astype(str)
    serial = np.arange(len(frame)) * 3 + gang.chance.integers(0, 3, len(frame)) + 100_000
    frame = frame.with_columns(order=pl.Series(date).str.replace_all("-", "") + pl.Series(serial).cast(pl.String))
    points = _points(gang, frame, takings, numbers)
    signed = pl.when(pl.col("kind").is_in(["deposit", "up"])).then(pl.col("amount")).otherwise(-pl.col("amount"))
    held = points.group_by("user").agg(points=signed.sum())
    margin = points.filter(kind="deposit").group_by("user").agg(deposit=pl.col("amount").sum())
    users = users.join(margin, on="user", how="left").join(held, on="user", how="left", maintain_order="left")
    users = users.with_columns(pl.col("deposit", "points").fill_null(0)).sort("user")
    return Ledger(users=users, orders=frame.drop("row"), points=points)


def _users(gang: Gang) -> tuple[pl.DataFrame, dict[str, Ints]]:
    """One row a card in use, a studio, an agent, a merchant; numbers of the platform's own, without an order."""
    cards = gang.cards
    counts = [len(cards), len(gang.studios), len(gang.people["agent"]), len(gang.people["merchant"])]
    numbers = 10_000 + gang.chance.choice(max(90_000, 3 * sum(counts)), size=sum(counts), replace=False)
    used = np.concatenate([cards.start < NEVER, np.ones(sum(counts[1:]), dtype=np.bool_)])
    roles = np.repeat(["member", "studio", "agent", "merchant"], counts)
    card = np.concatenate([cards.account, gang.bosses(), gang.account("agent"), gang.account("merchant")])
    joined_at = np.full(len(numbers), gang.scene.world.start, dtype=np.int64)
    joined_at[: len(cards)] = cards.start - gang.chance.integers(3_600, 5 * 86_400, len(cards))
    frame = pl.DataFrame({"user": numbers, "role": roles, "card": card.astype(np.int64), "joined": joined_at})
    split = np.split(numbers, np.cumsum(counts)[:-1])
    return frame.filter(pl.Series(used)), dict(zip(("member", "studio", "agent", "merchant"), split, strict=True))


def _orders(gang: Gang, kind: str, money: Money, numbers: dict[str, Ints]) -> pl.DataFrame:
    """An order for nearly each payment, some minutes before it, and some orders that nobody paid."""
    chance, p = gang.chance, gang.scene.p
    card = money.payee if kind == "collect" else money.payer
    row = gang.row(card)
    kept = chance.random(len(money)) >= p["platform.rows_unordered"]
    extra = np.flatnonzero(chance.random(len(money)) < p["platform.orders_unpaid"] * (kind == "collect"))
    of = np.concatenate([np.flatnonzero(kept), extra])
    failed = np.repeat([False, True], [int(kept.sum()), len(extra)])
    before = np.minimum(chance.gamma(2.0, 70, len(of)), 900).astype(np.int64) + 3
    time = money.time[of] - before - np.where(failed, chance.integers(0, 40_000, len(of)), 0)
    amount = np.where(
        failed, money.amount[of] - chance.integers(0, np.maximum(money.amount[of] // 9, 1)), money.amount[of]
    )
    cell = gang.plan.cell[gang.cards.studio[row[of]]]
    each = -(-(len(numbers["merchant"]) - cell) // gang.plan.cells)
    merchant = cell + (chance.random(len(of)) * each).astype(np.int64) * gang.plan.cells
    status = np.where(failed, np.where(chance.random(len(of)) < 0.8, STATUSES[1], STATUSES[2]), STATUSES[0])
    return pl.DataFrame({
        "time": time, "kind": pl.Series([kind] * len(of)), "amount": amount, "card": card[of],
        "user": numbers["member"][row[of]], "merchant": numbers["merchant"][merchant], "status": status,
        "confirmed": pl.Series(np.where(failed, 0, money.time[of] + chance.integers(1, 200, len(of)))),
        "row": np.where(failed, -1, of),
    }).with_columns(confirmed=pl.when(pl.col("status") == STATUSES[0]).then(pl.col("confirmed")))  # fmt: skip


def _points(gang: Gang, orders: pl.DataFrame, takings: list[Takings], numbers: dict[str, Ints]) -> pl.DataFrame:
    """All bookings by time."""
    paid = orders.filter(pl.col("status") == STATUSES[0])
    collect, payout = paid.filter(kind="collect"), paid.filter(kind="payout")
    parts = [
        _booked(collect["confirmed"], collect["user"], "down", collect["amount"], collect["order"]),
        _booked(collect["confirmed"], collect["merchant"], "up", collect["amount"], collect["order"]),
        _booked(payout["confirmed"], payout["user"], "up", payout["amount"], payout["order"]),
        _booked(payout["confirmed"], payout["merchant"], "down", payout["amount"], payout["order"]),
    ]
    forwards, funding, settled = (both(takings, name) for name in ("forwards", "funding", "settled"))
    member = numbers["member"]
    for money, side, kind in (
        (forwards, "payer", "up"), (forwards, "payee", "down"), (funding, "payer", "up"), (funding, "payee", "down"),
        (settled, "payer", "up"),
    ):  # fmt: skip
        late = money.time + gang.chance.integers(20, 1_800, len(money))
        parts.append(_booked(late, member[gang.row(getattr(money, side))], kind, money.amount))
    owners = {c.what: c.person for c in gang.ring.controls if c.role == "merchant" and c.over == "account"}
    owner = np.array([owners.get(account, -1) for account in settled.payee.tolist()], dtype=np.int64)
    for person, number in zip(gang.people["merchant"].tolist(), numbers["merchant"].tolist(), strict=True):
        own = settled.take(owner == person)
        parts.append(_booked(own.time + 600, np.full(len(own), number), "down", own.amount))
    parts += _paid_out(gang, numbers)
    parts += [*_margins(gang, numbers), *_commission(gang, collect, numbers)]
    return pl.concat(parts).filter(pl.col("amount") != 0).sort("time", maintain_order=True)


def _paid_out(gang: Gang, numbers: dict[str, Ints]) -> list[pl.DataFrame]:
    """Commission that pool cards have paid to studios and agents."""
    made = gang.ring.movements
    made = made.take(made.part == P["commission"])
    place = np.minimum(gang.row(made.payer), len(gang.cards) - 1)
    made, place = made.take(gang.cards.account[place] == made.payer), place[gang.cards.account[place] == made.payer]
    parts = [_booked(made.time + 60, numbers["member"][place], "up", made.amount)]
    for role, accounts in (("studio", gang.bosses()), ("agent", gang.account("agent"))):
        order = np.argsort(accounts, kind="stable")
        own = made.take(np.isin(made.payee, accounts))
        user = numbers[role][order[np.searchsorted(accounts[order], own.payee)]]
        parts.append(_booked(own.time + 60, user, "down", own.amount))
    return parts


def _booked(
    time: Array | pl.Series,
    user: Array | pl.Series,
    kind: str,
    amount: Array | pl.Series,
    order: pl.Series | None = None,
) -> pl.DataFrame:
    return pl.DataFrame({
        "time": pl.Series(time, dtype=pl.Int64), "user": pl.Series(user, dtype=pl.Int64),
        "kind": pl.Series([kind], dtype=pl.String).new_from_index(0, len(time)),
        "amount": pl.Series(amount, dtype=pl.Int64),
        "order": pl.Series([None] * len(time), dtype=pl.String) if order is None else order,
    })  # fmt: skip


def _margins(gang: Gang, numbers: dict[str, Ints]) -> list[pl.DataFrame]:
    """保证金, by card or by studio."""
    made = gang.ring.movements
    made = made.take((made.part == P["margin"]) & (made.payer >= 0))
    payer = made.payer.astype(np.int64)
    bosses = gang.bosses()
    studio = np.isin(payer, bosses)
    order = np.argsort(bosses, kind="stable")
    of_studio = numbers["studio"][order[np.searchsorted(bosses[order], payer[studio])]]
    of_card = numbers["member"][gang.row(payer[~studio])]
    return [
        _booked(made.time[studio] + 60, of_studio, "deposit", made.amount[studio]),
        _booked(made.time[~studio] + 60, of_card, "deposit", made.amount[~studio]),
    ]


def _commission(gang: Gang, collect: pl.DataFrame, numbers: dict[str, Ints]) -> list[pl.DataFrame]:
    """Members, studios and agents earn a share of what they served each day, booked in the night; merchants pay."""
    cards = gang.cards
    user, merchant = collect["user"].to_numpy(), collect["merchant"].to_numpy()
    row = gang.row(collect["card"].to_numpy())
    studio, amount = cards.studio[row], collect["amount"].to_numpy()
    kept = np.where(cards.keeps[row], cards.rate[row], 0.0)
    agent = numbers["agent"][gang.agent_of(row)]
    day = seasons.day_of(collect["time"].to_numpy())
    levels = (
        (user, -kept), (numbers["studio"][studio], kept - gang.studio_rate[studio]),
        (agent, -gang.agent_rate[studio]), (merchant, np.full(len(row), _FEE)),
    )  # fmt: skip
    parts = []
    for who, rate in levels:
        groups, place = np.unique(np.stack([who, day], axis=1), axis=0, return_inverse=True)
        total = np.round(np.bincount(place.reshape(-1), amount * rate, minlength=len(groups))).astype(np.int64)
        time = seasons.at(groups[:, 1] + 1, gang.chance.integers(0, 5_400, len(groups)))
        parts.append(_booked(time, groups[:, 0], "commission", total))
    return parts
