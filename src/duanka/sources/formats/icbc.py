"""中国工商银行: 明细查询文件下载 of a debit card (two versions) and of a credit card."""

from duanka.sources import preamble
from duanka.sources.spec import TableFormat

_MONEY = {
    "amount_in": "记账金额(收入)",
    "amount_out": "记账金额(支出)",
    "currency": "记账币种",
    "balance": "余额",
}

FORMATS = (
    TableFormat(
        name="icbc_debit",
        title_en="ICBC debit card",
        title_zh="工商银行 借记卡明细",
        institution="icbc",
        required=("交易日期", "摘要", "交易场所", "钞/汇", "记账金额(收入)", "记账金额(支出)", "记账币种"),
        columns={
            **_MONEY,
            "date": "交易日期",
            "kind": "摘要",
            "memo": "交易详情",
            "memo_2": "交易场所",
            "other_name": "对方户名",
            "other": ("对方账户", "对方账号"),
        },
        preamble={"own": preamble.ACCOUNT},
        documentation="The booked amounts are what moved; 交易金额, in the currency of the purchase, is kept in "
        "`extra`. The card above the header is masked: the account is `icbc:` and the number as printed. The older "
        "version has no 交易详情 and no 对方账户. Only days are known.",
    ),
    TableFormat(
        name="icbc_credit",
        title_en="ICBC credit card",
        title_zh="工商银行 信用卡明细",
        institution="icbc",
        account_kind="credit",
        required=("交易日期", "记账日期", "摘要", "交易场所", "记账金额(收入)", "记账金额(支出)", "记账币种"),
        columns={
            **_MONEY,
            "date": "交易日期",
            "kind": "摘要",
            "memo": "交易场所",
            "other_name": "对方户名",
        },
        preamble={"own": preamble.ACCOUNT},
        documentation="As the debit card's. A negative balance is debt.",
    ),
)
