"""支付宝 answers to production orders 协查: 账户明细, 转账明细, 注册信息, 登陆日志."""

import polars as pl

from duanka.identifiers.bank_card import normalise_account_expr
from duanka.records.vocabulary import AccountKind, RecordKind
from duanka.sources.adapting import account_cell, cell
from duanka.sources.spec import TableFormat

_PREFIX = "alipay:"
_ASKED = "对应的协查数据"
_OWN, _OWN_NAME, _OTHER, _OTHER_NAME = "@用户", "@用户名称", "@对方", "@对方名称"
_TIME, _STATUS, _LEDGER = "@时间", "@状态", "@出入"
_PAYER, _PAYEE = "付款方支付宝账号", "收款方支付宝账号"
_PAID_CLOSED = "交易关闭（已付款）"
_OF_A_BANK = r"^[0-9]{17,19}$|^[a-z]+:"  # Alipay's own numbers have 16 digits, logins 11

_STATUSES = {
    "交易成功": "success", "成功": "success", "支付成功": "success", "转账成功": "success", "已付款": "success",
    "付款成功": "success", "充值成功": "success", "提现成功": "success", "还款成功": "success",
    "退款成功": "success", "交易完成": "success", "TRADE_SUCCESS": "success", "TRADE_FINISHED": "success",
    "交易关闭": "failed", "失败": "failed", "交易失败": "failed", "支付失败": "failed", "转账失败": "failed",
    "充值失败": "failed", "提现失败": "failed", "TRADE_CLOSED": "failed",
    "等待付款": "pending", "等待买家付款": "pending", "处理中": "pending", "进行中": "pending",
    "WAIT_BUYER_PAY": "pending",
}  # fmt: skip

