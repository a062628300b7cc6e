"""支付宝 app export: GB18030, a long preamble, padded cells, rows that are neither income nor expense."""

from pathlib import Path

import pytest

from sources.reading import batches_of, read_all
from sources.statements import Line, check_sample, lines, own_accounts, sample, utc

OWN = "alipay:test@example.com"
ABOVE = """------------------------------------------------------------------------------------
导出信息：
姓名：测试甲
支付宝账户：{login}
起始时间：[2024-02-01 00:00:00]    终止时间：[2024-02-29 23:59:59]
导出交易类型：[全部]
导出时间：[2024-03-01 09:12:52]
共2笔记录
收入：1笔 28.50元
支出：1笔 16.54元
不计收支：0笔 0.00元

特别提示：
1.明细金额直接累加后，可能会和下方统计金额不一致；

------------------------支付宝（中国）网络技术有限公司  电子客户回单------------------------
"""
COLUMNS = [
    "交易时间", "交易分类", "交易对方", "对方账号", "商品说明", "收/支", "金额", "收/付款方式", "交易状态",
    "交易订单号", "商家订单号", "备注",
]  # fmt: skip
BELOW = 18  # the first row's line


def row(**cells: str) -> str:
    base = dict.fromkeys(COLUMNS, "") | {
        "交易时间": "2024-02-12 21:32:14",
        "对方账号": "/",
        "金额": "10.00",
        "交易状态": "交易成功",
    }
    base |= {{"way": "收/支", "method": "收/付款方式"}.get(name, name): value for name, value in cells.items()}
    ending = {"交易订单号": "\t", "商家订单号": "\t"}
    return ",".join(base[name].ljust(20) + ending.get(name, "") for name in COLUMNS) + ","


def write(path: Path, *rows: str, login: str = "test@example.com") -> Path:
    header = ",".join(name.ljust(18) for name in COLUMNS) + ","
    path.write_bytes((ABOVE.format(login=login) + "\n".join([header, *rows]) + "\n").encode("gb18030"))
    return path


def test_income_and_expense(tmp_path: Path) -> None:
    path = write(
        tmp_path / "alipay.csv",
        row(
            交易分类="转账红包",
            交易对方="测试乙",
            对方账号="someone@example.com",
            商品说明="转账",
            way="收入",
            金额="222228.50",
            method="余额",
            交易订单号="T1",
        ),
        row(
            交易分类="日用百货",
            交易对方="测*",
            对方账号="tes***@example.com",
            商品说明="商品",
            way="支出",
            method="测试银行信用卡(0019)",
            交易状态="等待确认收货",
            交易订单号="T2",
        ),
        row(交易分类="转账红包", 交易对方="测试丙", 对方账号="10000000001", way="支出", method="余额宝", 备注="借款"),
        row(交易分类="转账红包", 交易对方="测试丁", 对方账号="9900000000000000017", way="支出", method="余额宝"),
    )
    result = read_all(path)
    assert result.format == "alipay_app"
    assert lines(result.entries) == [
        Line(BELOW, "in", 22_222_850, None, "alipay:someone@example.com", "测试乙"),
        Line(BELOW + 1, "out", 1_000, None, None, "测*"),
        Line(BELOW + 2, "out", 1_000, None, "alipay:10000000001", "测试丙"),
        Line(BELOW + 3, "out", 1_000, None, "9900000000000000017", "测试丁"),
    ]
    assert own_accounts(result.entries) == {OWN}
    assert result.entries["payee_name"][0] == "测试甲"
    assert result.entries["memo"].to_list() == ["转账", "商品 | tes***@example.com", "借款", ""]
    assert result.entries["channel"].to_list() == ["余额", "测试银行信用卡(0019)", "余额宝", "余额宝"]
    assert result.entries["status"].unique().to_list() == ["success"]
    assert result.entries["external_id"].to_list() == ["T1", "T2", "", ""]
    assert result.entries["time"][0] == utc(2024, 2, 12, 13, 32, 14)
    assert result.rows == 4
    assert batches_of(path)[1][0].periods.select("account", "from", "to").rows() == [
        (OWN, utc(2024, 1, 31, 16), utc(2024, 2, 29, 15, 59, 59))
    ]


