"""招商银行: four formats."""

from pathlib import Path

import pytest

from sources.reading import batches_of, read_all
from sources.statements import Line, check_sample, lines, own_accounts, sample, utc

PC = """# 招商银行交易记录
# 导出时间: [            2024-03-22 23:52:22]
# 账    号: [一卡通:6200********0019   测试]
# 币    种: [                         人民币]
# 起始日期: [20240301]   终止日期: [20240331]
# 过滤设置:  无
""
"交易日期","交易时间","收入","支出","余额","交易类型","交易备注"
"\t20240302","\t12:00:01","","1,000.00","500.00","转账汇款","测试乙, 房租"
"\t20240301","\t00:00:00","1,500.00","","1,500.00","代发工资",""
# 收入合计: 1 笔，共 1,500.00 元
# 支出合计: 1 笔，共 1,000.00 元
"""
BILL = "招商银行信用卡对账单（个人消费卡账户 {month}）\n交易日,记账日,交易摘要,人民币金额,卡号末四位,交易地金额\n"


def test_debit_splits_name_and_number(tmp_path: Path) -> None:
    path = tmp_path / "cmb.csv"
    path.write_text(
        "记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要\n"
        '2024-01-01,CNY,"1,234.00","1,271.66",代发,测试中心9900000017,约定提取\n'
        '2024-01-02,CNY,"-1,000.00",271.66,转账汇款,测试乙 9900000000000000025,转账\n'
        "2024-01-02,CNY,-1.00,270.66,快捷支付,测试移动10086,\n"
        "2024-01-03,USD,-20.66,250.00,取款,,\n"
        "2024-01-03,CNY,-20.66,250.00,转账汇款,9900000000000000033,\n",
        encoding="utf-8",
    )
    result = read_all(path)
    assert result.format == "cmb_debit"
    assert lines(result.entries) == [
        Line(2, "in", 123_400, 127_166, "9900000017", "测试中心"),
        Line(3, "out", 100_000, 27_166, "9900000000000000025", "测试乙"),
        Line(4, "out", 100, 27_066, None, "测试移动10086"),
        Line(5, "out", 2_066, 25_000, None, ""),
        Line(6, "out", 2_066, 25_000, "9900000000000000033", ""),
    ]
    assert result.entries["currency"].to_list() == ["CNY", "CNY", "CNY", "USD", "CNY"]
    assert result.entries["extra"].unique().to_list() == [""]
    assert own_accounts(result.entries) == {"unknown:x"}


def test_pc_lines_with_a_hash_are_furniture(tmp_path: Path) -> None:
    path = tmp_path / "cmb.csv"
    path.write_text(PC, encoding="utf-8-sig")
    result = read_all(path)
    assert result.format == "cmb_pc"
    assert lines(result.entries) == [
        Line(9, "out", 100_000, 50_000, None, ""),
        Line(10, "in", 150_000, 150_000, None, ""),
    ]
    assert result.entries["time"].to_list() == [utc(2024, 3, 2, 4, 0, 1), utc(2024, 2, 29, 16)]
    assert result.entries["time_precision"].to_list() == ["second", "day"]
    assert own_accounts(result.entries) == {"cmb:6200********0019"}
    assert result.rows == 2
    period = batches_of(path)[1][0].periods
    assert period.select("account", "from", "to").rows() == [
        ("cmb:6200********0019", utc(2024, 2, 29, 16), utc(2024, 3, 31, 15, 59, 59, 999_999))
    ]


@pytest.mark.parametrize(
    ("month", "day", "moment"),
    [
        ("2024年01月", "12/29", utc(2023, 12, 28, 16)),
        ("2024年01月", "01/02", utc(2024, 1, 1, 16)),
        ("2024年3月", "02/29", utc(2024, 2, 28, 16)),
        ("2024年12月", "11/30", utc(2024, 11, 29, 16)),
    ],
)
def test_a_bill_gives_its_dates_their_year(tmp_path: Path, month: str, day: str, moment: object) -> None:
    path = tmp_path / "cmb.csv"
    text = BILL.format(month=month)
    path.write_bytes(
        f'{text}{day},01/05,测试店,"8,000.00",0019,"8,000.00(CN)"\n,{day},还款,-30.5,0019,-30.5'.encode("gb18030")
    )
    result = read_all(path)
    assert result.format == "cmb_credit"
    assert lines(result.entries) == [Line(3, "out", 800_000, None, None, ""), Line(4, "in", 3_050, None, None, "")]
    assert result.entries["time"].to_list() == [moment, moment]
    assert '"交易地金额":"8,000.00(CN)"' in result.entries["extra"][0]
    assert own_accounts(result.entries) == {"unknown:x"}


def test_a_bill_without_its_month_has_no_times(tmp_path: Path) -> None:
    path = tmp_path / "cmb.csv"
    path.write_text("交易日,记账日,交易摘要,人民币金额,卡号末四位\n01/02,01/03,测试店,1.00,0019\n", encoding="utf-8")
    result = read_all(path)
    assert (result.entries.height, result.rows) == (0, 1)
    assert result.rejects["raw"][0] == "01/02,01/03,测试店,1.00,0019"


def test_judicial(tmp_path: Path) -> None:
    path = tmp_path / "cmb.csv"
    path.write_bytes(
        (
            "交易日期,交易时间,客户名称,交易卡号,交易方向(D:借|C:贷),交易金额,联机余额,对方帐号,对方客户名称,交易摘要,账号\r\n"
            "20240302\t,93015\t,测试甲,6200000000000000019\t,D,5.00,95.00,9900000000000000017,测试乙,转账,620000000000027\t\r\n"
            "20240302\t,101500\t,测试甲,6200000000000000019\t,C,7.00,102.00,,,结息,620000000000027\t\r\n"
        ).encode("gb18030")
    )
    result = read_all(path)
    assert result.format == "cmb_judicial"
    assert lines(result.entries) == [
        Line(2, "out", 500, 9_500, "9900000000000000017", "测试乙"),
        Line(3, "in", 700, 10_200, None, ""),
    ]
    assert own_accounts(result.entries) == {"620000000000027"}
    assert result.entries["own_alias"].unique().to_list() == ["6200000000000000019"]
    assert result.entries["payer_name"][0] == "测试甲"
    assert result.entries["time"].to_list() == [utc(2024, 3, 2, 1, 30, 15), utc(2024, 3, 2, 2, 15)]


@pytest.mark.parametrize(("kind", "rows"), [("debit", 5), ("credit", 6)])
def test_samples(kind: str, rows: int) -> None:
    check_sample(read_all(sample("cmb", kind, "example-cmb-records.csv")), f"cmb_{kind}", rows)


def test_the_bill_sample_spans_the_new_year() -> None:
    entries = read_all(sample("cmb", "credit", "example-cmb-records.csv")).entries
    days = entries["time"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d").to_list()
    assert days == ["2023-12-29", "2023-12-30", "2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05"]
