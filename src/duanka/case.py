"""A case from Python: `Case("my-case").detect()` gives the findings as tables, and shows them in a notebook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from pathlib import Path

import polars as pl

from duanka import derive, evaluating, pipeline
from duanka.freezing import pipeline as freezing
from duanka.freezing.plan import Proposal
from duanka.freezing.plan import Wish as PlanWish
from duanka.freezing.returns import Frozen, Proposed
from duanka.importing import Options
from duanka.messages.catalogue import Language, default_language, say
from duanka.report import judged
from duanka.report.tables import read
from duanka.store.case import Case as StoredCase
from duanka.store.detection import Detection
from duanka.store.findings import TABLES
from duanka.store.seeds import parse_seed
from duanka.trace.doctrine import Doctrine
from duanka.tracing import pipeline as tracing
from duanka.tracing.run import Direction, Traced, Wish
from duanka.typologies.reading import load

SHOWN = 10
"""Accounts, and rings, that the notebook view lists; all of them are in the tables."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What detection found, a Polars frame per table of the reference.

    A frame gives its Arrow data without a copy: `pyarrow.table(frame)`, `pandas.DataFrame.from_arrow(frame)` (pandas 3)
    and `frame.to_pandas()` read it. Amounts are minor units, times UTC. `found` says how detection ran (by
    evidence or by which model, as of when) and what it found in numbers.
    """

    account_risk: pl.DataFrame
    transaction_risk: pl.DataFrame
    rings: pl.DataFrame
    ring_members: pl.DataFrame
    ring_rows: pl.DataFrame
    signals: pl.DataFrame
    signal_gaps: pl.DataFrame
    typology_hits: pl.DataFrame
    detection: pl.DataFrame
    found: Detection
    language: Language

    def _repr_html_(self) -> str:
        """The accounts that score highest, with their reasons, and the rings: what a notebook shows."""
        head = "".join(f"<p>{escape(told.of(self.language))}</p>" for told in judged.summary(self.found))
        text = f"text_{self.language}"
        reasons = pl.col("reasons").list.eval(pl.element().struct.field(text)).list.join(" ")
        accounts = self.account_risk.head(SHOWN).select("rank", "account_id", pl.col("score").round(3), reasons)
        rings = self.rings.head(SHOWN).select(
            "ring_id", "accounts", "first_seen", "last_seen", score=pl.col("score").round(3),
            commission=(100 * pl.col("commission")).round(2).cast(pl.String) + " %",
        )  # fmt: skip
        return head + _table(accounts, self.language) + _table(rings, self.language)


class Case:
    """A case folder. Nothing stays open between calls, so that the command line may work on it as well."""

    def __init__(self, folder: str | Path, *, language: Language | None = None, memory_limit: str = "") -> None:
        self.folder = Path(folder)
        self.language: Language = language or default_language()
        self._memory = memory_limit

    def add(self, *paths: str | Path, mapping: str | Path | None = None, own_account: str = "") -> pipeline.Outcome:
        """Import files and folders, each wholly or not at all; the case is made if it is not there yet.

        The outcome's `files` say for every file `rows = kept + merged + rejected`.
        """
        options = Options(
            mapping=Path(mapping) if mapping else None, own_account=own_account, memory_limit=self._memory
        )  # fmt: skip
        return pipeline.import_paths(self.folder, [Path(one) for one in paths], options=options)

    def detect(
        self,
        *,
        as_of: datetime | None = None,
        model: str | Path | None = None,
        typologies: Sequence[str | Path] = (),
    ) -> Findings:
        """Find, store and return the accounts that carry other people's money, and their rings.

        With `as_of` (which must name a time zone) nothing later is looked at. With a `model` that `duanka learn` wrote,
        scores of accounts are its probabilities. `typologies` are files, or folders of files, that users wrote.

        Raises:
            CaseError: the folder is no case.
            TypologyError: a typology can't be used, or a test of it fails.
            ModelError: the model can't be read, or needs other features.
            ValueError: `as_of` says no time zone.
        """
        _zoned(as_of)
        outcome = pipeline.detect(
            self.folder,
            as_of=as_of,
            model=Path(model) if model else None,
            typologies=load([Path(one) for one in typologies], self.language),
            memory_limit=self._memory,
        )
        assert outcome.found is not None  # noqa: S101 - detection ran
        tables = {name: self.table(name) for name in TABLES}
        return Findings(**tables, found=outcome.found, language=self.language)

    def trace(
        self,
        seeds: Sequence[str],
        *,
        direction: Direction = "down",
        doctrines: Sequence[str] = (),
        at: datetime | None = None,
        apart: bool = False,
        together: bool = False,
        max_hops: int | None = None,
        max_age: timedelta | None = None,
        floor: Decimal | int = 0,
    ) -> Traced:
        """Follow the money of `seeds` ("account:ID", "report:ID", …) under each doctrine; nothing is stored.

        Each seed is one claim; with `apart` each payment is one, with `together` all are. With `at` (which must name a
        time zone) nothing later is looked at. `floor` is in units of the seeds' currency. The frames of the result are
        those of the reference.

        Raises:
            SeedError: a seed is not in the case; the error names what looks most alike.
            TraceError: there is no payment to trace, or a doctrine does not answer upward.
            ValueError: `at` says no time zone, or there is no such doctrine.
        """
        _zoned(at)
        age = None if max_age is None else max_age // timedelta(microseconds=1)
        wish = Wish(
            direction, tuple(Doctrine(one) for one in doctrines), at, apart, together, max_hops, age, Decimal(floor)
        )
        return tracing.trace(
            self.folder, [parse_seed(one) for one in seeds], wish, language=self.language, memory_limit=self._memory
        )

    def freeze_plan(
        self,
        seeds: Sequence[str],
        *,
        orders: int = 10,
        minutes: float = 30.0,
        at: datetime | None = None,
        price: float = 0.25,
        verifying: float = 60.0,
    ) -> Proposal:
        """Propose at most `orders` orders, in effect after `minutes`, that keep the seeds' money; nothing is stored.

        For the numbers see `duanka freeze-plan`. The frames of the result are those of the reference.

        Raises:
            SeedError: a seed is not in the case.
            ViewError: there is no payment to trace, or they are in several currencies.
            ValueError: `at` says no time zone, or a number is out of its range.
        """
        _zoned(at)
        wish = PlanWish(orders, minutes, at, price, verifying)
        wish.check()
        return freezing.freeze_plan(
            self.folder, [parse_seed(one) for one in seeds], wish, language=self.language, memory_limit=self._memory
        )

    def returns(
        self,
        seeds: Sequence[str],
        *,
        frozen: Mapping[str, Decimal | int] | None = None,
        good_faith: Sequence[str] = (),
        at: datetime | None = None,
    ) -> Proposed:
        """Propose which claim (each seed is one) gets what back from which frozen account; nothing is stored.

        `frozen` says what is frozen by account, in units of the currency; without it the measures in force count. The
        frames of the result are those of the reference.

        Raises:
            SeedError: a seed, or an account of `good_faith`, is not in the case.
            ViewError: there is no payment to trace, or they are in several currencies.
            FrozenError: an account of `frozen` is not in the case, or its amount is none, or too fine.
            ValueError: `at` says no time zone.
        """
        _zoned(at)
        given = None if frozen is None else [Frozen(account, Decimal(amount)) for account, amount in frozen.items()]
        return freezing.returns(
            self.folder, [parse_seed(one) for one in seeds], frozen=given, good_faith=tuple(good_faith), at=at,
            language=self.language, memory_limit=self._memory,
        )  # fmt: skip

    def table(self, name: str) -> pl.DataFrame:
        """One table of the case, of those that `duanka export` knows, in the same order.

        Raises:
            ReportError: there is no such table, or it has not been made yet; it says what makes it.
        """
        with StoredCase(self.folder, memory_limit=self._memory) as case:
            derive.bring_up_to_date(case)
            return read(case, name)

    def evaluate(self, labels: str | Path, transaction_labels: str | Path = "") -> dict[str, object]:
        """The figures of `duanka evaluate`: findings against labels, from a file or "case"."""
        with StoredCase(self.folder, memory_limit=self._memory) as case:
            derive.bring_up_to_date(case)
            return evaluating.as_dict(evaluating.evaluate(case, str(labels), str(transaction_labels)))

    def report(self, out: str | Path | None = None) -> Path:
        """Write the report; returns its path."""
        return pipeline.report(
            self.folder, out=Path(out) if out else None, language=self.language, memory_limit=self._memory
        )  # fmt: skip


def _zoned(moment: datetime | None) -> None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{moment} says no time zone")


def _table(frame: pl.DataFrame, language: Language) -> str:
    head = "".join(f"<th>{escape(say(f'notebook.{name}', language))}</th>" for name in frame.columns)
    lines = ("".join(f"<td>{_cell(value)}</td>" for value in row) for row in frame.rows())
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return escape(f"{value:%Y-%m-%d %H:%M}Z" if isinstance(value, datetime) else str(value))
