"""What freeze plans and return proposals see of a case at a moment: claims, traced money, what is known of holders."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import polars as pl

from duanka.derive import Ordered, seen
from duanka.detecting import scores
from duanka.flow.ledger import NOBODY, Bool, Int64
from duanka.messages.catalogue import Language, say
from duanka.report.everyday import everyday
from duanka.store.case import Case
from duanka.store.detection import read_detection
from duanka.store.known import holders
from duanka.store.measures import begun, measures, stated
from duanka.store.seeds import Seed
from duanka.trace.book import book
from duanka.trace.freezing.lying import Float, Lying, lying, touching
from duanka.trace.freezing.plan import STOP_LASTS, Measure
from duanka.trace.seeds import Seeds, seeds
from duanka.tracing.claims import Claims, claims_of
from duanka.tracing.held import Held
from duanka.tracing.run import openings
from duanka.tracing.tables import Names

_SECOND = 1_000_000
_DAY = 24 * 3_600 * _SECOND

REPORTED = 0.1
"""A victim's report says of who received the money that he is ten times less likely innocent (assumption)."""

NEAR_HOPS, NEARER = 3, 3.0
"""Within three payments of a victim the odds that a holder is no innocent are three times his score's (assumption).

A score is that of any account of the case; victims' money reaches innocents mostly far down, after it was spent."""

VICTIM = 0.95
"""An account whose holder reported a fraud is innocent at least as likely (assumption)."""

STOPS = 2
"""An account may be stopped so often (银发〔2016〕86号 二(一)); after that a freeze is proposed."""


class ViewError(ValueError):
    """There is nothing to plan for; the message says why."""


@dataclass(frozen=True, slots=True)
class View:
    """A case at a moment. `facts` has a line for each place of `lies`, in order.

    Its columns: account_id, currency, institution, holder, kind, reported, stops, in_force, amount (of the measure in
    force), days, essential, risk, innocence, measure, balance, known_by.
    """

    moment: datetime
    currency: str
    data: Ordered
    claims: Claims
    seeds: Seeds
    held: Held
    lies: Lying
    facts: pl.DataFrame
    scored_as_of: datetime | None  # when the findings of the case that were used were made; None: scored for this view


def view(case: Case, start: list[Seed], at: datetime | None, *, language: Language = "en") -> View:
    """What is to be seen at the moment `at` (closed; None: the end of the records). Nothing later is looked at.

    Raises:
        SeedError: a seed is not in the case.
        ViewError: no payment of the seeds is left to trace, or they are in several currencies.
    """
    data = seen(case, at)
    claims = claims_of(case, data, start, up=False, at=at, language=language)
    if not len(claims.row):
        raise ViewError(claims.nothing(language))
    currencies = sorted(set(claims.currency))
    if len(currencies) > 1:
        raise ViewError(say("freeze.currencies", language, currencies=", ".join(currencies)))
    until = int(data.moment[-1]) if at is None else round(at.timestamp() * _SECOND)
    moment = datetime.fromtimestamp(until / _SECOND, tz=UTC)
    score, scored = _scores(case, data, at, until)
    needed = touching(data.ledger, claims.row)
    data, claims = data.take(needed), replace(claims, row=np.searchsorted(needed, claims.row))
    data = _covered(case, data, until)
    opening = openings(case, data, at)
    ready = book(data.ledger, moment=data.moment, opening=opening, commission=0)  # what goes back must be exact
    held = Held(data, ready, opening)
    begin = seeds(data.ledger, claims.row, claims.amount, group=claims.claim)
    lies = lying(held.ready, begin, until)
    names = Names(data)
    places = pl.DataFrame({"account_id": names.account(lies.node), "currency": names.currency(lies.node)})
    facts = _facts(case, places, moment).with_columns(risk=pl.Series(score[lies.node]))
    facts = _weighed(facts, data, claims, lies, currencies[0])
    facts = facts.join(held.of(places), on=["account_id", "currency"], how="left", maintain_order="left")
    return View(moment, currencies[0], data, claims, begin, held, lies, facts, scored)


def _covered(case: Case, data: Ordered, at: int) -> Ordered:
    """The same with coverage as it stands at the moment: to it, or to where a statement says that it ends."""
    ledger = data.ledger
    told = pl.DataFrame(data.nodes.select(["account_id"])).join(
        stated(case.db, _ends(data)), on="account_id", how="left", maintain_order="left"
    )
    until = np.minimum(told["stated"].fill_null(at).to_numpy(), at)
    for end in (ledger.payer, ledger.payee):
        there = end != NOBODY
        inside = there & (ledger.time >= ledger.covered_from[end]) & (ledger.time <= ledger.covered_to[end])
        np.maximum.at(until, end[inside], ledger.time[inside])
    produced = (ledger.covered_from <= ledger.covered_to) & (ledger.covered_from <= at)
    return replace(data, ledger=replace(
        ledger, covered_from=np.where(produced, ledger.covered_from, 1), covered_to=np.where(produced, until, 0)
    ))  # fmt: skip


