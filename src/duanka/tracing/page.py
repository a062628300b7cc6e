"""From a trace to the facts of its page: tables as in the text, a picture by tiers, and paths down to file and line."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from duanka.messages.catalogue import Language, languages
from duanka.report.evidence import places
from duanka.report.facts import Place
from duanka.report.findings import RingFlow
from duanka.report.long import BATCH
from duanka.report.ring_flow import ring_flow
from duanka.report.trace_html import Line, Step, Sums, TracePage, Way
from duanka.report.wording import Words, words
from duanka.store.case import Case
from duanka.store.detection import tool_version
from duanka.trace.doctrine import Doctrine
from duanka.tracing.run import Traced
from duanka.tracing.tables import STEPS
from duanka.tracing.text import (
    balance_words,
    claim_lines,
    firm_lines,
    head,
    in_flight_lines,
    left_out_lines,
    note_lines,
)
from duanka.tracing.text import contradiction_lines as contradicted

LINES = 40
"""Accounts, and steps of each doctrine, that the page shows; the largest. All of them are in the tables."""


def traced_page(case: Case, found: Traced, *, made: datetime | None = None) -> TracePage:
    """What the page shows. O(steps)."""
    pairs = [(one, currency) for currency in found.claims["currency"].unique().sort() for one in found.doctrines]
    chosen = {pair: _steps(found, *pair) for pair in pairs}
    ids = [row_id for steps in chosen.values() for row_id in steps.largest["row_id"]]
    where = places(case.db, ids)
    return TracePage(
        case=case.folder.resolve().name,
        made=made or datetime.now(UTC),
        version=tool_version(),
        up=found.wish.direction == "up",
        head=_both(lambda language: head(found, language)),
        claims=_each(lambda language: claim_lines(found.claims, language)),
        left_out=_each(lambda language: left_out_lines(found.left_out, language)),
        doctrines=tuple(words(f"trace.doctrine.{one}") for one in found.doctrines),
        places=_places(found),
        reasons=_reasons(found),
        firm=_each(lambda language: firm_lines(found, language)),
        ways=tuple(_way(found, *pair, steps, where) for pair, steps in chosen.items() if steps.count),
        in_flight=_each(lambda language: in_flight_lines(found, language)),
        contradictions=_each(lambda language: contradicted(found, language)),
        notes=_each(lambda language: note_lines(found.notes, language)),
    )


def _both(say_it: Callable[[Language], str]) -> Words:
    return Words(*(say_it(language).strip() for language in ("zh", "en")))


def _each(say_them: Callable[[Language], list[str]]) -> tuple[Words, ...]:
    zh, en = say_them("zh"), say_them("en")
    return tuple(Words(one.strip(), other.strip()) for one, other in zip(zh, en, strict=True))


def _amounts(found: Traced, line: dict[str, object]) -> tuple[int, ...]:
    return tuple(int(str(line.get(str(one)) or 0)) for one in found.doctrines)


def _places(found: Traced) -> tuple[Sums, ...]:
    holders = dict(found.accounts.select("account_id", "holder").iter_rows())
    told = {language: balance_words(found, language) for language in languages}
    result = []
    for currency in found.compared["currency"].unique().sort().to_list():
        every = found.compared.filter(pl.col("currency") == currency)
        shown = every.sort("most", "account_id", "reason", descending=[True, False, False]).head(LINES)
        lines = []
        for one in shown.iter_rows(named=True):
            key = (one["account_id"], currency)
            balance = Words(told["zh"][key], told["en"][key]) if key in told["zh"] else None
            why = words(f"trace.reason.{one['reason']}")
            holder = holders.get(one["account_id"]) or ""
            lines.append(Line(one["account_id"] or "", holder, why, _amounts(found, one), balance))
        result.append(Sums(currency, tuple(lines), len(every)))
    return tuple(result)


def _reasons(found: Traced) -> tuple[Sums, ...]:
    if found.reasons.is_empty():
        return ()
    wide = found.reasons.pivot("doctrine", index=["currency", "reason"], values="amount").sort("currency", "reason")
    result = []
    for (currency,), part in wide.group_by("currency", maintain_order=True):
        lines = tuple(
            Line(str(currency), "", words(f"trace.reason.{one['reason']}"), _amounts(found, one))
            for one in part.iter_rows(named=True)
        )
        result.append(Sums(str(currency), lines, len(lines)))
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Steps under one doctrine in one currency, summed: how many, the largest in the order of time, tiers, pairs."""

    count: int
    largest: pl.DataFrame
    reached: pl.DataFrame  # account_id, tier: the least, of far sides
    pairs: pl.DataFrame  # payer, payee, amount, rows


