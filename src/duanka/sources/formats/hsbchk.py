"""HSBC Hong Kong: account and credit card."""

import polars as pl

from duanka.sources.adapting import cell
from duanka.sources.spec import Direction, TableFormat

_TRANSFER = r"\b(?:FROM|TO)\s+(\d{2,3}-\d{6}-\d{1,3})\b\s*(.*)$"

FORMATS = (
    TableFormat(
        name="hsbchk_debit",
        title_en="HSBC Hong Kong account",
        title_zh="香港汇丰 账户",
        institution="hsbchk",
        zone="Asia/Hong_Kong",
        currency="HKD",
        time_format=("%d/%m/%Y",),
        required=("Date", "Description", "Billing amount", "Billing currency", "Balance", "Balance currency"),
        columns={
            "date": "Date",
            "amount": "Billing amount",
            "currency": "Billing currency",
            "balance": "Balance",
            "memo": "Description",
            "other": "@other",
            "other_name": "@other_name",
        },
        ignored=("Balance currency",),
        direction=Direction(sign="positive_in"),
        documentation="Each currency is a ledger of its own. An account number after FROM or TO in the description "
        "is the counterparty's: `hsbchk:12-345678-9`. Only days are known.",
    ),
    TableFormat(
        name="hsbchk_credit",
        title_en="HSBC Hong Kong credit card",
        title_zh="香港汇丰 信用卡",
        institution="hsbchk",
        account_kind="credit",
        zone="Asia/Hong_Kong",
        currency="HKD",
        time_format=("%d/%m/%Y",),
        required=("Transaction date", "Post date", "Description", "Billing amount", "Billing currency"),
        columns={
            "date": "Transaction date",
            "amount": "Billing amount",
            "currency": "Billing currency",
            "memo": "Description",
            "status": "Transaction status",
            "other_name": "Merchant name",
        },
        ignored=("Credit / Debit",),
        direction=Direction(sign="positive_in"),
        status={"POSTED": "success", "PENDING": "pending", "DECLINED": "failed"},
        documentation="Negative amounts are purchases; the sign says what Credit / Debit says. Post date and the "
        "merchant's place stay in `extra`.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Reads the counterparty of a transfer off the description."""
    if spec.name != "hsbchk_debit":
        return frame
    text = cell(frame, "Description")
    name = text.str.extract(_TRANSFER, 2).str.strip_chars()
    return frame.with_columns(
        (pl.lit("hsbchk:") + text.str.extract(_TRANSFER, 1)).alias("@other"),
        pl.when(name.str.contains(r"\p{L}")).then(name).alias("@other_name"),
    )
