"""AMLworld: the CSV of payments and the file of attempts, which must read alike."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duanka.records.vocabulary import RecordKind
from duanka.sources.registry import table_formats
from duanka.sources.spec import TableFormat
from sources.reading import SHARED, batches_of, read_all

HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,"
    "Payment Format,Is Laundering"
)
ROWS = (
    "2022/09/01 00:20,010,8000EBD30,010,8000EBD30,3697.34,US Dollar,3697.34,US Dollar,Reinvestment,0",
    "2022/09/01 00:00,03208,8000F4580,001,8000F5340,0.01,US Dollar,1.500000,Bitcoin,Cheque,1",
    "2022/09/01 00:00,03208,8000F4580,001,8000F5340,0.01,US Dollar,1.500000,Bitcoin,Cheque,1",
    "2022/09/02 23:59,12,111,12,7,99.9,Yen,99.9,Yen,ACH,0",
)
PATTERNS = SHARED / "amlworld" / "HI-Small_Patterns.txt"


def write_csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


def write_attempts(path: Path, *attempts: tuple[str, tuple[str, ...]], end: str = "\n") -> Path:
    lines: list[str] = []
    for kind, rows in attempts:
        name = kind.partition(":")[0]
        lines += [f"BEGIN LAUNDERING ATTEMPT - {kind}", *rows, f"END LAUNDERING ATTEMPT - {name}", ""]
    path.write_text(end.join(lines), newline="")
    return path


def test_csv(tmp_path: Path) -> None:
    found, _ = batches_of(write_csv(tmp_path / "t.csv", *ROWS))
    got = read_all(tmp_path / "t.csv")
    assert (got.format, found.full_book, got.rejects.height) == ("amlworld", True, 0)
    columns = ("source_row", "payer", "payee", "amount", "currency", "amount_received", "currency_received")
    assert got.entries.select(columns).rows() == [
        (2, "010:8000EBD30", "010:8000EBD30", 369734, "USD", 369734, "USD"),
        (3, "03208:8000F4580", "001:8000F5340", 150_000_000, "BTC", 1, "USD"),
        (4, "03208:8000F4580", "001:8000F5340", 150_000_000, "BTC", 1, "USD"),
        (5, "12:111", "12:7", 9990, "JPY", 9990, "JPY"),
    ]
    assert got.entries["time"].to_list()[::3] == [
        datetime(2022, 9, 1, 0, 20, tzinfo=UTC),
        datetime(2022, 9, 2, 23, 59, tzinfo=UTC),
    ]
    assert got.entries.select("side", "zone", "time_precision", "status", "extra").unique().rows() == [
        (3, "UTC", "minute", "success", "")
    ]
    assert got.entries["channel"].to_list() == ["Reinvestment", "Cheque", "Cheque", "ACH"]
    assert got.entries.select("payer_bank", "payee_bank").row(1) == ("03208", "001")
    assert got.labels.select("source_row", "subject", "name", "value").rows() == [
        (2, "transaction", "is_laundering", "0"),
        (3, "transaction", "is_laundering", "1"),
        (4, "transaction", "is_laundering", "1"),
        (5, "transaction", "is_laundering", "0"),
    ]


def test_csv_saved_again_by_another_tool(tmp_path: Path) -> None:
    """A tool that can't have two columns of one name writes `Account.1`."""
    path = tmp_path / "t.csv"
    path.write_text(HEADER.replace("To Bank,Account,", "To Bank,Account.1,") + "\n" + ROWS[0] + "\n")
    assert read_all(path).entries.select("payer", "payee").rows() == [("010:8000EBD30", "010:8000EBD30")]


def test_attempts(tmp_path: Path) -> None:
    path = write_attempts(
        tmp_path / "p.txt", ("FAN-OUT:  Max 16-degree Fan-Out", ROWS[:2]), ("STACK", ROWS[2:]), end="\r\n"
    )
    found, _ = batches_of(path)
    got = read_all(path)
    assert (got.format, found.full_book) == ("amlworld_attempts", True)
    assert got.entries["source_row"].to_list() == [2, 3, 7, 8]  # the lines, after a blank one between the attempts
    labels = {name: got.labels.filter(pl.col("name") == name)["value"].to_list() for name in set(got.labels["name"])}
    assert labels == {
        "is_laundering": ["0", "1", "1", "0"],
        "laundering_type": ["FAN-OUT", "FAN-OUT", "STACK", "STACK"],
        "attempt": ["1", "1", "2", "2"],
    }
    assert [line for line, _ in got.furniture] == [1, 4, 6, 9]
    assert set(got.entries["extra"]) == {""}


