"""建设银行: a header without a genuine sample."""

from pathlib import Path

import pytest

from sources.reading import read_all
from sources.statements import Line, lines, own_accounts, utc

HEADER = "记账日,交易日期,交易时间,支出,收入,账户余额,币种,摘要,对方账号,对方户名,交易地点"
ROWS = [
    "20240302,20240301,08:06:45,,10.25,110.25,人民币,利息存入,,,",
    "20240302,20240302,09:00:00,15,,95.25,人民币,转账支取,9900000000000000017,测试乙,测试网点",
    "20240302,20240302,9:xx,15,,80.25,人民币,转账支取,,,",
]


@pytest.mark.parametrize(
    ("account", "own"), [("6200000000000000027", "6200000000000000027"), ("********0027", "unknown:x")]
)
def test_debit(tmp_path: Path, account: str, own: str) -> None:
    path = tmp_path / "ccb.txt"
    text = "\r\n".join([f"开户网点：测试支行\r\n账　　号：{account}", HEADER, *ROWS])
    path.write_bytes(text.encode("gb18030"))
    result = read_all(path)
    assert result.format == "ccb_debit"
    assert lines(result.entries) == [
        Line(4, "in", 1_025, 11_025, None, ""),
        Line(5, "out", 1_500, 9_525, "9900000000000000017", "测试乙"),
    ]
    assert own_accounts(result.entries) == {own}
    assert result.entries["time"].to_list() == [utc(2024, 3, 1, 0, 6, 45), utc(2024, 3, 2, 1)]
    assert result.entries["time_precision"].to_list() == ["second", "second"]
    assert result.entries["extra"][0] == '{"记账日":"20240302"}'
    assert result.rejects.select("source_row", "code").rows() == [(6, "time_impossible")]
    assert result.rows == len(ROWS)
