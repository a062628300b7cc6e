"""中国银行: dashes for blanks, masked counterparties."""

from pathlib import Path

import pytest

from sources.reading import read_all
from sources.statements import Line, check_sample, lines, own_accounts, sample, utc

HEADER = "记账日期,记账时间,币别,金额,余额,交易名称,渠道,网点名称,附言,对方账户名,对方卡号/账号,对方开户行,借记卡号"


@pytest.mark.parametrize(("card", "own"), [("0019", "unknown:x"), ("6200000000000000019", "6200000000000000019")])
def test_debit(tmp_path: Path, card: str, own: str) -> None:
    path = tmp_path / "boc.csv"
    rule = "-" * 19
    first = '2024-08-22,17:57:17,人民币,-71.89,"3,240.28",无卡支付,卡组织,'
    first += f"{rule},----------,测试甲,9900******0017,{rule},{card}"
    second = '2024-08-12,16:49:29,人民币,"2,600.00","3,312.17",跨行转账,手机银行,'
    second += f"{rule} 测试,附言甲,测试公司,{rule},测试银行,{card}"
    path.write_text(f"中国银行交易流水明细单\n{HEADER}\n{first}\n{second}", encoding="utf-8")
    result = read_all(path)
    assert result.format == "boc_debit"
    assert lines(result.entries) == [
        Line(3, "out", 7_189, 324_028, "9900******0017", "测试甲"),
        Line(4, "in", 260_000, 331_217, None, "测试公司"),
    ]
    assert own_accounts(result.entries) == {own}
    assert result.entries["memo"].to_list() == ["", "附言甲 | 测试"]
    assert result.entries.select("payee_bank", "payer_bank").rows() == [("", ""), ("", "测试银行")]
    assert result.entries["time"][0] == utc(2024, 8, 22, 9, 57, 17)
    assert result.rows == 2


def test_credit(tmp_path: Path) -> None:
    path = tmp_path / "boc.csv"
    path.write_bytes(
        (
            "中国银行信用卡账单(2024年01月)\n交易日,银行记账日,卡号后四位,交易描述,存入,支出,币种\n"
            "2023-12-13,2023-12-14,0019,测试店CHN,,50.00,CNY\n2023-12-20,2023-12-20,,存款利息,0.01,,CNY\n"
            "2023-12-22,2023-12-24,0019,TEST*SHOP,,3.72,USD\n2023-12-22,2023-12-24,0019,TEST*SHOP,,,USD\n"
        ).encode("gb18030")
    )
    result = read_all(path)
    assert result.format == "boc_credit"
    assert [(line.way, line.amount) for line in lines(result.entries)] == [("out", 5_000), ("in", 1), ("out", 372)]
    assert result.entries["currency"].to_list() == ["CNY", "CNY", "USD"]
    assert result.rejects.select("source_row", "code").rows() == [(6, "amount_missing")]
    assert result.rows == 4


@pytest.mark.parametrize(("kind", "rows"), [("debit", 17), ("credit", 14)])
def test_samples(kind: str, rows: int) -> None:
    result = read_all(sample("boc", kind, "example-boc-records.csv"))
    check_sample(result, f"boc_{kind}", rows)
    assert own_accounts(result.entries) == {"unknown:x"}