def test_attempts_reject_what_is_no_row(tmp_path: Path) -> None:
    path = write_attempts(tmp_path / "p.txt", ("CYCLE", (ROWS[0], "a,b", ROWS[1] + ",x", ROWS[2].replace("1.5", "x"))))
    got = read_all(path)
    assert got.rejects.select("source_row", "code").rows() == [
        (3, "too_few_fields"),
        (4, "too_many_fields"),
        (5, "amount_unreadable"),
    ]
    assert got.rows == 4


def test_a_user_mapping_can_prefix_accounts_too(tmp_path: Path) -> None:
    """`payer_prefix` is a field like any other: a column, or the same text for every row."""
    path = tmp_path / "t.csv"
    path.write_text("when,bank,from,to,sum\n2024-01-01 10:00:00,77,990000000001,990000000002,5\n"
                    "2024-01-01 10:00:00,,990000000001,990000000002,5\n")  # fmt: skip
    mapping = TableFormat(
        name="mine", title_en="mine", title_zh="自定义", required=("when", "sum"), book="full",
        columns={"time": "when", "payer": "from", "payer_prefix": "bank", "payee": "to", "amount": "sum"},
        constants={"payee_prefix": "hq"},
    )  # fmt: skip
    got = read_all(path, mappings=(mapping,))
    assert got.entries.select("payer", "payee").rows() == [
        ("77:990000000001", "hq:990000000002"),
        ("990000000001", "hq:990000000002"),
    ]
    assert set(got.entries["extra"]) == {""}


CELL = st.tuples(
    st.integers(0, 28 * 1440 - 1).map(lambda m: f"2022/09/{m // 1440 + 1:02d} {m // 60 % 24:02d}:{m % 60:02d}"),
    st.from_regex(r"0{0,3}[0-9]{1,5}", fullmatch=True),
    st.from_regex(r"[0-9A-F]{1,9}", fullmatch=True),
    st.from_regex(r"0{0,3}[0-9]{1,5}", fullmatch=True),
    st.from_regex(r"[0-9A-F]{1,9}", fullmatch=True),
    st.decimals(0, 10**10, places=2).map(str),
    st.sampled_from(["US Dollar", "Yen", "Bitcoin", "Euro", "Saudi Riyal"]),
    st.decimals(0, 10**8, places=6).map(str),
    st.sampled_from(["Bitcoin"]),
    st.sampled_from(["ACH", "Wire", "Cheque", "Credit Card", "Cash", "Reinvestment"]),
    st.sampled_from(["0", "1"]),
).map(",".join)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(CELL, min_size=1, max_size=12), cut=st.integers(0, 12))
def test_both_files_read_alike(tmp_path: Path, rows: list[str], cut: int) -> None:
    csv = read_all(write_csv(tmp_path / "t.csv", *rows))
    parts = [part for part in (tuple(rows[:cut]), tuple(rows[cut:])) if part]
    text = read_all(write_attempts(tmp_path / "p.txt", *(("CYCLE:  Max 3 hops", part) for part in parts)))
    assert csv.rows == text.rows == len(rows)
    assert csv.entries.drop("source_row").equals(text.entries.drop("source_row"))
    assert csv.rejects.select("code", "detail").equals(text.rejects.select("code", "detail"))


@pytest.mark.skipif(not PATTERNS.exists(), reason="the shared AMLworld patterns are not beside this checkout")
def test_the_real_patterns(tmp_path: Path) -> None:
    got = read_all(PATTERNS)
    assert (got.format, got.entries.height, got.rejects.height) == ("amlworld_attempts", 3_209, 0)
    attempts = got.labels.filter(pl.col("name") == "attempt")["value"]
    assert attempts.n_unique() == 370
    assert got.labels.filter(pl.col("name") == "laundering_type")["value"].n_unique() == 8
    rows = [line for line in PATTERNS.read_text().splitlines() if line.startswith("2022")]
    csv = read_all(write_csv(tmp_path / "t.csv", *rows))
    assert csv.entries.drop("source_row").equals(got.entries.drop("source_row"))


def test_formats_of_simulations_are_all_full_books_or_accounts() -> None:
    names = {"amlsim", "amlworld", "paysim", "saml_d"}
    for spec, _ in table_formats():
        if any(spec.name.startswith(name) for name in names) and spec.record is RecordKind.TRANSACTION:
            assert spec.book == "full"
            assert spec.zone == "UTC"
