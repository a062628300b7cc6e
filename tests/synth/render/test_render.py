"""What rendered files look like: the habits of banks, split files, the same bytes twice, and what is refused."""

import hashlib
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from duanka.sources.mapping import load_mappings
from duanka.synth.render import RenderError, render
from duanka.synth.render.pages import Pages, line
from duanka.synth.render.police_bank import Habits, habits
from duanka.synth.render.source import Source, bits, ledger, yuan
from sources.reading import read_all
from synth.render.worlds import make_world

BANKS = 12


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_world(tmp_path_factory.mktemp("world"))


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("style", ["police", "banks", "iso20022"])
def test_the_same_seed_gives_the_same_bytes(records: Path, tmp_path: Path, style: str) -> None:
    for name in ("a", "b"):
        render(records, tmp_path / name, style, 4, rows=300, holders=20)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_another_seed_gives_the_banks_other_habits(records: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        render(records, tmp_path / str(seed), "police", seed)
    assert digests(tmp_path / "1") != digests(tmp_path / "2")


@pytest.mark.parametrize("seed", range(5))
def test_all_banks_together_have_every_habit(seed: int) -> None:
    found = [habits(place, seed) for place in range(BANKS)]
    for field in fields(Habits):
        assert len({str(getattr(one, field.name)) for one in found}) > 1, field.name
    assert {one.words for one in found} == {("进", "出"), ("贷", "借"), ("收", "付"), ("入", "出"), ("C", "D")}


def test_police_files_are_as_dirty_as_real_ones(records: Path, tmp_path: Path) -> None:
    files = render(records, tmp_path, "police", 1, rows=300)
    ledgers = {path: path.read_bytes().decode("gb18030") for path in files if path.name.startswith("交易明细信息")}
    text = "".join(ledgers.values())
    assert {len(content.split("\r\n", 1)[0].split(",")) for content in ledgers.values()} == {32, 34}
    for quirk in ("_1\t,", '"经办,复核"', '"示例省,示例市"', "失败", ",-", "人民币\t", ",CNY", "现金", "R2", "\r\n"):
        assert quirk in text, quirk
    assert any("卡号查询" in path.name for path in ledgers)


def test_a_further_file_repeats_the_end_of_the_one_before(records: Path, tmp_path: Path) -> None:
    files = render(records, tmp_path, "police", 1, rows=300)
    first = next(
        path for path in files if path.name == "交易明细信息_1.csv" and path.with_name("交易明细信息_2.csv") in files
    )
    one, two = (path.read_bytes().split(b"\r\n") for path in (first, first.with_name("交易明细信息_2.csv")))
    assert one[0] == two[0]
    assert len(one) == 302
    assert two[1:31] == one[-31:-1]


def test_messages_are_well_formed_whatever_stands_in_them(records: Path, tmp_path: Path) -> None:
    world = tmp_path / "world"
    world.mkdir()
    for path in records.rglob("*.parquet"):
        target = world / path.relative_to(records)
        target.parent.mkdir(exist_ok=True)
        frame = pl.read_parquet(path)
        if "memo" in frame.columns:
            frame = frame.with_columns(memo=pl.lit("a < b & c > d"))
        frame.write_parquet(target)
    files = [path for path in render(world, tmp_path / "out", "iso20022", 1, rows=500) if path.suffix == ".xml"]
    assert {path.name[:8] for path in files} == {"camt.053", "pacs.008", "pain.001"}
    memos = {memo.text for path in files for memo in etree.parse(path).iter("{*}Ustrd")}
    assert memos == {"a < b & c > d"}


def test_every_bank_writes_statements_in_its_own_format(records: Path, tmp_path: Path) -> None:
    """That the whole gives the same case is a long test; here one file of each bank is read."""
    files = render(records, tmp_path, "banks", 1, holders=40)
    folders = {path.parent: path for path in files if path.parent.name.startswith("个人流水")}
    mappings = load_mappings(tmp_path / "mapping.yaml")
    results = [read_all(path, mappings=mappings) for path in folders.values()]
    known = {f"{key}_debit" for key in ("icbc", "abc", "boc", "ccb", "bocom", "cmb", "spdb")}
    assert {result.format for result in results} == known | {"local_bank"}
    for result in results:
        assert result.rejects.is_empty()
        assert result.entries.height > 0
        own = result.entries.select(pl.when(pl.col("side") == 1).then("payer").otherwise("payee"))
        assert own.to_series().str.starts_with("9990").all()


def test_every_message_is_read_without_a_reject(records: Path, tmp_path: Path) -> None:
    files = render(records, tmp_path, "iso20022", 1, rows=500)
    first = {path.name[:8]: path for path in reversed(files) if path.suffix == ".xml"}
    one = {name: read_all(path) for name, path in first.items()}
    assert {result.format for result in one.values()} == {"iso20022_camt053", "iso20022_pacs008", "iso20022_pain001"}
    assert all(result.rejects.is_empty() for result in one.values())


def test_a_folder_without_a_world_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="holds no world"):
        render(tmp_path, tmp_path / "out", "police", 1)


