"""From seeds that a user names to a freeze plan: which orders keep most of the victims' money for the least harm."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from duanka.flow.ledger import Int64
from duanka.freezing.viewing import View, view
from duanka.freezing.words import reason
from duanka.messages.catalogue import Language, languages
from duanka.messages.told import ToldError
from duanka.store.case import Case
from duanka.store.seeds import Seed
from duanka.trace.freezing import plan as planning
from duanka.trace.freezing.frontier import frontier
from duanka.trace.freezing.lying import Float, Lying
from duanka.trace.freezing.plan import STOP_LASTS, Known, Measure, Outlook, Plan, outlook
from duanka.tracing.tables import TIME, Names

_MINUTE = 60 * 10**6

MOST_ORDERS = 1_000
MOST_MINUTES = 30 * 24 * 60
MOST_PRICE = 1_000_000
"""Bounds of what may be asked."""

FREEZE_MONTHS = 6
"""A freeze lasts so long (公安机关办理刑事案件程序规定 art. 243)."""

BASIS = {
    Measure.STOP: "STOP-86", Measure.FREEZE: "FREEZE-1", Measure.HOLD: "ATF18", Measure.VERIFY: "ATF18",
}  # fmt: skip
"""The rule that a measure rests on: 银发〔2016〕86号; 程序规定 arts. 239-243; 反电信网络诈骗法 art. 18."""


class WishError(ToldError, ValueError):
    """A number that is asked for, and is out of its range; the message says which, and the range."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a plan."""

    orders: int
    minutes: float  # until the orders take effect
    at: datetime | None = None  # nothing later is looked at; None: to the end of the records
    price: float = 0.25  # what 1 of an innocent's money held up weighs against 1 recovered
    verifying: float = 60.0  # minutes more until a holder has been asked

    def check(self) -> None:
        """WishError for a number out of its range."""
        if not 1 <= self.orders <= MOST_ORDERS:
            raise WishError("freeze.wish_orders", most=f"{MOST_ORDERS:,}")
        if not 0 <= self.minutes <= MOST_MINUTES or not 0 <= self.verifying <= MOST_MINUTES:
            raise WishError("freeze.wish_minutes", most=f"{MOST_MINUTES:,}")
        if not 0 <= self.price <= MOST_PRICE:
            raise WishError("freeze.wish_price", most=f"{MOST_PRICE:,}")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan in the case's own ids. Amounts are minor units of `currency`, times UTC, probabilities 0 … 1.

    `lines`: rank, account_id, holder, institution, measure, basis, amount, currency, least, most, came, balance,
    known_by, expected, arriving, gone, risk, innocence, harm, over_freeze, whole_account, hop, stops_before, begins,
    ends, row_id, row_time, row_amount, payer, reason_en, reason_zh. `under_measure`: accounts with traced money that
    need no order. `frontier`: price, recovered, innocents, harm, orders, verified, a line each price.
    """

    wish: Wish
    moment: datetime
    currency: str
    claims: pl.DataFrame
    left_out: pl.DataFrame
    seeded: int
    plan: Plan
    lines: pl.DataFrame
    under_measure: pl.DataFrame
    frontier: pl.DataFrame
    scored_as_of: datetime | None  # of the findings in the case that were used; None: made for this plan


TABLES = ("lines", "under_measure", "frontier", "claims", "left_out")
"""The frames of `Proposal`."""


def propose(case: Case, start: list[Seed], wish: Wish, *, language: Language = "en") -> Proposal:
    """Plan orders for the seeds' money. The case must be settled; nothing is stored.

    Nothing later than `wish.at` is looked at: payments, order, opening balances, risk, measures, reports of who is a
    victim. Which accounts' ledgers were produced is no payment: one that was is taken as complete to the moment, unless
    its statement says that it ends before. Costs: those of reading the ledger, of `detecting.scores` where the case has
    no findings for that moment, and, over the payments of those accounts that the money may have come to, of a trace
    under each doctrine and of `trace.freezing`.

    Raises:
        SeedError: a seed is not in the case.
        ViewError: no payment of the seeds is left to trace, or they are in several currencies.
    """
    seen = view(case, start, wish.at, language=language)
    facts, lies, at = seen.facts, seen.lies, seen.moment
    known = Known(
        facts["innocence"].to_numpy().copy(), facts["essential"].to_numpy().copy(), facts["measure"].to_numpy().copy()
    )
    asked = planning.Wish(
        orders=wish.orders, effect=round(wish.minutes * _MINUTE), verifying=round(wish.verifying * _MINUTE),
        price=wish.price,
    )  # fmt: skip
    look = outlook(seen.held.ready, lies, known, asked)
    made = planning.plan(look)
    return Proposal(
        wish=wish,
        moment=at,
        currency=seen.currency,
        claims=seen.claims.table(),
        left_out=seen.claims.left_out,
        seeded=int(seen.claims.amount.sum()),
        plan=made,
        lines=_lines(seen, look, made),
        under_measure=_under_measure(lies, facts),
        frontier=pl.DataFrame([asdict(one) for one in frontier(look)]),
        scored_as_of=seen.scored_as_of,
    )


def _lines(seen: View, look: Outlook, made: Plan) -> pl.DataFrame:
    """The table of orders."""
    lines, lies, names = made.lines, seen.lies, Names(seen.data)
    place = np.searchsorted(lies.node, lines.node)
    receipt = lies.receipt[place]
    told = seen.facts[place]
    begins = seen.moment + timedelta(minutes=look.wish.effect / _MINUTE)
    asked = begins + timedelta(minutes=look.wish.verifying / _MINUTE)
    measure = [Measure(one) for one in lines.measure.tolist()]
    balance = told["balance"].to_list()
    table = pl.DataFrame({
        "rank": np.arange(1, len(lines) + 1),
        "account_id": told["account_id"], "holder": told["holder"], "institution": told["institution"],
        "measure": pl.Series([one.name.lower() for one in measure], dtype=pl.String),
        "basis": pl.Series([BASIS[one] for one in measure], dtype=pl.String),
        "amount": lines.amount, "currency": told["currency"], "least": lines.least, "most": lines.most,
        "came": lines.came, "balance": pl.Series(balance, dtype=pl.Int64), "known_by": told["known_by"],
        "expected": _whole(lines.expected), "arriving": _whole(lines.arriving), "gone": lines.gone,
        "risk": told["risk"], "innocence": lines.innocence, "harm": _whole(lines.harm), "over_freeze": lines.over,
        "whole_account": pl.Series([
            None if has is None or not amount else max(has / amount, 1.0)
            for has, amount in zip(balance, lines.amount.tolist(), strict=True)
        ], dtype=pl.Float64),
        "hop": lines.hop, "stops_before": told["stops"],
        "begins": pl.Series([asked if one is Measure.VERIFY else begins for one in measure], dtype=TIME),
        "ends": pl.Series([_ends(one, begins) for one in measure], dtype=TIME),
        "row_id": names.row(receipt), "row_time": names.time(receipt),
        "row_amount": seen.data.ledger.received[receipt], "payer": names.account(seen.data.ledger.payer[receipt]),
    })  # fmt: skip
    delay = {"verify": (look.wish.effect + look.wish.verifying) / _MINUTE}
    texts = {
        f"reason_{language}": pl.Series(
            [reason(one, delay.get(one["measure"], look.wish.effect / _MINUTE), language)
             for one in table.iter_rows(named=True)], dtype=pl.String,
        ) for language in languages
    }  # fmt: skip
    return table.with_columns(**texts)


def _whole(amount: Float) -> Int64:
    return np.rint(amount).astype(np.int64)


def _ends(measure: Measure, begins: datetime) -> datetime | None:
    """When the measure lapses by itself; None where no rule says so."""
    if measure is Measure.STOP:
        return begins + timedelta(microseconds=STOP_LASTS)
    if measure is Measure.FREEZE:
        month = begins.month - 1 + FREEZE_MONTHS
        year, month = begins.year + month // 12, month % 12 + 1
        last = (datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) - timedelta(days=1)).day
        return begins.replace(year=year, month=month, day=min(begins.day, last))
    return None


def _under_measure(lies: Lying, facts: pl.DataFrame) -> pl.DataFrame:
    """`account_id, holder, institution, least, most`: accounts whose traced money a measure keeps already."""
    table = facts.select("account_id", "holder", "institution", "currency", "in_force").with_columns(
        least=pl.Series(lies.least), most=pl.Series(lies.most)
    )
    kept = table.filter(pl.col("in_force") & (pl.col("most") > 0)).drop("in_force")
    return kept.sort("most", "account_id", descending=[True, False])
