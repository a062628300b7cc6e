"""中信银行: an old-style workbook with a title above the header."""

from pathlib import Path

from sources.reading import read_all
from sources.statements import Line, check_sample, lines, old_workbook, sample

CELLS = [
    ["本期账单明细(人民币)"],
    ["交易日期", "入账日期", "交易描述", "卡末四位", "交易币种", "结算币种", "交易金额", "结算金额"],
    ["2024-01-09", "2024-01-10", "测试公司", "0019", "美元", "人民币", "5.90", "42.01"],
    ["2024-01-09", "2024-01-09", "财付通还款", "0019", "人民币", "人民币", "-1.21", "-1.21"],
]


def test_credit(tmp_path: Path) -> None:
    result = read_all(old_workbook(tmp_path / "citic.xls", CELLS[0][0], CELLS))
    assert result.format == "citic_credit"
    assert lines(result.entries) == [Line(3, "out", 4_201, None, None, ""), Line(4, "in", 121, None, None, "")]
    assert result.entries["memo"].to_list() == ["测试公司", "财付通还款"]
    assert '"交易币种":"美元","交易金额":"5.90"' in result.entries["extra"][0]
    assert result.rows == 2


def test_sample() -> None:
    check_sample(read_all(sample("citic", "credit", "example-citic-records.xls")), "citic_credit", 13)
