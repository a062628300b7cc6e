"""支付宝 协查: 账户明细 old and new, 转账明细, 注册信息, 登陆日志."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from duanka.records.vocabulary import RecordKind
from sources.reading import ReadAll, read_all

A, B = "2088990000000001", "2088990000000002"
_COMMON = (
    "交易号,商户订单号,交易创建时间,付款时间,最近修改时间,交易来源地,类型,用户信息,交易对方信息,"
    "消费名称,金额（元）,收/支,交易状态"
)
COMMON = _COMMON.split(",")
LEDGERS = {
    "old": [*COMMON, "备注", "对应的协查数据"],
    "new": [*COMMON, "支付方式", "充值流水号", "备注", "对应的协查数据"],
    "newer": [*COMMON, "支付方式", "清算流水号", "备注", "对应的协查数据"],
}


def write(path: Path, header: list[str], rows: list[dict[str, str]]) -> Path:
    lines = [",".join(name + "\t" for name in header)]
    lines += [",".join(cells.get(name, "") + "\t" for name in header) for cells in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
    return path


def row(**cells: str) -> dict[str, str]:
    return {
        "交易号": "N1", "交易创建时间": "2024-03-01 10:00:00", "付款时间": "2024-03-01 10:20:30", "类型": "即时到账",
        "用户信息": f"{A}(测试甲)", "交易对方信息": f"{B}（测试乙）", "消费名称": "转账", "金额（元）": "12.30",
        "收/支": "支出", "交易状态": "交易成功", "对应的协查数据": A,
    } | cells  # fmt: skip


def read_rows(tmp_path: Path, *rows: dict[str, str], form: str = "new") -> ReadAll:
    result = read_all(write(tmp_path / "账户明细.csv", LEDGERS[form], list(rows)))
    assert result.format == "alipay_ledger"
    assert result.rows == len(rows)
    return result


@pytest.mark.parametrize("form", LEDGERS)
def test_ledger_in_every_form(tmp_path: Path, form: str) -> None:
    result = read_rows(tmp_path, row(支付方式="余额", 备注="b"), row(**{"收/支": "收入"}), form=form)
    columns = ["side", "payer", "payee", "payer_name", "payee_name", "amount", "status", "external_id", "kind"]
    a, b = f"alipay:{A}", f"alipay:{B}"
    assert result.entries.select(columns).rows() == [
        (1, a, b, "测试甲", "测试乙", 1230, "success", "N1", "即时到账"),
        (2, b, a, "测试乙", "测试甲", 1230, "success", "N1", "即时到账"),
    ]
    first = result.entries.row(0, named=True)
    assert first["time"] == datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)
    assert first["memo"] == "转账 | b"
    assert first["channel"] == ("" if form == "old" else "余额")
    assert '"对应的协查数据"' in first["extra"]
    assert '"用户信息"' not in first["extra"]


@pytest.mark.parametrize(
    ("printed", "account", "name"),
    [
        (f"{B}(测试乙)", f"alipay:{B}", "测试乙"),
        (B, f"alipay:{B}", ""),
        (f"{B}(某某（杭州）有限公司)", f"alipay:{B}", "某某（杭州）有限公司"),
        ("someone@example.com(测试乙)", "alipay:someone@example.com", "测试乙"),
        ("支付宝（中国）网络技术有限公司", None, "支付宝（中国）网络技术有限公司"),
        ("某公司(北京)", None, "某公司(北京)"),
        ("测试乙", None, "测试乙"),
        ("", None, ""),
    ],
)
def test_number_and_name_of_the_counterparty(tmp_path: Path, printed: str, account: str | None, name: str) -> None:
    entries = read_rows(tmp_path, row(交易对方信息=printed)).entries
    assert entries.select("payee", "payee_name").row(0) == (account, name)


def test_statuses_and_times(tmp_path: Path) -> None:
    result = read_rows(
        tmp_path,
        row(交易状态="交易关闭", 付款时间=""),
        row(交易状态="交易关闭"),
        row(交易状态="等待付款", 付款时间=""),
        row(交易状态="某状态"),
    )
    assert result.entries.select("status", "time").rows() == [
        ("failed", datetime(2024, 3, 1, 2, 0, 0, tzinfo=UTC)),
        ("unknown", datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)),
        ("pending", datetime(2024, 3, 1, 2, 0, 0, tzinfo=UTC)),
        ("unknown", datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)),
    ]


def test_a_row_that_is_neither_in_nor_out_is_rejected(tmp_path: Path) -> None:
    result = read_rows(tmp_path, row(**{"收/支": ""}), row(**{"收/支": "不计收支"}))
    assert result.rejects["code"].to_list() == ["direction_unknown"] * 2


TRANSFERS = (
    "交易号,付款方支付宝账号,收款方支付宝账号,收款机构信息,到账时间,转账金额（元）,转账产品名称,交易发生地,"
    "提现流水号,对应的协查数据"
)


def transfers(tmp_path: Path, *rows: tuple[str, str, str]) -> list[tuple[int, str | None, str | None]]:
    """(payer, payee, what was asked) of each row -> (side, payer, payee)."""
    cells = [
        {"交易号": f"N{i}", "付款方支付宝账号": payer, "收款方支付宝账号": payee, "到账时间": "2024-03-01 10:20:30",
         "转账金额（元）": "5.00", "转账产品名称": "转账到卡", "对应的协查数据": asked}
        for i, (payer, payee, asked) in enumerate(rows)
    ]  # fmt: skip
    result = read_all(write(tmp_path / "转账明细.csv", TRANSFERS.split(","), cells))
    assert result.format == "alipay_transfers"
    assert result.rows == len(rows)
    assert result.rejects.is_empty()
    assert set(result.entries["amount"]) == {500}
    return [(s, p, q) for s, p, q in result.entries.select("side", "payer", "payee").rows()]


def test_transfers_belong_to_the_account_asked_for(tmp_path: Path) -> None:
    a, b = f"alipay:{A}", f"alipay:{B}"
    assert transfers(tmp_path, (A, B, A), (B, A, f"支付宝账号：{A}")) == [(1, a, b), (2, b, a)]


def test_transfers_belong_to_the_account_in_all_rows_of_a_request(tmp_path: Path) -> None:
    a, b, c = f"alipay:{A}", f"alipay:{B}", "alipay:c@example.com"
    rows = ((A, B, "10000000001"), ("c@example.com", A, "10000000001"), (B, A, "10000000001"))
    assert transfers(tmp_path, *rows) == [(1, a, b), (2, c, a), (2, b, a)]


def test_transfers_that_could_be_either_sides_are_nobodys_ledger(tmp_path: Path) -> None:
    a, b = f"alipay:{A}", f"alipay:{B}"
    assert transfers(tmp_path, (A, B, "10000000001")) == [(0, a, b)]
    assert transfers(tmp_path, (A, B, "")) == [(0, a, b)]


def test_registration(tmp_path: Path) -> None:
    header = (
        "用户ID,登录邮箱,登录手机,账户名称,证件类型,证件号,可用余额,绑定手机,注册时间,注册时IP,绑定银行卡,"
        "关联账户,备注,对应的协查数据"
    )
    rows = [
        {"用户ID": A, "登录邮箱": "a@example.com", "登录手机": "10000000001", "账户名称": "测试甲",
         "证件类型": "身份证", "证件号": "990101199001010010", "可用余额": "1.00", "绑定手机": "10000000002",
         "注册时间": "2020-01-02 03:04:05"},
        {"用户ID": B, "登录邮箱": "b@example.com", "账户名称": "测试乙"},
    ]  # fmt: skip
    result = read_all(write(tmp_path / "注册信息.csv", header.split(","), rows))
    assert result.format == "alipay_accounts"
    accounts = result.records[RecordKind.ACCOUNT]
    assert accounts.select("account_id", "alias", "alias_kind", "phone", "opened_on", "kind", "institution").rows() == [
        (f"alipay:{A}", "alipay:10000000001", "login", "+8610000000002", date(2020, 1, 2), "payment_alipay", "alipay"),
        (f"alipay:{B}", "alipay:b@example.com", "login", "", None, "payment_alipay", "alipay"),
    ]
    assert accounts["holder_id"].to_list() == ["990101199001010010", ""]


def test_logins(tmp_path: Path) -> None:
    header = "登陆账号,支付宝用户ID,账户名,客户端ip,操作发生时间,对应的协查数据"
    rows = [
        {"登陆账号": "a@example.com", "支付宝用户ID": A, "账户名": "测试甲", "客户端ip": "192.0.2.7",
         "操作发生时间": "2024-03-01 00:00:00"},
        {"登陆账号": "a@example.com", "支付宝用户ID": A, "账户名": "测试甲", "操作发生时间": "昨天"},
    ]  # fmt: skip
    result = read_all(write(tmp_path / "登陆日志.csv", header.split(","), rows))
    assert result.format == "alipay_sessions"
    session = result.records[RecordKind.SESSION].row(0, named=True)
    assert (session["account_id"], session["alias"]) == (f"alipay:{A}", "alipay:a@example.com")
    assert session["time"] == datetime(2024, 2, 29, 16, tzinfo=UTC)
    assert (session["ip"], session["action"], session["holder_name"]) == ("192.0.2.7", "login", "测试甲")
    assert result.rejects["code"].to_list() == ["time_unreadable"]
