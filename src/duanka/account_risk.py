"""The table `account_risk`: every account with its score and, in words, the reasons."""

import polars as pl

from duanka.derive import Ordered
from duanka.judging import Judged
from duanka.reasoning import REASONS, relay, with_signals
from duanka.rings.network import WEAK
from duanka.scoring.accounts import Evidence, score
from duanka.scoring.strongest import Strongest
from duanka.store.case import Case

LIKELY = 0.1
"""Probability from which a model's reasons are told, also of an account without a relay (assumption)."""


def account_risk(
    case: Case, data: Ordered, found: Evidence, shown: Strongest, signals: pl.DataFrame, judged: Judged | None
) -> pl.DataFrame:
    """Every account of the case with the evidence of its most telling node; or, with a model, its probability.

    Reasons are the model's, the relay, then the signals that support.
    """
    accounts = pl.from_arrow(data.nodes).select("account_id", "currency", node=pl.int_range(pl.len()))  # type: ignore[union-attr]
    nodes = accounts.with_columns(evidence=pl.Series(found.node)).sort("evidence", "node", descending=[True, False])
    best = nodes.unique("account_id", keep="first", maintain_order=True)
    telling = best.filter(pl.col("evidence") >= WEAK)
    reasons = [relay(data, shown, node, currency) for node, currency in telling.select("node", "currency").rows()]
    reasoned = telling.select("account_id").with_columns(reasons=pl.Series(reasons, dtype=REASONS))
    reasoned = with_signals(reasoned, signals)
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
    learnt = told.select("account_id").with_columns(learnt=pl.Series(reasons, dtype=REASONS))
    table = table.join(learnt, on="account_id", how="left")
    both = pl.concat_list(pl.col("learnt").fill_null([]), "reasons")
    return table.with_columns(reasons=both, order=pl.col("score"))
