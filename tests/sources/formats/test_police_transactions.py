"""公安查控 交易明细信息 as banks send it: GB18030, tabs, suffixes, odd directions, both codes of success."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sources.reading import ReadAll, read_all

_HEADER = (
    "交易卡号,交易账号,账户开户名称,开户人证件号码,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,现金标志,对手户名,对手身份证号,"
    "对手开户银行,摘要说明,交易币种,交易网点名称,交易网点代码,交易发生地,交易是否成功,传票号,终端号,IP地址,MAC地址,对手交易余额,"
    "交易流水号,日志号,凭证种类,凭证号,交易柜员号,商户名称,商户号,备注,交易类型,查询反馈结果原因"
)
HEADER = _HEADER.split(",")
CARD, ACCOUNT, OTHER = "9900000000000000017", "990000000000001", "9900000000000000025"
_serial = itertools.count(1)


def row(**cells: str) -> dict[str, str]:
    """A row of the 34 columns; names that differ between variants are those of the 34."""
    plain = {
        "交易卡号": CARD, "交易账号": ACCOUNT, "账户开户名称": "测试甲", "开户人证件号码": "990101199001010010",
        "交易时间": "2024-03-01 10:20:30", "交易金额": "100.00", "收付标志": "进", "交易对手账卡号": OTHER,
        "对手户名": "测试乙", "交易币种": "CNY", "交易是否成功": "成功", "交易流水号": f"S{next(_serial)}",
    }  # fmt: skip
    return plain | cells


def write(path: Path, rows: list[dict[str, str]], header: list[str] = HEADER, *, tabs: bool = True) -> Path:
    """A look-alike: every cell with a trailing tab, as the platform's export has it."""
    pad = "\t" if tabs else ""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text + pad

    lines = [",".join(name + pad for name in header)]
    lines += [",".join(quoted(cells.get(name, "")) for name in header) for cells in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
    return path


def read_rows(tmp_path: Path, rows: list[dict[str, str]]) -> ReadAll:
    result = read_all(write(tmp_path / "交易明细信息.csv", rows))
    assert result.format == "police_transactions"
    assert result.rows == len(rows)
    return result


def test_a_row_becomes_an_entry_with_everything_it_says(tmp_path: Path) -> None:
    result = read_rows(tmp_path, [
        row(交易卡号=f"{CARD}_1", 交易余额="1,100.50", 对手交易余额="7", 对手身份证号="990101199001010029",
            现金标志="转账", 对手开户银行="测试银行", 摘要说明="转账", 商户名称="测试店", 备注="a,b\nc",
            终端号="T9", IP地址="192.0.2.1",
            MAC地址="00-00-5E-00-53-01", 交易流水号="S0001", 交易类型="网银", 交易网点名称="测试支行", 日志号="L1"),
    ])  # fmt: skip
    entry = result.entries.row(0, named=True)
    assert entry | {"extra": None} == {
        "source_row": 2, "side": 2, "payer": OTHER, "payee": ACCOUNT, "own_alias": CARD,
        "payer_name": "测试乙", "payee_name": "测试甲", "payer_idno": "990101199001010029",
        "payee_idno": "990101199001010010", "payer_bank": "测试银行", "payee_bank": "",
        "time": datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC), "zone": "Asia/Shanghai", "time_precision": "second",
        "amount": 10_000, "currency": "CNY", "amount_received": 10_000, "currency_received": "CNY",
        "balance_payer": 700, "balance_payee": 110_050, "external_id": "S0001", "kind": "网银", "channel": "转账",
        "status": "success", "memo": "转账 | 测试店 | a,b\nc", "ip": "192.0.2.1", "mac": "00-00-5E-00-53-01",
        "device": "T9", "extra": None,
    }  # fmt: skip
    assert '"交易网点名称":"测试支行"' in entry["extra"]
    assert '"日志号":"L1"' in entry["extra"]


@pytest.mark.parametrize("word", ["进", "贷", "收", "入", " 贷 ", "贷方", "C"])
def test_words_for_in(tmp_path: Path, word: str) -> None:
    assert read_rows(tmp_path, [row(收付标志=word)]).entries.select("side", "payee").row(0) == (2, ACCOUNT)


