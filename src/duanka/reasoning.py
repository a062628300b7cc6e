"""Why an account is suspect, in words: its most telling relay, then the signals that support it."""

import numpy as np
import polars as pl

from duanka.derive import Ordered
from duanka.messages.catalogue import say
from duanka.records.money import format_minor
from duanka.scoring.strongest import Strongest

_LANGUAGES = ("zh", "en")
SUPPORTING = 5
"""As many signals are told beside the relay; the table `signals` has all of them."""

REASONS = pl.List(
    pl.Struct({
        "code": pl.String, "strength": pl.Float64, "rows": pl.List(pl.String), "text_zh": pl.String,
        "text_en": pl.String,
    })
)  # fmt: skip


def relay(data: Ordered, shown: Strongest, node: int, currency: str) -> list[dict[str, object]]:
    """The most telling relay of a node (TX01 快进快出), or the most telling row of it where it handed nothing on."""
    receipt, payment, weight, row = shown.of(node)
    ledger = data.ledger
    if receipt < 0:
        code = "touched_paid" if ledger.payer[row] == node else "touched_got"
        rows, values = [row], {"amount": f"{format_minor(int(ledger.amount[row]), currency)} {currency}"}
    else:
        code, rows = "TX01", [receipt, payment]
        values = {
            "received": f"{format_minor(int(ledger.received[receipt]), currency)} {currency}",
            "paid": f"{format_minor(int(ledger.amount[payment]), currency)} {currency}",
            "minutes": f"{(data.moment[payment] - data.moment[receipt]) / 60e6:,.0f}",
            "times": f"{np.exp(min(weight, 20)):,.0f}",
        }
    words = {f"text_{language}": say(f"reason.{code}", language, **values) for language in _LANGUAGES}  # type: ignore[arg-type]
    return [{"code": code, "strength": float(weight), "rows": [data.row_ids[one].as_py() for one in rows]} | words]


def with_signals(reasoned: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """`account_id, reasons` with up to SUPPORTING of the account's strongest signals after its relay.

    They support, and change no score. What the relay tells already, which is TX01, isn't told twice.
    """
    fields = ("code", "strength", "rows", "text_zh", "text_en")
    beside = signals.filter(pl.col("code") != "TX01").sort(
        "account_id", "strength", "code", descending=[False, True, False]
    )
    told = beside.group_by("account_id", maintain_order=True).agg(more=pl.struct(fields).head(SUPPORTING))
    return reasoned.join(told, on="account_id", how="left", maintain_order="left").select(
        "account_id", reasons=pl.concat_list("reasons", pl.col("more").fill_null([]))
    )