FORMATS = (
    TableFormat(
        name="alipay_ledger",
        title_en="Alipay production order: account ledger",
        title_zh="支付宝协查 账户明细",
        institution="alipay",
        required=("交易号", "用户信息", "交易对方信息", ("金额(元)", "金额"), "收/支", ("付款时间", "交易创建时间")),
        columns={
            "own": _OWN,
            "own_name": _OWN_NAME,
            "other": _OTHER,
            "other_name": _OTHER_NAME,
            "time": _TIME,
            "amount": ("金额(元)", "金额"),
            "direction": "收/支",
            "status": _STATUS,
            "kind": "类型",
            "channel": "支付方式",
            "memo": "消费名称",
            "memo_2": "备注",
            "serial": "交易号",
        },
        ignored=("用户信息", "交易对方信息"),
        status=_STATUSES,
        own_prefix=_PREFIX,
        account_kind=AccountKind.PAYMENT_ALIPAY,
        documentation="用户信息 and 交易对方信息 are `2088…(name)`; a text without a number is a name alone. A "
        "counterparty of 17 to 19 digits is a bank's card or account. The time is 付款时间, else 交易创建时间. A "
        "closed trade (交易关闭) that has a time of payment was paid, and refunded by a row of its own: it counts as "
        "booked, status unknown; one without was never paid. Rows whose 收/支 says neither are rejected: the file "
        "prints no balances that could settle them.",
    ),
    TableFormat(
        name="alipay_transfers",
        title_en="Alipay production order: transfers",
        title_zh="支付宝协查 转账明细",
        institution="alipay",
        required=(_PAYER, _PAYEE, ("转账金额(元)", "转账金额"), "到账时间"),
        columns={
            "payer": _PAYER,
            "payee": _PAYEE,
            "payee_name": "@收款方名称",
            "payer_name": "@付款方名称",
            "payee_bank": "收款机构信息",
            "time": "到账时间",
            "amount": ("转账金额(元)", "转账金额"),
            "kind": "转账产品名称",
            "serial": "交易号",
            "direction": _LEDGER,
        },
        account_kind=AccountKind.PAYMENT_ALIPAY,
        documentation="The list names both sides, but is the ledger of the account asked for (对应的协查数据). A "
        "row counts as that account's if it is named there by the same id as in the row; else as the account's "
        "that is in every row of the same request, if there is just one such. Other rows are payments between two "
        "known accounts that stand in nobody's ledger: they are kept, but prove no account's list complete.",
    ),
    TableFormat(
        name="alipay_accounts",
        title_en="Alipay production order: registration",
        title_zh="支付宝协查 注册信息",
        record=RecordKind.ACCOUNT,
        institution="alipay",
        required=(("用户ID", "用户Id"), ("登录手机", "登录邮箱"), ("账户名称", "账户名"), ("注册时间", "证件号")),
        columns={
            "account_id": ("用户ID", "用户Id"),
            "alias": "@登录",
            "alias_kind": "@别名",
            "holder_name": ("账户名称", "账户名"),
            "holder_id": ("证件号", "证件号码"),
            "phone": "@手机",
            "opened_on": "注册时间",
            "state": "账户状态",
        },
        own_prefix=_PREFIX,
        account_kind=AccountKind.PAYMENT_ALIPAY,
        documentation="The login (mobile number, else e-mail) is an alias. Bound cards are accounts of their own "
        "and stay in the original.",
    ),
    TableFormat(
        name="alipay_sessions",
        title_en="Alipay production order: logins",
        title_zh="支付宝协查 登陆日志",
        record=RecordKind.SESSION,
        institution="alipay",
        required=(("登陆账号", "登录账号"), ("支付宝用户ID", "用户ID"), ("客户端ip", "客户端IP"), "操作发生时间"),
        columns={
            "account_id": ("支付宝用户ID", "用户ID"),
            "alias": ("登陆账号", "登录账号"),
            "holder_name": ("账户名", "账户名称"),
            "ip": ("客户端ip", "客户端IP"),
            "time": "操作发生时间",
            "device": ("设备号", "设备ID"),
            "mac": ("mac地址", "MAC地址"),
        },
        constants={"action": "login"},
        own_prefix=_PREFIX,
        documentation="Times are Beijing time.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Splits `id(name)`, chooses between several times, and finds whose ledger a list of transfers is."""
    if spec.name == "alipay_ledger":
        return _ledger(frame)
    if spec.name == "alipay_transfers":
        return _transfers(frame)
    if spec.name == "alipay_accounts":
        phone, mail = account_cell(frame, "登录手机"), account_cell(frame, "登录邮箱")
        login = pl.coalesce(phone, mail)
        return frame.with_columns(
            login.alias("@登录"),
            pl.when(login.is_not_null()).then(pl.lit("login")).alias("@别名"),
            cell(frame, "绑定手机", "登录手机").alias("@手机"),
        )
    return frame


def _ledger(frame: pl.DataFrame) -> pl.DataFrame:
    own, own_name = _split(frame, "用户信息")
    other, other_name = _split(frame, "交易对方信息")
    other = normalise_account_expr(other)
    paid, status = cell(frame, "付款时间"), cell(frame, "交易状态")
    closed = status.is_in(["交易关闭", "TRADE_CLOSED"]) & paid.is_not_null()
    return frame.with_columns(
        own.alias(_OWN),
        own_name.alias(_OWN_NAME),
        pl.when(other.str.contains(_OF_A_BANK)).then(other).otherwise(pl.lit(_PREFIX) + other).alias(_OTHER),
        other_name.alias(_OTHER_NAME),
        pl.coalesce(paid, cell(frame, "交易创建时间", "最近修改时间")).alias(_TIME),
        pl.when(closed).then(pl.lit(_PAID_CLOSED)).otherwise(status).alias(_STATUS),
    )


def _split(frame: pl.DataFrame, name: str) -> tuple[pl.Expr, pl.Expr]:
    """`2088…(name)` -> number and name. A text in which no number or login stands before the brackets is a name."""
    text = cell(frame, name)
    number = text.str.extract(r"^([!-'*-~]+)\s*(?:[(（].*)?$", 1)
    number = pl.when(number.str.contains(r"[0-9@]")).then(number)
    inside = text.str.extract(r"^[^(（]*[(（](.*)[)）]$", 1)
    return number, pl.when(number.is_null()).then(text).otherwise(inside)


def _transfers(frame: pl.DataFrame) -> pl.DataFrame:
    (payer, payer_name), (payee, payee_name) = _split(frame, _PAYER), _split(frame, _PAYEE)
    sides = frame.select(
        asked=cell(frame, _ASKED).fill_null(""),
        payer=pl.lit(_PREFIX) + payer,
        payee=pl.lit(_PREFIX) + payee,
        payer_name=payer_name,
        payee_name=payee_name,
    )
    sides = sides.join(_whose(sides), on="asked", how="left", maintain_order="left")
    named_payer, named_payee = _asked_for("payer"), _asked_for("payee")
    by_name = pl.when(named_payer & ~named_payee).then(pl.lit("出")).when(named_payee & ~named_payer).then(pl.lit("入"))
    owner = pl.col("owner")
    by_owner = pl.when(pl.col("payer") == owner).then(pl.lit("出")).when(pl.col("payee") == owner).then(pl.lit("入"))
    return frame.with_columns(
        sides["payer"].alias(_PAYER),
        sides["payee"].alias(_PAYEE),
        sides["payer_name"].alias("@付款方名称"),
        sides["payee_name"].alias("@收款方名称"),
        sides.select(pl.coalesce(by_name, by_owner).alias(_LEDGER))[_LEDGER],
    )


def _asked_for(side: str) -> pl.Expr:
    number = pl.col(side).str.strip_prefix(_PREFIX)
    return pl.col("asked").str.contains(number, literal=True).fill_null(value=False)


def _whose(sides: pl.DataFrame) -> pl.DataFrame:
    """`asked, owner`: the one account that is in every row of a request; none where two are, or none is."""
    rows = sides.with_row_index("row").select("row", "asked", pl.concat_list("payer", "payee").alias("account"))
    rows = rows.with_columns(size=pl.len().over("asked")).explode("account").drop_nulls("account")
    spread = rows.group_by("asked", "account").agg(seen=pl.col("row").n_unique(), size=pl.col("size").first())
    always = spread.filter(pl.col("seen") == pl.col("size")).group_by("asked").agg("account")
    single = always.filter(pl.col("account").list.len() == 1)
    return single.select("asked", owner=pl.col("account").list.first())
