"""Typologies tried on a case before they count: how many accounts each hits, beside detection and beside labels."""

from dataclasses import dataclass

import polars as pl

from duanka.messages.catalogue import Language, say
from duanka.report import judged
from duanka.report.wording import Words
from duanka.store.case import Case
from duanka.store.database import CaseError
from duanka.store.detection import Detection, read_detection
from duanka.store.labelled import account_truth
from duanka.typologies.lift import Lift
from duanka.typologies.reading import Typology
from duanka.typologies.running import hits

FOUND = 0.5
"""Score from which an account counts as found by detection, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One typology: what its file says, and, where it was tried on a case, its figures."""

    typology: Typology
    accounts: int | None = None  # that it hits
    found: Lift | None = None  # against accounts that detection found: agreement, not truth
    labels: Lift | None = None  # against labels, among the labelled accounts
    gaps: tuple[str, ...] = ()  # signals that its condition names and the case can't give

    def facts(self) -> dict[str, object]:
        """For JSON."""
        file = self.typology.file
        return {
            "code": file.code, "zh": file.zh, "en": file.en, "mode": file.mode, "version": self.typology.version,
            "path": str(self.typology.path), "signals": list(self.typology.codes), "tests": len(file.tests),
            "accounts": self.accounts, "gaps": list(self.gaps),
            "found": self.found.facts() if self.found else None, "labels": self.labels.facts() if self.labels else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """Typologies in the order in which they were given, and how the case that they were tried on had been judged."""

    typologies: tuple[Checked, ...]
    detection: Detection | None = None  # null without a case

    def facts(self) -> dict[str, object]:
        """For JSON."""
        return {
            "detection": self.detection.facts() if self.detection else None,
            "typologies": [one.facts() for one in self.typologies],
        }


def check(case: Case, typologies: tuple[Typology, ...], labels: str = "", *, found_from: float = FOUND) -> Check:
    """Try typologies on the published signals of a case, against scores of `found_from` or more, and against labels.

    `labels` is a file, "case", or "" for none. Nothing is stored.

    Raises:
        CaseError: detection has not run, or it was an earlier version's.
        LabelError: the labels can't be read, or the case has none.
    """
    for table in ("signals", "signal_gaps", "account_risk"):
        if not case.table_exists(table):
            raise CaseError("case.not_detected", folder=case.folder, table=table)
    detection = read_detection(case)
    hit = hits(case.db, typologies, _frame(case, "SELECT * FROM signals"))
    scored = _frame(case, "SELECT account_id, score FROM account_risk").select(
        "account_id", positive=pl.col("score").fill_nan(None).fill_null(0.0) >= found_from
    )
    known = (
        account_truth(case, labels).labels.select(account_id="id", positive=pl.col("label") == 1) if labels else None
    )
    missing = set(_frame(case, "SELECT DISTINCT code FROM signal_gaps")["code"])
    checked = (
        Checked(
            one,
            len(mine := hit.filter(pl.col("code") == one.code)["account_id"]),
            _lift(scored, mine),
            None if known is None else _lift(known, mine),
            tuple(code for code in one.codes if code in missing),
        )
        for one in typologies
    )
    return Check(tuple(checked), detection)


def _lift(accounts: pl.DataFrame, hit: pl.Series) -> Lift:
    counted = accounts.select(
        accounts=pl.len(), positives=pl.col("positive").sum(),
        hits=(is_hit := pl.col("account_id").is_in(hit.implode())).sum(),
        hit_positives=(is_hit & pl.col("positive")).sum(),
    )  # fmt: skip
    return Lift(**counted.to_dicts()[0])


def _frame(case: Case, sql: str) -> pl.DataFrame:
    found = pl.from_arrow(case.db.arrow(sql))
    assert isinstance(found, pl.DataFrame)  # noqa: S101 - a query gives a table
    return found


def as_text(checked: Check, language: Language, *, found_from: float = FOUND) -> str:
    """How the case was judged; then a paragraph a typology: its tests, hits and lift, and what the lift is against."""
    head = [[told.of(language) for told in _judged(checked.detection)]] if checked.detection else []
    return "\n\n".join(
        "\n".join(lines) for lines in (*head, *(_lines(one, language, found_from) for one in checked.typologies))
    )


def _judged(detection: Detection) -> tuple[Words, ...]:
    return judged.judged_by(detection), *((judged.as_of(detection),) if detection.as_of else ())


def _lines(one: Checked, language: Language, found_from: float) -> list[str]:
    file = one.typology.file
    name = file.zh if language == "zh" else file.en
    mode = say(f"check.{file.mode}", language)
    lines = [say("check.head", language, code=file.code, name=name, mode=mode, tests=len(file.tests))]
    if one.gaps:
        lines.append(say("check.gaps", language, codes=", ".join(one.gaps)))
    if one.accounts is not None:
        lines.append(say("check.accounts", language, accounts=f"{one.accounts:,}"))
    if one.found:
        lines.append(say("check.found", language, least=f"{found_from:g}", **_figures(one.found)))
    if one.labels:
        lines.append(say("check.labels", language, **_figures(one.labels)))
    return lines


def _figures(lift: Lift) -> dict[str, str]:
    counts = {name: f"{getattr(lift, name):,}" for name in ("accounts", "positives", "hits", "hit_positives")}
    shares = {name: _percent(getattr(lift, name)) for name in ("precision", "recall", "rest")}
    low, high = lift.interval or (None, None)
    return counts | shares | {"lift": _times(lift.lift), "low": _times(low), "high": _times(high)}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


def _times(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"
