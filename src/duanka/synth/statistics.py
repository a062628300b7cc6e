"""A made-up world held against what is known of the field: one page, every anchor beside what the rows say."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

import polars as pl

from duanka.messages.catalogue import say

_YUAN = 100
_OTHERS = 20_000
"""About so many accounts stand for all that carry nothing for a ring."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: of accounts that carry money for rings, of all others, and what the field says of both."""

    key: str  # words stand in messages under `statistics.KEY`
    anchor: str
    members: float | None
    others: float | None = None

    @property
    def ratio(self) -> float | None:
        """Members against others; null where one of them is missing or nothing."""
        return self.members / self.others if self.members is not None and self.others else None


def statistics(records: Path, truth: Path) -> list[Line]:
    """Figures of a world from its canonical tables and its truth, part by part. O(rows)."""
    labels = pl.read_csv(truth / "labels.csv", schema_overrides={"account_id": pl.String})
    members = labels.filter(pl.col("label") == 1).select("account_id").unique()
    looked_at = pl.concat([members, _sample(labels.join(members, on="account_id", how="anti"))])
    sides, own = [], []
    for part in sorted((records / "transactions").iterdir()):
        rows = pl.read_parquet(part, columns=["external_id", "time", "payer", "payee", "amount", "status"])
        rows = rows.filter(pl.col("status") == "success").drop("status")
        sides.append(_sides(rows, looked_at))
        own.append(pl.read_parquet(truth / "transactions" / part.name).join(rows, on="external_id", how="inner"))
    accounts = _per_account(pl.concat(sides))
    of_rings, rest = (accounts.join(members, on="account_id", how=how) for how in ("semi", "anti"))
    share = 100 * members.height / labels["account_id"].n_unique()
    return [
        *_class_statistics(of_rings, rest),
        Line("base_rate", "0.05–0.3 % (assumption); 1.1 % (RBIH)", share),
        *_ring_statistics(pl.concat(own), pl.read_parquet(truth / "members.parquet"), records),
    ]


