"""财付通 (WeChat Pay) answers to production orders 调证: TenpayTrades, amounts in 分, and TenpayRegInfo."""

import polars as pl

from duanka.records.vocabulary import AccountKind, RecordKind
from duanka.sources.adapting import account_cell, cell
from duanka.sources.spec import TableFormat

_PREFIX = "tenpay:"
_AMOUNT = "交易金额(分)"
_OTHER = "@对手"
_OWN_MONEY = "提现|充值"

FORMATS = (
    TableFormat(
        name="tenpay_trades",
        title_en="Tenpay production order: trades (TenpayTrades)",
        title_zh="财付通调证 交易明细（TenpayTrades）",
        institution="tenpay",
        required=("用户ID", "借贷类型", "交易时间", _AMOUNT, ("对手方ID", "对手侧账户名称", "对手方银行卡号")),
        columns={
            "own": "用户ID",
            "own_name": ("用户侧账号名称", "用户侧账户名称"),
            "direction": "借贷类型",
            "kind": "交易业务类型",
            "channel": "交易用途类型",
            "time": "交易时间",
            "amount": _AMOUNT,
            "balance": "账户余额(分)",
            "other": _OTHER,
            "other_name": ("对手侧账户名称", "对手侧账号名称", "对手方账户名称"),
            "other_bank": "对手侧银行名称",
            "serial": "交易单号",
            "memo": "备注1",
            "memo_2": "备注2",
        },
        ignored=("对手方ID",),
        unit="minor",
        own_prefix=_PREFIX,
        account_kind=AccountKind.PAYMENT_WECHAT,
        documentation="The counterparty is 对手方ID; where that is blank or the user's own, it is 对手方银行卡号; "
        "for 提现 and 充值 without either, it is the user's own card (用户银行卡号), since that is where the money "
        "went or came from. In all other rows the user's card is only the means of payment and stays in `extra`, "
        "like 大单号, the clearing numbers and what the other side received (对手方接收金额, after fees).",
    ),
    TableFormat(
        name="tenpay_accounts",
        title_en="Tenpay production order: registration (TenpayRegInfo)",
        title_zh="财付通调证 注册信息（TenpayRegInfo）",
        record=RecordKind.ACCOUNT,
        institution="tenpay",
        required=("账号", "注册姓名", "注册时间", ("注册身份证号", "绑定手机", "绑定状态")),
        columns={
            "account_id": "账号",
            "holder_name": "注册姓名",
            "holder_id": "注册身份证号",
            "phone": "绑定手机",
            "opened_on": "注册时间",
            "state": "账户状态",
        },
        own_prefix=_PREFIX,
        account_kind=AccountKind.PAYMENT_WECHAT,
        documentation="One row a bound card. The card (银行账号) is an account of its own, not an alias of the "
        "wallet, and stays in the original.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Adds the counterparty of trades: a Tenpay id with its prefix, or a bare card number."""
    if spec.record is not RecordKind.TRANSACTION:
        return frame
    own = account_cell(frame, "用户ID", prefix=_PREFIX)
    party = account_cell(frame, "对手方ID", prefix=_PREFIX)
    card = account_cell(frame, "对手方银行卡号", "对手侧银行卡号")
    own_card = account_cell(frame, "用户银行卡号", "用户侧银行卡号")
    moved_own = cell(frame, "交易业务类型", "交易用途类型").str.contains(_OWN_MONEY)
    other = pl.coalesce(pl.when(party != own).then(party), card, pl.when(moved_own).then(own_card), party)
    return frame.with_columns(other.alias(_OTHER))
