"""SAML-D: simulated payments of a bank with 28 typologies, normal and suspicious."""

from duanka.sources.spec import TableFormat

FORMATS = (
    TableFormat(
        name="saml_d",
        title_en="SAML-D simulation",
        title_zh="SAML-D 模拟数据",
        required=("Time", "Date", "Sender_account", "Receiver_account", "Amount", "Payment_currency", "Payment_type"),
        columns={
            "date": "Date",
            "clock": "Time",
            "payer": "Sender_account",
            "payee": "Receiver_account",
            "amount": "Amount",
            "currency": "Payment_currency",
            "kind": "Payment_type",
        },
        labels={"is_laundering": "Is_laundering", "laundering_type": "Laundering_type"},
        book="full",
        ids="printed",
        zone="UTC",
        midnight_is_day=False,
        currency="GBP",
        status={"*": "success"},
        documentation="One amount per row, in the payment currency; the amount that arrived in another currency is not "
        "given, so it is taken as the same money. The received currency and both bank locations are kept as extra "
        "columns. Times are taken as UTC. Is_laundering and Laundering_type are labels, for normal rows too.",
    ),
)
