"""微信支付 export: CSV with tabs after numbers, or a workbook, perhaps under a row Column1, Column2 …"""

from pathlib import Path

import pytest
import xlsxwriter

from sources.reading import batches_of, read_all
from sources.statements import Line, check_sample, lines, own_accounts, sample, utc

ABOVE = [
    "微信支付账单明细", "微信昵称：[测试甲]", "起始时间：[2024-02-01 00:00:00] 终止时间：[2024-02-29 23:59:59]",
    "导出类型：[全部]", "导出时间：[2024-03-01 16:05:22]", "", "共3笔记录", "收入：1笔 0.35元", "支出：1笔 28.16元",
    "中性交易：1笔 1.00元", "注：",
    "1. 充值/提现/理财通购买/零钱通存取/信用卡还款等交易，将计入中性交易", "2. 本明细仅供个人对账使用", "",
    "----------------------微信支付账单明细列表--------------------",
]  # fmt: skip
HEADER = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注"
BELOW = len(ABOVE) + 2


def row(
    kind: str,
    *,
    way: str = "/",
    other: str = "/",
    method: str = "/",
    state: str = "支付成功",
    amount: str = "¥10.00",
    note: str = "/",
) -> str:
    return f'2024-02-12 12:45:27,"{kind}","{other}","/","{way}",{amount},"{method}","{state}","990001"\t,"/"\t,"{note}"'


