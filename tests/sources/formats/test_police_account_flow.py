"""查询账号流水, the short form."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sources.reading import read_all

HEADER = [
    "查询账号",
    "对方账号姓名",
    "对方账号卡号",
    "金额",
    "余额",
    "借贷标志",
    "交易类型",
    "交易结果",
    "交易时间",
    "交易流水号",
]
OWN, OTHER = "990000000000001", "9900000000000000025"
ROWS = [
    [OWN, "测试乙", OTHER, "100.00", "100.00", "贷", "转账", "成功", "2024-03-01 10:20:30", "S1"],
    [OWN, "测试丙", "", "40.00", "60.00", "借", "消费", "失败", "2024-03-01 10:21", "S2"],
    [OWN, "", "", "0.00", "60.00", "", "结息", "", "2024-03-02 00:00:00", "S3"],
]


@pytest.mark.parametrize("order", [1, -1])
def test_the_short_form(tmp_path: Path, order: int) -> None:
    lines = [",".join(cell + "\t" for cell in line[::order]) for line in [HEADER, *ROWS]]
    path = tmp_path / "查询账号流水.csv"
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    result = read_all(path)
    assert result.format == "police_account_flow"
    assert result.rows == len(ROWS)
    columns = [
        "side",
        "payer",
        "payer_name",
        "payee",
        "payee_name",
        "amount",
        "status",
        "time_precision",
        "external_id",
    ]
    assert result.entries.select(columns).rows() == [
        (2, OTHER, "测试乙", OWN, "", 10_000, "success", "second", "S1"),
        (1, OWN, "", None, "测试丙", 4_000, "failed", "minute", "S2"),
    ]
    assert result.entries["time"][0] == datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)
    assert result.entries.select("balance_payer", "balance_payee").rows() == [(None, 10_000), (6_000, None)]
    assert result.rejects.select("source_row", "code").rows() == [(4, "direction_unknown")]
