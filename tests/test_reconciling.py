"""A made-up platform's database held against the records of its country, and against the truth about both."""

import json
from pathlib import Path

import polars as pl
import pytest

from duanka import cli, pipeline
from duanka.reconciled import as_text
from duanka.reconciling import Reconciliation
from duanka.report.tables import export
from duanka.rings.matching import HOWS
from duanka.rings.reconcile import REASONS
from duanka.store.case import Case
from duanka.store.platform import PLATFORM_TABLES
from duanka.synth.parameters import defaults
from duanka.synth.scales import SCALES
from duanka.synth.write import write_world

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world") / "w"
    write_world(SCALES["tiny"], 5, defaults(), {"platform": 1}, out, style="canonical")
    return out


@pytest.fixture(scope="module")
def case(world: Path) -> Path:
    folder = world.parent / "case"
    pipeline.import_paths(folder, [world / "records"])
    return folder


@pytest.fixture(scope="module")
def found(case: Path, world: Path) -> Reconciliation:
    return pipeline.reconcile(case, [world / "truth"])


@pytest.fixture(scope="module")
def tables(case: Path, found: Reconciliation) -> Tables:
    assert found.orders
    return read(case)


def read(case: Path) -> Tables:
    made = {}
    with Case(case) as opened:
        for name in (*PLATFORM_TABLES, "transactions"):
            out = case / f"{name}.parquet"
            export(opened, name, "parquet", out)
            made[name] = pl.read_parquet(out)
    return made


def identified(world: Path, tables: Tables) -> pl.DataFrame:
    """Paid orders, with the only payment into or out of the ring that can be theirs by how the generator makes them.

    A payment comes 3 to 903 s after its order, and 1 to 200 s before its confirmation (synth/rings/points.py).
    """
    truth = pl.read_parquet(world / "truth" / "transactions" / "*.parquet")
    rows = tables["transactions"].join(truth.filter(pl.col("part").is_in(["deposit", "payout"])), on="external_id")
    sides = [
        rows.filter(part=part).select(kind=pl.lit(kind), account_id=side, amount="amount", at="time", true="row_id")
        for part, kind, side in (("deposit", "collect", "payee"), ("payout", "payout", "payer"))
    ]
    orders = tables["platform_orders"].filter(status="paid")
    may = orders.join(pl.concat(sides), on=["kind", "account_id", "amount"]).filter(
        (pl.col("at") - pl.col("time")).dt.total_seconds().is_between(3, 903)
        & (pl.col("confirmed") - pl.col("at")).dt.total_seconds().is_between(1, 200)
    )
    return may.filter(pl.len().over("order") == 1)


def test_orders_are_exact_near_or_left_and_every_count_agrees(found: Reconciliation, tables: Tables) -> None:
    orders, matches = tables["platform_orders"], tables["platform_matches"]
    assert found.orders == orders.height == found.exact + found.near + sum(found.without_row.values())
    assert matches.height == found.exact + found.near
    assert matches["row_id"].n_unique() == matches.select("platform", "order").n_unique() == matches.height
    assert set(orders["match"]) <= {"exact", "near", "none"}
    assert set(orders["reason"].drop_nulls()) <= set(REASONS)
    assert set(orders["how"].drop_nulls()) <= set(HOWS)
    assert orders.filter(pl.col("reason").is_null() != pl.col("row_id").is_not_null()).is_empty()
    accounts = tables["platform_accounts"]
    for name in ("orders", "exact", "near", "without_row"):
        assert accounts[name].sum() == {"orders": orders.height, "exact": found.exact, "near": found.near,
                                        "without_row": sum(found.without_row.values())}[name]  # fmt: skip
    assert all(file["rows"] == file["kept"] for file in found.files)


def test_nearly_all_true_pairs_are_found(world: Path, tables: Tables) -> None:
    known = identified(world, tables)
    assert known.height > 0.9 * tables["platform_orders"].filter(status="paid").height
    assert known.filter(pl.col("true") == pl.col("row_id")).height >= 0.98 * known.height


def test_no_payment_of_an_innocent_is_put_to_an_order(world: Path, tables: Tables) -> None:
    truth = pl.read_parquet(world / "truth" / "transactions" / "*.parquet")
    matched = (
        tables["platform_matches"].join(tables["transactions"], on="row_id").join(truth, on="external_id", how="left")
    )
    assert matched["part"].is_in(["deposit", "payout"]).sum() >= 0.99 * matched.height


def test_accounts_that_served_are_sure_and_serve_the_sums_of_their_orders(tables: Tables) -> None:
    accounts = tables["platform_accounts"].filter(pl.col("exact") >= 10)
    assert accounts.height
    assert (accounts["score"] > 0.99).all()
    matched = tables["platform_matches"].filter(kind="exact")
    sums = matched.group_by("account_id", "side").agg(pl.col("row_amount").sum())
    for account, side, amount in sums.rows():
        name = "collected" if side == "in" else "paid_out"
        near = tables["platform_matches"].filter(account_id=account, side=side, kind="near")["order_amount"].sum()
        assert tables["platform_accounts"].filter(account_id=account)[name].sum() == amount + near