def _ends(data: Ordered) -> list[str]:
    """The accounts of its payments."""
    ledger = data.ledger
    return Names(data).account(np.union1d(ledger.payer, ledger.payee)).drop_nulls().unique().sort().to_list()


def _scores(case: Case, data: Ordered, at: datetime | None, until: int) -> tuple[Float, datetime | None]:
    """The risk of each node at the moment: what the case has found if that looked at the same payments, else anew.

    Older findings are not used: cards are changed in days (docs/decisions/0015).
    """
    if case.table_exists("detection"):
        found = read_detection(case)
        if found.as_of == at and found.payments == len(data.row_ids):
            risk = pl.DataFrame(case.db.arrow("SELECT account_id, score AS risk FROM account_risk"))
            told = pl.DataFrame(data.nodes.select(["account_id"])).join(
                risk, on="account_id", how="left", maintain_order="left"
            )
            return told["risk"].fill_null(0.0).cast(pl.Float64).to_numpy(), found.detected_at
    return scores(data, until).astype(np.float64), None


def _facts(case: Case, places: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Per place, in order: holder, institution, whether he reported a fraud, measures, essential payments."""
    accounts = pl.DataFrame(case.db.arrow("SELECT account_id, institution, holder_name AS holder FROM accounts"))
    known = pl.DataFrame(holders(case.db, moment)).select("account_id", "kind", "reported")
    facts = places
    for frame in (accounts, known, measures(case.db, moment), begun(case.db, moment, places["account_id"].to_list())):
        facts = facts.join(frame, on="account_id", how="left", maintain_order="left")
    spent = {
        (account, fact.currency): sum(one.amount for one in found if one.currency == fact.currency)
        for account, found in everyday(case.db, places["account_id"].to_list(), until=moment).items()
        for fact in found
    }
    lasts = STOP_LASTS / _DAY
    paid = [spent.get((one["account_id"], one["currency"]), 0) for one in facts.iter_rows(named=True)]
    days = facts["days"].fill_null(1.0).to_list()
    essential = [round(amount * min(lasts / max(day, 30.0), 1.0)) for amount, day in zip(paid, days, strict=True)]
    return facts.with_columns(
        pl.col("reported", "in_force").fill_null(value=False), pl.col("stops").fill_null(0),
        essential=pl.Series(essential, dtype=pl.Int64),
    )  # fmt: skip


def _weighed(facts: pl.DataFrame, data: Ordered, claims: Claims, lies: Lying, currency: str) -> pl.DataFrame:
    """Add `innocence` and `measure`: what may be asked of each account, by the law and by what is known of it.

    A stop must name holder, account, amount and time of a payment that reached the account: where the holder is not
    known, or some doctrine says that nothing is left there (beyond the first hop), the institution is asked to hold
    back what goes out, by its own judgement. After two stops a freeze. Accounts under a measure, and those in another
    currency than the claims, get no order.
    """
    reported = np.zeros(data.ledger.nodes, np.bool_)
    named = claims.row[np.array([how == "reported" for how in claims.how], np.bool_)]
    reported[data.ledger.payee[named][data.ledger.payee[named] != NOBODY]] = True
    victim = facts["reported"].to_numpy() & ~reported[lies.node]
    innocence = innocent(facts["risk"].to_numpy(), lies.hop, reported=reported[lies.node], victim=victim)
    unsure = (facts["holder"].fill_null("") == "").to_numpy() | ((lies.hop > 1) & (lies.least == 0))
    measure = np.where(unsure, Measure.HOLD, Measure.STOP)
    measure = np.where(facts["stops"].to_numpy() >= STOPS, Measure.FREEZE, measure)
    none = facts["in_force"].to_numpy() | (facts["currency"] != currency).to_numpy()
    return facts.with_columns(
        innocence=pl.Series(innocence), measure=pl.Series(np.where(none, Measure.NONE, measure).astype(np.int64))
    )


def innocent(risk: Float, hop: Int64, *, reported: Bool, victim: Bool) -> Float:
    """Probability that each holder is innocent: from his score, how near the victims he is, and what they report.

    `risk` is the score, 0 … 1; `hop` as in `Lying`; `reported` received money by a victim's report; `victim` reported a
    fraud himself.
    """
    odds = risk / np.maximum(1 - risk, 1e-9) * np.where(hop <= NEAR_HOPS, NEARER, 1.0)
    found = np.where(reported, np.minimum(1 / (1 + odds), REPORTED * (1 - risk)), 1 / (1 + odds))
    told: Float = np.where(victim, np.maximum(found, VICTIM), found)
    return told
