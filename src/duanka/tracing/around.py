"""The network of a lead: other accounts that money, calls, devices or persons tie to it, ranked and explained."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor
from duanka.report.graphs import Graph
from duanka.store.case import Case
from duanka.store.holdings import some_accounts
from duanka.store.seeds import Seed, resolve
from duanka.store.surroundings import accounts_of_rows, ties

KINDS = ("holder", "phone", "device", "address", "opened", "called", "paid", "received", "ip")
"""Kinds of ties, in the order in which they are told."""

REASONS = 4
"""Ties that the words about an account name, the weightiest first, one of a kind; all of them are in `ties`."""


@dataclass(frozen=True, slots=True)
class Around:
    """`leads` (as `some_accounts`), `ranked` and `ties`; see `around`."""

    at: datetime | None
    leads: pl.DataFrame
    ranked: pl.DataFrame
    ties: pl.DataFrame

    def network(self) -> Graph:
        """Leads and their neighbours; an edge for each tie, from the payer where it is money."""
        known = pl.concat([self.leads, self.ranked.select(self.leads.columns)])
        nodes = known.rename({"account_id": "id"}).join(
            self.ranked.select("rank", "score", id="account_id"), on="id", how="left"
        )
        holder = pl.col("holder").fill_null("")
        nodes = nodes.with_columns(
            lead=pl.col("rank").is_null(), label=pl.when(holder != "").then(holder + " " + pl.col("id")).otherwise("id")
        )
        came = pl.col("kind") == "received"
        edges = self.ties.with_columns(
            source=pl.when(came).then("account_id").otherwise("lead"),
            target=pl.when(came).then("lead").otherwise("account_id"),
        ).drop("lead", "account_id")
        return Graph(nodes.sort("id"), edges)


def around(case: Case, start: list[Seed], at: datetime | None = None, *, language: Language = "en") -> Around:
    """Rank the accounts tied to those of the seeds. Of a row both sides are leads, of a report who was paid.

    The weight of a tie is ln(accounts of the case / spread), at least 0, times 1 + ln(times): what few share says more,
    and so does what happens again and again. The score of an account is the sum, over leads and kinds of ties, of the
    heaviest tie of each; it ranks, and is no probability.

    Raises:
        SeedError: a seed is not in the case.
    """
    leads: set[str] = set()
    for seed in start:
        found = resolve(case, seed, language)
        leads.update(accounts_of_rows(case.db, list(found)) if seed.kind == "row" else found)
    size = int(str(case.db.rows("SELECT count(*) FROM accounts")[0][0]))
    rare = (pl.lit(float(max(size, 1))) / pl.col("spread").clip(1)).log().clip(0)
    weight = rare * (1 + pl.col("times").clip(1).log())
    tied = ties(case.db, sorted(leads), at).with_columns(weight=weight)
    each = tied.group_by("account_id", "lead", "kind").agg(pl.col("weight").max())
    scores = each.group_by("account_id").agg(
        score=pl.col("weight").sort().sum(), kinds=pl.col("kind").unique().sort(), leads=pl.col("lead").n_unique()
    )
    known = some_accounts(case.db, scores["account_id"].to_list())
    ranked = scores.join(known, on="account_id", how="left")
    ranked = ranked.with_columns(pl.col("score").round(6), pl.col("leads").cast(pl.Int64))
    ranked = ranked.sort("score", "account_id", descending=[True, False]).with_row_index("rank", 1)
    texts = _texts(tied)
    ranked = ranked.join(texts, on="account_id", how="left", maintain_order="left").select(
        pl.col("rank").cast(pl.Int64), "account_id", "holder", "institution", "kind", "produced", "score", "leads",
        "kinds", "text_zh", "text_en",
    )  # fmt: skip
    return Around(at, some_accounts(case.db, sorted(leads)), ranked, tied)


def _texts(tied: pl.DataFrame) -> pl.DataFrame:
    """`account_id, text_zh, text_en`: the weightiest ties of each account in words."""
    told = tied.sort("weight", "kind", "lead", "thing", "currency", descending=[True, False, False, False, False])
    once = told.unique(["account_id", "lead", "kind", "currency"], keep="first", maintain_order=True)
    kept = once.group_by("account_id", maintain_order=True).head(REASONS)
    words: dict[str, tuple[list[str], list[str]]] = {}
    for tie in kept.iter_rows(named=True):
        zh, en = words.setdefault(tie["account_id"], ([], []))
        zh.append(_told(tie, "zh"))
        en.append(_told(tie, "en"))
    rows = [(account, "；".join(zh), "; ".join(en)) for account, (zh, en) in words.items()]
    schema = {"account_id": pl.String, "text_zh": pl.String, "text_en": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _told(tie: dict[str, object], language: Language) -> str:
    amount = ""
    if tie["amount"] is not None:
        amount = f"{format_minor(int(str(tie['amount'])), str(tie['currency']))} {tie['currency']}"
    facts = {"lead": tie["lead"], "thing": tie["thing"], "times": f"{tie['times']:,}", "amount": amount,
             "spread": f"{tie['spread']:,}"}  # fmt: skip
    return say(f"around.{tie['kind']}", language, **facts)
