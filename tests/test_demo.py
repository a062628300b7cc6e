"""The demo's case beside the truth of the world that it was made from."""

import json
import shlex
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cases import A, C, check_sums, clock, police, row, take_in
from duanka import cli, demo
from duanka.demo import RINGS, SCALE, SEED, Demo, DemoError
from duanka.messages.catalogue import Language, say
from duanka.store.case import Case, hash_file
from duanka.store.findings import TABLES as FINDINGS
from duanka.synth.parameters import defaults
from duanka.synth.scales import rings_wanted, scale_named
from duanka.synth.write import write_world
from synth.render.worlds import counted, payments, table, take

DOCS = Path(__file__).parents[1] / "docs"
CARRIERS = ("transit", "cash_out")
"""Roles that the money of victims passes, after the collectors that they pay to."""


@dataclass
class Show:
    """A demo, and the canonical tables of the same world."""

    demo: Demo
    canonical: Path

    @property
    def case(self) -> Path:
        return self.demo.outcome.case

    @property
    def truth(self) -> Path:
        return self.demo.world / "truth"

    def labels(self) -> pl.DataFrame:
        return pl.read_csv(self.truth / "labels.csv", schema_overrides={"account_id": pl.String})


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Show:
    home = tmp_path_factory.mktemp("demo")
    scale = scale_named(SCALE)
    write_world(scale, SEED, defaults(), rings_wanted(scale, RINGS), home / "canonical")
    return Show(demo.run(home / "case"), home / "canonical")


def test_every_row_is_accounted_for_and_none_is_rejected(show: Show) -> None:
    for file in show.demo.outcome.files:
        assert file["rows"] == int(str(file["kept"])) + int(str(file["merged"])), file
        assert file["rejected"] == 0, file
    assert {Path(str(one["path"])).name for one in show.demo.outcome.unknown} == {"任务信息.csv"}
    assert show.demo.outcome.balance_breaks == 0
    with Case(show.case) as case:
        check_sums(case)


def test_every_payment_of_the_world_is_in_the_ledger_once(show: Show, tmp_path: Path) -> None:
    take(tmp_path / "canonical", [show.canonical / "records"])
    made, found = payments(tmp_path / "canonical"), payments(show.case)
    assert made.height == json.loads((show.canonical / "manifest.json").read_text("utf-8"))["transactions"]
    assert_frame_equal(counted(made), counted(found))
    assert sorted(made["external_id"]) == sorted(found["external_id"])
    ring = pl.read_parquet(show.truth / "transactions" / "*.parquet")
    assert ring.height > 0
    assert ring.join(found, on="external_id", validate="1:1").height == ring.height
    accounts = "SELECT account_id FROM accounts ORDER BY account_id"
    assert_frame_equal(table(tmp_path / "canonical", accounts), table(show.case, accounts))


def test_the_printed_commands_make_the_same_world(show: Show) -> None:
    manifests = [
        json.loads((folder / "manifest.json").read_text("utf-8")) for folder in (show.canonical, show.demo.world)
    ]
    assert manifests[0]["content"] == manifests[1]["content"]
    make, investigate = (shlex.split(command)[1:] for command in show.demo.commands())
    for words in (make, investigate):
        command, bound, ignored = cli.app.parse_known_args(words)[:3]
        assert command.__name__ == words[0]
        assert not ignored
        if words is make:
            assert (bound.args, bound.kwargs["seed"], bound.kwargs["ring"]) == ((SCALE,), SEED, RINGS)
            assert bound.kwargs["out"] == show.demo.world
        else:
            assert bound.args == (show.demo.world / "records",)
            assert bound.kwargs["case"] == show.case


def test_nothing_of_the_truth_is_in_the_case(show: Show) -> None:
    with Case(show.case) as case:
        found = {*FINDINGS, "ring_names"}  # detection has rings and roles of its own
        columns = {
            str(name)
            for name, table in case.db.rows("SELECT column_name, table_name FROM information_schema.columns")
            if table not in found
        }
        kept = {str(sha256) for (sha256,) in case.db.rows("SELECT sha256 FROM sources")}
        labels = case.db.rows("SELECT count(*) FROM labels")
    told = {"ring_id", "role", "label", "part", "controller", "known", "adaptive"}
    assert told <= {
        name for path in show.truth.rglob("*.parquet") for name in pl.read_parquet_schema(path)
    } | set(show.labels().columns)  # fmt: skip
    assert not columns & told
    assert labels == [(0,)]
    originals = {path.name.partition(".")[0] for path in (show.case / "originals").rglob("*") if path.is_file()}
    truth = {hash_file(path) for path in show.truth.rglob("*") if path.is_file()}
    assert truth
    assert not truth & (kept | originals)


