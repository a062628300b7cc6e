"""A platform's tables of any make: mapped, read, and what is wrong with a row or a mapping, with its place."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from duanka.sources.mapping import MappingError
from duanka.sources.opened import SourceError
from duanka.sources.platform.mapping import load_platform_mapping, parse_platform_mapping
from duanka.sources.platform.reading import PlatformBooks, PlatformError, read_books
from duanka.sources.platform.spec import FIELDS, KINDS, MEANINGS, NEEDED, STATUSES

MAPPING = """
platform: 示例
orders:
  columns: {order: 订单号, time: 时间, kind: 类型, amount: 金额, card: 卡号, user: 码商, status: 状态}
  kind: {充值单: collect}
  status: {"1": paid, "*": unpaid}
points:
  columns: {time: 时间, user: 用户, kind: 类型, amount: 数额, order: 单号, balance: 余额}
  commission: earned
  unit: minor
users:
  columns: {user: 编号, role: 角色, card: 账号, points: 分值}
  prefix: "alipay:"
"""
ORDERS = """订单号,时间,类型,金额,卡号,码商,状态
N1,2024-03-05 10:08:02,代收,498.00,9990100000000002024,1001,1
N2,1709604482,代付,12.3,9990100000000002024,1001,2
N3,1709604482000,充值单,1.00,,1001,
"""


def keep(path: Path) -> tuple[str, str]:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return sha256[:16], sha256


def read(folder: Path, mapping: str = MAPPING, **files: str) -> PlatformBooks:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="gb18030")
    books = read_books([folder], keep, tables=parse_platform_mapping(mapping, name="m"))
    for file in books.files.to_dicts():
        assert file["rows"] == file["kept"] + file["merged"] + file["rejected"]
    return books


def test_orders_in_their_own_types(tmp_path: Path) -> None:
    books = read(tmp_path / "f", orders=ORDERS)
    assert books.orders.select("platform", "order", "kind", "amount", "payee", "payer", "status").rows() == [
        ("示例", "N1", "collect", 49_800, "9990100000000002024", None, "paid"),
        ("示例", "N2", "payout", 1_230, None, "9990100000000002024", "unpaid"),
        ("示例", "N3", "collect", 100, None, None, "unknown"),
    ]
    assert books.orders["time"].to_list() == [datetime(2024, 3, 5, 2, 8, 2, tzinfo=UTC)] * 3
    assert books.orders["source_row"].to_list() == [2, 3, 4]
    assert books.files["role"].to_list() == ["orders"]


def test_points_change_by_their_kind(tmp_path: Path) -> None:
    points = "时间,用户,类型,数额,单号,余额\n" + "".join(
        f"2024-03-05 10:0{n}:00,1001,{kind},{amount},,\n"
        for n, (kind, amount) in enumerate([("保证金", 5), ("上分", 7), ("下分", 3), ("佣金", 2)])
    )
    books = read(
        tmp_path / "f", orders=ORDERS, points=points, users="编号,角色,账号,分值\n1001,码商,990000000001,9.5\n"
    )
    assert books.points.select("kind", "amount", "change").rows() == [
        ("deposit", 5, 5), ("up", 7, 7), ("down", 3, -3), ("commission", -2, 2),
    ]  # fmt: skip
    assert books.users.select("user", "role", "card", "points").rows() == [("1001", "码商", "alipay:990000000001", 950)]


def test_a_signed_change_needs_no_kind_to_have_a_sign(tmp_path: Path) -> None:
    mapping = """
