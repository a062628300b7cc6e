"""Freeze plans against what practice does, replayed on made-up worlds: what orders would really have kept.

For each world, ring kind and moment, the plan and its rivals see the case as it stood then, and give the same number of
orders, in force after the same delay. Then the rows that really followed are paid again with the orders in force
(`replaying`). Recovered is victims' money kept at accounts of rings; what is kept at innocents' accounts is harm. Truth
is read by the replay alone. A moment is when a victim reported, or half an hour after he paid, had he noticed at once;
the claims are the payments that were known by then and at most a day old. Risk is as of the moment, as a plan has it.

Rivals take accounts that the traced money touched: the riskiest; those with the largest balance; with most traced money
(not in use as far as we know, and the strongest); and first hop only, those that the victims paid. Their orders are by
amount, too: the most traced money that may lie there; at the first hop, what the victims paid there.
"""

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from duanka import detecting
from duanka.derive import Ordered, ordered
from duanka.flow.ledger import Bool, Int64
from duanka.freezing.viewing import innocent
from duanka.store.case import Case
from duanka.store.measures import measures
from duanka.trace.book import Book, book
from duanka.trace.doctrine import Doctrine
from duanka.trace.follow import Limits, down
from duanka.trace.freezing.habits import HOUR, MINUTE
from duanka.trace.freezing.lying import Float, Lying, balance, lying
from duanka.trace.freezing.plan import Known, Measure, Wish, outlook, plan
from duanka.trace.seeds import Seeds, seeds
from replaying import Force, replay

DELAYS = (1, 10, 60)
PRICES = (0.0, 0.25, 1.0)
_SECOND = 10**6


@dataclass(frozen=True, slots=True)
class World:
    """A case and its truth."""

    case: Case
    full: Ordered
    label: Bool  # per node: an account of a ring
    victims: pl.DataFrame  # row, time, reported (µs), kind of the ring


@dataclass(frozen=True, slots=True)
class Scene:
    """The case as it stands at a moment."""

    at: int
    ready: Book
    start: Seeds
    lies: Lying
    balance: Int64  # per node
    known: Known
    risk: Float  # per place


def make(folder: Path, seed: int) -> tuple[Path, Path]:
    """A world `demo` and its case."""
    world, case = folder / f"world{seed}", folder / f"case{seed}"
    for command in (
        ["synth", "demo", "--seed", str(seed), "--out", str(world)],
        ["import", str(world / "records"), "--case", str(case)],
    ):
        subprocess.run([sys.executable, "-m", "duanka", *command], check=True, stdout=subprocess.DEVNULL)
    return case, world / "truth"


def read(case: Case, truth: Path) -> World:
    """A world from its case and its truth."""
    full = ordered(case)
    alias = pl.DataFrame(case.db.arrow("SELECT alias AS account_id, account_id AS own FROM aliases"))
    labels = pl.read_csv(truth / "labels.csv", schema_overrides={"account_id": pl.String}, infer_schema_length=None)
    ones = labels.filter(pl.col("label") == 1).join(alias, on="account_id")["own"].unique()
    kinds = pl.read_parquet(truth / "rings.parquet", columns=["ring_id", "kind"]).unique()
    parts = [
        pl.read_parquet(one, columns=["external_id", "ring_id"]) for one in sorted((truth / "transactions").glob("*"))
    ]
    rings = pl.concat([part.cast(pl.String) for part in parts]).join(kinds.cast(pl.String), on="ring_id")
    place = pl.DataFrame({"row_id": pl.Series(full.row_ids), "row": np.arange(len(full.row_ids))})
    found = pl.DataFrame(case.db.arrow("""
        SELECT t.row_id, t.external_id, epoch_us(r.time) AS time, epoch_us(r.reported_at) AS reported
        FROM raw_report r JOIN aliases v ON r.victim_account = v.alias JOIN aliases p ON r.receiver_account = p.alias
        JOIN transactions t
            ON t.payer = v.account_id AND t.payee = p.account_id AND t.amount = r.amount AND t.time = r.time
    """))  # fmt: skip
    found = found.join(place, on="row_id").join(rings, on="external_id").sort("reported", "row")
    return World(case, full, pl.Series(full.nodes["account_id"]).is_in(ones.implode()).to_numpy(), found)


