"""A folder as an investigator gets it: two banks, one statement, victims' reports, and what goes wrong in such files.

Small enough to count in one's head. The pages of `docs/` run their commands on it.
"""

import io
import zipfile
from collections import Counter
from pathlib import Path

from cases import Row, police, row

VICTIM, COLLECTOR, COLLECTOR_CARD = "9990300000000001008", "9990108000000202", "9990100000000002024"
TRANSIT, DEALER = "9990208000000211", "9990300000000002311"
EARNER = "9990300000000005118"

ROWS = {
    "甲银行/交易明细信息_1.csv": 4, "甲银行/交易明细信息_2.csv": 9, "甲银行/账户信息.csv": 1,
    "乙银行反馈.zip/明细.zip/交易明细信息.csv": 4, "工商银行/hisdetail.csv": 4, "被害人报案.csv": 3,
}  # fmt: skip
FORMATS = {
    "甲银行/交易明细信息_1.csv": "police_transactions", "甲银行/交易明细信息_2.csv": "police_transactions",
    "甲银行/账户信息.csv": "police_accounts", "乙银行反馈.zip/明细.zip/交易明细信息.csv": "police_transactions",
    "工商银行/hisdetail.csv": "icbc_debit", "被害人报案.csv": "duanka_reports",
}  # fmt: skip
REJECTS = Counter(
    {"time_impossible": 1, "amount_unreadable": 1, "amount_missing": 1, "direction_unknown": 1, "too_many_fields": 1}
)
UNKNOWN = "甲银行/README.txt"
SAME_ROW, TWO_SIDES = 3, 2  # two rows in both part files, one again under the card alone; two transfers between banks
TRANSACTIONS = 4 + 1 + 4 - TWO_SIDES + 4
MISSING = 50_000
"""Fen that left the collector's account in a row that is not handed over."""

STATEMENT = (
    "交易日期,摘要,交易详情,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),记账金额(支出),"
    "记账币种,余额,对方户名,对方账户"
)
REPORTS = f"""report_id,victim_name,victim_account,receiver_account,time,amount,currency,reported_at,memo
示例001,甲某,{VICTIM},{COLLECTOR_CARD},2024-03-05 10:12:31,49800.00,CNY,2024-03-05 15:12:31,冒充客服退款
示例002,甲某,{VICTIM},{COLLECTOR_CARD},2024-03-05 10:31:07,30000.00,CNY,2024-03-05 15:31:07,冒充客服退款
示例003,甲某,{VICTIM},{COLLECTOR_CARD},2024-03-06 09:00:00,5000.00,CNY,2024-03-06 11:00:00,刷单返利
"""


def _first_bank() -> tuple[list[Row], list[Row]]:
    """Part files that overlap by two rows; the second repeats a row under the card alone and has five that are bad."""

    def booked(serial: str, way: str, other: str, amount: str, balance: str, time: str, **more: str) -> Row:
        own = {"交易卡号": COLLECTOR_CARD, "账户开户名称": "丑某", "交易余额": balance, "交易流水号": serial}
        return row(COLLECTOR, way, other, amount, f"2024-03-{time}", **own | more)

    rows = [
        booked("A1", "进", VICTIM, "49800.00", "50000.00", "05 10:12:31"),
        booked("A2", "进", VICTIM, "30000.00", "80000.00", "05 10:31:07"),
        booked("A3", "出", TRANSIT, "79000.00", "1000.00", "05 10:40:00", 备注="货款"),
        booked("A4", "进", VICTIM, "5000.00", "5500.00", "06 09:00:00"),  # 1,000 + 5,000 - 500 that is missing
    ]
    last = booked("A5", "出", TRANSIT, "5000.00", "500.00", "06 09:12:00")
    bad = [
        rows[0] | {"交易时间": "2023-02-30 11:20:00", "交易流水号": "A91"},
        rows[0] | {"交易金额": "1,234.5.6", "交易流水号": "A92"},
        rows[0] | {"交易金额": "", "交易流水号": "A93"},
        rows[0] | {"收付标志": "?", "交易余额": "", "交易流水号": "A94"},
        rows[0] | {"查询反馈结果原因": "甲,", "交易流水号": "A95"},  # a spare cell, see `_write_banks`
    ]
    by_card = rows[2] | {"交易账号": ""}
    return rows, [*rows[2:], last, by_card, *bad]


def _second_bank() -> list[Row]:
    """Other words and times than the first; two rows are the other sides of its transfers."""

    def booked(serial: str, way: str, other: str, amount: str, balance: str, time: str) -> Row:
        own = {"账户开户名称": "卯某", "交易余额": balance, "交易流水号": serial, "交易是否成功": "00"}
        return row(TRANSIT, way, other, amount, f"202403{time}", **own)

    return [
        booked("B1", "贷", COLLECTOR, "79000.00", "79100.00", "05104021"),
        booked("B2", "借", DEALER, "78500.00", "600.00", "05105500"),
        booked("B3", "贷", COLLECTOR_CARD, "5000.00", "5600.00", "06091207"),
        booked("B4", "借", DEALER, "5100.00", "500.00", "06093000"),
    ]


def _statement() -> bytes:
    """Days only and newest first: on the one busy day only the balances tell the order."""
    rows = (
        ("2024-03-09", "", "200.00", "300.00", "示例超市"), ("2024-03-08", "", "8500.00", "500.00", "癸某"),
        ("2024-03-08", "8600.00", "", "9000.00", "示例机械厂"), ("2024-03-07", "", "100.00", "400.00", "示例面馆"),
    )  # fmt: skip
    lines = [
        f'"{day}\t","转账\t",,,"CHN\t","钞\t",,,,"{came}\t","{went}\t","人民币\t","{balance}\t","{name}\t",,'
        for day, came, went, balance, name in rows
    ]
    above = f'明细查询文件下载\n\n卡号: {EARNER},"卡别名: "\n\n子账户序号: 00000,子账户类别: 活期,"子账户别名: "\n\n'
    return (above + "\n".join([STATEMENT, *lines, '人民币合计,,,,,,,,,"8,600.00\t","8,800.00\t",']) + "\n").encode(
        "gb18030"
    )


def _archive(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(zipfile.ZipInfo(name, (2024, 4, 3, 9, 0, 0)), content)
    return buffer.getvalue()


def hand_over(folder: Path) -> Path:
    """Write the folder; the same bytes every time."""
    first, second = _first_bank()
    police(folder / "甲银行" / "交易明细信息_1.csv", first)
    path = police(folder / "甲银行" / "交易明细信息_2.csv", second)
    path.write_bytes(path.read_bytes().replace('"甲,"'.encode("gb18030"), "甲,溢出".encode("gb18030")))
    columns = "账户开户名称,交易卡号,交易账号,账号开户时间,币种,账号开户银行"
    listed = f"{columns}\r\n丑某,{COLLECTOR_CARD},{COLLECTOR},2024-01-21 00:00:00,人民币,甲银行\r\n"
    (folder / "甲银行" / "账户信息.csv").write_bytes(listed.encode("gb18030"))
    (folder / UNKNOWN).write_bytes("甲银行协助查询反馈说明：分批导出，可能有重复。\n".encode("gb18030"))
    inner = police(folder / "交易明细信息.csv", _second_bank())
    (folder / "乙银行反馈.zip").write_bytes(_archive("明细.zip", _archive("交易明细信息.csv", inner.read_bytes())))
    inner.unlink()
    (folder / "工商银行").mkdir()
    (folder / "工商银行" / "hisdetail.csv").write_bytes(_statement())
    (folder / "被害人报案.csv").write_text(REPORTS, encoding="utf-8")
    return folder
