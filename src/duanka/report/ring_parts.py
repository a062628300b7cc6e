"""The rings of a case: their money by currency, their hours, their picture, and who stands in them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa

from duanka.report.evidence import moment
from duanka.report.findings import Hours, Member, MemberMoney, Ring, RingMoney, RingPart, Standing
from duanka.report.follow import MAX_FLOWS, holder_names
from duanka.report.ring_flow import ring_flow
from duanka.report.wording import zone_of
from duanka.store.database import Database

SHOWN_RINGS = 30
"""Rings that the report shows in full."""

SHOWN_MEMBERS = 40
"""Members of a ring that the report names: workers first, then by money."""

_QUARTER = 15 * 60 * 1_000_000
"""Every offset of a zone from UTC is a multiple of it."""


def rings(db: Database) -> list[Ring]:
    """All rings in short, in the order of their scores."""
    sums: dict[str, list[RingMoney]] = {}
    for ring, *values in db.rows("""
        WITH sides AS (
            SELECT r.ring_id, t.currency, t.amount, coalesce(p.works, false) AS from_worker,
                   coalesce(q.works, false) AS to_worker
            FROM ring_rows r JOIN transactions t USING (row_id)
            LEFT JOIN ring_members p ON p.ring_id = r.ring_id AND p.account_id = t.payer
            LEFT JOIN ring_members q ON q.ring_id = r.ring_id AND q.account_id = t.payee)
        SELECT ring_id, currency, coalesce(sum(amount) FILTER (to_worker AND NOT from_worker), 0),
               coalesce(sum(amount) FILTER (from_worker AND NOT to_worker), 0),
               coalesce(sum(amount) FILTER (from_worker AND to_worker), 0), count(*)
        FROM sides GROUP BY ring_id, currency ORDER BY ring_id, count(*) DESC, currency
    """):
        currency, inflow, outflow, within, rows = values
        money = RingMoney(str(currency), _int(inflow), _int(outflow), _int(within), _int(rows))
        sums.setdefault(str(ring), []).append(money)
    found = db.rows("""
        SELECT r.ring_id, r.score, r.accounts, coalesce(m.members, 0), epoch_us(r.first_seen), epoch_us(r.last_seen),
               r.commission_by_tier, r.commission_low, r.commission, r.commission_high
        FROM rings r
        LEFT JOIN (SELECT ring_id, count(*) AS members FROM ring_members GROUP BY ring_id) m USING (ring_id)
        ORDER BY r.score DESC, r.ring_id
    """)
    return [
        Ring(
            number, str(ring), float(str(score)), _int(workers), _int(members), moment(first), moment(last),
            _commission(kept), _by_tier(tiers), tuple(sums.get(str(ring), ())),
        )
        for number, (ring, score, workers, members, first, last, tiers, *kept) in enumerate(found, start=1)
    ]  # fmt: skip


def _int(value: object) -> int:
    return 0 if value is None else int(str(value))


def _commission(values: Sequence[object]) -> tuple[float, float, float] | None:
    if any(value is None for value in values):
        return None
    low, middle, high = (float(str(value)) for value in values)
    return low, middle, high


def _by_tier(values: object) -> tuple[tuple[int, tuple[float, float, float]], ...]:
    told = values if isinstance(values, list) else []
    return tuple((_int(one["tier"]), (one["low"], one["middle"], one["high"])) for one in told)


def ring_parts(db: Database, shown: Sequence[Ring], numbers: Mapping[str, int]) -> tuple[RingPart, ...]:
    """The shown rings in full; `numbers` are those of the accounts that have a part of the page of their own."""
    with db.lend("shown_rings", pa.table({"ring_id": pa.array([ring.ring_id for ring in shown], pa.string())})):
        pairs = pl.DataFrame(db.arrow("""
            SELECT r.ring_id, t.payer, t.payee, t.currency, sum(t.amount)::BIGINT AS amount, count(*) AS rows
            FROM ring_rows r JOIN transactions t USING (row_id)
            WHERE r.ring_id IN (SELECT ring_id FROM shown_rings)
            GROUP BY r.ring_id, t.payer, t.payee, t.currency ORDER BY ALL
        """))  # fmt: skip
        members = pl.DataFrame(db.arrow("""
            SELECT m.ring_id, m.account_id, m.tier, m.tier_confidence, m.role, m.role_confidence, m.works, a.score
            FROM ring_members m LEFT JOIN account_risk a USING (account_id)
            WHERE m.ring_id IN (SELECT ring_id FROM shown_rings) ORDER BY m.ring_id, m.account_id
        """))  # fmt: skip
        times = db.rows(f"""
            SELECT r.ring_id, CASE WHEN t.time_precision <> 'day' THEN epoch_us(t.time) // {_QUARTER} END AS quarter,
                   count(*)
            FROM ring_rows r JOIN transactions t USING (row_id)
            WHERE r.ring_id IN (SELECT ring_id FROM shown_rings) GROUP BY r.ring_id, quarter ORDER BY ALL
        """)
    zone = usual_zone(db)
    parts = []
    for ring in shown:
        own = pairs.filter(pl.col("ring_id") == ring.ring_id)
        placed = members.filter(pl.col("ring_id") == ring.ring_id)
        quarters = [(quarter, _int(count)) for name, quarter, count in times if name == ring.ring_id]
        listed = _listed(ring, own, placed)
        tops = own.select(pl.concat_list("payer", "payee").explode().alias("account_id")).unique()["account_id"]
        holders = holder_names(db, tops.drop_nulls().to_list())
        tiers = placed.select("account_id", "tier")
        flows = [
            ring_flow(own.filter(pl.col("currency") == money.currency), tiers, money.currency, holders)
            for money in ring.money[:MAX_FLOWS]
        ]
        named = tuple(_member(ring, row, own, holders, numbers) for row in listed.iter_rows(named=True))
        drawn = tuple(flow for flow in flows if flow.columns)  # without a column no payment is between its members
        parts.append(RingPart(ring, _hours(zone, quarters), drawn, named))
    return tuple(parts)


def usual_zone(db: Database) -> str:
    """The zone in which most payments of the case were written."""
    found = db.rows("SELECT zone FROM transactions GROUP BY zone ORDER BY count(*) DESC, zone LIMIT 1")
    return str(found[0][0]) if found else "UTC"


def _hours(zone: str, quarters: Sequence[tuple[object, int]]) -> Hours:
    counts, untold, where = [0] * 24, 0, zone_of(zone)
    for quarter, count in quarters:
        if quarter is None:
            untold += count
        else:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=_int(quarter) * _QUARTER)
            counts[at.astimezone(where).hour] += count
    return Hours(str(where), tuple(counts), untold)


def _listed(ring: Ring, pairs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """The members that are named: workers before others, then by what went through them in the ring's main currency."""
    main = ring.money[0].currency if ring.money else ""
    own = pairs.filter(pl.col("currency") == main)
    came = own.group_by(account_id="payee").agg(came=pl.col("amount").sum())
    went = own.group_by(account_id="payer").agg(went=pl.col("amount").sum())
    sums = members.join(came, on="account_id", how="left").join(went, on="account_id", how="left")
    sums = sums.with_columns(through=pl.max_horizontal(pl.col("came").fill_null(0), pl.col("went").fill_null(0)))
    first = sums.sort("works", "through", "account_id", descending=[True, True, False]).head(SHOWN_MEMBERS)
    return first.sort("tier", "through", "account_id", descending=[False, True, False])


