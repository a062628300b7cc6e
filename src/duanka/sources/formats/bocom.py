"""交通银行: debit card, and the credit card bill, which prints currency and amount in one cell."""

import polars as pl

from duanka.sources import preamble
from duanka.sources.adapting import cell
from duanka.sources.spec import TableFormat

_MONEY = r"^([A-Za-z]{3})\s*([+-]?[0-9.,]+)$"
_FIRST_WORD = r"^(\S+)"
_IN = r"退货|退款|还款|返现|返还|返利|撤销|冲正|冲销|存入|存款|转入|溢缴|奖励|红包|立减"
_OUT = r"消费|取现|预借现金|分期|年费|手续费|利息|违约金|滞纳金|转出|扣款|代扣|代缴|缴费|支付|购汇"

FORMATS = (
    TableFormat(
        name="bocom_debit",
        title_en="Bank of Communications debit card",
        title_zh="交通银行 借记卡交易明细",
        institution="bocom",
        required=("交易日期", "交易时间", "交易类型", "借贷", "交易金额", "余额", "对方账号", "对方户名"),
        columns={
            "date": "交易日期",
            "clock": "交易时间",
            "kind": "交易类型",
            "direction": "借贷",
            "amount": "交易金额",
            "balance": "余额",
            "other": "对方账号",
            "other_name": "对方户名",
            "memo": "摘要",
            "memo_2": "交易地点",
        },
        ignored=("序号",),
        preamble={"own": preamble.ACCOUNT, "own_name": preamble.HOLDER},
        documentation="借 Dr is money paid, 贷 Cr money received. 00:00:00 means that only the day is known.",
    ),
    TableFormat(
        name="bocom_credit",
        title_en="Bank of Communications credit card bill",
        title_zh="交通银行 信用卡账单",
        institution="bocom",
        account_kind="credit",
        required=("交易日期", "记账日期", "交易说明", "交易币种/金额", "入账币种/金额"),
        columns={
            "date": "交易日期",
            "direction": "@direction",
            "amount": "@amount",
            "currency": "@currency",
            "kind": "@kind",
            "memo": "交易说明",
        },
        ignored=("入账币种/金额",),
        documentation="The booked currency and amount are what moved; those of the purchase stay in `extra`. "
        "Amounts have no sign: the first word of 交易说明 gives the direction (消费 out, 退货 and 还款 in); a row "
        "whose word is unknown is rejected.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Takes currency and amount apart, and reads the direction off the description's first word."""
    if spec.name != "bocom_credit":
        return frame
    money, word = cell(frame, "入账币种/金额"), cell(frame, "交易说明").str.extract(_FIRST_WORD)
    apart = money.str.contains(_MONEY)
    return frame.with_columns(
        pl.when(apart).then(money.str.extract(_MONEY, 1)).alias("@currency"),
        pl.when(apart).then(money.str.extract(_MONEY, 2)).otherwise(money).alias("@amount"),
        word.alias("@kind"),
        pl.when(word.str.contains(_IN))
        .then(pl.lit("in"))
        .when(word.str.contains(_OUT))
        .then(pl.lit("out"))
        .alias("@direction"),
    )