orders: {columns: {order: o, time: t, kind: k, amount: a}}
points: {columns: {time: t, user: u, kind: k, delta: d}}
"""
    books = read(tmp_path / "f", mapping, orders="o,t,k,a\n1,2024-03-05 10:00:00,代收,1\n",
                 points="t,u,k,d\n2024-03-05 10:00:00,1,下分,-3.00\n2024-03-05 10:00:00,1,佣金,0.50\n")  # fmt: skip
    assert books.points.select("kind", "amount", "change").rows() == [("down", 300, -300), ("commission", -50, 50)]


def test_rows_that_cannot_be_read_are_rejects_with_place_and_reason(tmp_path: Path) -> None:
    good = "2024-03-05 10:00:00"
    cells = [
        ("昨天", "代收", "1.00"), ("2024-02-30 10:00:00", "代收", "1.00"), (good, "代收", "一千"), (good, "代收", ""),
        (good, "红包", "1.00"), ("", "代收", "1.00"), (good, "代收", "-1.00"), (good, "代收", "1.00"),
    ]  # fmt: skip
    lines = [
        f"N{n},{time},{kind},{amount},9990100000000002024,1001,1\n" for n, (time, kind, amount) in enumerate(cells, 1)
    ]
    bad = ORDERS.splitlines(keepends=True)[0] + "".join(lines)
    users = "编号,角色,账号,分值\n,码商,9990100000000002024,1\n1,码商,9990100000000002024,x\n"
    books = read(tmp_path / "f", orders=bad, users=users)
    assert books.rejects.sort("role", "source_row").select("role", "source_row", "code", "detail").rows() == [
        ("orders", 2, "time_unreadable", ""), ("orders", 3, "time_impossible", ""),
        ("orders", 4, "amount_unreadable", ""), ("orders", 5, "amount_missing", ""),
        ("orders", 6, "direction_unknown", "红包"), ("orders", 7, "time_missing", ""),
        ("orders", 8, "amount_unreadable", ""), ("users", 2, "key_missing", ""), ("users", 3, "amount_unreadable", ""),
    ]  # fmt: skip
    assert set(books.rejects["path"]) == {str(tmp_path / "f" / name) for name in ("orders.csv", "users.csv")}
    assert books.orders["order"].to_list() == ["N8"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="looks like a table of orders, but has no column 金额"):
        read(tmp_path / "f", orders=ORDERS.replace("金额", "数目"))
    with pytest.raises(PlatformError, match="--mapping"):
        read(tmp_path / "g", orders="")
    with pytest.raises(SourceError):
        read_books([tmp_path / "nowhere"], keep)


def test_dumps_that_overlap_count_once(tmp_path: Path) -> None:
    more = ORDERS + "N4,2024-03-05 11:00:00,代收,2.00,9990100000000002024,1001,1\n"
    books = read(tmp_path / "f", a=ORDERS, b=more, c=ORDERS)
    assert sorted(books.orders["order"]) == ["N1", "N2", "N3", "N4"]
    assert books.files.height == 2  # the third is the first again
    assert books.files["merged"].sum() == 3


def test_a_workbook_and_its_sheets(tmp_path: Path) -> None:
    path = tmp_path / "f" / "db.xlsx"
    path.parent.mkdir()
    with xlsxwriter.Workbook(path) as book:
        for text in (ORDERS, "编号,角色,账号,分值\n1001,码商,990000000001,9.5\n"):
            sheet = book.add_worksheet()
            for number, line in enumerate(text.splitlines()):
                sheet.write_row(number, 0, line.split(","))
    books = read(tmp_path / "f")
    assert books.orders["order"].to_list() == ["N1", "N2", "N3"]
    assert books.users["source_row"].to_list() == [10_000_002]
    assert books.files["sheet"].to_list() == ["Sheet1", "Sheet2"]


def test_our_own_tables_need_no_mapping(tmp_path: Path) -> None:
    frame = pl.DataFrame({
        "time": [datetime(2020, 6, 7, 1, tzinfo=UTC)], "kind": ["collect"], "amount": [300_000],
        "card": ["999001108360839591"], "user": [42], "merchant": [7], "status": ["expired"],
        "confirmed": pl.Series([None], dtype=pl.Datetime("us", "UTC")), "order": ["20200607100000"],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "platform_R008_orders.parquet")
    found = [read_books([tmp_path], keep).orders]
    (tmp_path / "csv").mkdir()
    frame.write_csv(tmp_path / "csv" / "platform_R008_orders.csv")
    found.append(read_books([tmp_path / "csv"], keep).orders)
    for orders in found:
        assert orders.select("platform", "order", "time", "amount", "payee", "user", "status").rows() == [
            ("R008", "20200607100000", frame["time"][0], 300_000, "999001108360839591", "42", "unpaid")
        ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("platform: x", "expected `orders:`"),
        ("orders: {columns: {tme: a}}", r"did you mean `time`"),
        ("orders: {columns: {time: a, amount: b, kind: c}}", "no column is the `card`"),
        ("orders: {columns: {time: a, amount: b, card: c}}", "no column is the `kind`"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: 5}}", "expected a word"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: d}, kind: {x: colect}}", "did you mean `collect`"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: d}, status: {1: paid}}", "put the word in quotes"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: d}, zone: Mars}", "no such time zone"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: d}, unit: fen}", "unit"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: d}, units: minor}", "did you mean `unit`"),
        ("orders: 5", "expected `columns"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: d}, kind: 3}", "our word"),
        ("orders: {columns: {time: a, amount: b, kind: c, card: d}, constants: 3}", "field: value"),
        ("orders: {columns: }", "say which column"),
        ("platform: 5\norders: {}", "quotes"),
    ],
)
def test_a_mapping_that_cannot_be_meant_says_where(text: str, place: str) -> None:
    with pytest.raises(MappingError, match=place):
        parse_platform_mapping(text, name="m.yaml")


def test_a_mapping_file_may_hold_several_tables_of_orders(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    one = "{columns: {time: a, amount: b, kind: c, card: d}}"
    path.write_text(f"orders: [{one}, {one.replace('d}', 'e}')}]", encoding="utf-8")
    assert [table.format.name for table in load_platform_mapping(path)] == ["platform_orders_0", "platform_orders_1"]


def test_words_and_meanings_agree() -> None:
    assert all(set(KINDS[role].values()) <= set(MEANINGS[role]) for role in KINDS)
    assert set(STATUSES.values()) <= set(MEANINGS["status"])
    assert all(field in FIELDS[role] for role, choices in NEEDED.items() for one in choices for field in one)
