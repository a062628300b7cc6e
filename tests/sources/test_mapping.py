"""Mapping files: what they can say, and what they say back when something is wrong."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from duanka.records.vocabulary import RecordKind
from duanka.sources import registry
from duanka.sources.mapping import MAX_BYTES, MappingError, load_mappings, parse_mappings
from duanka.sources.mapping_checks import problems
from duanka.sources.spec import TableFormat
from sources.reading import ReadAll, RefusedError, read_all

BANK = """
name: my_bank
columns:
  own: 账号
  time: 交易时间
  amount: 金额
  direction: 收支
  other: [对方账号, 对方卡号]
"""
OWN, OTHER = "990000000000001", "9900000000000000025"


def read_with(mapping: str, path: Path) -> ReadAll:
    return read_all(path, mappings=parse_mappings(mapping, name="m.yaml"))


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def sides(result: ReadAll) -> list[tuple[object, ...]]:
    return result.entries.select("side", "payer", "payee", "amount").rows()


def test_a_bank_in_a_dozen_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        f"账号,交易时间,金额,收支,对方卡号,别的\n{OWN},2024-03-01 10:20:30,1.50,收,{OTHER},x\n",
        "gb18030",
    )
    result = read_with(BANK, path)
    assert result.format == "my_bank"
    assert sides(result) == [(2, OTHER, OWN, 150)]
    assert result.entries["extra"].to_list() == ['{"别的":"x"}']


def test_every_named_column_is_required_unless_required_is_given(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"账号,交易时间,金额,收支\n{OWN},2024-03-01,1.50,收\n")
    with pytest.raises(RefusedError):
        read_with(BANK, path)
    assert read_with(BANK + "required: [账号, 收支]\n", path).entries.height == 1
    (spec,) = parse_mappings(BANK, name="m.yaml")
    assert spec.required == ("账号", "交易时间", "金额", "收支", ("对方账号", "对方卡号"))
    assert (spec.title_en, spec.title_zh) == ("my_bank", "my_bank")


def test_a_mapping_wins_over_a_builtin_format_that_fits(tmp_path: Path) -> None:
    header = "查询账号,对方账号姓名,对方账号卡号,金额,余额,借贷标志,交易类型,交易结果,交易时间,交易流水号"
    path = write(tmp_path / "a.csv", f"{header}\n{OWN},乙,{OTHER},1.00,1.00,贷,,,2024-03-01 10:20:30,1\n")
    assert read_all(path).format == "police_account_flow"
    mapping = "name: mine\ncolumns: {own: 查询账号, time: 交易时间, amount: 金额, direction: 借贷标志}\n"
    assert read_with(mapping, path).format == "mine"


def test_several_formats_in_one_file(tmp_path: Path) -> None:
    both = "formats:\n" + "".join(
        "  - " + one.strip().replace("\n", "\n    ") + "\n"
        for one in (BANK, "name: sims\nrecord: sim\ncolumns: {phone: 号码, holder_name: 机主}")
    )
    specs = parse_mappings(both, name="m.yaml")
    assert [spec.name for spec in specs] == ["my_bank", "sims"]
    path = write(tmp_path / "a.csv", "号码,机主\n10000000001,测试甲\n")
    assert read_with(both, path).records[RecordKind.SIM].select("phone", "holder_name").rows() == [
        ("+8610000000001", "测试甲")
    ]


ROW = f"{OWN},2024-03-01 10:20:30,1.50,收,{OTHER}\n"
HEADER = "账号,交易时间,金额,收支,对方账号\n"


def test_a_file_without_a_header(tmp_path: Path) -> None:
    mapping = BANK + "headerless: [账号, 交易时间, 金额, 收支, 对方账号]\n"
    result = read_with(mapping, write(tmp_path / "a.csv", ROW * 2))
    assert result.entries["source_row"].to_list() == [1, 2]
    assert sides(result)[0] == (2, OTHER, OWN, 150)


def test_workbooks_and_the_sheet_to_take(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("流水", "说明", "流水2"):
            sheet = book.add_worksheet(name)
            for number, line in enumerate((HEADER, ROW)):
                sheet.write_row(number, 0, line.strip().split(","))
    assert read_with(BANK, path).entries.height == 3
    assert read_with(BANK + "sheet: '^流水$'\n", path).entries.height == 1


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({
        "src": [OWN], "dst": [OTHER], "at": [datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)], "cents": [150],
        "note": ["x"],
    })  # fmt: skip
    frame.write_parquet(path)
    mapping = (
        "name: lake\nbook: full\nunit: minor\ncolumns: {payer: src, payee: dst, time: at, amount: cents, memo: note}\n"
    )
    result = read_with(mapping, path)
    assert sides(result) == [(3, OWN, OTHER, 150)]
    assert result.entries["time"].to_list() == [datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)]


def test_delimiter_and_encoding_can_be_named(tmp_path: Path) -> None:
    text = (HEADER + ROW).replace(",", "~")
    path = write(tmp_path / "a.txt", text, "utf-16-le")
    assert sides(read_with(BANK + 'delimiter: "~"\nencoding: utf-16-le\n', path)) == [(2, OTHER, OWN, 150)]


@pytest.mark.parametrize(
    ("rule", "word", "amount", "side"),
    [
        ("direction: {into: [存], out: [取]}", "存", "1.50", 2),
        ("direction: {into: 存, out: 取}", "取", "1.50", 1),
        ("unit: minor", "收", "150", 2),
        ("zone: UTC", "收", "1.50", 2),
    ],
)
def test_rules(tmp_path: Path, rule: str, word: str, amount: str, side: int) -> None:
    path = write(tmp_path / "a.csv", HEADER + f"{OWN},2024-03-01 10:20:30,{amount},{word},{OTHER}\n")
    result = read_with(f"{BANK}{rule}\n", path)
    assert result.entries.select("side", "amount").rows() == [(side, 150)]
    assert result.entries["time"][0].hour == (10 if "UTC" in rule else 2)


@pytest.mark.parametrize(("sign", "side"), [("positive_in", 1), ("positive_out", 2)])
def test_signs(tmp_path: Path, sign: str, side: int) -> None:
    mapping = f"name: s\ncolumns: {{own: a, time: t, amount: m}}\ndirection: {{sign: {sign}}}\n"
    path = write(tmp_path / "a.csv", f"a,t,m\n{OWN},2024-03-01,-1.50\n")
    assert read_with(mapping, path).entries.select("side", "amount").rows() == [(side, 150)]


def test_two_columns_of_amounts_dates_and_formats(tmp_path: Path) -> None:
    mapping = (
        "name: s\ncolumns: {date: d, clock: c, amount_in: i, amount_out: o, balance: b}\n"
        "time_format: ['%d/%m/%Y %H:%M']\nconstants: {own: '990000000000001'}\n"
    )
    path = write(tmp_path / "a.csv", "d,c,i,o,b\n01/03/2024,10:20,5.00,,5.00\n02/03/2024,10:20,,2.00,3.00\n")
    result = read_with(mapping, path)
    assert result.entries.select("side", "amount", "time_precision").rows() == [(2, 500, "minute"), (1, 200, "minute")]
    assert result.entries["payee"][0] == OWN


def test_whose_statement_it_is_can_stand_in_the_name_or_above_the_header(tmp_path: Path) -> None:
    base = "name: s\ncolumns: {time: t, amount: m, direction: d}\nown_prefix: 'bankx:'\nother_prefix: 'bankx:'\n"
    text = "户名：测试甲 账号：990000000000001\nt,m,d\n2024-03-01,1.00,收\n"
    by_name = read_with(base + "filename: {own: '_(\\d{12,})'}\n", write(tmp_path / f"x_{OWN}.csv", text))
    above = read_with(
        base + "preamble: {own: '账号：(\\d+)', own_name: '户名：(\\S+)'}\n", write(tmp_path / "y.csv", text)
    )
    assert by_name.entries["payee"].to_list() == above.entries["payee"].to_list() == [f"bankx:{OWN}"]
    assert above.entries["payee_name"].to_list() == ["测试甲"]


RECORDS: dict[RecordKind, tuple[str, str, dict[str, object]]] = {
    RecordKind.ACCOUNT: (
        "columns: {account_id: 账号, alias: 卡号, holder_name: 户名, opened_on: 开户日}\naccount_kind: personal",
        "账号,卡号,户名,开户日\n990000000000001,9900000000000000017,测试甲,2020-01-02\n",
        {"account_id": OWN, "alias": "9900000000000000017", "opened_on": date(2020, 1, 2), "kind": "personal"},
    ),
    RecordKind.SESSION: (
        "columns: {account_id: u, time: t, ip: i}",
        "u,t,i\n990000000000001,2024-03-01T10:20:30+08:00,192.0.2.1\n",
        {"account_id": OWN, "time": datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC), "ip": "192.0.2.1"},
    ),
    RecordKind.SIM: (
        "columns: {phone: 号码, iccid: 卡, holder_id: 证件}",
        "号码,卡,证件\n10000000001,899900,990101199001010010\n",
        {"phone": "+8610000000001", "iccid": "899900", "holder_id": "990101199001010010"},
    ),
    RecordKind.CALL: (
        "columns: {phone: 本机, other: 对端, direction: 类型, date: 日期, clock: 时间, seconds: 时长}",
        "本机,对端,类型,日期,时间,时长\n10000000001,10000000002,主叫,2024-03-01,10:20:30,60秒\n",
        {"phone": "+8610000000001", "other": "+8610000000002", "direction": "out", "seconds": 60},
    ),
    RecordKind.REPORT: (
        "columns: {report_id: 编号, victim_account: 付款, receiver_account: 收款, amount: 金额, time: 时间}",
        "编号,付款,收款,金额,时间\nA1,990000000000001,990000000000002,1.50,2024-03-01 10:20:30\n",
        {"report_id": "A1", "victim_account": OWN, "receiver_account": "990000000000002", "amount": 150},
    ),
}


@pytest.mark.parametrize("kind", RECORDS)
def test_records_of_other_kinds(tmp_path: Path, kind: RecordKind) -> None:
    mapping, text, want = RECORDS[kind]
    result = read_with(f"name: r\nrecord: {kind}\n{mapping}\n", write(tmp_path / "a.csv", text))
    assert result.rejects.is_empty()
    row = result.records[kind].row(0, named=True)
    assert {name: row[name] for name in want} == want


def test_a_diverted_call_has_no_direction(tmp_path: Path) -> None:
    mapping, text, _ = RECORDS[RecordKind.CALL]
    result = read_with(f"name: r\nrecord: call\n{mapping}\n", write(tmp_path / "a.csv", text.replace("主叫", "呼转")))
    assert result.records[RecordKind.CALL]["direction"].to_list() == [""]


WRONG = {
    "": "m.yaml: a mapping is a list of `key: value` lines, such as `name: my_bank`",
    "columns: {}": "m.yaml:1: name: every mapping needs a name",
    "name: a\nname: b": "m.yaml:1: name: stands twice, also in line 2",
    BANK + "unitt: minor": "m.yaml:9: unitt: no such key; did you mean `unit`?",
    BANK.replace(
        "amount", "ammount"
    ): "m.yaml:6: columns.ammount: a transaction has no such field; did you mean `amount`?",
    BANK + "unit: cents": "m.yaml:9: unit: Invalid enum value 'cents'; choose among major, minor",
    BANK + "record: transactions": "m.yaml:9: record: Invalid enum value 'transactions'; did you mean `transaction`?",
    BANK
    + "constants: {own: 99001}": "m.yaml:9: constants.own: YAML reads the value as int, not as text; put it in quotes",
    BANK + "status: {1: success}": "m.yaml:9: status.1: YAML reads this as int; put the word in quotes",
    BANK.replace("账号\n", "2024-01-01\n"): "m.yaml:4: columns.own: YAML reads the value as date",
    BANK + "zone: Shanghai": "m.yaml:9: zone: no such time zone; did you mean `Asia/Shanghai`?",
    BANK
    + "filename: {own: '\\d+'}": "m.yaml:9: filename.own: put the part to take in one pair of brackets; there are 0",
    BANK + "filename_has: '('": "m.yaml:9: filename_has: not a regular expression",
    BANK + "preamble_has: '(a+)+$'": "m.yaml:9: preamble_has: a repeated group",
    BANK + f"sheet: '{'a' * 501}'": "m.yaml:9: sheet: a regular expression has at most 500 characters",
    BANK + "footer: '(?=a)'": "m.yaml:9: footer: look-around",
    BANK + "time_format: dd.mm": "m.yaml:9: time_format[0]: expected year",
    BANK + "delimiter: tab": "m.yaml:9: delimiter: expected one character",
    BANK + "encoding: klingon": "m.yaml:9: encoding: no such encoding",
    BANK + "encoding: rot13": "m.yaml:9: encoding: no such encoding",
    BANK + "\tunit: minor": "m.yaml:9: not YAML:",
    "a: &x 1\nb: *x": "m.yaml: `*name` refers to another place",
    "x: " + "[" * 60 + "]" * 60: "m.yaml:1: x[0]",
    BANK.replace("  direction: 收支\n", ""): "m.yaml:3: columns: nothing says whether money came in or went out",
    BANK + "direction: {sign: positive_in}": "m.yaml:9: direction: only one of",
    BANK + "direction: {sgn: x}": "m.yaml:9: direction.sgn: no such key; did you mean `sign`?",
    BANK + "book: full": "m.yaml:9: book: a full book names both sides",
    BANK + "headerless: [账号, b]": "m.yaml:5: columns.time: `交易时间` is not in `headerless`",
    BANK + "step: hour": "m.yaml:9: step: `step` and `epoch` go together",
    BANK + "midnight_is_day: 5": "m.yaml:9: midnight_is_day: expected bool, got int",
    BANK.replace("other:", "payee:"): "m.yaml:4: columns.own: `payer` and `payee` name both sides",
    "name: s\nrecord: sim\ncolumns: {imsi: a}": "m.yaml:3: columns: a sim needs `phone` or `iccid`",
    "name: s\nrecord: call\ncolumns: {phone: a}": "m.yaml:3: columns: a call needs a `time`, or a `date`",
    "formats: []": "m.yaml:1: formats: expected a list",
    "formats: [{name: a}]\nunit: minor": "m.yaml:2: unit: nothing may stand beside `formats:`",
    "name: a b\ncolumns: {}": "m.yaml:1: name: letters",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_errors_say_where_and_what(text: str) -> None:
    with pytest.raises(MappingError) as raised:
        parse_mappings(text, name="m.yaml")
    assert str(raised.value).startswith(WRONG[text])
    assert "\n" not in str(raised.value)


def test_files_that_are_no_mappings(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="can't be read"):
        load_mappings(tmp_path / "none.yaml")
    with pytest.raises(MappingError, match="Is it the data file"):
        load_mappings(write(tmp_path / "big.yaml", "x" * (MAX_BYTES + 1)))
    with pytest.raises(MappingError, match="not UTF-8"):
        load_mappings(write(tmp_path / "gbk.yaml", BANK, "gb18030"))
    assert load_mappings(write(tmp_path / "bom.yaml", BANK, "utf-8-sig"))[0].name == "my_bank"


def test_the_builtin_formats_pass_the_same_checks() -> None:
    def wrong(spec: TableFormat) -> list[str]:
        return [str(p.message) for p in problems(spec) if not str(p.path[-1]).startswith("@")]

    assert {spec.name: wrong(spec) for spec, _ in registry.table_formats() if wrong(spec)} == {}
