"""PaySim: mobile money, simulated; one file with both balances of both sides."""

import polars as pl

from duanka.sources.spec import TableFormat

FORMATS = (
    TableFormat(
        name="paysim",
        title_en="PaySim mobile money simulation",
        title_zh="PaySim 移动支付模拟数据",
        required=(
            "step", "type", "amount", "nameOrig", ("oldbalanceOrg", "oldbalanceOrig"), "newbalanceOrig", "nameDest",
            "newbalanceDest", "isFraud",
        ),
        columns={
            "time": "step",
            "kind": "type",
            "amount": "amount",
            "payer": "nameOrig",
            "payee": "nameDest",
            "balance_payer": "newbalanceOrig",
            "balance_payee": "newbalanceDest",
        },
        ignored=("oldbalanceOrg", "oldbalanceOrig", "oldbalanceDest"),
        labels={"is_fraud": "isFraud", "is_flagged_fraud": "isFlaggedFraud"},
        book="full",
        ids="printed",
        zone="UTC",
        epoch="2017-01-01",
        step="hour",
        currency="USD",
        status={"*": "success"},
        documentation="One step is one hour. Step 0 is 2017-01-01 00:00 UTC, our choice: the simulation has no date. "
        "The file names no currency; USD stands for its unit. In CASH_IN rows the money goes from nameDest to nameOrig "
        "(the balance of nameOrig rises), in all others from nameOrig to nameDest. Merchants (M…) have no balances: "
        "their zeros are not evidence. The balances before a row follow from those after it and stay in the original. "
        "isFraud and isFlaggedFraud are labels.",
    ),
)  # fmt: skip


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """CASH_IN rows turned round, so that `nameOrig` pays in every row; merchants' zeros blanked. O(rows)."""
    del spec
    turned = pl.col("type").str.strip_chars().str.to_uppercase() == "CASH_IN"
    frame = frame.with_columns(
        pl.when(pl.col(name).str.strip_chars().str.starts_with("M"))
        .then(None)
        .otherwise(pl.col(balance))
        .alias(balance)
        for name, balance in (("nameOrig", "newbalanceOrig"), ("nameDest", "newbalanceDest"))
    )
    return frame.with_columns(
        pl.when(turned).then(pl.col(other)).otherwise(pl.col(one)).alias(one) for one, other in _PAIRS
    )


_PAIRS = (
    ("nameOrig", "nameDest"), ("nameDest", "nameOrig"),
    ("newbalanceOrig", "newbalanceDest"), ("newbalanceDest", "newbalanceOrig"),
)  # fmt: skip