def test_an_unknown_style_is_refused(records: Path, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="choose among police, banks, iso20022"):
        render(records, tmp_path, "xbrl", 1)


def test_an_account_that_is_not_listed_is_refused(records: Path) -> None:
    with pytest.raises(RenderError, match=r"account 7 .* is not in"):
        Source(records).rows_of(pl.Series(["7", None]))


def test_a_failed_payment_stands_in_the_payers_ledger_alone(records: Path) -> None:
    source = Source(records)
    part = next(source.parts("transactions"))
    rows = ledger(source, part, 0)
    failed = part.filter(pl.col("status") == "failed").height
    cash = part.filter(pl.col("status") != "failed").select(pl.col("payer", "payee").is_null().sum()).row(0)
    assert rows.filter(pl.col("status") == "failed")["out"].to_list() == [True] * failed
    assert rows.height == 2 * part.height - failed - sum(cash)


def test_lines_split_and_pad_as_told(tmp_path: Path) -> None:
    pages = Pages(tmp_path, "a_{}.csv", "h", "utf-8", rows=3, overlap=1, end="\n")
    pages.append(pl.Series(["1", "2"]))
    pages.append(pl.Series(["3", "4", "5", "6"]))
    assert [path.read_text("utf-8") for path in pages.written] == ["h\n1\n2\n3\n", "h\n3\n4\n5\n", "h\n5\n6\n"]
    frame = pl.DataFrame({"a": ["x", None]})
    assert frame.select(line(["甲", "乙", "甲"], {"甲": pl.col("a")}, pad="\t"))["line"].to_list() == [
        "x\t,\t,\t",
        "\t,\t,\t",
    ]


def test_money_is_written_exactly() -> None:
    frame = pl.DataFrame({"fen": [0, 5, 12, 100, -7, -12_345, 10**17, None]})
    assert frame.select(yuan("fen").alias("y"))["y"].to_list() == [
        "0.00", "0.05", "0.12", "1.00", "-0.07", "-123.45", "1000000000000000.00", None]  # fmt: skip


def test_bits_are_spread_and_differ_by_seed() -> None:
    frame = pl.DataFrame({"n": range(50_000)}).select(a=bits(pl.col("n"), 1, 1), b=bits(pl.col("n"), 2, 1))
    assert 0.28 < (frame["a"] < 0.3 * 65_536).mean() < 0.32  # type: ignore[operator]  # a share
    assert (frame["a"] == frame["b"]).mean() < 0.01  # type: ignore[operator]  # a share


def test_times_are_beijing_time(records: Path) -> None:
    source = Source(records)
    part = next(source.parts("transactions"))
    first = ledger(source, part, 0).filter(n=0)["time"][0]
    utc: datetime = part["time"][0]
    assert (first - utc.replace(tzinfo=None)).total_seconds() == 8 * 3_600