def moments(world: World, count: int) -> Iterator[tuple[str, str, int, pl.DataFrame]]:
    """How the victims reported, ring kind, moment, and the claims known then: `count` of each, spread over time."""
    for how, when in (("as reported", pl.col("reported")), ("after 30 minutes", pl.col("time") + 30 * MINUTE)):
        told = world.victims.with_columns(known=when)
        for kind in sorted(told["kind"].unique()):
            times = told.filter(pl.col("kind") == kind)["known"].unique().sort().to_numpy()
            for at in times[np.unique(np.linspace(0, len(times) - 1, count + 2).round().astype(int))[1:-1]]:
                yield how, kind, int(at), told.filter((pl.col("known") <= at) & (pl.col("known") > at - 24 * HOUR))


def scene(world: World, at: int, claimed: Int64, risk: Float) -> Scene:
    """What planner and rivals see at `at`: rows up to it, risk, measures in force."""
    full = world.full.ledger
    rows = np.flatnonzero(world.full.moment <= at)
    produced = (full.covered_from <= full.covered_to) & (full.covered_from <= at)
    part = replace(
        full.take(rows), covered_from=np.where(produced, full.covered_from, 1), covered_to=np.where(produced, at, 0)
    )
    ready = book(part, moment=world.full.moment[rows])
    start = seeds(part, claimed)
    lies = lying(ready, start, at)
    told = measures(world.case.db, datetime.fromtimestamp(at / _SECOND, UTC)).filter("in_force")["account_id"]
    names = pl.Series(world.full.nodes["account_id"])[lies.node]
    measure = np.where(names.is_in(told.implode()).to_numpy(), Measure.NONE, Measure.STOP).astype(np.int64)
    receivers = np.isin(lies.node, part.payee[claimed])
    nobody = np.zeros(len(lies), np.bool_)
    sure = innocent(risk[lies.node], lies.hop, reported=receivers, victim=nobody)
    known = Known(sure, np.zeros(len(lies), np.int64), measure)
    return Scene(at, ready, start, lies, balance(ready, at), known, risk[lies.node])


Orders = dict[int, Force]


def planned(seen: Scene, orders: int, minutes: int, label: Bool) -> Iterator[tuple[str, Orders]]:
    """The plan at each price. Asking shows a ring's account at every second one, as the plan assumes."""
    view = outlook(seen.ready, seen.lies, seen.known, Wish(orders, minutes * MINUTE))
    begin, end = seen.at + minutes * MINUTE, seen.at + minutes * MINUTE + view.wish.lasts
    for price in PRICES:
        lines, given = plan(view, price=price).lines, {}
        for node, measure, amount in zip(lines.node.tolist(), lines.measure, lines.amount.tolist(), strict=True):
            if measure != Measure.VERIFY:
                given[node] = Force(begin, end, amount)
            elif label[node] and node % 2 == 0:
                given[node] = Force(begin + view.wish.verifying, end, amount)
        yield f"plan, price {price:g}", given


def rivals(seen: Scene, orders: int, minutes: int) -> Iterator[tuple[str, Orders]]:
    """What others would order."""
    lies, begin = seen.lies, seen.at + minutes * MINUTE
    end = begin + Wish(0, 0).lasts
    free = seen.known.measure != Measure.NONE
    there = np.flatnonzero(free & (lies.most > 0))
    first = np.flatnonzero(free & (lies.hop == 1))
    came = lies.came.max(axis=0)
    for name, places, by, amount in (
        ("top by risk", there, seen.risk, lies.most),
        ("top by balance", there, seen.balance[lies.node], lies.most),
        ("first hop only", first, came, came),
        ("top by traced money", there, lies.most, lies.most),
    ):
        taken = places[np.lexsort((places, -by[places]))][:orders]
        yield name, {int(lies.node[one]): Force(begin, end, int(amount[one])) for one in taken}


