"""The demo: a small made-up country with a fraud ring in it, investigated from what its institutions hand over."""

import json
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from duanka import pipeline
from duanka.importing import Options
from duanka.messages.catalogue import Language, say
from duanka.messages.told import ToldError
from duanka.pipeline import Outcome
from duanka.store.case import Case, hash_file
from duanka.store.seeds import reported, resolve_seeds
from duanka.synth.paper import RECORDS, TRUTH
from duanka.synth.parameters import defaults
from duanka.synth.scales import rings_wanted, scale_named
from duanka.synth.write import Progress, write_world
from duanka.watch import Watch

SCALE, SEED, RINGS, STYLE = "tiny", 7, ("fraud:1",), "police"
"""Chosen so that the picture of the flow can be read; `duanka synth` makes the same world from them."""

WORLD = "world"
"""Where in the case's folder the world lies."""


class DemoError(ToldError, ValueError):
    """The folder holds a case of something else."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the case shows beside what the truth says; counts."""

    transactions: int
    transactions_made: int
    accounts: int
    accounts_made: int
    reports: int
    reported_accounts: int  # that victims paid into, as their reports say
    ring_accounts: int  # that carry money for the ring, or are operated by it
    ring_accounts_reached: int  # of these, how many the money of the reported accounts passes
    other_accounts_reached: int
    ring_accounts_first: int  # of as many accounts ranked first as are the ring's, how many are


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo did."""

    outcome: Outcome
    world: Path
    people: int
    compared: Comparison

    def commands(self) -> tuple[str, str]:
        """The two commands that do the same."""
        rings, records = [word for ring in RINGS for word in ("--ring", ring)], self.world / RECORDS
        make = ["synth", SCALE, "--seed", str(SEED), *rings, "--as", STYLE, "--out", str(self.world)]
        mapping, case = str(records / "mapping.yaml"), str(self.outcome.case)
        investigate = ["investigate", str(records), "--mapping", mapping, "--case", case]
        return shlex.join(["duanka", *make]), shlex.join(["duanka", *investigate])


def run(case: Path, *, language: Language = "en", watch: Watch | None = None, progress: Progress | None = None) -> Demo:
    """Make the world below the case's folder, investigate its records, then hold the find against its truth.

    The truth is read when all is written; what is imported lies in another folder. Made again, the world is the same
    to the byte, so a second run finds its files in the case.

    Raises:
        DemoError: the case has records that are not the demo's.
    """
    world, scale = case / WORLD, scale_named(SCALE)
    if not world.exists():  # else a demo began here, and its records may be half written
        _refuse_other_records(case, world / RECORDS)
    made = write_world(scale, SEED, defaults(), rings_wanted(scale, RINGS), world, style=STYLE, progress=progress)
    records = world / RECORDS
    _refuse_other_records(case, records)  # another version of Duanka may have made another world
    options = Options(mapping=records / "mapping.yaml")
    outcome = pipeline.investigate(case, [records], options=options, language=language, watch=watch)
    return Demo(outcome, world, int(str(made["people"])), _compare(outcome, world))


def _refuse_other_records(case: Path, records: Path) -> None:
    if not (case / "case.duckdb").exists():
        return
    ours = {hash_file(path) for path in records.rglob("*") if path.is_file()}
    with Case(case) as opened:
        others = [str(file["path"]) for file in opened.files() if file["sha256"] not in ours]
    if others:
        raise DemoError("demo.other_records", case=case, other=others[0])


def _compare(outcome: Outcome, world: Path) -> Comparison:
    """The case and its report beside the manifest and the labels."""
    manifest = json.loads((world / "manifest.json").read_text(encoding="utf-8"))
    labels = pl.read_csv(world / TRUTH / "labels.csv", schema_overrides={"account_id": pl.String})
    ring = set(labels.filter(pl.col("label") == 1)["account_id"])
    with Case(outcome.case) as case:
        reports = int(str(case.db.rows("SELECT count(*) FROM raw_report")[0][0]))
        starts = set(resolve_seeds(case, reported(case)).accounts)
        ranked = case.db.rows(f"SELECT account_id FROM account_risk ORDER BY rank LIMIT {len(ring)}")
    reached = starts | _reached(outcome)
    return Comparison(
        transactions=outcome.transactions, transactions_made=int(manifest["transactions"]),
        accounts=outcome.accounts, accounts_made=int(manifest["accounts"]),
        reports=reports, reported_accounts=len(starts), ring_accounts=len(ring),
        ring_accounts_reached=len(ring & reached), other_accounts_reached=len(reached - ring),
        ring_accounts_first=len(ring & {str(row[0]) for row in ranked}),
    )  # fmt: skip


def _reached(outcome: Outcome) -> set[str]:
    """The accounts that the picture's money passes, also those that it has no room to name."""
    assert outcome.report is not None  # noqa: S101 - `investigate` writes one
    rows = pl.read_parquet(outcome.report.parent / "tables" / "flow_rows.parquet", columns=["payer", "payee"])
    return set(pl.concat([rows["payer"], rows["payee"]]).drop_nulls())


def as_dict(demo: Demo) -> dict[str, object]:
    """What the demo adds to the keys of `investigate`."""
    return {"world": str(demo.world), "commands": list(demo.commands()), "compared": asdict(demo.compared)}


def as_text(demo: Demo, language: Language) -> str:
    """What was made and how it is made again; how the find compares with the truth; what that proves."""
    numbers = {name: f"{number:,}" for name, number in asdict(demo.compared).items()}
    make, investigate = demo.commands()
    lines = [
        say("demo.made", language, people=f"{demo.people:,}"), f"    {make}", f"    {investigate}", "",
        say("demo.compared", language, truth=demo.world / TRUTH),
        say("demo.ledger", language, **numbers),
        say("demo.reached", language, **numbers),
        say("demo.no_guilt", language, **numbers),
        say("demo.ranked", language, **numbers),
        say("demo.no_evidence", language),
    ]  # fmt: skip
    return "\n".join(lines)