def _steps(found: Traced, doctrine: Doctrine, currency: str) -> _Steps:
    """Reads the steps of a doctrine, a batch at a time."""
    far = "payer" if found.wish.direction == "up" else "payee"
    narrow, made = found.long["steps"].parts[found.doctrines.index(doctrine)]
    count, kept = 0, _summed(pl.DataFrame(schema=STEPS), far)
    for part in narrow.iter_slices(BATCH):
        steps = made(part).filter(pl.col("currency") == currency)
        count += len(steps)
        largest, reached, pairs = (pl.concat(both) for both in zip(kept, _summed(steps, far), strict=True))
        kept = (
            largest.sort("amount", "row_id", "claim", descending=[True, False, False]).head(LINES),
            reached.group_by("account_id").agg(pl.col("tier").min()),
            pairs.group_by("payer", "payee").agg(pl.col("amount", "rows").sum()),
        )
    largest, reached, pairs = kept
    return _Steps(count, largest.sort("time", "hop", "row_id", "claim"), reached, pairs)


def _summed(steps: pl.DataFrame, far: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Some steps; the tiers of their far sides; and their pairs."""
    tiers = steps.group_by(account_id=far).agg(tier=pl.col("hop").min() + 1)
    return steps, tiers, steps.group_by("payer", "payee").agg(pl.col("amount").sum(), rows=pl.len().cast(pl.Int64))


def _way(found: Traced, doctrine: Doctrine, currency: str, steps: _Steps, where: dict[str, tuple[Place, ...]]) -> Way:
    told = tuple(
        Step(one["time"], one["row_id"], one["payer"] or "", one["payee"] or "", one["amount"], one["whole"],
             one["hop"], one["assumed"], where.get(one["row_id"], ()))
        for one in steps.largest.iter_rows(named=True)
    )  # fmt: skip
    return Way(words(f"trace.doctrine.{doctrine}"), currency, _picture(found, steps, currency), told, steps.count)


def _picture(found: Traced, steps: _Steps, currency: str) -> RingFlow:
    """Seeds and steps by tiers: an account stands in the tier in which it is first reached."""
    up = found.wish.direction == "up"
    seeds = found.seeds.filter(pl.col("currency") == currency)
    near, far = ("payee", "payer") if up else ("payer", "payee")
    reached = pl.concat([
        seeds.select(account_id=near, tier=pl.lit(0, pl.Int64)), seeds.select(account_id=far, tier=pl.lit(1, pl.Int64)),
        steps.reached.select("account_id", "tier"),
    ])  # fmt: skip
    tiers = reached.drop_nulls("account_id").group_by("account_id").agg(pl.col("tier").min())
    if up:
        tiers = tiers.with_columns(tier=pl.col("tier").max() - pl.col("tier"))
    begun = seeds.select("payer", "payee", "amount", rows=pl.lit(1, pl.Int64))
    rows = pl.concat([begun, steps.pairs.select(begun.columns)])
    pairs = rows.group_by("payer", "payee").agg(pl.col("amount", "rows").sum())
    holders = {one["account_id"]: (one["holder"] or "", "") for one in found.accounts.iter_rows(named=True)}
    drawn = ring_flow(pairs.sort("payer", "payee"), tiers, currency, holders)
    boxes = tuple(
        replace(one, kind="unnamed") if one.kind in {"source", "outside"} else one for one in drawn.flow.boxes
    )
    return replace(drawn, flow=replace(drawn.flow, boxes=boxes))
