"""A world as institutions would hand it over gives the case that its canonical tables give."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from synth.render.worlds import SAME, counted, make_world, named, payments, rendered, table, take

RECORDS = {
    "sim": (), "device": (), "session": ("account_id",), "call": (), "outlet": (),
    "report": ("victim_account", "receiver_account"), "measure": ("account_id",),
}  # fmt: skip
ACCOUNTS = "account_id, kind, party_id, holder_name, phone, opened_on, closed_on, state"
ALIASES = "SELECT alias, account_id, kind FROM aliases ORDER BY alias"
PARTIES = "SELECT * FROM parties ORDER BY party_id"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def canonical(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("canonical") / "case"
    outcome = take(folder, [records])
    assert not outcome.unknown
    assert (
        outcome.transactions
        == pl.scan_parquet(records / "transactions" / "*.parquet").select(pl.len()).collect().item()
    )
    return folder


def same_people_and_things(canonical: Path, case: Path) -> None:
    """Accounts, cards, holders, and all that surrounds the money."""
    for sql in (f"SELECT {ACCOUNTS} FROM accounts ORDER BY account_id", ALIASES, PARTIES):
        assert_frame_equal(table(canonical, sql), table(case, sql))
    for kind, accounts in RECORDS.items():
        assert_frame_equal(named(canonical, kind, *accounts), named(case, kind, *accounts))


def test_police(records: Path, canonical: Path, tmp_path: Path) -> None:
    case = rendered(records, tmp_path, "police", rows=1_000)
    truth, found = payments(canonical), payments(case)
    assert_frame_equal(counted(truth), counted(found))
    same_people_and_things(canonical, case)
    both = truth.join(found, on="external_id", suffix="_found", validate="1:1")
    assert both.height == truth.height
    assert (both["kind"] == both["kind_found"]).all()
    assert both.filter(
        pl.col("memo") != pl.col("memo_found").str.strip_suffix("经办,复核").str.strip_suffix(" | ")
    ).is_empty()
    for side in ("payer", "payee"):  # Alipay prints no balances
        printed = both.filter(~pl.col(side).str.starts_with("alipay:"))
        assert (printed[f"balance_{side}"].eq_missing(printed[f"balance_{side}_found"])).all()
    assert truth["status"].is_in(["failed"]).any()
    assert truth["payee"].null_count() > 0
    assert truth["payer"].null_count() > 0


@pytest.mark.long
def test_bank_statements_of_some_people(records: Path, canonical: Path, tmp_path: Path) -> None:
    """They carry no failed payments; where both sides print days only, the day is all that is known."""
    case = rendered(records, tmp_path, "banks", rows=5_000)
    truth, found = payments(canonical), payments(case)
    by_day = [name for name in SAME if name != "time"]
    moved = [rows.filter(pl.col("status") == "success").with_columns(
        day=pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.date()
    ).group_by(*by_day, "day").len().sort(*by_day, "day") for rows in (truth, found)]  # fmt: skip
    assert_frame_equal(*moved)
    timed = found.filter(pl.col("time_precision") == "second")
    assert counted(timed).join(counted(truth), on=SAME, how="anti", nulls_equal=True).is_empty()
    failed = [counted(rows.filter(pl.col("status") == "failed")) for rows in (truth, found)]
    assert failed[1].join(failed[0], on=SAME, how="anti", nulls_equal=True).is_empty()
    same_people_and_things(canonical, case)
    formats = set(table(case, "SELECT DISTINCT format FROM sources")["format"])
    banks = {"icbc", "abc", "boc", "ccb", "bocom", "cmb", "spdb"}
    assert formats >= {f"{key}_debit" for key in banks} | {"local_bank", "police_transactions"}


@pytest.mark.long
def test_iso_20022(records: Path, canonical: Path, tmp_path: Path) -> None:
    """Statements book what moved; a wage is instructed (pending), too; a settlement between banks adds nothing."""
    case = rendered(records, tmp_path, "iso20022", rows=2_000)
    truth, found = payments(canonical), payments(case)
    assert_frame_equal(
        counted(truth.filter(pl.col("status") != "failed")), counted(found.filter(pl.col("status") == "success"))
    )
    wages = truth.filter((pl.col("kind") == "代发工资") & (pl.col("status") == "success"))
    assert found.filter(pl.col("status") == "pending").height == wages.height > 0
    merged = "SELECT count(*) AS n FROM merges m JOIN sources s USING (source_id) WHERE s.format = 'iso20022_pacs008'"
    assert table(case, merged)["n"][0] > 0
    same_people_and_things(canonical, case)
    statements = "SELECT opening, closing FROM periods WHERE opening IS NOT NULL AND closing IS NOT NULL"
    assert table(case, statements).height > 0