@pytest.mark.parametrize("word", ["出", "借", "付", "支", "借方", "d"])
def test_words_for_out(tmp_path: Path, word: str) -> None:
    assert read_rows(tmp_path, [row(收付标志=word)]).entries.select("side", "payer").row(0) == (1, ACCOUNT)


def test_an_unknown_direction_is_settled_by_balances_or_rejected(tmp_path: Path) -> None:
    result = read_rows(tmp_path, [
        row(交易时间="2024-03-01 10:00:00", 交易余额="500.00"),
        row(交易时间="2024-03-01 10:00:01", 交易余额="400.00", 收付标志="O"),
        row(交易时间="2024-03-01 10:00:02", 交易余额="500.00", 收付标志=""),
        row(交易时间="2024-03-01 10:00:03", 交易余额="", 收付标志="O"),
        row(交易时间="2024-03-01 10:00:04", 交易余额="777.00", 收付标志="?"),
    ])  # fmt: skip
    assert result.entries.select("source_row", "side").rows() == [(2, 2), (3, 1), (4, 2)]
    assert result.rejects.select("source_row", "code").rows() == [(5, "direction_unknown"), (6, "direction_unknown")]
    assert "O" in result.rejects["detail"][0]


def test_zero_amounts_stay(tmp_path: Path) -> None:
    assert read_rows(tmp_path, [row(交易金额="0.00"), row(交易金额=".5")]).entries["amount"].to_list() == [0, 50]


def test_a_minus_that_undoes_a_payment_is_a_reversal(tmp_path: Path) -> None:
    result = read_rows(tmp_path, [
        row(交易时间="2024-03-01 10:00:00", 收付标志="出", 交易金额="30.00"),
        row(交易时间="2024-03-01 10:00:01", 收付标志="出", 交易金额="-30.00"),
    ])  # fmt: skip
    assert result.entries.select("side", "amount", "status").rows() == [(1, 3000, "success"), (2, 3000, "reversal")]


def test_a_minus_that_only_repeats_the_word_is_a_payment(tmp_path: Path) -> None:
    result = read_rows(tmp_path, [
        row(交易时间="2024-03-01 10:00:00", 收付标志="进", 交易金额="50.00"),
        row(交易时间="2024-03-01 10:00:01", 收付标志="出", 交易金额="-30.00"),
        row(交易时间="2024-03-01 10:00:02", 收付标志="出", 交易金额="-20.00"),
    ])  # fmt: skip
    assert result.entries.select("side", "amount", "status").rows() == [
        (2, 5000, "success"), (1, 3000, "success"), (1, 2000, "success")]  # fmt: skip


def test_balances_decide_what_a_minus_means(tmp_path: Path) -> None:
    result = read_rows(tmp_path, [
        row(交易时间="2024-03-01 10:00:00", 收付标志="出", 交易金额="10.00", 交易余额="90.00"),
        row(交易时间="2024-03-01 10:00:01", 收付标志="出", 交易金额="-30.00", 交易余额="60.00"),
        row(交易时间="2024-03-01 10:00:02", 收付标志="进", 交易金额="-5.00", 交易余额="55.00"),
    ])  # fmt: skip
    assert result.entries.select("side", "amount", "status").rows() == [
        (1, 1000, "success"), (1, 3000, "success"), (1, 500, "reversal")]  # fmt: skip


def test_codes_of_success_contradict_each_other_unless_the_file_shows_which_list_it_uses(tmp_path: Path) -> None:
    def statuses(*codes: str) -> list[str]:
        return read_rows(tmp_path, [row(交易是否成功=code) for code in codes]).entries["status"].to_list()

    assert statuses("00", "01") == ["success", "failed"]
    assert statuses("01", "02") == ["unknown", "failed"]
    assert statuses("成功", "失败", "", "啥") == ["success", "failed", "unknown", "unknown"]