def _sample(others: pl.DataFrame) -> pl.DataFrame:
    """Every n-th of the accounts that carry nothing for a ring, so that memory stays bounded at any scale."""
    return others.select("account_id").gather_every(max(1, others.height // _OTHERS))


def _sides(rows: pl.DataFrame, looked_at: pl.DataFrame) -> pl.DataFrame:
    """Each payment once for either account that is looked at."""
    hour = pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.hour()
    return pl.concat(
        rows.select(
            account_id=own,
            other=other,
            amount="amount",
            night=(hour >= 23) | (hour < 6),
            received=pl.lit(own == "payee"),
        ).join(looked_at, on="account_id", how="semi")
        for own, other in (("payer", "payee"), ("payee", "payer"))
    )


def _per_account(sides: pl.DataFrame) -> pl.DataFrame:
    """What the class statistics of domain.md §2 need, of every account with payments on both sides."""
    into, near = pl.col("received"), pl.col("amount").is_between(45_000 * _YUAN, 50_000 * _YUAN, closed="left")
    return (
        sides.group_by("account_id")
        .agg(
            volume=pl.col("amount").sum(), ins=into.sum(), outs=(~into).sum(), partners=pl.col("other").n_unique(),
            payers=pl.col("other").filter(into).n_unique(), payees=pl.col("other").filter(~into).n_unique(),
            near=near.mean(), round=(pl.col("amount") % (1_000 * _YUAN) == 0).mean(), night=pl.col("night").mean(),
        )
        .filter((pl.col("ins") > 0) & (pl.col("outs") > 0)).sort("account_id")
    )  # fmt: skip


def _class_statistics(own: pl.DataFrame, rest: pl.DataFrame) -> list[Line]:
    def median(name: str, scale: float = 1) -> tuple[float | None, float | None]:
        return tuple(_number(frame[name].median(), scale) for frame in (own, rest))  # type: ignore[return-value]  # two

    def mean(name: str, scale: float = 100) -> tuple[float | None, float | None]:
        return tuple(_number(frame[name].mean(), scale) for frame in (own, rest))  # type: ignore[return-value]  # two

    return [
        Line("volume", "RBIH: × 6.3", *median("volume", 1 / _YUAN)),
        Line("partners", "RBIH: 30.5 / 10, × 3.05", *median("partners")),
        Line("payers", "RBIH: 20 / 8, × 2.5", *median("payers")),
        Line("payees", "RBIH: 21 / 8, × 2.5", *median("payees")),
        Line("near_limit", "RBIH: 2.609 / 0.721 %, × 3.6", *mean("near")),
        Line("round", "RBIH: 8.95 / 8.79 %, × 1.0", *mean("round")),
        Line("night", "RBIH: 9.1 / 9.3 %, × 1.0", *mean("night")),
    ]


def _ring_statistics(own: pl.DataFrame, members: pl.DataFrame, records: Path) -> list[Line]:
    deposits = own.filter(pl.col("part") == "deposit")
    cards = members.filter(pl.col("role").is_in(["collection", "transit", "payout"])).select("account_id").unique()
    into = own.filter(~pl.col("part").is_in(["margin", "cover", "commission"])).join(
        cards, left_on="payee", right_on="account_id", how="semi"
    )
    turnover = into.group_by("payee").agg(pl.col("amount").sum())["amount"]
    busy = deposits.group_by("payee", pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.date()).len()["len"]
    reports = records / "reports.parquet"
    told = int(pl.read_parquet(reports)["amount"].sum()) if reports.exists() else 0
    return [
        Line("deposit_mean", "2,700 (咸宁 2025)", _number(deposits["amount"].mean(), 1 / _YUAN)),
        Line("turnover_median", "0.5 M (李某俊 2025)", _number(turnover.median(), 1 / _YUAN)),
        Line("turnover_most", "> 40 M (§0)", _number(turnover.max(), 1 / _YUAN)),
        Line("receipts_a_day", "30–300 gambling, 1–10 fraud", _number(busy.median(), 1)),
        Line("forward_minutes", "4 (assumption)", _forwarding(own)),
        Line("reported", "0.3–4 % gambling, 30–90 % fraud", 100 * told / max(1, int(deposits["amount"].sum() or 0))),
    ]


def _forwarding(own: pl.DataFrame) -> float | None:
    """Median minutes from a receipt of ring money to the account's next payment of it in the same ring."""
    paid = own.filter(pl.col("part").is_in(["forward", "cash_out", "settlement"]))
    paid = paid.select("ring_id", "time", account=pl.col("payer"), left=pl.col("time")).sort("time")
    got = own.select("ring_id", "time", account=pl.col("payee")).drop_nulls().sort("time")
    waits = got.join_asof(
        paid, on="time", by=["ring_id", "account"], strategy="forward", check_sortedness=False
    ).drop_nulls("left")
    return _number((waits["left"] - waits["time"]).dt.total_seconds().median(), 1 / 60)


def _number(value: object, scale: float) -> float | None:
    return None if value is None else float(str(value)) * scale


def page(lines: list[Line], title: str, warning: str) -> str:
    """The figures as one self-contained HTML page, Chinese beside English."""
    head = "".join(
        f"<th>{escape(both(f'statistics.{word}'))}</th>" for word in ("figure", "anchor", "members", "others", "ratio")
    )
    body = "".join(
        f"<tr><td>{escape(both(f'statistics.{line.key}'))}</td><td>{escape(line.anchor)}</td>"
        f"<td>{_shown(line.members)}</td><td>{_shown(line.others)}</td><td>{_shown(line.ratio)}</td></tr>"
        for line in lines
    )
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{escape(title)}</title><style>{_CSS}</style>'
        f"<h1>{escape(title)}</h1><p>{escape(warning)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>\n"
    )


_CSS = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.35rem .6rem;text-align:left}"
    "td:nth-child(n+3),th:nth-child(n+3){text-align:right;font-variant-numeric:tabular-nums}"
    "@media (prefers-color-scheme:dark){body{background:#15181c;color:#ddd}td,th{border-color:#444}}"
)


def both(key: str) -> str:
    """Words in both languages."""
    return f"{say(key, 'zh')} · {say(key, 'en')}"


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
