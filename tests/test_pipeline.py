"""From a folder to a ledger: counts, archives, workbooks, unknown files, labels, coverage, wanted, permutations."""

import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import (
    COLUMNS,
    OF_CONTENT,
    A,
    B,
    C,
    Row,
    Watched,
    aes,
    clock,
    police,
    query,
    relay,
    row,
    tables,
    take_in,
    write_all,
)
from duanka import importing, pipeline
from duanka.importing import Options
from duanka.pipeline import Outcome
from duanka.sources import intake, registry
from duanka.sources.opened import SourceError
from duanka.store.case import Case

OUTSIDE = "9900000000000000991"


def content(rows: list[Row], folder: Path) -> bytes:
    return police(folder / "tmp.csv", rows).read_bytes()


def names(outcome: Outcome) -> list[str]:
    return sorted(Path(str(file["path"])).name for file in outcome.files)


# --- counts ----------------------------------------------------------------------------------------------------------


def test_every_row_is_kept_merged_or_rejected(tmp_path: Path) -> None:
    rows = [
        row(A, "进", OUTSIDE, "5.00", clock(0), 交易流水号="S1"),
        row(A, "进", OUTSIDE, "1,234.5.6", clock(1)),
        row(A, "进", OUTSIDE, "NaN", clock(2)),
        row(A, "进", OUTSIDE, "100000000000000000000", clock(3)),
        row(A, "进", OUTSIDE, "5.00", "2023-02-30 10:00:00"),
        row(A, "飞", OUTSIDE, "5.00", clock(4)),
        row(A, "进", OUTSIDE, "", clock(5)),
        row(A, "进", OUTSIDE, "１２３", clock(6)),
        row(A, "进", OUTSIDE, "-0.00", clock(7)),
        {"交易卡号": "合计：9笔"},
    ]
    case = tmp_path / "case"
    copy = police(tmp_path / "b.csv", rows[:1])
    outcome = take_in(case, police(tmp_path / "a.csv", rows), copy)
    counted = {Path(str(f["path"])).name: (f["rows"], f["kept"], f["merged"], f["rejected"]) for f in outcome.files}
    assert sum(int(str(f["kept"])) for f in outcome.files) == outcome.transactions == 3
    assert counted["a.csv"][0] == 9
    assert counted["a.csv"][3] == 6
    assert query(case, "SELECT source_row, code FROM rejects ORDER BY source_row") == [
        (3, "amount_unreadable"),
        (4, "amount_unreadable"),
        (5, "amount_too_large"),
        (6, "time_impossible"),
        (7, "direction_unknown"),
        (8, "amount_missing"),
    ]
    assert query(case, "SELECT count(*) FROM rejects WHERE raw = '' OR detail IS NULL") == [(0,)]
    assert query(case, "SELECT amount FROM transactions ORDER BY amount") == [(0,), (500,), (12300,)]


def test_a_watch_sees_stages_files_and_rows(tmp_path: Path) -> None:
    watch = Watched()
    folder = write_all(tmp_path / "in", relay())
    pipeline.import_paths(tmp_path / "case", [folder], watch=watch)
    assert [stage for stage in watch.stages if stage in {"read", "settle", "lineage"}] == ["read", "settle", "lineage"]
    assert watch.stages[-1] == "done"
    assert len(watch.files) == 2
    assert watch.count == 5


# --- archives --------------------------------------------------------------------------------------------------------


def test_archives_in_archives_are_opened(tmp_path: Path) -> None:
    inner = tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("深/甲.csv", content(relay()["甲.csv"], tmp_path))
    outer = tmp_path / "in" / "outer.zip"
    outer.parent.mkdir()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "inner.zip")
        archive.writestr("乙.csv", content(relay()["乙.csv"], tmp_path))
        archive.writestr("__MACOSX/._乙.csv", b"junk")
        archive.writestr("readme.txt", "hello")
    outcome = take_in(tmp_path / "case", outer.parent)
    assert sorted(str(f["path"]).partition("outer.zip/")[2] for f in outcome.files) == ["inner.zip/深/甲.csv", "乙.csv"]
    assert [str(u["path"]).partition("outer.zip/")[2] for u in outcome.unknown] == ["readme.txt"]


