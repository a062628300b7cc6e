"""A made-up world held against what is known of the field: one page, every anchor beside what the rows say."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import polars as pl

from duanka.flow.clearing import DONE
from duanka.messages.catalogue import say
from duanka.synth.chance import Array
from duanka.synth.generate import Booked
from duanka.synth.movements import NOT_OF_A_RING
from duanka.synth.rings.ring import Ring
from duanka.synth.truth import Truth
from duanka.synth.words import P
from duanka.synth.world import BEIJING

_YUAN = 100
_ENOUGH = 20_000
"""About so many accounts stand for all that carry money for a ring, and as many for all that carry none."""
_CARDS = frozenset({"collection", "transit", "payout"})
"""Roles of the accounts through which a ring's money goes."""


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


class Figures:
    """Gathers what the page needs while a world is made, slice by slice; payments that failed are left out."""

    def __init__(self, truth: Truth, accounts: int, rings: Sequence[Ring]) -> None:
        """`accounts` is how many accounts there are."""
        labels = truth.labelled()
        self._rings = rings
        self._member = np.zeros(accounts, dtype=np.bool_)
        self._member[labels.account[labels.label == 1]] = True
        self._share = 100 * float(self._member.mean())
        self._looked_at = np.zeros(accounts, dtype=np.bool_)
        others = labels.account[~self._member[labels.account]]
        for group in (np.flatnonzero(self._member), others):
            self._looked_at[_sample(group)] = True
        self._sides: list[pl.DataFrame] = []
        self._own: list[pl.DataFrame] = []

    def add(self, booked: Booked) -> None:
        """Look at a slice; slices must come in order. O(rows)."""
        made, done = booked.movements, booked.state == DONE
        for own, other in ((made.payer, made.payee), (made.payee, made.payer)):
            chosen = np.flatnonzero(done & (own >= 0) & self._looked_at[own])
            hour = (made.time[chosen] + BEIJING) % 86_400 // 3_600
            self._sides.append(pl.DataFrame({
                "account": own[chosen], "other": other[chosen], "amount": made.amount[chosen],
                "night": (hour >= 23) | (hour < 6), "received": np.full(len(chosen), own is made.payee),
            }))  # fmt: skip
        chosen = np.flatnonzero(done & (made.ring != NOT_OF_A_RING))
        self._own.append(pl.DataFrame({
            name: getattr(made, name)[chosen] for name in ("ring", "part", "time", "payer", "payee", "amount")
        }))  # fmt: skip

    def lines(self) -> list[Line]:
        """All figures; what was gathered is gone afterwards. O(rows gathered)."""
        accounts = _per_account(pl.concat(self._sides))
        self._sides = []
        member = pl.Series(self._member[accounts["account"].to_numpy()])
        own, self._own = pl.concat(self._own), []
        return [
            *_class_statistics(accounts.filter(member), accounts.filter(~member)),
            Line("base_rate", "0.05–0.3 % (assumption); 1.1 % (RBIH)", self._share),
            *_ring_statistics(own, self._rings),
        ]


def _sample(accounts: Array) -> Array:
    """Every n-th of these accounts, so that memory stays bounded at any scale."""
    return accounts[:: max(1, len(accounts) // _ENOUGH)]


def _per_account(sides: pl.DataFrame) -> pl.DataFrame:
    """What the class statistics of domain.md §2 need, of every account with payments on both sides."""
    into, near = pl.col("received"), pl.col("amount").is_between(45_000 * _YUAN, 50_000 * _YUAN, closed="left")
    return (
        sides.group_by("account")
        .agg(
            volume=pl.col("amount").sum(), ins=into.sum(), outs=(~into).sum(), partners=pl.col("other").n_unique(),
            payers=pl.col("other").filter(into).n_unique(), payees=pl.col("other").filter(~into).n_unique(),
            near=near.mean(), round=(pl.col("amount") % (1_000 * _YUAN) == 0).mean(), night=pl.col("night").mean(),
        )
        .filter((pl.col("ins") > 0) & (pl.col("outs") > 0)).sort("account")
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


def _ring_statistics(own: pl.DataFrame, rings: Sequence[Ring]) -> list[Line]:
    deposits = own.filter(pl.col("part") == P["deposit"])
    cards = {m.account for ring in rings for m in ring.members if m.role in _CARDS}
    of_cards = pl.DataFrame({"payee": np.array(sorted(cards), dtype=np.int32)})
    into = own.filter(~_is_one_of("margin", "cover", "commission")).join(of_cards, on="payee", how="semi")
    turnover = into.group_by("payee").agg(pl.col("amount").sum())["amount"]
    busy = deposits.group_by("payee", (pl.col("time") + BEIJING) // 86_400).len()["len"]
    told = sum(report.amount for ring in rings for report in ring.reports)
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
    paid = own.filter(_is_one_of("forward", "cash_out", "settlement"))
    paid = paid.select("ring", "time", account=pl.col("payer"), left=pl.col("time"))
    got = own.filter(pl.col("payee") >= 0).select("ring", "time", account=pl.col("payee"))
    waits = got.join_asof(
        paid, on="time", by=["ring", "account"], strategy="forward", check_sortedness=False
    ).drop_nulls("left")  # fmt: skip
    return _number((waits["left"] - waits["time"]).median(), 1 / 60)


def _is_one_of(*parts: str) -> pl.Expr:
    return pl.col("part").is_in([P[part] for part in parts])


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
