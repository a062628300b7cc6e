"""浦发银行: an old-style workbook whose first row names account and period."""

from pathlib import Path

from sources.reading import batches_of, read_all
from sources.statements import Line, check_sample, lines, old_workbook, own_accounts, sample, utc

CELLS = [
    ["账号", "6200000000000000019", "账户类型", "借记卡", "日期范围", "20240101-20240131"],
    ["顺序号", "交易日期", "交易类型", "存入金额", "取出金额", "余额", "交易对手名称", "交易对手账号", "附言"],
    ["1", "2024/01/03  14:06:51", "网上支付", "", "3.88", "1981.33", "测试公司", "99000000000000017", ""],
    ["2", "2024/01/05  07:22:32", "汇入外", "10.00", "", "1991.33", "测试乙", "", "货款"],
]


def test_debit(tmp_path: Path) -> None:
    path = old_workbook(tmp_path / "spdb.xls", "sheet", CELLS)
    result = read_all(path)
    assert result.format == "spdb_debit"
    assert lines(result.entries) == [
        Line(3, "out", 388, 198_133, "99000000000000017", "测试公司"),
        Line(4, "in", 1_000, 199_133, None, "测试乙"),
    ]
    assert own_accounts(result.entries) == {"6200000000000000019"}
    assert result.entries["time"].to_list() == [utc(2024, 1, 3, 6, 6, 51), utc(2024, 1, 4, 23, 22, 32)]
    assert batches_of(path)[1][0].periods.select("account", "from", "to").rows() == [
        ("6200000000000000019", utc(2023, 12, 31, 16), utc(2024, 1, 31, 15, 59, 59, 999_999))
    ]
    assert result.rows == 2


def test_sample() -> None:
    result = read_all(sample("spdb_debit", "example-spdb_debit-records.xls"))
    check_sample(result, "spdb_debit", 4)
    assert own_accounts(result.entries) == {"6200000000001230"}
