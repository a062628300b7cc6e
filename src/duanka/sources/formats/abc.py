"""中国农业银行: 账户活期交易明细 of a debit card."""

import polars as pl

from duanka.sources import preamble
from duanka.sources.adapting import cell
from duanka.sources.spec import Direction, TableFormat

_NUMBER = r"^[0-9*]{6,}$"

FORMATS = (
    TableFormat(
        name="abc_debit",
        title_en="Agricultural Bank of China debit card",
        title_zh="农业银行 活期交易明细",
        institution="abc",
        required=("交易日期", "交易时间", "交易摘要", "交易金额", "本次余额", "对手信息", "日志号"),
        columns={
            "date": "交易日期",
            "clock": "交易时间",
            "kind": "交易摘要",
            "amount": "交易金额",
            "balance": "本次余额",
            "other": "@other",
            "other_name": "@other_name",
            "serial": "@serial",
            "channel": "交易渠道",
            "memo": "交易附言",
        },
        ignored=("对手信息", "日志号"),
        direction=Direction(sign="positive_in"),
        preamble={"own": preamble.ACCOUNT, "own_name": preamble.HOLDER},
        documentation="对手信息 is a number or a name. Rows may end early. A blank 交易时间 leaves the day; a "
        "日志号 of zeros is no serial.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Tells numbers from names in 对手信息; drops serials of zeros."""
    del spec
    party, serial = cell(frame, "对手信息"), cell(frame, "日志号")
    number = party.str.contains(_NUMBER)
    return frame.with_columns(
        pl.when(number).then(party).alias("@other"),
        pl.when(~number & ~party.str.contains(r"^-+$")).then(party).alias("@other_name"),
        pl.when(~serial.str.contains(r"^0*$")).then(serial).alias("@serial"),
    )
