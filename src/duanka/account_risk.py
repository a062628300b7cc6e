"""The table `account_risk`: every account with its score and, in words, why: its relays, then what supports them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from duanka.derive import Ordered
from duanka.flow.ledger import NOBODY, Float32, Int64
from duanka.judging import Judged
from duanka.messages.catalogue import languages, say_each
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
    told = [*_relays(data, shown, telling), *_standings(data, stands, telling, place[telling["node"].to_numpy()])]
    reason = pl.struct(field.name for field in _REASON.fields)
    reasoned = pl.concat(told).sort("order").group_by("account_id", maintain_order=True).agg(reasons=reason)
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


def _relays(data: Ordered, shown: Strongest, telling: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Of each node of WEAK evidence its most telling relay (TX01 快进快出).

    Or its most telling row, where it handed nothing on in that.
    """
    at = np.flatnonzero(telling["alone"].to_numpy() >= WEAK)
    node, currency = telling["node"].to_numpy()[at], telling["currency"].to_numpy()[at]
    receipt, payment, weight, row = shown.of(node)
    ledger = data.ledger
    relay = np.flatnonzero(receipt != NOBODY)
    got, paid = receipt[relay], payment[relay]
    values: dict[str, list[str]] = {
        "received": _printed(ledger.received[got], currency[relay]),
        "paid": _printed(ledger.amount[paid], currency[relay]),
        "minutes": [f"{one:,.0f}" for one in ((data.moment[paid] - data.moment[got]) / 60e6).tolist()],
        "times": [f"{one:,.0f}" for one in np.exp(np.minimum(weight[relay].astype(np.float64), 20)).tolist()],
    }
    rows = _listed(data, np.stack([got, paid], axis=1).ravel(), np.full(len(relay), 2))
    yield _told("TX01", telling, at[relay], weight[relay], rows, values)
    pays = (receipt == NOBODY) & (ledger.payer[row] == node)
    for code, which in (("touched_paid", pays), ("touched_got", (receipt == NOBODY) & ~pays)):
        here = np.flatnonzero(which)
        rows = _listed(data, row[here], np.ones(len(here), np.int64))
        values = {"amount": _printed(ledger.amount[row[here]], currency[here])}
        yield _told(code, telling, at[here], weight[here], rows, values)


def _standings(data: Ordered, stands: Standing, telling: pl.DataFrame, place: Int64) -> Iterator[pl.DataFrame]:
    """Who works in a ring, pays the holders of its cards or is paid for one; whose holder reported. By `place`."""
    part = np.where(place == NOBODY, NOBODY, stands.part[place]) if len(stands.part) else place
    for kind, code in _STANDS.items():
        at = np.flatnonzero(part == kind)
        here = place[at]
        begin, end = np.searchsorted(stands.of, here), np.searchsorted(stands.of, here, side="right")
        count = end - begin
        behind = np.arange(count.sum()) + np.repeat(begin - (np.cumsum(count) - count), count)
        values = {"count": [f"{one:,}" for one in stands.others[here].tolist()]}
        rows = _listed(data, stands.row[behind], count)
        yield _told(code, telling, at, stands.evidence[here], rows, values, second=True)


def _told(
    code: str,
    telling: pl.DataFrame,
    at: Int64,
    strength: Float32,
    rows: pl.Series,
    values: Mapping[str, list[str]],
    *,
    second: bool = False,
) -> pl.DataFrame:
    """`order, account_id` and the fields of a reason. `at` are places in `telling`; of one, `second` comes second."""
    words = {
        f"text_{one}": pl.Series(say_each(f"reason.{code}", one, len(at), values), dtype=pl.String) for one in languages
    }
    return pl.DataFrame({
        "order": 2 * at + second, "account_id": telling["account_id"][at], "code": pl.repeat(code, len(at), eager=True),
        "strength": strength.astype(np.float64), "rows": rows, **words,
    })  # fmt: skip


def _printed(amount: Int64, currency: np.ndarray) -> list[str]:
    return [
        f"{format_minor(one, money)} {money}" for one, money in zip(amount.tolist(), currency.tolist(), strict=True)
    ]


def _listed(data: Ordered, row: Int64, count: Int64) -> pl.Series:
    """The ids of rows, as lists of as many each as `count` says."""
    names = data.row_ids.take(pa.array(row))
    lists = pa.LargeListArray.from_arrays(np.concatenate([[0], np.cumsum(count)]), names)
    return pl.Series(lists, dtype=pl.List(pl.String))


def _with_signals(reasoned: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """`account_id, reasons` with up to SUPPORTING of the account's strongest signals after its relay.

    They support, and change no score. What the relay tells already, which is TX01, isn't told twice.
    """
    fields = ("code", "strength", "rows", "text_zh", "text_en")
    beside = signals.filter(pl.col("code") != "TX01").join(reasoned, on="account_id", how="semi")
    beside = beside.sort("account_id", "strength", "code", descending=[False, True, False])
    told = beside.group_by("account_id", maintain_order=True).agg(more=pl.struct(fields).head(SUPPORTING))
    return reasoned.join(told, on="account_id", how="left", maintain_order="left").select(
        "account_id", reasons=pl.concat_list("reasons", pl.col("more").fill_null([]))
    )