def test_archives_nested_too_deep_are_named(tmp_path: Path) -> None:
    path = tmp_path / "0.zip"
    data = b"x"
    for depth in range(intake.MAX_DEPTH + 2):
        path = tmp_path / f"{depth}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("member.zip" if depth else "a.txt", data)
        data = path.read_bytes()
    (unknown,) = take_in(tmp_path / "case", path).unknown
    assert "nested" in str(unknown["reason"])


def zip_crypto(path: Path, name: str, data: bytes, password: bytes) -> Path:
    """ZIP's own weak cipher, which no library here writes any more (APPNOTE 6.1)."""
    table = [0] * 256
    for number in range(256):
        value = number
        for _ in range(8):
            value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
        table[number] = value
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 255]
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 255]

    def encrypt(byte: int) -> int:
        salt = (keys[2] | 2) & 0xFFFF
        out = byte ^ (((salt * (salt ^ 1)) >> 8) & 255)
        update(byte)
        return out

    for byte in password:
        update(byte)
    checksum = zipfile.crc32(data)  # type: ignore[attr-defined]  # zlib's, by way of zipfile
    stored = bytes(encrypt(byte) for byte in bytes(11) + bytes([checksum >> 24]) + data)
    called = name.encode()
    fields = (20, 1 | 0x800, 0, 0, 0x5821, checksum, len(stored), len(data), len(called))
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *fields, 0) + called + stored
    central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *fields, 0, 0, 0, 0, 0, 0) + called
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)
    path.write_bytes(local + central + end)
    return path


@pytest.mark.parametrize("cipher", ["aes", "zip_crypto"])
@pytest.mark.parametrize(
    ("password", "given", "opens"),
    [
        (b"secret", ["secret"], True),
        (b"secret", ["wrong", "secret", "other"], True),
        ("密码123".encode(), ["密码123"], True),
        ("密码123".encode("gbk"), ["密码123"], True),
        (b"secret", ["wrong"], False),
        (b"secret", [], False),
    ],
)
def test_encrypted_archives(tmp_path: Path, cipher: str, password: bytes, given: list[str], *, opens: bool) -> None:
    data = content(relay()["甲.csv"], tmp_path)
    path = tmp_path / "a.zip"
    if cipher == "aes":
        aes(path, {"甲.csv": data}, password)
    else:
        zip_crypto(path, "甲.csv", data, password)
    outcome = take_in(tmp_path / "case", path, options=Options(passwords=given))
    assert names(outcome) == (["甲.csv"] if opens else [])
    assert ["--password-file" in str(u["reason"]) for u in outcome.unknown] == ([] if opens else [True])


def test_a_password_given_later_opens_the_archive(tmp_path: Path) -> None:
    path = aes(tmp_path / "a.zip", {"甲.csv": content(relay()["甲.csv"], tmp_path)}, b"secret")
    assert take_in(tmp_path / "case", path).unknown
    outcome = take_in(tmp_path / "case", path, options=Options(passwords=["secret"]))
    assert (names(outcome), outcome.unknown) == (["甲.csv"], [])
    with Case(tmp_path / "case") as case:
        assert case.unknown() == []


def test_names_in_gbk_without_saying_so_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("aaaaaaaa.csv", content(relay()["甲.csv"], tmp_path))
    path.write_bytes(path.read_bytes().replace(b"aaaaaaaa", "交易明细".encode("gbk")))
    assert names(take_in(tmp_path / "case", path)) == ["交易明细.csv"]


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv", "C:\\x\\evil.csv", "a/../../evil.csv"]
)
def test_a_member_can_not_choose_where_it_lands(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "deep" / "in"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(name, content(relay()["甲.csv"], tmp_path))
    outcome = take_in(tmp_path / "deep" / "case", folder)
    assert names(outcome) == ["evil.csv"]
    assert ".." not in str(outcome.files[0]["path"])
    assert not list(tmp_path.rglob("evil.csv"))


def test_an_archive_that_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_SMALL", 1 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.csv", bytes(8 << 20))
    monkeypatch.setattr(intake, "MAX_RATIO", 100)
    (unknown,) = take_in(tmp_path / "case", tmp_path / "a.zip").unknown
    assert "would unpack to" in str(unknown["reason"])


def test_a_member_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    data = content(relay()["甲.csv"], tmp_path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("甲.csv", data)
    size = struct.pack("<I", len(data))
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 100)))
    assert len(take_in(tmp_path / "case", path).unknown) == 1


