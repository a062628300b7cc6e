"""农业银行: ragged rows, signed amounts, a name or a number in one column."""

from pathlib import Path

from sources.reading import read_all
from sources.statements import Line, check_sample, lines, own_accounts, sample, utc

TEXT = """户名：测试甲    账户：6200000000000000019    币种：人民币
交易日期,交易时间,交易摘要,交易金额,本次余额,对手信息,日 志 号,交易渠道,交易附言
20240101,123456,转存,+10000.00,11000.00,测试乙,369396693,超级网银,转账
20240102,93015,支付,-10.00,10990.00,测试商户,369333999,电子商务,附言
20240103,,还款,-345.89,10644.11,9900000000000000017,111222333
20240104,,结息,+0.00,10644.11,--,0000000000,,结息
20240105,,结息,,10644.11,--,0000000001
"""


def test_debit(tmp_path: Path) -> None:
    path = tmp_path / "abc.csv"
    path.write_bytes(TEXT.encode("gb18030"))
    result = read_all(path)
    assert result.format == "abc_debit"
    assert lines(result.entries) == [
        Line(3, "in", 1_000_000, 1_100_000, None, "测试乙"),
        Line(4, "out", 1_000, 1_099_000, None, "测试商户"),
        Line(5, "out", 34_589, 1_064_411, "9900000000000000017", ""),
        Line(6, "in", 0, 1_064_411, None, ""),
    ]
    assert own_accounts(result.entries) == {"6200000000000000019"}
    assert result.entries["external_id"].to_list() == ["369396693", "369333999", "111222333", ""]
    assert result.entries["time_precision"].to_list() == ["second", "second", "day", "day"]
    assert result.entries["time"].to_list()[:3] == [
        utc(2024, 1, 1, 4, 34, 56), utc(2024, 1, 2, 1, 30, 15), utc(2024, 1, 2, 16)
    ]  # fmt: skip
    assert result.entries["payee_name"][0] == "测试甲"
    assert result.rejects.select("source_row", "code").rows() == [(7, "amount_missing")]
    assert result.rows == 5


def test_sample() -> None:
    check_sample(read_all(sample("abc_debit", "example-abc_debit-records.csv")), "abc_debit", 5)
