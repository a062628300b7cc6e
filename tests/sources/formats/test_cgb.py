"""广发银行: positive amounts are purchases."""

from pathlib import Path

from sources.reading import read_all
from sources.statements import Line, check_sample, lines, sample, utc


def test_credit(tmp_path: Path) -> None:
    path = tmp_path / "cgb.csv"
    path.write_bytes(
        (
            "交易日期,入账日期,交易摘要,交易金额,交易货币,入账金额,入账货币\n"
            "2024/01/05,2024/01/06,（消费）测试商户,2.00,美元,14.30,人民币\n"
            "2024/01/04,2024/01/04,（还款）测试甲,-97.20,人民币,-97.20,人民币\n"
        ).encode("gb18030")
    )
    result = read_all(path)
    assert result.format == "cgb_credit"
    assert lines(result.entries) == [Line(2, "out", 1_430, None, None, ""), Line(3, "in", 9_720, None, None, "")]
    assert result.entries["currency"].to_list() == ["CNY", "CNY"]
    assert result.entries["extra"][0] == '{"入账日期":"2024/01/06","交易金额":"2.00","交易货币":"美元"}'
    assert result.entries["time"][0] == utc(2024, 1, 4, 16)


def test_sample() -> None:
    check_sample(read_all(sample("cgb_credit", "example-cgb_credit-records.csv")), "cgb_credit", 4)
