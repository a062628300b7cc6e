"""支付宝 交易明细: what a user exports from the Alipay app (用于个人对账)."""

import polars as pl

from duanka.sources import preamble
from duanka.sources.adapting import cell
from duanka.sources.sides import TO_ITSELF
from duanka.sources.spec import TableFormat

_LOGIN = r"^(?:[^*\s@]+@[^*\s@]+\.[^*\s@]+|1\d{10}|\+?\d{1,4}-\d{5,12}|2088\d{12})$"
_CARD = r"^\d{12,19}$"

_BANK = r"银行|信用社|农信|储蓄卡|\(\d{4}\)"
_INTO_FUND = r"余额宝.*转入|转入.{0,2}余额宝"
_OUT_OF_FUND = r"余额宝.*转出"
_IN = r"退款|卖出|赎回|收益|分红|派息|结息|放款|^(?:余额)?充值|转入.{0,2}余额|解冻|返现|小荷包.*转出"
_OUT = r"提现|还款|买入|申购|认购|定投|到银行卡|至银行卡|转账[到给]|冻结|免押|先享|小荷包.*转入"

_CLOSED = r"关闭"
_FAILED = r"失败|撤销|取消"
_PENDING = r"冻结|解冻|免押|信用服务|待付款|等待.*付款|处理中|创建|待支付"
_SUCCESS = r"成功|等待确认收货|等待.*(?:发货|收货)|已(?:发货|收货|付款|支付|完成|还款|到账)"

FORMATS = (
    TableFormat(
        name="alipay_app",
        title_en="Alipay statement exported by its user",
        title_zh="支付宝 交易明细（用户导出）",
        institution="alipay",
        account_kind="payment_alipay",
        required=(
            "交易时间",
            "交易分类",
            "交易对方",
            "商品说明",
            "收/支",
            ("金额", "金额(元)"),
            "收/付款方式",
            "交易状态",
        ),
        columns={
            "time": "交易时间",
            "kind": "交易分类",
            "direction": "@direction",
            "amount": ("金额", "金额(元)"),
            "other": "@other",
            "other_name": "@other_name",
            "channel": "收/付款方式",
            "status": "@status",
            "serial": ("交易订单号", "交易号"),
            "memo": "商品说明",
            "memo_2": "备注",
            "memo_3": "@shown",
        },
        ignored=("收/支", "交易对方", "对方账号", "交易状态"),
        preamble={
            "own": r"支付宝(?:账户|账号)\s*[:：]\s*\[?([^\s,*\]]+)(?=[\s,\]]|$)",
            "own_name": preamble.HOLDER,
            "period_from": preamble.PERIOD_FROM,
            "period_to": preamble.PERIOD_TO,
        },
        own_prefix="alipay:",
        status={"success": "success", "failed": "failed", "pending": "pending"},
        documentation="The account is the login above the header; a masked one names nobody. 余额 and 余额宝 are "
        "two pots of one account, so a move between them is paid and received by that account. Rows paid by a bank "
        "card through Alipay are this account's rows too, with the card as channel. 不计收支 rows get their "
        "direction from 商品说明 and 交易分类: refunds, sales of funds, income, loans paid out and 充值 are "
        "received; 提现, 还款 and purchases of funds are paid; a row of which nothing is known is rejected. "
        "交易关闭 means that no money moved, unless the row is called 支出 or 收入 and names how it was paid, or a "
        "refund of the same order stands in the file: such an order was paid and refunded in full, and the refund "
        "has a row of its own. A hold (冻结, 免押) is pending. A masked counterparty's login is no account and "
        "stands in the memo.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Gives 不计收支 rows a direction, reads the status words, and tells accounts from masked logins."""
    del spec
    named = frame.with_columns(
        cell(frame, "收/支").alias("@word"),
        pl.concat_str(cell(frame, "商品说明"), cell(frame, "交易分类"), separator=" ", ignore_nulls=True).alias(
            "@what"
        ),
        cell(frame, "交易状态").fill_null("").alias("@state"),
        cell(frame, "收/付款方式").alias("@method"),
        pl.when(cell(frame, "对方账号") != "/").then(cell(frame, "对方账号")).alias("@login"),
        pl.when(cell(frame, "交易对方") != "/").then(cell(frame, "交易对方")).alias("@party"),
        cell(frame, "交易订单号", "交易号").alias("@order"),
    )
    named = named.with_columns(_status(named).alias("@status"))
    into, out_of = pl.col("@what").str.contains(_INTO_FUND), pl.col("@what").str.contains(_OUT_OF_FUND)
    by_bank = pl.col("@method").str.contains(_BANK).fill_null(value=False)
    to_bank = pl.col("@what").str.contains(_BANK + "|银行卡")
    sure = pl.col("@word").is_in(["收入", "支出"]).fill_null(value=False)
    inside = (
        ~sure
        & ~pl.col("@state").str.contains(_CLOSED)
        & (pl.col("@status") != "failed")
        & ((into & ~by_bank) | (out_of & ~to_bank))
    )
    login = pl.col("@login")
    return named.with_columns(
        pl.when(sure).then(pl.col("@word")).otherwise(_neutral(inside, into, out_of)).alias("@direction"),
        pl.when(inside)
        .then(pl.lit(TO_ITSELF))
        .when(login.str.contains(_LOGIN))
        .then(pl.lit("alipay:") + login)
        .when(login.str.contains(_CARD))
        .then(login)
        .alias("@other"),
        pl.when(~sure & into & by_bank)
        .then(pl.col("@method"))
        .when(~inside)
        .then(pl.col("@party"))
        .alias("@other_name"),
        pl.when(inside | (~sure & into & by_bank))
        .then(pl.col("@party"))
        .when(~login.str.contains(_LOGIN) & ~login.str.contains(_CARD))
        .then(login)
        .alias("@shown"),
    )


def _neutral(inside: pl.Expr, into: pl.Expr, out_of: pl.Expr) -> pl.Expr:
    """Direction of a row that Alipay counts as neither income nor expense."""
    what, state = pl.col("@what"), pl.col("@state")
    return (
        pl.when(state.str.contains("退款成功|放款成功|解冻"))
        .then(pl.lit("in"))
        .when((pl.col("@status") == "failed") | state.str.contains(_CLOSED))
        .then(pl.lit("out"))
        .when(inside | out_of)
        .then(pl.lit("out"))
        .when(into)
        .then(pl.lit("in"))
        .when(what.str.contains(_IN))
        .then(pl.lit("in"))
        .when(what.str.contains(_OUT) | state.str.contains("还款成功|冻结|免押|信用服务"))
        .then(pl.lit("out"))
    )


def _status(frame: pl.DataFrame) -> pl.Expr:
    state, order = pl.col("@state"), pl.col("@order")
    refunded = (
        frame.filter(state.str.contains("退款成功")).select(order.str.split("_").list.first())["@order"].drop_nulls()
    )
    paid = pl.col("@word").is_in(["收入", "支出"]) & pl.col("@method").is_not_null() | order.is_in(refunded.implode())
    return (
        pl.when(state.str.contains(_CLOSED))
        .then(pl.when(paid.fill_null(value=False)).then(pl.lit("success")).otherwise(pl.lit("failed")))
        .when(state.str.contains(_FAILED))
        .then(pl.lit("failed"))
        .when(state.str.contains(_PENDING))
        .then(pl.lit("pending"))
        .when(state.str.contains(_SUCCESS))
        .then(pl.lit("success"))
        .otherwise(state)
    )