@dataclass(slots=True)
class Sums:
    """Over replays; amounts in minor units."""

    claimed: int = 0
    recovered: float = 0.0
    innocents: int = 0  # whose money was kept
    harmed: int = 0  # of their money
    over: float = 0.0  # kept that is not victims' money, anywhere
    held: int = 0  # kept in all
    orders: int = 0

    def add(self, claimed: int, kept: list, label: Bool, orders: int) -> None:  # type: ignore[type-arg]
        """One replay."""
        self.claimed += claimed
        self.orders += orders
        for one in kept:
            self.held += one.held
            self.over += one.held - one.victims
            if label[one.node]:
                self.recovered += one.victims
            elif one.held:
                self.innocents += 1
                self.harmed += one.held


def run(world: World, orders: int, count: int, sums: Mapping[tuple[str, ...], Sums]) -> int:
    """Replay one world; returns its number of moments."""
    done = 0
    for how, kind, at, claims in moments(world, count):
        risk = detecting.scores(world.full, at).astype(np.float64)
        seen = scene(world, at, claims["row"].to_numpy(), risk)
        done += 1
        _replayed(world, seen, orders, (how, kind), sums)
    return done


def _replayed(
    world: World, seen: Scene, orders: int, where: tuple[str, str], sums: Mapping[tuple[str, ...], Sums]
) -> None:
    """The plans and rivals of one moment, after each delay, read by each doctrine."""
    ledger, claimed = world.full.ledger, int(seen.start.amount.sum())
    readings = {
        doctrine: down(seen.ready, seen.start, doctrine, Limits(at=seen.at)).left(ledger.nodes).astype(np.float64)
        for doctrine in (Doctrine.ROLLING, Doctrine.FIFO)
    }
    for minutes in DELAYS:
        until = seen.at + minutes * MINUTE + Wish(0, 0).lasts
        for name, given in (*planned(seen, orders, minutes, world.label), *rivals(seen, orders, minutes)):
            for doctrine, traced in readings.items():
                kept = replay(ledger, world.full.moment, seen.at, until, seen.balance, traced, given)
                for part in ((where[0],), where):
                    sums[doctrine, *part, f"{minutes} min", name].add(claimed, kept, world.label, len(given))


def table(sums: Mapping[tuple[str, ...], Sums]) -> None:
    """Print the sums: over all ring kinds first, then by ring kind."""
    head = "read by, reported, ring kind, delay, orders by, recovered, innocents, their money, over-frozen, orders"
    print(f"| {head.replace(', ', ' | ')} |")
    print("|---" * 10 + "|")
    for key, one in sorted(sums.items(), key=lambda pair: (len(pair[0]), pair[0][:-1])):
        where = [key[0], key[1], key[2] if len(key) == len(("doctrine", "how", "kind", "delay", "name")) else "all"]
        print(
            f"| {' | '.join([*where, *key[-2:]])} | {one.recovered / max(one.claimed, 1):.1%} | {one.innocents} "
            f"| {one.harmed / 100:,.0f} | {one.over / max(one.held, 1):.0%} | {one.orders} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[21, 24, 25])
    parser.add_argument("--orders", type=int, default=10)
    parser.add_argument("--moments", type=int, default=2, help="of each ring kind and way of reporting")
    parser.add_argument("--made", type=Path, nargs=2, action="append", default=[], metavar=("CASE", "TRUTH"))
    chosen = parser.parse_args()
    sums: defaultdict[tuple[str, ...], Sums] = defaultdict(Sums)
    done = 0
    with tempfile.TemporaryDirectory() as folder:
        for case, truth in chosen.made or [make(Path(folder), seed) for seed in chosen.seeds]:
            with Case(case) as opened:
                done += run(read(opened, truth), chosen.orders, chosen.moments, sums)
    print(f"{done} moments, up to {chosen.orders} orders each\n")
    table(sums)


if __name__ == "__main__":
    main()