@pytest.mark.parametrize(
    ("kind", "what", "method", "state", "way"),
    [
        ("退款", "退款-测试商品", "余额", "退款成功", "in"),
        ("投资理财", "蚂蚁财富-测试基金-卖出至余额宝", "余额宝", "交易成功", "in"),
        ("投资理财", "余额宝-2024.02.01-收益发放", "余额宝", "交易成功", "in"),
        ("投资理财", "蚂蚁财富-测试基金-买入", "余额宝", "交易成功", "out"),
        ("账户存取", "提现-快速提现", "测试银行(0019)", "交易成功", "out"),
        ("账户存取", "充值-普通充值", "测试银行(0019)", "交易成功", "in"),
        ("信用借还", "自动还款-花呗2024年01月账单", "测试银行(0019)", "还款成功", "out"),
        ("信用借还", "信用卡还款", "余额", "还款成功", "out"),
        ("信用借还", "放款", "", "放款成功", "in"),
        ("投资理财", "余额宝-单次转入", "测试银行储蓄卡(0019)", "交易成功", "in"),
        ("投资理财", "余额宝-转出到银行卡", "余额宝", "交易成功", "out"),
    ],
)
def test_neutral_rows(tmp_path: Path, kind: str, what: str, method: str, state: str, way: str) -> None:
    cells = {"交易分类": kind, "商品说明": what, "交易对方": "测试方", "交易状态": state}
    path = write(tmp_path / "alipay.csv", row(way="不计收支", method=method, **cells))
    name = method if "转入" in what else "测试方"
    assert lines(read_all(path).entries) == [Line(BELOW, way, 1_000, None, None, name)]


@pytest.mark.parametrize("what", ["余额宝-自动转入", "转入余额宝", "余额宝-转出到余额"])
def test_a_move_between_the_pots_is_paid_to_oneself(tmp_path: Path, what: str) -> None:
    path = write(
        tmp_path / "alipay.csv",
        row(way="不计收支", 交易分类="投资理财", 商品说明=what, 交易对方="测试基金", method="余额"),
    )
    entries = read_all(path).entries
    assert entries.select("payer", "payee", "payer_name", "payee_name", "memo").rows() == [
        (OWN, OWN, "测试甲", "测试甲", f"{what} | 测试基金")
    ]
    masked = write(
        tmp_path / "masked.csv",
        row(way="不计收支", 交易分类="投资理财", 商品说明=what, method="余额"),
        login="tes***@example.com",
    )
    assert read_all(masked).entries.select("payer", "payee").rows() == [("unknown:x", "unknown:x")]


def test_a_neutral_row_of_which_nothing_is_known(tmp_path: Path) -> None:
    result = read_all(write(tmp_path / "alipay.csv", row(way="不计收支", 交易分类="其他", 商品说明="测试")))
    assert result.rejects.select("source_row", "code").rows() == [(BELOW, "direction_unknown")]
    assert "不计收支" in result.rejects["raw"][0]
    assert "unknown" not in result.rejects["raw"][0]


def test_closed_orders(tmp_path: Path) -> None:
    path = write(
        tmp_path / "alipay.csv",
        row(way="不计收支", 商品说明="从未付款", 交易状态="交易关闭", 交易订单号="A1"),
        row(way="支出", 商品说明="付款后全额退款", 交易状态="交易关闭", method="余额宝", 交易订单号="A2"),
        row(
            way="不计收支",
            商品说明="退款-付款后全额退款",
            交易分类="退款",
            交易状态="退款成功",
            method="余额宝",
            交易订单号="A2_R",
        ),
        row(way="不计收支", 商品说明="测试", 交易状态="交易关闭", 交易订单号="A3"),
        row(way="不计收支", 商品说明="退款-测试", 交易分类="退款", 交易状态="退款成功", 交易订单号="A3_R"),
        row(way="不计收支", 商品说明="免押", 交易状态="芝麻免押下单成功", 交易订单号="A4"),
        row(way="支出", 商品说明="测试", 交易状态="等待付款", 交易订单号="A5"),
        row(way="支出", 商品说明="测试", 交易状态="新状态", 交易订单号="A6"),
    )
    entries = read_all(path).entries
    assert entries.select("external_id", "side", "status").rows() == [
        ("A1", 1, "failed"), ("A2", 1, "success"), ("A2_R", 2, "success"), ("A3", 1, "success"), ("A3_R", 2, "success"),
        ("A4", 1, "pending"), ("A5", 1, "pending"), ("A6", 1, "unknown"),
    ]  # fmt: skip


def test_sample() -> None:
    result = read_all(sample("alipay", "example-alipay-records.csv"))
    check_sample(result, "alipay_app", 10)
    assert own_accounts(result.entries) == {"alipay:xx@gmail.com"}
    assert [line.way for line in lines(result.entries)] == [
        "out",
        "out",
        "in",
        "in",
        "in",
        "out",
        "in",
        "out",
        "out",
        "out",
    ]
    assert result.entries["status"].to_list().count("failed") == 1