@pytest.mark.parametrize("cut", [10, 200, -30])
def test_a_damaged_archive_is_named(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("甲.csv", content(relay()["甲.csv"], tmp_path))
    path.write_bytes(path.read_bytes()[:cut])
    outcome = take_in(tmp_path / "case", path)
    assert (len(outcome.unknown), outcome.files) == (1, [])


# --- folders and workbooks -------------------------------------------------------------------------------------------


def test_unknown_files_are_listed_with_what_was_tried(tmp_path: Path) -> None:
    folder = write_all(tmp_path / "in", relay())
    (folder / "notes.txt").write_text("nothing to see\n", encoding="utf-8")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20)
    (folder / "empty.csv").touch()
    (folder / "~$lock.xlsx").write_bytes(b"x")
    (folder / ".hidden").write_bytes(b"x")
    outcome = take_in(tmp_path / "case", folder)
    found = {Path(str(u["path"])).name: u for u in outcome.unknown}
    assert set(found) == {"notes.txt", "photo.jpg", "empty.csv"}
    assert found["empty.csv"]["reason"] == "empty"
    tried = found["notes.txt"]["tried"]
    assert isinstance(tried, list)
    assert "police_transactions" in tried
    with Case(tmp_path / "case") as case:
        assert {Path(str(u["path"])).name for u in case.unknown()} == set(found)


def test_copies_of_an_unknown_file_are_each_listed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for number in range(5):
        police(folder / f"{number}.csv", [row(A, "进", OUTSIDE, f"{number + 1}.00", clock(number))])
    for name in ("a.txt", "b.txt", "z.txt", "0.txt"):
        (folder / name).write_text("nothing to see\n", encoding="utf-8")
    outcome = take_in(tmp_path / "case", folder)
    assert [Path(str(u["path"])).name for u in outcome.unknown] == ["0.txt", "a.txt", "b.txt", "z.txt"]
    assert len(outcome.files) == 5


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return path


def test_a_workbook_of_several_sheets(tmp_path: Path) -> None:
    ledgers = {
        name: [COLUMNS, *([cells.get(c, "") for c in COLUMNS] for cells in rows)] for name, rows in relay().items()
    }
    sheets = {"甲": ledgers["甲.csv"], "说明": [["hello"], ["world", "x"]], "乙": ledgers["乙.csv"]}
    case = tmp_path / "case"
    outcome = take_in(case, workbook(tmp_path / "a.xlsx", sheets))
    assert outcome.files[0]["unknown_sheets"] == ["说明"]
    assert outcome.files[0]["rows"] == 5
    assert query(case, "SELECT source_row FROM entries ORDER BY 1") == [(2,), (3,), (4,), (10_000_002,), (10_000_003,)]


def test_a_path_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        pipeline.import_paths(tmp_path / "case", [tmp_path / "nowhere"])


def test_the_case_may_lie_inside_the_folder(tmp_path: Path) -> None:
    folder = write_all(tmp_path / "in", relay())
    first = take_in(folder / "case", folder)
    assert take_in(folder / "case", folder).files == first.files
    assert len(first.files) == 2


def test_names_that_are_no_utf8_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    police(folder / "x.csv", relay()["甲.csv"])
    raw = bytes(folder) + b"/" + "交易明细.csv".encode("gbk")
    try:
        (folder / "x.csv").rename(raw.decode("utf-8", errors="surrogateescape"))
    except OSError:
        pytest.skip("this file system takes no such names")
    assert names(take_in(tmp_path / "case", folder)) == ["交易明细.csv"]


def test_a_reader_that_fails_costs_one_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_all(tmp_path / "in", relay())
    genuine = registry.open_source

    def broken(opened: object, **more: object) -> object:
        if "甲" in str(opened.name):  # type: ignore[attr-defined]
            raise KeyError("surprise")
        return genuine(opened, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "open_source", broken)
    monkeypatch.delenv("DUANKA_DEBUG", raising=False)
    outcome = take_in(tmp_path / "case", folder)
    assert names(outcome) == ["乙.csv"]
    assert "KeyError" in str(outcome.unknown[0]["reason"])


# --- what is derived -------------------------------------------------------------------------------------------------


