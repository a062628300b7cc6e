"""支付流水汇总: two sides in every row, and a word for whose ledger it is."""

import json
from pathlib import Path

import pytest

from sources.reading import ReadAll, read_all

_HEADER = (
    "序号,支付订单号,交易类型,支付类型,交易主体的出入账标识,交易时间,币种,交易金额,交易流水号,交易余额,收款方银行卡所属银行名称,"
    "收款方银行卡所属银行卡号,收款方的支付帐号,收款方的商户名称,付款方银行卡所属银行名称,付款方银行卡所属银行卡号,付款方的支付帐号,"
    "交易支付设备ip,mac地址,备注"
)
HEADER = _HEADER.split(",")
CARD, PEER_CARD = "9900000000000000017", "9900000000000000025"


def row(**cells: str) -> dict[str, str]:
    return {
        "序号": "1", "交易类型": "转账", "支付类型": "余额", "交易主体的出入账标识": "出", "交易时间": "20240301102030",
        "币种": "CNY", "交易金额": "88.00", "交易流水号": "F1", "交易余额": "12.00", "收款方的支付帐号": "w0002",
        "收款方的商户名称": "测试店", "付款方的支付帐号": "w0001", "交易支付设备ip": "192.0.2.1",
        "mac地址": "00-00-5E-00-53-01", "备注": "a",
    } | cells  # fmt: skip


def read_rows(tmp_path: Path, *rows: dict[str, str], header: list[str] = HEADER) -> ReadAll:
    lines = [",".join(header), *(",".join(cells.get(name, "") + "\t" for name in header) for cells in rows)]
    path = tmp_path / "支付流水汇总.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
    result = read_all(path)
    assert result.format == "payment_institution_flow"
    assert result.rows == len(rows)
    return result


@pytest.mark.parametrize("header", [HEADER, HEADER[::-1]])
def test_the_word_says_whose_ledger_and_balance_it_is(tmp_path: Path, header: list[str]) -> None:
    rows = [row(), row(交易主体的出入账标识="入"), row(交易主体的出入账标识="1"), row(交易主体的出入账标识="其他")]
    result = read_rows(tmp_path, *rows, header=header)
    columns = ["side", "payer", "payee", "payee_name", "amount", "balance_payer", "balance_payee"]
    sides = ("payment:w0001", "payment:w0002", "测试店", 8800)
    assert result.entries.select(columns).rows() == [
        (1, *sides, 1200, None),
        (2, *sides, None, 1200),
        (2, *sides, None, 1200),
        (0, *sides, None, None),
    ]
    first = result.entries.row(0, named=True)
    assert (first["ip"], first["mac"], first["memo"]) == ("192.0.2.1", "00-00-5E-00-53-01", "a")
    assert (first["external_id"], first["channel"], first["kind"]) == ("F1", "余额", "转账")


def test_cards_stand_in_where_there_is_no_payment_account(tmp_path: Path) -> None:
    wallet = "w0001"
    result = read_rows(
        tmp_path,
        row(收款方的支付帐号="", 收款方银行卡所属银行卡号=CARD, 收款方银行卡所属银行名称="测试银行"),
        row(收款方的支付帐号=wallet, 收款方银行卡所属银行卡号=CARD, 收款方银行卡所属银行名称="测试银行"),
        row(收款方的支付帐号=wallet, 付款方银行卡所属银行卡号=CARD, 付款方银行卡所属银行名称="测试银行"),
        row(付款方银行卡所属银行卡号=PEER_CARD, 付款方银行卡所属银行名称="测试银行"),
        row(付款方的支付帐号="", 收款方的支付帐号=""),
    )
    own = f"payment:{wallet}"
    assert result.entries.select("payer", "payee", "payer_bank", "payee_bank").rows() == [
        (own, CARD, "", "测试银行"),
        (own, CARD, "", "测试银行"),
        (CARD, own, "测试银行", ""),
        (own, "payment:w0002", "", ""),
    ]
    assert json.loads(result.entries["extra"][3])["付款方银行卡所属银行卡号"] == PEER_CARD
    assert result.rejects["code"].to_list() == ["account_missing"]


def test_a_minus_sends_the_money_back(tmp_path: Path) -> None:
    result = read_rows(tmp_path, row(交易金额="-88.00"))
    assert result.entries.select("side", "payer", "payee", "amount", "status", "balance_payee").rows() == [
        (2, "payment:w0002", "payment:w0001", 8800, "reversal", 1200)
    ]