def _member(
    ring: Ring,
    row: Mapping[str, object],
    pairs: pl.DataFrame,
    holders: Mapping[str, tuple[str, str]],
    numbers: Mapping[str, int],
) -> Member:
    account = str(row["account_id"])
    own = pairs.filter((pl.col("payer") == account) | (pl.col("payee") == account))
    money = []
    for currency in sorted(own["currency"].unique().to_list()):
        there = own.filter(pl.col("currency") == currency)
        came = there.filter(pl.col("payee") == account)["amount"].sum()
        money.append(MemberMoney(currency, int(came), int(there.filter(pl.col("payer") == account)["amount"].sum())))
    return Member(
        account, numbers.get(account, 0), holders.get(account, ("", ""))[0], standing(row, ring.number),
        _share(row["score"]), tuple(money),
    )  # fmt: skip


def standing(row: Mapping[str, object], number: int) -> Standing:
    """How an account stands in a ring, from its row of `ring_members`."""
    return Standing(
        ring_id=str(row["ring_id"]), number=number, tier=None if row["tier"] is None else _int(row["tier"]),
        tier_confidence=_share(row["tier_confidence"]), role=str(row["role"] or ""),
        role_confidence=_share(row["role_confidence"]), works=bool(row["works"]),
    )  # fmt: skip


def _share(value: object) -> float | None:
    return None if value is None else float(str(value))
