"""上海浦东发展银行: 交易明细 of a debit card, an old-style workbook."""

from duanka.sources import preamble
from duanka.sources.spec import TableFormat

FORMATS = (
    TableFormat(
        name="spdb_debit",
        title_en="SPD Bank debit card",
        title_zh="浦发银行 借记卡交易明细",
        institution="spdb",
        required=("交易日期", "交易类型", "存入金额", "取出金额", "余额", "交易对手名称", "交易对手账号"),
        columns={
            "time": "交易日期",
            "kind": "交易类型",
            "amount_in": "存入金额",
            "amount_out": "取出金额",
            "balance": "余额",
            "other_name": "交易对手名称",
            "other": "交易对手账号",
            "memo": "附言",
        },
        ignored=("顺序号",),
        preamble={
            "own": preamble.ACCOUNT,
            "period_from": r"日期范围\s*[:：,]\s*(\d{8})\s*-\s*\d{8}",
            "period_to": r"日期范围\s*[:：,]\s*\d{8}\s*-\s*(\d{8})",
        },
        documentation="The first row names account and period.",
    ),
)
