"""The table `account_risk`: every account with its score and, in words, why: its relays, then what supports them."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from duanka.derive import Ordered
from duanka.flow.ledger import NOBODY
from duanka.judging import Judged
from duanka.messages.catalogue import languages, say
from duanka.records.money import format_minor
from duanka.rings.network import WEAK, WORKER
from duanka.rings.paymasters import HOLDER, OUTLET, PAYMASTER, STUDIO
from duanka.rings.standing import REPORTED, Standing
from duanka.scoring.accounts import score
from duanka.scoring.strongest import Strongest
from duanka.store.case import Case

LIKELY = 0.1
"""Probability from which a model's reasons are told, also of an account without a relay (assumption)."""

SUPPORTING = 5
"""As many signals are told beside the relay; the table `signals` has all of them."""

_STANDS = {
    WORKER: "ring_works", PAYMASTER: "ring_pays", STUDIO: "ring_studio", HOLDER: "ring_paid", OUTLET: "ring_outlet",
    REPORTED: "reported",
}  # fmt: skip

_REASON = pl.Struct({
    "code": pl.String, "strength": pl.Float64, "rows": pl.List(pl.String), "text_zh": pl.String, "text_en": pl.String,
})  # fmt: skip
_REASONS = pl.List(_REASON)


def account_risk(
    case: Case,
    data: Ordered,
    shown: Strongest,
    stands: Standing,
    supporting: Sequence[pl.DataFrame],
    judged: Judged | None,
) -> pl.DataFrame:
    """Every account of the case, once, with the evidence of its most telling node; or, with a model, its probability.

    The evidence is that of its payments and of its standing in a ring, added. Reasons are the model's, the relay of
    each currency that tells and its standing, strongest first, then what supports: of each of the frames, which are as
    the table `signals`, the account's strongest.
    """
    accounts = pl.from_arrow(data.nodes).select("account_id", "currency", node=pl.int_range(pl.len()))  # type: ignore[union-attr]
    alone, both = shown.evidence.node, stands.added(shown.evidence)
    nodes = accounts.with_columns(alone=pl.Series(alone), evidence=pl.Series(both))
    nodes = nodes.sort("evidence", "node", descending=[True, False])
    best = nodes.unique("account_id", keep="first", maintain_order=True)
    place = np.full(len(both), NOBODY, np.int64)
    place[stands.node] = np.arange(len(stands.node))
    telling = nodes.filter((pl.col("alone") >= WEAK) | pl.Series(place != NOBODY)[nodes["node"]])
    told = []
    for account, node, currency, evidence in telling.select("account_id", "node", "currency", "alone").rows():
        if evidence >= WEAK:
            told.append((account, _relay(data, shown, node, currency)))
        if place[node] != NOBODY:
            told.append((account, _standing(data, stands, int(place[node]))))
    frame = pl.DataFrame(told, schema={"account_id": pl.String, "reasons": _REASON}, orient="row")
    reasoned = frame.group_by("account_id", maintain_order=True).agg("reasons")
    for signals in supporting:
        reasoned = _with_signals(reasoned, signals)
    every = pl.from_arrow(case.db.arrow("SELECT account_id FROM accounts"))
    table = (
        every.join(best.select("account_id", "evidence"), on="account_id", how="left")  # type: ignore[union-attr]
        .join(reasoned, on="account_id", how="left")
        .with_columns(pl.col("evidence").fill_null(0.0), pl.col("reasons").fill_null([]))
    )
    table = _scored(table, judged).sort("order", "evidence", "account_id", descending=[True, True, False])
    return table.select("account_id", "score", "reasons", rank=pl.int_range(1, pl.len() + 1)).select(
        "account_id", "score", "rank", "reasons"
    )


def _scored(table: pl.DataFrame, judged: Judged | None) -> pl.DataFrame:
    """Add `score`, and `order`, by which accounts are ranked."""
    if judged is None:
        return table.with_columns(score=pl.Series(score(table["evidence"].to_numpy())), order=pl.col("evidence"))
    table = table.join(judged.accounts, on="account_id", how="left")
    table = table.with_columns(score=pl.col("probability").fill_null(0.0))
    told = table.filter(
        pl.col("node").is_not_null() & ((pl.col("score") >= LIKELY) | (pl.col("reasons").list.len() > 0))
    )
    reasons = [[one] for one in judged.reasons(told["node"].to_numpy())]
    learnt = told.select("account_id").with_columns(learnt=pl.Series(reasons, dtype=_REASONS))
    table = table.join(learnt, on="account_id", how="left")
    both = pl.concat_list(pl.col("learnt").fill_null([]), "reasons")
    return table.with_columns(reasons=both, order=pl.col("score"))


def _relay(data: Ordered, shown: Strongest, node: int, currency: str) -> dict[str, object]:
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
    words = {f"text_{language}": say(f"reason.{code}", language, **values) for language in languages}
    return {"code": code, "strength": float(weight), "rows": [data.row_ids[one].as_py() for one in rows]} | words


def _standing(data: Ordered, stands: Standing, place: int) -> dict[str, object]:
    """That an account works in a ring, pays the holders of its cards, is paid for one, or that its holder reported."""
    code = _STANDS[int(stands.part[place])]
    count = f"{int(stands.others[place]):,}"
    words = {f"text_{language}": say(f"reason.{code}", language, count=count) for language in languages}
    rows = [data.row_ids[one].as_py() for one in stands.rows(place)]
    return {"code": code, "strength": float(stands.evidence[place]), "rows": rows} | words


def _with_signals(reasoned: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
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
