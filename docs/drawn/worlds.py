"""Small worlds with one ring each, and the ring's payments with who paid whom in which role."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from duanka.synth.call_records import CallRecords
from duanka.synth.canonical import Tables
from duanka.synth.generate import Booked, generate
from duanka.synth.parameters import settings
from duanka.synth.rings.ring import Ring
from duanka.synth.scales import scale_named
from duanka.synth.truth import Truth

SCALE, SEED = "demo", 1
PLAIN = ("rings.adaptive=0",)
LARGER = {
    "corporate": ("corporate.shells=80", "corporate.holders=160", "corporate.volume=200", "corporate.clients=180"),
    "mirror": ("mirror.orders=2600", "mirror.customers=1700", "mirror.holders=150"),
}
"""Rings of these kinds are too small at this scale to show how they work."""

Node = tuple[str, int]
"""Role and tier."""
OUTSIDE: Node = ("outside", -1)
NOTES: Node = ("notes", -1)
_NONE = np.empty(0, dtype=np.int64)
_CARRIED = ("deposit", "payout", "forward", "settlement", "cash_out", "taint")


@dataclass(frozen=True, slots=True)
class Found:
    """One ring as its truth tells it. Amounts are 分.

    `rows`: payments that happened, by time, with `part`, `source` and `target` (role and tier of either side).
    """

    kind: str
    command: str
    ring: Ring
    rows: pl.DataFrame
    refused: int
    members: pl.DataFrame
    points: pl.DataFrame
    users: pl.DataFrame
    numbers: list[str]  # phone numbers from which the ring calls
    start: int  # day since 1970
    days: int

    @property
    def carried(self) -> pl.DataFrame:
        """Payments that move the money itself, not pay, prices, margins and probes."""
        return self.rows.filter(pl.col("part").is_in(_CARRIED))


def options(kind: str) -> tuple[str, ...]:
    """What is set otherwise than by default for a kind's picture, as `--set` takes it."""
    return PLAIN + LARGER.get(kind, ())


def find(kind: str) -> tuple[Found, CallRecords]:
    """Make the world of one kind's picture and look into its truth. O(payments of the world)."""
    scale = scale_named(SCALE)
    history = generate(scale, SEED, settings(options(kind)), {kind: 1})
    tables = Tables(history)
    truth = Truth(tables)
    rows = pl.concat([_of_ring(tables, truth, booked) for booked in history.slices()]).sort("time", maintain_order=True)
    ring, members = history.rings[0], truth.members()
    seized = truth.platform(ring)
    told = " ".join(f"--set {pair}" for pair in options(kind))
    found = Found(
        kind=kind,
        command=f"duanka synth {SCALE} --seed {SEED} --ring {kind}:1 {told}",
        ring=ring,
        rows=_with_roles(rows.filter(status="success"), members),
        refused=rows.filter(pl.col("status") != "success").height,
        members=members,
        points=seized.get("points", pl.DataFrame()),
        users=seized.get("users", pl.DataFrame()),
        numbers=tables.phones(np.unique(np.concatenate([_NONE, *ring.calls.sim]))).to_list(),
        start=scale.first_day,
        days=scale.days,
    )
    return found, CallRecords(tables)


def _of_ring(tables: Tables, truth: Truth, booked: Booked) -> pl.DataFrame:
    columns = ("external_id", "time", "payer", "payee", "amount", "status")
    return tables.transactions(booked).select(columns).join(truth.transactions(booked), on="external_id")


def _with_roles(rows: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Payments with the role of either side, as the part has it.

    Who pays in does it as tier 0 even if he works for the ring too, and so does who wins; who gave goods or tokens in
    good faith is paid as such; all else is work.
    """
    outer = pl.col("tier") == 0
    lowest = pl.col("tier").replace(-1, 99)
    ranked = {
        "front": members.sort(~outer, lowest, maintain_order=True),
        "faith": members.sort(pl.col("role") != "good_faith", lowest, maintain_order=True),
        "work": members.filter(~outer).sort(lowest, maintain_order=True),
    }
    named = {name: _first(frame, name) for name, frame in ranked.items()}
    for side in ("payer", "payee"):
        for name, frame in named.items():
            rows = rows.join(frame.rename({name: f"{side}_{name}"}), left_on=side, right_on="account_id", how="left")
    gives = pl.when(pl.col("part") == "deposit").then("payer_front").otherwise("payer_work")
    taken = pl.when(pl.col("part") == "payout").then("payee_front")
    takes = taken.when(pl.col("part") == "taint").then("payee_faith").otherwise("payee_work")
    notes = pl.col("payee").is_null()
    return rows.with_columns(
        source=gives.fill_null(_key(OUTSIDE)),
        target=pl.when(notes).then(pl.lit(_key(NOTES))).otherwise(takes.fill_null(_key(OUTSIDE))),
    ).drop(f"{side}_{name}" for side in ("payer", "payee") for name in named)


def _first(members: pl.DataFrame, name: str) -> pl.DataFrame:
    one = members.unique("account_id", keep="first", maintain_order=True)
    return one.select("account_id", pl.format("{} {}", "role", "tier").alias(name))


def _key(node: Node) -> str:
    return f"{node[0]} {node[1]}"


def node_of(key: str) -> Node:
    """Role and tier from a key in `source` or `target`."""
    role, _, tier = key.partition(" ")
    return role, int(tier)


def waits(found: Found) -> dict[Node, tuple[float, float, float]]:
    """Of each tier from 1 on: 10 %, half and 90 % of its payments leave within so many seconds of a receipt."""
    carried = found.carried.with_columns(second=pl.col("time").dt.epoch("s"))
    receipts = carried.select("second", account="payee", got="second").drop_nulls().sort("second")
    sent = carried.select("second", "source", account="payer").sort("second")
    paired = sent.join_asof(receipts, on="second", by="account", check_sortedness=False).drop_nulls("got")
    gaps = paired.with_columns(gap=pl.col("second") - pl.col("got"))
    made: dict[Node, tuple[float, float, float]] = {}
    for (key,), group in gaps.group_by("source", maintain_order=True):
        if node_of(str(key))[1] > 0:
            low, middle, high = np.quantile(group["gap"].to_numpy(), (0.1, 0.5, 0.9)).tolist()
            made[node_of(str(key))] = (low, middle, high)
    return made