def test_truth_stays_in_labels(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id\n"
        "1,10,11,TRANSFER,20.5,2017-01-05T00:00:00Z,False,-1\n"
        "2,11,12,TRANSFER,20.5,2017-01-06T00:00:00Z,True,secretring\n",
        encoding="utf-8",
    )
    case = tmp_path / "case"
    take_in(case, path)
    assert query(case, "SELECT count(*) FROM labels WHERE value = 'secretring'") == [(1,)]
    with Case(case) as opened:
        found = opened.db.rows("SELECT table_name FROM information_schema.tables WHERE table_name <> 'labels'")
        for (table,) in found:
            assert "secretring" not in str(opened.db.arrow(f'SELECT * FROM "{table}"').to_pylist()), table


def test_coverage_and_breaks(tmp_path: Path) -> None:
    rows = [
        row(A, "进", OUTSIDE, "100.00", clock(0), 交易余额="100.00"),
        row(A, "进", OUTSIDE, "50.00", clock(10), 交易余额="150.00"),
        row(A, "出", OUTSIDE, "20.00", clock(20), 交易余额="90.00"),
        row(A, "出", OUTSIDE, "10.00", clock(30), 交易余额="80.00"),
        row(B, "进", OUTSIDE, "1.00", clock(5), 交易余额="1.00"),
        row(B, "进", OUTSIDE, "1.00", clock(15), 交易余额="2.00"),
        row(C, "进", OUTSIDE, "1.00", clock(5)),
    ]
    case = tmp_path / "case"
    outcome = take_in(case, police(tmp_path / "a.csv", rows))
    spans = query(case, """
        SELECT account_id, "from"::VARCHAR, "to"::VARCHAR, complete, len(breaks), breaks[1].expected,
               breaks[1].printed
        FROM coverage
    """)  # fmt: skip
    found = {account: tuple(rest) for account, *rest in spans}
    assert found == {
        A: ("2024-03-01 02:00:00+00", "2024-03-01 02:30:00.999999+00", False, 1, 13000, 9000),
        B: ("2024-03-01 02:05:00+00", "2024-03-01 02:15:00.999999+00", True, 0, None, None),
        C: ("2024-03-01 02:05:00+00", "2024-03-01 02:05:00.999999+00", None, 0, None, None),
    }
    assert outcome.balance_breaks == 1
    assert query(case, """
        SELECT t.amount FROM transactions t JOIN (SELECT unnest(breaks).row_id AS row_id FROM coverage) USING (row_id)
    """) == [(2000,)]  # fmt: skip


def test_lineage_says_whose_money_was_handed_on(tmp_path: Path) -> None:
    case = tmp_path / "case"
    take_in(case, write_all(tmp_path / "in", relay()))
    assert query(case, """
        SELECT i.amount, o.amount, l.amount FROM lineage l LEFT JOIN transactions i ON l.in_row = i.row_id
        JOIN transactions o ON l.out_row = o.row_id WHERE o.payer IN ('990000000000001', '990000000000002') ORDER BY ALL
    """) == [(30000, 70000, 20000), (50000, 70000, 50000), (70000, 65000, 65000)]  # fmt: skip


# --- laws ------------------------------------------------------------------------------------------------------------

_ACCOUNTS = st.sampled_from([A, B, C])
_ROWS = st.builds(
    lambda own, way, other, amount, minute, balance, serial: row(
        own, way, other, f"{amount}.00", clock(minute), 交易余额=balance, 交易流水号=serial
    ),
    _ACCOUNTS,
    st.sampled_from("进出"),
    st.sampled_from([A, B, C, OUTSIDE, ""]),
    st.integers(1, 3),
    st.integers(0, 3),
    st.sampled_from(["", "", "5.00", "7.00"]),
    st.sampled_from(["", "", "S1", "S2"]),
)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_files_and_rows_may_stand_in_any_order(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    files = data.draw(st.lists(st.lists(_ROWS, min_size=1, max_size=6), min_size=1, max_size=3))
    shuffled = [data.draw(st.permutations(rows)) for rows in data.draw(st.permutations(files))]
    folder = tmp_path_factory.mktemp("law")
    for which, chosen in (("one", files), ("two", shuffled)):
        write_all(folder / which, {f"{number}.csv": list(rows) for number, rows in enumerate(chosen)})
        take_in(folder / f"case {which}", folder / which)
    assert tables(folder / "case one", OF_CONTENT) == tables(folder / "case two", OF_CONTENT)
