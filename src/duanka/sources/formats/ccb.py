"""中国建设银行: 账户明细 of a debit account, as text or workbook."""

from duanka.sources import preamble
from duanka.sources.spec import TableFormat

FORMATS = (
    TableFormat(
        name="ccb_debit",
        title_en="CCB debit account",
        title_zh="建设银行 活期账户明细",
        institution="ccb",
        required=("记账日", "交易日期", "交易时间", "支出", "收入", "账户余额", "摘要"),
        columns={
            "date": "交易日期",
            "clock": "交易时间",
            "amount_in": "收入",
            "amount_out": "支出",
            "balance": "账户余额",
            "currency": "币种",
            "kind": "摘要",
            "other": "对方账号",
            "other_name": "对方户名",
            "memo": "交易地点",
        },
        preamble={"own": preamble.ACCOUNT, "own_name": preamble.HOLDER},
        documentation="The account above the header is used where it is printed in full; of `********9876` nothing "
        "is known but the tail, so the statement is the user's to name. 记账日 stays in `extra`.",
    ),
)
