"""广发银行: the credit card bill."""

from duanka.sources.spec import Direction, TableFormat

FORMATS = (
    TableFormat(
        name="cgb_credit",
        title_en="China Guangfa Bank credit card bill",
        title_zh="广发银行 信用卡账单",
        institution="cgb",
        account_kind="credit",
        required=("交易日期", "入账日期", "交易摘要", "交易金额", "交易货币", "入账金额", "入账货币"),
        columns={"date": "交易日期", "amount": "入账金额", "currency": "入账货币", "memo": "交易摘要"},
        direction=Direction(sign="positive_out"),
        documentation="Positive amounts are purchases. The booked amount is what moved; that of the purchase stays "
        "in `extra`.",
    ),
)
