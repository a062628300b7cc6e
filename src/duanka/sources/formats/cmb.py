"""招商银行: debit card (app and PC), credit card bill, and the answer to a judicial query."""

import polars as pl

from duanka.sources import preamble
from duanka.sources.adapting import cell
from duanka.sources.spec import Direction, TableFormat

_PARTY = r"^(.*?)\s*([0-9*]{7,})$"  # name, then number, with or without a blank in between
_MONTH_DAY = r"^(\d{1,2})/(\d{1,2})$"

FORMATS = (
    TableFormat(
        name="cmb_debit",
        title_en="CMB debit card",
        title_zh="招商银行 借记卡交易流水",
        institution="cmb",
        required=("记账日期", "货币", "交易金额", "联机余额", "交易摘要", "对手信息"),
        columns={
            "date": "记账日期",
            "currency": "货币",
            "amount": "交易金额",
            "balance": "联机余额",
            "kind": "交易摘要",
            "other": "@other",
            "other_name": "@other_name",
            "memo": "客户摘要",
        },
        ignored=("对手信息",),
        direction=Direction(sign="positive_in"),
        preamble={"own": preamble.ACCOUNT, "own_name": preamble.HOLDER},
        documentation="对手信息 is a name followed by a number: it is split where seven digits or more end it. Only "
        "days are known.",
    ),
    TableFormat(
        name="cmb_pc",
        title_en="CMB debit card (PC client)",
        title_zh="招商银行 专业版交易记录",
        institution="cmb",
        required=("交易日期", "交易时间", "收入", "支出", "余额", "交易类型", "交易备注"),
        columns={
            "date": "交易日期",
            "clock": "交易时间",
            "amount_in": "收入",
            "amount_out": "支出",
            "balance": "余额",
            "kind": "交易类型",
            "memo": "交易备注",
        },
        preamble={
            "own": preamble.ACCOUNT,
            "currency": preamble.CURRENCY,
            "period_from": preamble.PERIOD_FROM,
            "period_to": preamble.PERIOD_TO,
        },
        footer=r"^#",
        documentation="Lines that begin with # are preamble or totals. Account, currency and period are read from "
        "them.",
    ),
    TableFormat(
        name="cmb_credit",
        title_en="CMB credit card bill",
        title_zh="招商银行 信用卡对账单",
        institution="cmb",
        account_kind="credit",
        required=("交易日", "记账日", "交易摘要", "人民币金额", "卡号末四位"),
        columns={"date": "@date", "amount": "人民币金额", "memo": "交易摘要"},
        ignored=("交易日",),
        direction=Direction(sign="positive_out"),
        preamble={"@month": preamble.STATEMENT_MONTH},
        documentation="Positive amounts are purchases. Dates have no year: it is that of the bill's title, and the "
        "year before for months after the bill's own. Where 交易日 is blank, 记账日 is taken. Amounts at the place "
        "of the purchase stay in `extra`.",
    ),
    TableFormat(
        name="cmb_judicial",
        title_en="CMB answer to a judicial query",
        title_zh="招商银行 司法查询交易明细",
        institution="cmb",
        required=("交易日期", "交易时间", "客户名称", "交易卡号", "交易方向(D:借|C:贷)", "交易金额", "联机余额"),
        columns={
            "date": "交易日期",
            "clock": "交易时间",
            "own": ("账号", "帐号"),
            "own_alias": "交易卡号",
            "own_name": "客户名称",
            "direction": "交易方向(D:借|C:贷)",
            "amount": "交易金额",
            "balance": "联机余额",
            "other": ("对方帐号", "对方账号"),
            "other_name": "对方客户名称",
            "kind": "交易摘要",
        },
        documentation="D is money paid, C money received. Card and account are aliases of one account.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Splits name and number of the counterparty; gives the dates of a bill their year."""
    if spec.name == "cmb_debit":
        party = cell(frame, "对手信息")
        split = party.str.contains(_PARTY)
        return frame.with_columns(
            pl.when(split).then(party.str.extract(_PARTY, 2)).alias("@other"),
            pl.when(split).then(party.str.extract(_PARTY, 1)).otherwise(party).alias("@other_name"),
        )
    if spec.name == "cmb_credit":
        return frame.with_columns(_dated(cell(frame, "交易日", "记账日"), cell(frame, "@month")).alias("@date"))
    return frame


def _dated(day: pl.Expr, bill: pl.Expr) -> pl.Expr:
    """`12/29` on the bill of 2024年01月 -> `2023/12/29`. A day that has its year stays as it is."""
    year = bill.str.extract(r"^(\d{4})").cast(pl.Int32)
    bill_month = bill.str.extract(r"年(\d{1,2})").cast(pl.Int32)
    month = day.str.extract(_MONTH_DAY, 1).cast(pl.Int32)
    shown = (year - (month > bill_month).cast(pl.Int32)).cast(pl.String) + "/" + day
    return pl.when(day.str.contains(_MONTH_DAY)).then(shown).otherwise(day)
