"""交通银行: 借 Dr / 贷 Cr, and bills whose amounts have no sign."""

from pathlib import Path

import pytest

from sources.reading import read_all
from sources.statements import Line, check_sample, lines, sample, utc

BILL = "交易日期,记账日期,交易说明,交易币种/金额,入账币种/金额\n"


def test_debit(tmp_path: Path) -> None:
    path = tmp_path / "bocom.csv"
    path.write_bytes(
        (
            "序号,交易日期,交易时间,交易类型,借贷,交易金额,余额,对方账号,对方户名,交易地点,摘要\n"
            "1,2024-01-01,00:00:00,存款利息,贷 Cr,1.23,1334.63,9900000000000000017,测试利息,批处理,\n"
            "2,2024-02-02,13:15:12,信用卡还款,借 Dr,3.21,1331.42,,测试乙,其他,自动\n"
        ).encode("gb18030")
    )
    result = read_all(path)
    assert result.format == "bocom_debit"
    assert lines(result.entries) == [
        Line(2, "in", 123, 133_463, "9900000000000000017", "测试利息"),
        Line(3, "out", 321, 133_142, None, "测试乙"),
    ]
    assert result.entries["time"].to_list() == [utc(2023, 12, 31, 16), utc(2024, 2, 2, 5, 15, 12)]
    assert result.entries["time_precision"].to_list() == ["day", "second"]
    assert result.entries["memo"].to_list() == ["批处理", "自动 | 其他"]
    assert result.rows == 2


@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("消费 测试店", "out"), ("退货 测试店", "in"), ("信用卡还款 转账-测试 0019", "in"), ("消费撤销 测试店", "in"),
        ("预借现金 测试行", "out"), ("年费", "out"), ("手续费返还", "in"),
    ],
)  # fmt: skip
def test_the_first_word_of_a_bill_gives_the_direction(tmp_path: Path, words: str, way: str) -> None:
    path = tmp_path / "bocom.csv"
    path.write_text(f'{BILL}2024-01-10,2024-01-11,{words},CNY13.50,"CNY 1,013.50"\n', encoding="utf-8")
    result = read_all(path)
    assert result.format == "bocom_credit"
    assert lines(result.entries) == [Line(2, way, 101_350, None, None, "")]


def test_a_purchase_abroad_moves_what_was_booked(tmp_path: Path) -> None:
    path = tmp_path / "bocom.csv"
    path.write_text(
        f"{BILL}2024-01-18,2024-01-18,消费 TEST,JPY 1000.00,CNY 49.85\n"
        "2024-01-18,2024-01-18,调整 TEST,CNY 1.00,CNY 1.00\n"
        "2024-01-18,2024-01-18,消费 TEST,JPY 1000.00,49.8五\n",
        encoding="utf-8",
    )
    result = read_all(path)
    assert result.entries.select("amount", "currency", "kind").rows() == [(4_985, "CNY", "消费")]
    assert '"交易币种/金额":"JPY 1000.00"' in result.entries["extra"][0]
    assert result.rejects.select("source_row", "code", "raw").rows() == [
        (3, "direction_unknown", "2024-01-18,2024-01-18,调整 TEST,CNY 1.00,CNY 1.00"),
        (4, "amount_unreadable", "2024-01-18,2024-01-18,消费 TEST,JPY 1000.00,49.8五"),
    ]
    assert result.rows == 3


@pytest.mark.parametrize(("kind", "rows"), [("debit", 6), ("credit", 8)])
def test_samples(kind: str, rows: int) -> None:
    check_sample(read_all(sample(f"bocom_{kind}", f"example-bocom_{kind}-records.csv")), f"bocom_{kind}", rows)