def test_the_generators_books_add_up_for_every_user(found: Reconciliation, tables: Tables) -> None:
    users = tables["platform_users"]
    assert users["points_difference"].to_list() == [0] * users.height
    assert "points_sum" not in found.contradictions
    levels = tables["platform_levels"]
    whole = levels.filter(role="*").row(0, named=True)
    assert whole["rake"] == whole["charged"] - whole["earned"] == users["commission"].sum()


def test_a_falsified_database_is_seen_through(case: Path, world: Path, tmp_path: Path, tables: Tables) -> None:
    """Orders moved by a day match nothing, and a user whose points were changed stands out."""
    for name in ("orders", "points", "users"):
        frame = pl.read_parquet(next((world / "truth").glob(f"platform_*_{name}.parquet")))
        if name == "orders":
            frame = frame.with_columns(pl.col("time", "confirmed") + pl.duration(hours=31))
        if name == "users":
            frame = frame.with_columns(points=pl.col("points") + (pl.int_range(pl.len()) == 3).cast(pl.Int64) * 777)
        frame.write_parquet(tmp_path / f"platform_F_{name}.parquet")
    found = pipeline.reconcile(case, [tmp_path])
    assert found.exact < 0.1 * tables["platform_matches"].height
    assert found.score is not None
    assert found.contradictions["points_sum"] == 1
    pipeline.reconcile(case, [world / "truth"])  # as the other tests expect it


def test_the_same_from_rows_in_any_order(case: Path, world: Path, tmp_path: Path, tables: Tables) -> None:
    for path in (world / "truth").glob("platform_*.parquet"):
        pl.read_parquet(path).sample(fraction=1, shuffle=True, seed=9).write_parquet(tmp_path / path.name)
    pipeline.reconcile(case, [tmp_path])
    again = read(case)
    places = {"source_id", "source_row", "path", "sha256"}
    for name in PLATFORM_TABLES:
        left, right = (one[name].drop(places.intersection(one[name].columns)) for one in (tables, again))
        assert left.sort(left.columns).equals(right.sort(right.columns)), name
    pipeline.reconcile(case, [world / "truth"])


def test_the_tables_go_when_the_ledger_is_made_anew(case: Path, world: Path, tmp_path: Path) -> None:
    copy = tmp_path / "case"
    pipeline.import_paths(copy, [world / "records" / "accounts.parquet"])
    pipeline.reconcile(copy, [world / "truth"])
    with Case(copy) as opened:
        assert opened.table_exists("platform_orders")
        assert {str(row[0]) for row in opened.db.rows("SELECT DISTINCT reason FROM platform_orders")} == {
            "not_paid", "not_produced",
        }  # fmt: skip
    pipeline.import_paths(copy, [world / "records" / "reports.parquet"])
    with Case(copy) as opened:
        assert not opened.table_exists("platform_orders")
    del case


def test_what_is_printed(case: Path, world: Path, capsys: pytest.CaptureFixture[str], found: Reconciliation) -> None:
    assert cli.run(["reconcile", str(case), "--platform-ledger", str(world / "truth"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["orders"] == found.orders
    assert facts["accounts"]
    for language, word in (("en", "orders"), ("zh", "订单")):
        assert cli.run(["reconcile", str(case), "--platform-ledger", str(world / "truth"), "--lang", language]) == 0
        assert word in capsys.readouterr().out


def test_detect_reconciles_as_well(case: Path, world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["reconcile", str(case), "--platform-ledger", str(world / "truth"), "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert cli.run(["detect", str(case), "--platform-ledger", str(world / "truth"), "--json"]) == 0
    both = json.loads(capsys.readouterr().out)
    assert both["platform"] | {"seconds": 0} == alone | {"seconds": 0}
    assert both["accounts"] > 0
    assert cli.run(["detect", str(case), "--mapping", "m.yaml"]) == 2
    assert "--platform-ledger" in capsys.readouterr().err


def test_nothing_to_test_and_wrong_books_have_words(tmp_path: Path) -> None:
    empty = Reconciliation(tmp_path, contradictions={"points_sum": 1})
    assert "no order can be tested" in as_text(empty, "en")
    assert "矛盾" in as_text(empty, "zh")


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [(["--within", "200"], 2, "smaller"), (["--fee", "-1"], 2, "percentage"), ([], 1, "no table of orders")],
)
def test_errors_are_one_line(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, words: str
) -> None:
    (tmp_path / "empty.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert cli.run(["reconcile", str(case), "--platform-ledger", str(tmp_path / "empty.csv"), *more]) == code
    assert words in capsys.readouterr().err.splitlines()[-1]
