"""The closed word lists of the canonical tables, with the Chinese term beside each English one."""

from enum import StrEnum


class AccountKind(StrEnum):
    """Kind of an account (账户类型). Classes I, II and III are those of 银发〔2016〕302号 and 〔2018〕16号."""

    PERSONAL_I = "personal_i"  # 个人I类户
    PERSONAL_II = "personal_ii"  # 个人II类户
    PERSONAL_III = "personal_iii"  # 个人III类户
    PERSONAL = "personal"  # 个人账户，类别未知
    CREDIT = "credit"  # 信用卡账户
    CORPORATE = "corporate"  # 对公账户
    SETTLEMENT = "settlement"  # 结算/过渡账户（机构内部）
    PAYMENT_ALIPAY = "payment_alipay"  # 支付宝
    PAYMENT_WECHAT = "payment_wechat"  # 财付通/微信支付
    PAYMENT_OTHER = "payment_other"  # 其他支付账户
    ECNY_WALLET = "ecny_wallet"  # 数字人民币钱包
    EXCHANGE = "exchange"  # 虚拟币交易所账户
    UNKNOWN = "unknown"


class SimKind(StrEnum):
    """Kind of a SIM (电话卡): basic operator, virtual operator, Internet of Things."""

    OPERATOR = "operator"  # 基础运营商
    MVNO = "mvno"  # 虚拟运营商 (170/171/162/165/167)
    IOT = "iot"  # 物联网卡
    UNKNOWN = "unknown"


class Status(StrEnum):
    """What became of a payment. Money moves only where `MOVED` says so."""

    SUCCESS = "success"  # 交易成功
    UNKNOWN = "unknown"  # the source does not say; banks list booked rows only, so it counts as booked
    REVERSAL = "reversal"  # 冲正: a booked row that undoes another; it moved money, in the direction given
    PENDING = "pending"  # 处理中, or an instruction not yet booked (ISO 20022 pain.001)
    FAILED = "failed"  # 交易失败/关闭


MOVED = frozenset({Status.SUCCESS, Status.UNKNOWN, Status.REVERSAL})
"""Statuses whose amount really moved; every sum, window and lineage counts these and no others."""


class TimePrecision(StrEnum):
    """How finely a source gives the time; the true moment lies in [time, time + width)."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


PRECISION_WIDTH_US: dict[TimePrecision, int] = {
    TimePrecision.SECOND: 1_000_000,
    TimePrecision.MINUTE: 60_000_000,
    TimePrecision.HOUR: 3_600_000_000,
    TimePrecision.DAY: 86_400_000_000,
}


class AliasKind(StrEnum):
    """What an alias of an account is."""

    ACCOUNT = "account"  # 账号
    CARD = "card"  # 卡号
    WALLET = "wallet"  # 钱包/支付账号
    LOGIN = "login"  # 登录名: e-mail or phone
    IBAN = "iban"
    NAME = "name"  # known by name only
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Direction of a statement row seen from the account whose statement it is."""

    IN = "in"  # 进/贷/收入
    OUT = "out"  # 出/借/支出


class RecordKind(StrEnum):
    """The canonical tables that a source can fill."""

    TRANSACTION = "transaction"
    ACCOUNT = "account"
    PARTY = "party"
    SIM = "sim"
    DEVICE = "device"
    SESSION = "session"
    CALL = "call"
    REPORT = "report"
    MEASURE = "measure"
    OUTLET = "outlet"


class RejectCode(StrEnum):
    """Why an input row could not become a record. The words for each stand in `messages`."""

    TOO_FEW_FIELDS = "too_few_fields"
    TOO_MANY_FIELDS = "too_many_fields"
    LINE_TOO_LONG = "line_too_long"
    UNCLOSED_QUOTE = "unclosed_quote"
    AMOUNT_MISSING = "amount_missing"
    AMOUNT_UNREADABLE = "amount_unreadable"
    AMOUNT_TOO_LARGE = "amount_too_large"
    AMOUNT_TOO_FINE = "amount_too_fine"
    CURRENCY_UNKNOWN = "currency_unknown"
    TIME_MISSING = "time_missing"
    TIME_UNREADABLE = "time_unreadable"
    TIME_IMPOSSIBLE = "time_impossible"
    DIRECTION_UNKNOWN = "direction_unknown"
    ACCOUNT_MISSING = "account_missing"
    KEY_MISSING = "key_missing"
    ROW_UNREADABLE = "row_unreadable"