def write(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    above = [line + "," * 10 for line in ABOVE]
    path.write_text("\n".join([*above, HEADER, *rows]) + "\n", encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_income_and_expense(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "wechat.csv"
    write(
        path,
        row("商户消费", way="支出", other="测试店", method="测试银行(0019)", amount="¥1028.16").replace(
            '"/","支出"', '"测试:28.16","支出"'
        ),
        row("微信红包", way="收入", other="测试乙", state="已存入零钱", amount="￥0.35"),
        '2024-02-12 12:45:27,商户消费,点击底部"测试视频","/",收入,¥0.07,/,充值成功,990002 ,990003   ,"/"',
        encoding="utf-8" if encoding == "gb18030" else encoding,
    )
    if encoding == "gb18030":
        path.write_bytes(path.read_text(encoding="utf-8").replace("¥", "￥").encode("gb18030"))
    result = read_all(path)
    assert result.format == "wechat_app"
    assert lines(result.entries) == [
        Line(BELOW, "out", 102_816, None, None, "测试店"),
        Line(BELOW + 1, "in", 35, None, None, "测试乙"),
        Line(BELOW + 2, "in", 7, None, None, '点击底部"测试视频"'),
    ]
    assert own_accounts(result.entries) == {"unknown:x"}
    assert result.entries["payer_name"][0] == "测试甲"
    assert result.entries["channel"].to_list() == ["测试银行(0019)", "", ""]
    assert result.entries["external_id"].to_list() == ["990001", "990001", "990002"]
    assert result.entries["memo"].to_list() == ["测试:28.16", "", ""]
    assert result.entries["time"][0] == utc(2024, 2, 12, 4, 45, 27)
    assert result.entries["status"].unique().to_list() == ["success"]
    assert result.rows == 3
    assert batches_of(path)[1][0].periods.select("account", "from", "to").rows() == [
        ("unknown:x", utc(2024, 1, 31, 16), utc(2024, 2, 29, 15, 59, 59))
    ]


@pytest.mark.parametrize(
    ("kind", "other", "method", "way", "name"),
    [
        ("零钱提现", "测试银行(0019)", "测试银行", "out", "测试银行(0019)"),
        ("零钱充值", "测试银行(0019)", "测试银行(0019)", "in", "测试银行(0019)"),
        ("信用卡还款", "测试银行信用卡还款", "零钱", "out", "测试银行信用卡还款"),
        ("购买理财通", "理财通", "测试银行", "out", "理财通"),
        ("理财通赎回", "理财通", "零钱", "in", "理财通"),
        ("转入零钱通-来自测试银行(0019)", "/", "测试银行(0019)", "in", "测试银行(0019)"),
        ("零钱通转出-到测试银行(0019)", "/", "零钱通", "out", "测试银行(0019)"),
        ("零钱提现-退款", "测试银行(0019)", "零钱", "in", "测试银行(0019)"),
    ],
)
def test_neutral_rows(tmp_path: Path, kind: str, other: str, method: str, way: str, name: str) -> None:
    result = read_all(write(tmp_path / "wechat.csv", row(kind, other=other, method=method, note="服务费¥0.10")))
    assert lines(result.entries) == [Line(BELOW, way, 1_000, None, None, name)]
    assert result.entries["memo"].to_list() == ["服务费¥0.10"]


@pytest.mark.parametrize("kind", ["转入零钱通-来自零钱", "零钱通转出-到零钱"])
def test_a_move_between_the_pots_is_paid_to_oneself(tmp_path: Path, kind: str) -> None:
    entries = read_all(write(tmp_path / "wechat.csv", row(kind, method="零钱"))).entries
    columns = ["payer", "payee", "payer_name", "payee_name"]
    assert entries.select(columns).rows() == [("unknown:x", "unknown:x", "测试甲", "测试甲")]


def test_a_neutral_row_of_another_type_is_rejected(tmp_path: Path) -> None:
    result = read_all(write(tmp_path / "wechat.csv", row("新类型", other="测试")))
    assert result.rejects.select("source_row", "code").rows() == [(BELOW, "direction_unknown")]


@pytest.mark.parametrize(
    ("state", "status", "memo"),
    [
        ("支付成功", "success", ""), ("已存入零钱", "success", ""), ("已转账", "success", ""),
        ("朋友已收钱", "success", ""),
        ("提现已到账", "success", ""), ("充值完成", "success", ""), ("已全额退款", "success", ""),
        ("对方已退还", "success", ""),
        ("已退款(￥5.00)", "success", "已退款(￥5.00)"), ("支付失败", "failed", ""), ("提现处理中", "pending", ""),
        ("待朋友收钱", "pending", ""), ("新状态", "unknown", ""),
    ],
)  # fmt: skip
def test_states(tmp_path: Path, state: str, status: str, memo: str) -> None:
    entries = read_all(write(tmp_path / "wechat.csv", row("转账", way="支出", other="测试乙", state=state))).entries
    assert entries.select("side", "status", "memo").rows() == [(1, status, memo)]


def test_workbook_with_a_row_of_column_names(tmp_path: Path) -> None:
    path = tmp_path / "wechat.xlsx"
    cells = ["2024-02-12 12:45:27", "转账", "测试乙", "/", "支出", 9.9, "零钱", "朋友已收钱", "990001\t", "/\t", "/"]
    with xlsxwriter.Workbook(str(path)) as book:
        for name, numbered in (("first", True), ("Sheet1", False)):
            sheet = book.add_worksheet(name)
            top = [[f"Column{i}" for i in range(1, 12)]] if numbered else []
            for place, values in enumerate([*top, *([line] for line in ABOVE), HEADER.split(","), cells]):
                sheet.write_row(place, 0, values)
    result = read_all(path)
    assert result.format == "wechat_app"
    assert [(line.row, line.way, line.amount, line.other_name) for line in lines(result.entries)] == [
        (BELOW + 1, "out", 990, "测试乙"),
        (10_000_000 + BELOW, "out", 990, "测试乙"),
    ]
    assert result.entries["payer_name"].to_list() == ["测试甲", "测试甲"]


@pytest.mark.parametrize(("suffix", "rows"), [("csv", 27), ("xlsx", 54)])
def test_samples(suffix: str, rows: int) -> None:
    result = read_all(sample("wechat", f"example-wechat-records.{suffix}"))
    check_sample(result, "wechat_app", rows)
    assert result.entries["status"].unique().to_list() == ["success"]
    assert result.entries.filter(result.entries["payer"] == result.entries["payee"]).height == 2 * rows // 27
