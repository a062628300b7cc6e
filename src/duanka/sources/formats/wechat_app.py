"""微信支付账单明细: what a user exports from WeChat, as CSV or as a workbook."""

import polars as pl

from duanka.sources import preamble
from duanka.sources.adapting import cell
from duanka.sources.sides import TO_ITSELF
from duanka.sources.spec import TableFormat

_CHANGE = r"^零钱(?:通)?$"
_FROM_OR_TO = r"(?:来自|-到)(.+)$"
_IN = r"退款|充值|赎回|收益|放款|借款|理财通(?:取出|转出)|转入零钱通"
_OUT = r"提现|还款|购买理财通|理财通(?:购买|存入|转入)|零钱通转出|到银行卡"

_FAILED = r"失败|撤销|关闭|取消"
_PENDING = r"处理中|待.*(?:收|确认|领|支付)"
_SUCCESS = r"成功|完成|已(?:存入|转账|收钱|收款|到账|付款|支付|领取|全额退款|退款|退还|被领)|朋友已收|对方已"

FORMATS = (
    TableFormat(
        name="wechat_app",
        title_en="WeChat Pay statement exported by its user",
        title_zh="微信支付 账单明细（用户导出）",
        institution="tenpay",
        account_kind="payment_wechat",
        required=("交易时间", "交易类型", "交易对方", "收/支", "金额(元)", "支付方式", "当前状态", "交易单号"),
        columns={
            "time": "交易时间",
            "kind": "交易类型",
            "direction": "@direction",
            "amount": "金额(元)",
            "other": "@other",
            "other_name": "@other_name",
            "channel": "@channel",
            "status": "@status",
            "serial": "@serial",
            "memo": "@memo",
            "memo_2": "@remark",
            "memo_3": "@refunded",
        },
        ignored=("收/支", "交易对方", "商品", "支付方式", "当前状态", "交易单号", "备注"),
        preamble={
            "own_name": r"微信昵称\s*[:：]\s*\[([^\]\n]*)\]",
            "period_from": preamble.PERIOD_FROM,
            "period_to": preamble.PERIOD_TO,
        },
        status={"success": "success", "failed": "failed", "pending": "pending"},
        documentation="A nickname is no account: the statement is the user's to name. 零钱 and 零钱通 are two pots "
        "of one account, so a move between them is paid and received by that account. Rows that WeChat calls "
        "neutral get their direction from 交易类型: 零钱提现, 信用卡还款, 购买理财通 and 零钱通转出 to a card are "
        "paid, 零钱充值, 理财通赎回 and 转入零钱通 from a card are received; a neutral row of any other type is "
        "rejected. A payment that was refunded or sent back stays a payment, since the money that came back has a "
        "row of its own; the refunded sum is in the memo. A fee for 提现 is part of the amount and stands in the "
        "memo. A failed payment did not move money.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Gives neutral rows a direction, reads the status words, and blanks cells that hold a slash."""
    del spec
    kind, state, word = (_cell(frame, name) for name in ("交易类型", "当前状态", "收/支"))
    pot = kind.str.extract(_FROM_OR_TO)
    where = pot.fill_null(_cell(frame, "支付方式"))
    inside = (kind.str.contains("零钱通") & where.str.contains(_CHANGE)).fill_null(value=False)
    status = _status(state)
    neutral = (
        pl.when(status == "failed")
        .then(pl.lit("out"))
        .when(kind.str.contains(_IN) & ~inside)
        .then(pl.lit("in"))
        .when(kind.str.contains(_OUT) | inside)
        .then(pl.lit("out"))
    )
    printed = word.is_in(["收入", "支出"])
    inside &= ~printed.fill_null(value=False)
    orders = [name for name in ("商户单号",) if name in frame.columns]
    return frame.with_columns(
        *(_cell(frame, name).alias(name) for name in orders),
        pl.when(printed).then(word).otherwise(neutral).alias("@direction"),
        pl.when(inside).then(pl.lit(TO_ITSELF)).alias("@other"),
        pl.when(~inside).then(_cell(frame, "交易对方").fill_null(pot)).alias("@other_name"),
        _cell(frame, "支付方式").alias("@channel"),
        status.alias("@status"),
        _cell(frame, "交易单号").alias("@serial"),
        _cell(frame, "商品").alias("@memo"),
        _cell(frame, "备注").alias("@remark"),
        pl.when(state.str.contains(r"[(（]")).then(state).alias("@refunded"),
    )


def _cell(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A cell, null where WeChat prints a slash for nothing."""
    value = cell(frame, name)
    return pl.when(value != "/").then(value)


def _status(state: pl.Expr) -> pl.Expr:
    return (
        pl.when(state.str.contains(_FAILED))
        .then(pl.lit("failed"))
        .when(state.str.contains(_PENDING))
        .then(pl.lit("pending"))
        .when(state.str.contains(_SUCCESS))
        .then(pl.lit("success"))
        .otherwise(state)
    )
