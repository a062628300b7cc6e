"""工商银行: padded, tab-ended cells, a masked card above the header, totals below."""

from pathlib import Path

import pytest

from sources.reading import read_all
from sources.statements import Line, check_sample, lines, own_accounts, sample, utc

ABOVE = '明细查询文件下载\n\n卡号: {card},"卡别名: "\n\n子账户序号: 00000,子账户类别: 活期,"子账户别名: "\n\n'
DEBIT = (
    "交易日期,摘要,交易详情,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),"
    "记账金额(支出),记账币种,余额,对方户名,对方账户"
)
CREDIT = (
    "交易日期,记账日期,摘要,交易场所,交易国家或地区简称,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),"
    "记账金额(支出),记账币种,余额,对方户名"
)


def padded(*cells: str) -> str:
    quoted = [f'"{cell.ljust(20)}\t"' if place else f"{cell.ljust(15)}\t" for place, cell in enumerate(cells)]
    return ",".join(quoted) + ","


def write(path: Path, *, card: str, header: str, rows: list[str], total: str) -> Path:
    path.write_bytes((ABOVE.format(card=card) + "\n".join([header, *rows, " ", total]) + "\n").encode("gb18030"))
    return path


def out(day: str, amount: str, balance: str, name: str, other: str) -> str:
    return padded(day, "消费", "", "测试商场", "CHN", "钞", "-", "-", "-", "", amount, "人民币", balance, name, other)


def into(day: str, amount: str, balance: str, name: str, other: str) -> str:
    return padded(day, "工资", "三月", "", "CHN", "钞", "-", "-", "-", amount, "", "人民币", balance, name, other)


def test_debit(tmp_path: Path) -> None:
    rows = [
        out("2024-03-02", "13.40", "xx,yyyy.zz", "测试公司", "9900****0017"),
        into("2024-03-01", "1,234.56", "2,000.00", "测试单位", "9900000000000000025"),
        into("2024-03-01", "-1.00", "765.44", "", "-"),
        out("2024-03-00", "5.00", "1.00", "", ""),
    ]
    path = write(
        tmp_path / "a.csv",
        card="6200****0001",
        header=DEBIT,
        rows=rows,
        total='人民币合计,,,,,,,,,"1,233.56\t","18.40\t",',
    )
    result = read_all(path)
    assert result.format == "icbc_debit"
    assert lines(result.entries) == [
        Line(8, "out", 1_340, None, "9900****0017", "测试公司"),
        Line(9, "in", 123_456, 200_000, "9900000000000000025", "测试单位"),
        Line(10, "out", 100, 76_544, None, ""),
    ]
    assert own_accounts(result.entries) == {"icbc:6200****0001"}
    assert result.entries["time"][0] == utc(2024, 3, 1, 16)
    assert result.entries["time_precision"].unique().to_list() == ["day"]
    assert result.entries["kind"].to_list() == ["消费", "工资", "工资"]
    assert result.entries["memo"].to_list() == ["测试商场", "三月", "三月"]
    assert result.rejects.select("source_row", "code").rows() == [(11, "time_impossible")]
    assert result.rows == 4
    assert result.furniture[-1][1].startswith("人民币合计")


@pytest.mark.parametrize(
    ("card", "own"),
    [("6200000000000000019", "6200000000000000019"), ("****0019", "unknown:x"), ("6***********019", "unknown:x")],
)
def test_the_card_above_the_header(tmp_path: Path, card: str, own: str) -> None:
    path = write(
        tmp_path / "a.csv",
        card=card,
        header=DEBIT,
        rows=[into("2024-03-01", "1.00", "1.00", "", "")],
        total="人民币合计",
    )
    assert own_accounts(read_all(path).entries) == {own}


def test_the_older_debit_version(tmp_path: Path) -> None:
    header = ",".join(name for name in DEBIT.split(",") if name not in {"交易详情", "对方账户"})
    row = padded("2024-03-02", "网转", "手机银行", "CHN", "钞", "-", "-", "-", "", "500.00", "人民币", "1.00", "测试甲")
    result = read_all(write(tmp_path / "a.csv", card="6200****0001", header=header, rows=[row], total="人民币合计"))
    assert result.format == "icbc_debit"
    assert lines(result.entries) == [Line(8, "out", 50_000, 100, None, "测试甲")]


def test_credit_balances_are_debt(tmp_path: Path) -> None:
    rows = [
        padded(
            "2024-04-22",
            "2024-04-23",
            "消费",
            "测试店",
            "USA",
            "",
            "10.00",
            "美元",
            "",
            "71.50",
            "人民币",
            "-3,000.00",
            "",
        ),
        padded(
            "2024-04-25",
            "2024-04-25",
            "还款",
            "测试行",
            "CHN",
            "3000",
            "",
            "人民币",
            "3,000.00",
            "",
            "人民币",
            "0.00",
            "",
        ),
    ]
    path = write(
        tmp_path / "a.csv", card="9900****0033", header=CREDIT, rows=rows, total='合计金额,,,,,"3000\t","10\t"'
    )
    result = read_all(path)
    assert result.format == "icbc_credit"
    assert lines(result.entries) == [Line(8, "out", 7_150, -300_000, None, ""), Line(9, "in", 300_000, 0, None, "")]
    assert own_accounts(result.entries) == {"icbc:9900****0033"}
    assert '"交易金额(支出)":"10.00","交易币种":"美元"' in result.entries["extra"][0]


@pytest.mark.parametrize(
    ("folder", "name", "rows", "own"),
    [
        ("debit-v1", "example-icbc-debit-v1-records.csv", 11, "icbc:1234****9876"),
        ("debit-v2", "example-icbc-debit-v2-records.csv", 11, "icbc:1234****9876"),
        ("credit", "example-icbc-credit-records.csv", 9, "icbc:1234****5678"),
    ],
)
def test_samples(folder: str, name: str, rows: int, own: str) -> None:
    result = read_all(sample("icbc", folder, name))
    check_sample(result, "icbc_credit" if folder == "credit" else "icbc_debit", rows)
    assert own_accounts(result.entries) == {own}
    assert "合计" in result.furniture[-1][1]