def test_the_comparison_is_that_of_the_truth(show: Show) -> None:
    labels, compared = show.labels(), show.demo.compared
    reports = pl.read_parquet(show.canonical / "records" / "reports.parquet")
    assert (compared.transactions, compared.accounts) == (compared.transactions_made, compared.accounts_made)
    assert compared.reports == reports.height > 0
    assert compared.reported_accounts == reports["receiver_account"].n_unique()
    ring = set(labels.filter(pl.col("label") == 1)["account_id"])
    assert compared.ring_accounts == len(ring)
    carriers = set(labels.filter(pl.col("role").is_in(CARRIERS))["account_id"])
    flow = pl.read_parquet(show.case / "report" / "tables" / "flow_rows.parquet")
    passed = set(flow["payer"].drop_nulls()) | set(flow["payee"].drop_nulls())
    assert 2 * len(carriers & passed) >= len(carriers) > 0  # not all victims reported, so not all need be reached
    assert compared.ring_accounts_reached == len(passed & ring)
    assert compared.other_accounts_reached == len(passed - ring) > 0
    with Case(show.case) as case:
        ranked = [str(one) for (one,) in case.db.rows("SELECT account_id FROM account_risk ORDER BY rank")]
    assert compared.ring_accounts_first == len(ring & set(ranked[: len(ring)]))
    assert 4 * compared.ring_accounts_first >= len(ring)  # by lot it would be one in seventy


def test_the_report_starts_from_the_reported_accounts(show: Show) -> None:
    assert show.demo.outcome.report == show.case / "report" / "report.html"
    flow = pl.read_parquet(show.case / "report" / "tables" / "flow_rows.parquet")
    labels = show.labels().filter(pl.col("role") == "collection")
    assert set(flow.filter(pl.col("tier") == 1)["payer"]) <= set(labels["account_id"])
    assert flow["tier"].max() == 5


def test_the_tutorials_say_what_was_merged_and_why(show: Show) -> None:
    with Case(show.case) as case:
        merges = {str(why): int(str(n)) for why, n in case.db.rows("SELECT why, count(*) FROM merges GROUP BY why")}
    listed = show.demo.outcome.files
    people = sum(int(str(file["merged"])) for file in listed if file["format"] == "police_parties")
    merged = sum(int(str(file["merged"])) for file in listed)
    assert merged == sum(merges.values()) + people
    for page in ("tutorial.md", "zh/tutorial.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        assert all(f"{number:,}" in text for number in (merged, *merges.values(), people, show.demo.people)), page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_second_run_adds_nothing_and_says_it_all(
    show: Show, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    with Case(show.case) as case:
        before = case.files()
    shutil.rmtree(show.demo.world / "records")  # as if the last run had been stopped while it made the world
    (show.demo.world / "manifest.json").rename(show.demo.world / "unfinished")
    assert cli.run(["demo", "--case", str(show.case), "--lang", language]) == 0
    with Case(show.case) as case:
        assert case.files() == before
    printed = capsys.readouterr().out
    numbers = {name: f"{number:,}" for name, number in asdict(show.demo.compared).items()}
    for key in ("demo.ledger", "demo.reached", "demo.no_guilt", "demo.no_evidence"):
        assert say(key, language, **numbers) in printed
    for command in show.demo.commands():
        assert command in printed
    assert say("cli.report", language, path=show.demo.outcome.report) in printed
    formats = {str(file["format"]) for file in show.demo.outcome.files}
    assert all(f"  {name} (" in printed for name in formats)
    assert str(sum(int(str(file["rows"])) for file in before)) in printed.replace(",", "")


def test_json(show: Show, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--case", str(show.case), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["compared"] == asdict(show.demo.compared)
    assert found["world"] == str(show.demo.world)
    assert found["transactions"] == show.demo.outcome.transactions
    assert len(found["files"]) == len(show.demo.outcome.files)


def test_a_case_of_other_records_is_left_alone(tmp_path: Path) -> None:
    path = police(tmp_path / "a.csv", [row(A, "进", C, "5.00", clock(0))])
    take_in(tmp_path / "case", path)
    with pytest.raises(DemoError, match=r"a\.csv"):
        demo.run(tmp_path / "case")
    assert not (tmp_path / "case" / "world").exists()


def test_other_records_beside_those_of_the_demo_are_named(show: Show, tmp_path: Path) -> None:
    shutil.copytree(show.case, tmp_path / "case")
    take_in(tmp_path / "case", police(tmp_path / "b.csv", [row(A, "进", C, "5.00", clock(0))]))
    with pytest.raises(DemoError, match=r"b\.csv"):
        demo.run(tmp_path / "case")
