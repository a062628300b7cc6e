"""中信银行: the credit card bill, an old-style workbook with one table per currency."""

from duanka.sources.spec import Direction, TableFormat

FORMATS = (
    TableFormat(
        name="citic_credit",
        title_en="China CITIC Bank credit card bill",
        title_zh="中信银行 信用卡账单明细",
        institution="citic",
        account_kind="credit",
        required=("交易日期", "入账日期", "交易描述", "卡末四位", "交易币种", "结算币种", "交易金额", "结算金额"),
        columns={"date": "交易日期", "amount": "结算金额", "currency": "结算币种", "memo": "交易描述"},
        direction=Direction(sign="positive_out"),
        documentation="Positive amounts are purchases. The settled amount is what moved; that of the purchase stays "
        "in `extra`.",
    ),
)
