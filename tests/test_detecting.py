"""Findings of a made-up world: whole, the same again, never from the future; and cases with little to find."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from polars.testing import assert_frame_equal

from cases import A, B, Row, clock, police, relay, row, take_in, write_all
from duanka import derive, detecting, pipeline
from duanka.messages.catalogue import say
from duanka.pipeline import Outcome
from duanka.rings.roles import Role
from duanka.scoring.accounts import PRIOR
from duanka.store.case import Case
from duanka.store.database import CaseError
from duanka.store.detection import read_detection, tool_version
from duanka.store.findings import TABLES
from duanka.summary import found_as_text
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world
from scoring.planted import planted
from strategies import MIDNIGHT

Tables = dict[str, pl.DataFrame]
KEYS = {
    "account_risk": ["rank"],
    "transaction_risk": ["row_id"],
    "rings": ["ring_id"],
    "ring_members": ["ring_id", "account_id"],
    "ring_rows": ["ring_id", "row_id"],
    "signals": ["account_id", "code"],
    "signal_gaps": ["code", "missing"],
    "typology_hits": ["account_id", "code"],
    "detection": ["detected_at"],
}
WORDS = yaml.safe_load((Path(__file__).parents[1] / "docs" / "words.yaml").read_text("utf-8"))


def findings(case: Path) -> Tables:
    with Case(case) as opened:
        return {name: _frame(opened, f'SELECT * FROM "{name}"').sort(KEYS[name]) for name in TABLES}


def _frame(case: Case, sql: str) -> pl.DataFrame:
    found = pl.from_arrow(case.db.arrow(sql))
    assert isinstance(found, pl.DataFrame)
    return found


def counts_of(outcome: Outcome) -> tuple[int, int, int, bool]:
    found = outcome.found
    assert found is not None
    return found.accounts, found.rings, found.members, found.learnt


def same(one: Tables, two: Tables) -> None:
    for name in TABLES:
        assert_frame_equal(
            one[name].drop("detected_at", strict=False), two[name].drop("detected_at", strict=False), check_exact=True
        )


@dataclass
class World:
    """A tiny world, half of which is imported first."""

    home: Path
    records: pl.DataFrame
    accounts: Path
    half: datetime
    early: Tables  # of a case that has the first half only
    late: Tables  # of the same case when the rest was imported
    dropped: list[str]  # tables of findings right after the later import

    @property
    def case(self) -> Path:
        return self.home / "case"

    def written(self, name: str, rows: pl.DataFrame) -> Path:
        path = self.home / name / "transactions" / "part-0000.parquet"
        path.parent.mkdir(parents=True)
        rows.write_parquet(path)
        return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("world")
    write_world(SCALES["tiny"], 5, defaults(), SCALES["tiny"].rings, home / "made")
    records = pl.read_parquet(home / "made" / "records" / "transactions" / "*.parquet")
    half = records["time"].sort()[int(records.height * 0.6)]
    world = World(home, records, home / "made" / "records" / "accounts.parquet", half, {}, {}, [])
    take_in(world.case, world.accounts, world.written("early", records.filter(pl.col("time") <= half)))
    pipeline.detect(world.case)
    world.early = findings(world.case)
    take_in(world.case, world.written("late", records.filter(pl.col("time") > half)))
    with Case(world.case) as case:
        world.dropped = [name for name in TABLES if case.table_exists(name)]
    pipeline.detect(world.case)
    world.late = findings(world.case)
    return world


@pytest.fixture(scope="module")
def shuffled(world: World) -> Path:
    """The same rows in another order, in two files; nothing is detected yet."""
    rows = world.records.sample(fraction=1, shuffle=True, seed=4)
    middle = rows.height // 3
    case = world.home / "shuffled"
    take_in(case, world.accounts, world.written("a", rows[:middle]), world.written("b", rows[middle:]))
    return case


# --- what is found ---------------------------------------------------------------------------------------------------


_MAY_BE_EMPTY = ("commission_low", "commission", "commission_high", "tier", "tier_confidence", "as_of", "model")


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_reference(world: World, table: str) -> None:
    assert world.late[table].columns == list(WORDS["tables"][table]["columns"])
    assert (world.late[table].height > 0) == (table != "typology_hits")  # of which there are none
    assert world.late[table].drop(_MAY_BE_EMPTY, strict=False).null_count().sum_horizontal().item() == 0


def test_every_account_and_payment_is_scored_once(world: World) -> None:
    with Case(world.case) as case:
        accounts = _frame(case, "SELECT account_id FROM accounts ORDER BY 1")
        moved = _frame(case, "SELECT row_id FROM row_order ORDER BY 1")
    risk, rows = world.late["account_risk"], world.late["transaction_risk"]
    assert_frame_equal(risk.select("account_id").sort("account_id"), accounts)
    assert_frame_equal(rows.select("row_id"), moved)
    assert risk["rank"].to_list() == list(range(1, risk.height + 1))
    assert risk["score"].is_sorted(descending=True)
    assert risk["score"].is_between(PRIOR * 0.999, 1).all()
    assert rows["score"].is_between(PRIOR * 0.999, 1).all()


def test_how_it_was_judged_is_noted_with_what_was_found(world: World) -> None:
    with Case(world.case) as case:
        noted = read_detection(case)
    workers = world.late["ring_members"].filter("works")["account_id"].n_unique()
    told = world.late["account_risk"].filter(pl.col("reasons").list.len() > 0).height
    assert (noted.accounts, noted.rings, noted.members) == (told, world.late["rings"].height, workers)
    assert (noted.version, noted.prior, noted.learnt) == (tool_version(), PRIOR, True)
    assert (noted.as_of, noted.model) == (None, None)
    assert noted.payments == world.late["transaction_risk"].height
    assert noted.facts()["detected_at"] == noted.detected_at.isoformat()


def test_reasons_lead_to_rows_of_the_account(world: World) -> None:
    reasons = world.late["account_risk"].explode("reasons").drop_nulls("reasons").unnest("reasons")
    with Case(world.case) as case:
        rows = _frame(case, "SELECT row_id, payer, payee FROM transactions")
    told = reasons.explode("rows").join(rows, left_on="rows", right_on="row_id", how="left")
    assert told.height == reasons["rows"].list.len().sum()
    assert (
        told.filter(
            pl.col("account_id").eq_missing(pl.col("payer")) | pl.col("account_id").eq_missing(pl.col("payee"))
        ).height
        == told.height
    )
    relays = reasons.filter(pl.col("code") == "TX01")
    assert relays.height > 0
    assert (relays["rows"].list.len() == 2).all()
    for text in (*reasons["text_zh"], *reasons["text_en"]):
        assert "{" not in text
    assert all("CNY" in text for text in (*relays["text_zh"], *relays["text_en"]))
    assert (reasons["strength"] > 0).all()
    assert reasons["score"].min() > PRIOR  # type: ignore[operator]  # a number


def test_members_and_rows_fit_each_other(world: World) -> None:
    rings, members, rows = (world.late[name] for name in ("rings", "ring_members", "ring_rows"))
    with Case(world.case) as case:
        accounts = _frame(case, "SELECT account_id FROM accounts")["account_id"]
        ends = _frame(case, "SELECT row_id, payer, payee, amount FROM transactions")
    assert set(members["ring_id"]) == set(rows["ring_id"]) == set(rings["ring_id"])
    assert rings["ring_id"].is_unique().all()
    assert members["account_id"].is_in(accounts.implode()).all()
    assert set(members["role"]) <= {role.value for role in Role}
    works = members.filter("works")
    assert (works["tier"] >= 1).all()
    assert (members.filter(pl.col("tier") == 0)["works"] == False).all()  # noqa: E712 - a column
    assert members.filter(pl.col("role").is_in([Role.VICTIM, Role.BETTOR]))["tier"].max() == 0
    behind = members.filter(pl.col("role").is_in([Role.DEALER, Role.STUDIO, Role.FARMER]))
    assert_frame_equal(behind, members.filter(pl.col("tier").is_null()))
    assert not behind["works"].any()
    assert_frame_equal(
        works.group_by("ring_id").len("accounts").sort("ring_id").cast({"accounts": pl.Int64}),
        rings.select("ring_id", "accounts"),
    )
    own = rows.join(ends, on="row_id", how="left")
    for end in ("payer", "payee"):
        pairs = own.select("ring_id", account_id=end)
        strangers = pairs.join(members, on=["ring_id", "account_id"], how="anti")
        assert strangers["account_id"].null_count() == strangers.height  # cash
    at_work = works.select("ring_id", "account_id", at_work=True)
    sides = own.join(at_work, left_on=["ring_id", "payer"], right_on=["ring_id", "account_id"], how="left").join(
        at_work, left_on=["ring_id", "payee"], right_on=["ring_id", "account_id"], how="left", suffix="_payee"
    )  # fmt: skip
    assert (sides["at_work"].fill_null(value=False) | sides["at_work_payee"].fill_null(value=False)).all()
    sums = sides.group_by("ring_id").agg(
        inflow=pl.col("amount").filter(pl.col("at_work").is_null()).sum(),
        outflow=pl.col("amount").filter(pl.col("at_work_payee").is_null()).sum(),
    )
    assert_frame_equal(sums.sort("ring_id"), rings.select("ring_id", "inflow", "outflow"))
    assert set(rings["currency"]) == {"CNY"}
    assert (rings["first_seen"] <= rings["last_seen"]).all()
    stated = rings.drop_nulls("commission")
    assert (stated["commission_low"] <= stated["commission"]).all()
    assert (stated["commission"] <= stated["commission_high"]).all()


def test_true_rings_are_found(world: World) -> None:
    """Far from all of it, which `docs/` reports: so much that nothing is broken."""
    truth = pl.read_parquet(world.home / "made" / "truth" / "members.parquet")
    risk = world.late["account_risk"].join(
        truth.select("account_id", ring="ring_id").unique("account_id"), on="account_id", how="left"
    )
    in_ring = risk["ring"].is_not_null()
    assert risk.filter(in_ring)["rank"].median() < risk.filter(~in_ring)["rank"].median() / 2  # type: ignore[operator]  # numbers


# --- the same again --------------------------------------------------------------------------------------------------


def test_detecting_twice_changes_nothing(world: World) -> None:
    pipeline.detect(world.case)
    same(findings(world.case), world.late)


def test_a_later_import_drops_the_findings_and_keeps_the_names_of_rings(world: World) -> None:
    assert world.dropped == []
    early, late = (
        tables["ring_members"].filter("works").select("account_id", "ring_id") for tables in (world.early, world.late)
    )
    shared = early.join(late, on="account_id", suffix="_late").group_by("ring_id", "ring_id_late").len()
    most = shared.sort("len", "ring_id", descending=[True, False]).unique("ring_id_late", keep="first")
    assert most.height >= 2
    assert (most["ring_id"] == most["ring_id_late"]).all()


def test_nothing_later_is_looked_at_and_the_order_of_rows_plays_no_part(world: World, shuffled: Path) -> None:
    pipeline.detect(shuffled, as_of=world.half)
    then = findings(shuffled)
    for name in ("transaction_risk", "rings", "ring_members", "ring_rows", "signals", "signal_gaps"):
        assert_frame_equal(then[name], world.early[name], check_exact=True)
    known = then["account_risk"].join(world.early["account_risk"].select("account_id"), on="account_id", how="semi")
    unknown = then["account_risk"].join(world.early["account_risk"].select("account_id"), on="account_id", how="anti")
    assert_frame_equal(known.drop("rank"), world.early["account_risk"].drop("rank"), check_exact=True)
    assert (unknown["reasons"].list.len() == 0).all()
    pipeline.detect(shuffled)  # its names are those of the earlier run, too
    same(findings(shuffled), world.late)


def test_an_earlier_moment_takes_no_names_of_rings_away(world: World) -> None:
    present = findings(world.case)
    for moment in (world.half, datetime(1999, 1, 1, tzinfo=UTC)):
        pipeline.detect(world.case, as_of=moment)
        with Case(world.case) as case:
            assert read_detection(case).as_of == moment
    pipeline.detect(world.case)
    same(findings(world.case), present)


def test_the_moment_itself_belongs_to_what_is_looked_at(world: World, shuffled: Path) -> None:
    at = world.records.filter(pl.col("time") == world.half).height
    counts = []
    for moment in (world.half, world.half - timedelta(microseconds=1)):
        with Case(shuffled) as case:
            counts.append(len(detecting._until(derive.ordered(case), moment).row_ids))
    assert counts[0] - counts[1] >= at >= 1


def test_before_the_first_payment_there_is_nothing(shuffled: Path) -> None:
    moment = datetime.fromisoformat("1999-01-01T00:00+08:00")
    outcome = pipeline.detect(shuffled, as_of=moment)
    assert outcome.found is not None
    assert (outcome.found.as_of, outcome.found.payments) == (moment, 0)
    assert counts_of(outcome) == (0, 0, 0, False)
    tables = findings(shuffled)
    assert tables["account_risk"].height > 0
    assert all(tables[name].is_empty() for name in TABLES if name not in {"account_risk", "signal_gaps", "detection"})


def test_names_of_accounts_play_no_part(world: World) -> None:
    accounts = pl.read_parquet(world.accounts)
    names = (
        pl.concat([world.records["payer"], world.records["payee"], accounts["account_id"]]).drop_nulls().unique().sort()
    )
    new = dict(zip(names, names.sample(fraction=1, shuffle=True, seed=6), strict=True))
    ends = [pl.col(name).replace(new) for name in ("payer", "payee")]
    (world.home / "renamed").mkdir()
    accounts.with_columns(pl.col("account_id").replace(new), alias=pl.lit("")).write_parquet(
        world.home / "renamed" / "accounts.parquet"
    )
    case = world.home / "renamed case"
    records = world.written("renamed/in", world.records.with_columns(ends))
    take_in(case, world.home / "renamed" / "accounts.parquet", records)
    pipeline.detect(case)
    found = findings(case)
    risk = world.late["account_risk"].with_columns(pl.col("account_id").replace(new))
    columns = ["account_id", "score"]
    assert_frame_equal(
        risk.select(columns).sort("account_id"), found["account_risk"].select(columns).sort("account_id")
    )  # fmt: skip
    workers = [
        {
            frozenset(one)
            for one in tables["ring_members"].filter("works").group_by("ring_id").agg("account_id")["account_id"]
        }
        for tables in (found, world.late)
    ]
    assert workers[0] == {frozenset(new[one] for one in ring) for ring in workers[1]}


# --- little to find --------------------------------------------------------------------------------------------------

OUTSIDE = "9900000000000000991"


def of_planted(*, days: bool, one_sided: bool) -> list[Row]:
    """Statements with hidden relays: with dates only, or without saying who the other was."""
    hidden = planted(ordinary=30, transit=5, each=12, payments=10)
    ledger = hidden.ledger
    columns = (ledger.time.tolist(), ledger.payer.tolist(), ledger.payee.tolist(), ledger.amount.tolist())
    rows = []
    for at, (time, payer, payee, amount) in enumerate(zip(*columns, strict=True)):
        moment = datetime(2024, 3, 1, 9) + timedelta(microseconds=time - MIDNIGHT)  # noqa: DTZ001 - as banks print
        own, other, way = (payer, payee, "出") if at % 2 else (payee, payer, "进")
        printed = f"{moment:%Y-%m-%d}" if days else f"{moment:%Y-%m-%d %H:%M:%S}"
        told = "" if one_sided else f"{990000000000100 + other}"
        rows.append(row(f"{990000000000100 + own}", way, told, f"{amount / 100:.2f}", printed, 交易流水号=f"S{at}"))
    return rows


@pytest.mark.parametrize(
    "files",
    [
        {"a.csv": []},
        {"a.csv": [row(A, "进", "", "5.00", clock(0))]},
        {"a.csv": [row(A, "进", A, "5.00", clock(0))]},
        {"a.csv": [row(A, "进", OUTSIDE, "0.00", clock(0)), row(A, "出", B, "0.00", clock(1))]},
        relay(),
    ],
    ids=["no payments", "one account", "to oneself", "nothing moved", "one relay"],
)
def test_too_little_is_said_to_be_too_little(tmp_path: Path, files: dict[str, list[Row]]) -> None:
    take_in(tmp_path / "case", write_all(tmp_path / "in", files))
    outcome = pipeline.detect(tmp_path / "case")
    assert counts_of(outcome) == (0, 0, 0, False)
    assert say("cli.too_few", "zh") in found_as_text(outcome, "zh")
    assert say("cli.too_few", "en") in found_as_text(outcome, "en")
    tables = findings(tmp_path / "case")
    assert all(tables[name].columns == list(WORDS["tables"][name]["columns"]) for name in TABLES)
    assert (tables["account_risk"]["reasons"].list.len() == 0).all()
    assert tables["rings"].is_empty()


@pytest.mark.parametrize(("days", "one_sided"), [(True, False), (False, True), (True, True)])
def test_poor_statements_are_scored_without_complaint(tmp_path: Path, *, days: bool, one_sided: bool) -> None:
    take_in(tmp_path / "case", police(tmp_path / "a.csv", of_planted(days=days, one_sided=one_sided)))
    outcome = pipeline.detect(tmp_path / "case")
    tables = findings(tmp_path / "case")
    assert outcome.found is not None
    assert tables["transaction_risk"].height == outcome.transactions == 420
    assert np.isfinite(tables["account_risk"]["score"].to_numpy()).all()
    assert all(tables[name].columns == list(WORDS["tables"][name]["columns"]) for name in TABLES)


def test_a_case_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="nowhere is no case"):
        pipeline.detect(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_what_fails_while_signals_are_measured_fails_the_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = findings(world.case)

    def failing(*_: object) -> None:
        raise CaseError("common.problem", problem="no room")

    monkeypatch.setattr(detecting, "measured", failing)
    with pytest.raises(CaseError, match="no room"):
        pipeline.detect(world.case)
    same(before, findings(world.case))
