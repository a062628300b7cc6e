"""中国银行: 交易流水明细单 of a debit card, and the credit card bill."""

import polars as pl

from duanka.sources.adapting import cell
from duanka.sources.spec import Direction, TableFormat

_RULE = r"^-{4,}\s*"

FORMATS = (
    TableFormat(
        name="boc_debit",
        title_en="Bank of China debit card",
        title_zh="中国银行 交易流水明细单",
        institution="boc",
        required=("记账日期", "记账时间", "金额", "余额", "交易名称", "对方账户名", ("对方卡号/账号", "对方账号")),
        columns={
            "own": "@own",
            "date": "记账日期",
            "clock": "记账时间",
            "currency": ("币别", "币种"),
            "amount": "金额",
            "balance": "余额",
            "kind": "交易名称",
            "channel": "渠道",
            "memo": "附言",
            "memo_2": "网点名称",
            "other_name": "对方账户名",
            "other": ("对方卡号/账号", "对方账号"),
            "other_bank": "对方开户行",
        },
        direction=Direction(sign="positive_in"),
        documentation="A row of dashes is a blank cell. 借记卡号 gives the last four digits only, which does not "
        "say whose the statement is; a full number there does. Counterparties' numbers are masked and kept as "
        "printed.",
    ),
    TableFormat(
        name="boc_credit",
        title_en="Bank of China credit card bill",
        title_zh="中国银行 信用卡账单",
        institution="boc",
        account_kind="credit",
        required=("交易日", "银行记账日", "卡号后四位", "交易描述", "存入", "支出"),
        columns={
            "date": "交易日",
            "amount_in": "存入",
            "amount_out": "支出",
            "currency": "币种",
            "memo": "交易描述",
        },
        documentation="Each currency of the card is a ledger of its own. 卡号后四位 and 银行记账日 stay in `extra`.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Dashes become blank cells; a card number that is printed in full names the account."""
    if spec.name != "boc_debit":
        return frame
    texts = [
        name
        for name in ("渠道", "网点名称", "附言", "对方账户名", "对方卡号/账号", "对方开户行")
        if name in frame.columns
    ]
    number = cell(frame, "借记卡号")
    return frame.with_columns(
        *(pl.col(name).str.strip_chars().str.replace(_RULE, "").alias(name) for name in texts),
        pl.when(number.str.contains(r"^\d{12,19}$")).then(number).alias("@own"),
    )