def test_what_is_missing_is_left_open(tmp_path: Path) -> None:
    result = read_rows(tmp_path, [
        row(账户开户名称="", 开户人证件号码="", 交易对手账卡号="", 对手户名=""),
        row(交易对手账卡号="0000000000", 对手户名="待清算过渡户"),
        row(交易账号=""),
        row(交易卡号="", 交易账号=""),
    ])  # fmt: skip
    rows = result.entries.select("payer", "payer_name", "payee", "payee_name", "own_alias").rows()
    assert rows == [
        (None, "", ACCOUNT, "", CARD),
        (None, "待清算过渡户", ACCOUNT, "测试甲", CARD),
        (OTHER, "测试乙", CARD, "测试甲", CARD),
        (OTHER, "测试乙", "unknown:x", "测试甲", None),
    ]


@pytest.mark.parametrize(
    ("printed", "minute", "precision"),
    [
        ("2024-03-01 10:20", 20, "minute"),
        ("20240301102030", 20, "second"),
        ("2024/3/1 10:20:30", 20, "second"),
        ("2024-03-01 00:00:00", 0, "day"),
        ("2024-03-01", 0, "day"),
    ],
)
def test_times_say_how_fine_they_are(tmp_path: Path, printed: str, minute: int, precision: str) -> None:
    entry = read_rows(tmp_path, [row(交易时间=printed)]).entries.row(0, named=True)
    assert (entry["time"].minute, entry["time_precision"]) == (minute, precision)


def test_currencies(tmp_path: Path) -> None:
    result = read_rows(tmp_path, [row(交易币种="美元"), row(交易币种="156"), row(交易币种=""), row(交易币种="某币")])
    assert result.entries["currency"].to_list() == ["USD", "CNY", "CNY"]
    assert result.rejects["code"].to_list() == ["currency_unknown"]


def test_rows_that_say_nothing_usable_are_rejected_with_their_text(tmp_path: Path) -> None:
    result = read_rows(
        tmp_path, [row(交易金额=""), row(交易金额="一百"), row(交易时间=""), row(交易时间="2024-13-01 10:00:00")]
    )
    assert result.rejects.select("source_row", "code").rows() == [
        (2, "amount_missing"), (3, "amount_unreadable"), (4, "time_missing"), (5, "time_impossible")]  # fmt: skip
    assert all(CARD in raw for raw in result.rejects["raw"])


VARIANTS = {
    "交易方户名": {"账户开户名称": "交易方户名", "开户人证件号码": "交易方证件号码"},
    "交易户名": {"账户开户名称": "交易户名", "开户人证件号码": "交易证件号码"},
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("columns", [34, 32])
def test_other_spellings_orders_and_the_short_form(tmp_path: Path, variant: str, columns: int) -> None:
    names = VARIANTS[variant]
    short = [name for name in HEADER if columns == 34 or name not in {"商户号", "终端号"}]
    header = [names.get(name, name) for name in reversed(short)] + ["来源"]
    cells = {names.get(name, name): text for name, text in row(交易流水号="S1").items()}
    result = read_all(write(tmp_path / "a.csv", [cells | {"来源": "第一批"}], header))
    want = read_all(write(tmp_path / "b.csv", [row(交易流水号="S1")]))
    assert result.entries.drop("extra").equals(want.entries.drop("extra"))
    assert result.entries["extra"].to_list() == ['{"来源":"第一批"}']


def test_repeated_headers_and_totals_are_furniture(tmp_path: Path) -> None:
    header = dict(zip(HEADER, HEADER, strict=True))
    path = write(tmp_path / "a.csv", [row(), header, row(), {"交易卡号": "合计：2笔", "交易金额": "200.00"}])
    result = read_all(path)
    assert result.entries["source_row"].to_list() == [2, 4]
    assert {line for line, _ in result.furniture} == {1, 3, 5}
    assert result.rejects.is_empty()


def test_several_accounts_keep_their_own_ledgers(tmp_path: Path) -> None:
    second = "990000000000002"
    result = read_rows(tmp_path, [row(), row(交易账号=second, 交易卡号="", 收付标志="出")])
    assert result.entries.select(
        pl.coalesce(pl.when(pl.col("side") == 1).then("payer"), "payee")
    ).to_series().to_list() == [
        ACCOUNT,
        second,
    ]
