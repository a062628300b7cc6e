"""From an ordered ledger to findings: which payments hand money on, which accounts carry it, which rings they form."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from duanka.account_risk import account_risk
from duanka.derive import Ordered
from duanka.flow.ledger import NOBODY, Float32
from duanka.judging import Judged, currencies
from duanka.records.vocabulary import AccountKind
from duanka.rings.commission import commissions, commissions_by_tier
from duanka.rings.network import WEAK, WORKER, Network, network
from duanka.rings.paymasters import Persons, with_people
from duanka.rings.roles import BEHIND, Known, Role, paid_last, roles
from duanka.rings.standing import Standing, standing
from duanka.rings.strands import Shared
from duanka.rings.tiers import members_of, tiers
from duanka.scoring.accounts import PRIOR, Evidence, evidence, score
from duanka.scoring.relays import Relays, relays
from duanka.scoring.strongest import strongest
from duanka.signals.measuring import measured
from duanka.store.case import Case
from duanka.store.detection import Detection, tool_version
from duanka.store.findings import Findings, earlier_workers
from duanka.store.known import holders
from duanka.store.sharing import sharing
from duanka.typologies.reading import Typology
from duanka.typologies.running import counted, hits

LATEST = 2_000_000
"""Payments by which a freeze plan scores accounts, the last ones: an officer waits no longer in a larger case."""

_SECOND = 1_000_000
_BY_TIER = pl.List(pl.Struct({"tier": pl.Int64, "low": pl.Float64, "middle": pl.Float64, "high": pl.Float64}))
_WAYS_OUT = (AccountKind.ECNY_WALLET, AccountKind.EXCHANGE)


def detect(
    case: Case,
    data: Ordered,
    *,
    as_of: datetime | None = None,
    model: Path | None = None,
    typologies: tuple[Typology, ...] = (),
) -> Detection:
    """Find, and store, accounts, payments, rings and signals, with how that came about; see `store.findings`.

    With `as_of`, of payments, sessions and reports only those up to that moment (closed) are looked at; the next run
    without it gives rings the names again that they have now. No label is read, no measure and no place: evidence
    follows from times and amounts, rings also from what accounts share and whose they are, and standing in a ring adds
    to evidence. Reports tell victims from gamblers, and count against evidence on those who made them. Signals stand
    beside them as supporting reasons, and change neither. With a `model`, which learnt from labels before, scores of
    accounts are its probabilities; payments and rings are judged as without it. ModelError if it can't be used here.
    Hits of `typologies` are stored, too; those that count stand among the supporting reasons, those in shadow change
    nothing.
    """
    data = data if as_of is None else _until(data, as_of)
    with ThreadPoolExecutor(1) as thread, case.beside() as other:
        measuring = thread.submit(measured, other, data, as_of)  # reads payments only, nothing of what comes here
        weighed, found, rings, stands, known = _weighed(case, data, as_of)
        judged = Judged(data, model, weighed, found) if model else None
        both = replace(found, node=stands.added(found))
        of_rings = _rings(case, data, both, rings, known)
        shown = strongest(weighed, found)
        signals = measuring.result()
    account = data.account()
    hit = hits(case.db, typologies, signals.long)
    supporting = (signals.long, hit.filter(pl.col("mode") == "counts"))
    detection = Detection(
        version=tool_version(), detected_at=datetime.now(UTC), as_of=as_of.astimezone(UTC) if as_of else None,
        prior=PRIOR, learnt=weighed.learnt, model=judged.model if judged else None, payments=len(data.row_ids),
        accounts=len(np.unique(account[both.node >= WEAK])), rings=rings.rings,
        members=len(np.unique(account[rings.node[rings.part == WORKER]])), typologies=counted(typologies, hit),
    )  # fmt: skip
    findings = Findings(
        account_risk=account_risk(case, data, shown, stands, supporting, judged),
        transaction_risk=pl.DataFrame({"row_id": pl.Series(data.row_ids), "score": score(found.row)}),
        **of_rings,
        signals=signals.long,
        signal_gaps=signals.gaps,
        typology_hits=hit,
        detection=detection.frame(),
    )
    findings.write(case.db, present=as_of is None)
    return detection


def scores(data: Ordered, at: int) -> Float32:
    """The score per node at the moment `at` (µs, closed), 0 … 1, by what accounts did themselves; nothing is stored.

    Evidence is weighed as by `detect` without a model, of the LATEST payments up to then alone. What standing in a
    ring, or having reported a fraud, adds to it there is not in it. O(LATEST · log).
    """
    data = data.take(np.flatnonzero(data.moment <= at)[-LATEST:])
    return score(evidence(data.ledger, relays(data.ledger, currencies(data), moment=data.moment)).node)


def _weighed(case: Case, data: Ordered, as_of: datetime | None) -> tuple[Relays, Evidence, Network, Standing, Known]:
    """What accounts and their scores rest on."""
    weighed = relays(data.ledger, currencies(data), moment=data.moment)
    found = evidence(data.ledger, weighed)
    known = _known(case, data, as_of)
    shared = _shared(case, data, found, as_of)
    rings = network(
        data.ledger, found, weighed, shared, account=data.account(), firm=known.corporate, reporting=known.reported
    )
    rings = with_people(data.ledger, rings, Persons(known.holder, ~known.corporate))
    return weighed, found, rings, standing(data.ledger, found, rings, known.reported), known


def _until(data: Ordered, as_of: datetime) -> Ordered:
    """The payments that had surely happened by then: one known to the day only when the day is over."""
    over = data.moment + np.maximum(data.ledger.width - _SECOND, 0)
    return data.take(np.flatnonzero(over <= int(as_of.timestamp() * _SECOND)))


def _shared(case: Case, data: Ordered, found: Evidence, as_of: datetime | None) -> Shared:
    """What accounts of WEAK evidence share, as pairs of nodes."""
    node = pl.from_arrow(data.nodes).select("account_id", node=pl.int_range(pl.len()))  # type: ignore[union-attr]
    node = node.filter(pl.Series(found.node >= WEAK))
    pairs = pl.from_arrow(sharing(case.db, node["account_id"].unique().sort().to_arrow(), as_of))
    both = pairs.join(node, left_on="one", right_on="account_id").join(  # type: ignore[union-attr]
        node, left_on="other", right_on="account_id", suffix="_other"
    )
    both = both.sort("node", "node_other")
    return Shared(both["node"].to_numpy(), both["node_other"].to_numpy())


def _known(case: Case, data: Ordered, as_of: datetime | None) -> Known:
    found = pl.from_arrow(holders(case.db, as_of))
    node = pl.from_arrow(data.nodes).join(found, on="account_id", how="left", maintain_order="left")  # type: ignore[union-attr,arg-type]
    return Known(
        corporate=(node["kind"] == AccountKind.CORPORATE).fill_null(value=False).to_numpy(),
        outlet=node["kind"].is_in([kind.value for kind in _WAYS_OUT]).fill_null(value=False).to_numpy(),
        reported=node["reported"].fill_null(value=False).to_numpy(),
        holder=node["party_id"].rank("dense").cast(pl.Int64).fill_null(NOBODY).to_numpy(),
    )


def _rings(case: Case, data: Ordered, found: Evidence, rings: Network, known: Known) -> dict[str, pl.DataFrame]:
    """`rings`, `ring_members` and `ring_rows`."""
    ledger = data.ledger
    role = roles(ledger, rings, known)
    tier = tiers(ledger, paid_last(rings, role))
    kept = commissions(ledger, rings)
    by_tier = commissions_by_tier(ledger, rings, tier.tier)
    behind = np.isin(role.role, BEHIND)  # the ring's money does not come to them by its tiers
    names = np.asarray(data.nodes["account_id"].to_pylist(), dtype=object)
    ids = _ring_ids(case, data, rings, names)
    members = pl.DataFrame({
        "ring_id": ids[rings.ring] if len(rings.ring) else [],
        "account_id": names[rings.node] if len(rings.node) else [],
        "tier": pl.Series(np.where(role.role == Role.BETTOR, 0, tier.tier)).set(pl.Series(behind), None),
        "tier_confidence": pl.Series(tier.confidence.astype(np.float64)).set(pl.Series(behind), None),
        "role": role.role.tolist(), "role_confidence": role.confidence.astype(np.float64),
        "works": rings.part == WORKER,
    }, schema_overrides={"ring_id": pl.String, "account_id": pl.String, "role": pl.String})  # fmt: skip
    members = members.sort("works", "tier", "ring_id", "account_id", descending=[True, False, False, False])
    members = members.unique(["ring_id", "account_id"], keep="first", maintain_order=True).sort("ring_id", "account_id")
    rows = pl.DataFrame({
        "ring_id": ids[rings.row_ring] if len(rings.row) else [],
        "row_id": pl.Series(data.row_ids.take(pa.array(rings.row)), dtype=pl.String),
        "strength": score(found.row[rings.row]).astype(np.float64),
    }, schema_overrides={"ring_id": pl.String})  # fmt: skip
    table = _ring_table(data, found, rings).with_columns(
        ring_id=pl.Series(ids.tolist(), dtype=pl.String),
        commission_low=pl.Series(kept.low, nan_to_null=True),
        commission=pl.Series(kept.middle, nan_to_null=True),
        commission_high=pl.Series(kept.high, nan_to_null=True),
        commission_by_tier=pl.Series([[asdict(one) for one in ring] for ring in by_tier], dtype=_BY_TIER),
    )
    return {
        "rings": table.select("ring_id", pl.exclude("ring_id")).sort("score", "ring_id", descending=[True, False]),
        "ring_members": members,
        "ring_rows": rows,
    }


def _ring_table(data: Ordered, found: Evidence, rings: Network) -> pl.DataFrame:
    """Score (mean over the workers, each at its highest), workers, sums, first and last time, by ring.

    Sums are what came in from outside and what went out, over the rows in the ring's `currency`, in which most of its
    rows are; of equals the first by name.
    """
    ledger, count = data.ledger, rings.rings
    payer, payee = members_of(rings, ledger)
    worker = rings.part == WORKER
    by_worker = np.where(payer >= 0, worker[np.maximum(payer, 0)], False) if len(payer) else np.zeros(0, np.bool_)  # noqa: FBT003
    to_worker = np.where(payee >= 0, worker[np.maximum(payee, 0)], False) if len(payee) else np.zeros(0, np.bool_)  # noqa: FBT003
    who = rings.ring[worker] * ledger.nodes + data.account()[rings.node[worker]]
    once, place = np.unique(who, return_inverse=True)  # an account may work in several currencies
    best = np.zeros(len(once))
    np.maximum.at(best, place, score(found.node[rings.node[worker]]))
    size = np.bincount(once // ledger.nodes, minlength=count)
    mean = np.bincount(once // ledger.nodes, best, minlength=count)

    names, money = np.unique(np.asarray(data.nodes["currency"].to_pylist(), dtype=np.str_), return_inverse=True)
    times = np.zeros((count, len(names)), np.int64)
    end = np.where(ledger.payer[rings.row] == NOBODY, ledger.payee[rings.row], ledger.payer[rings.row])
    np.add.at(times, (rings.row_ring, money[end]), 1)
    usual = times.argmax(axis=1) if len(names) else np.zeros(count, np.int64)

    def total(rows: np.ndarray, amount: np.ndarray, end: np.ndarray) -> np.ndarray:
        sums = np.zeros(count, np.int64)
        rows = rows & (money[end[rings.row]] == usual[rings.row_ring])
        np.add.at(sums, rings.row_ring[rows], amount[rings.row[rows]])
        return sums

    moment = data.moment[rings.row]
    first = np.full(count, np.iinfo(np.int64).max)
    last = np.zeros(count, np.int64)
    np.minimum.at(first, rings.row_ring, moment)
    np.maximum.at(last, rings.row_ring, moment)
    return pl.DataFrame({
        "score": mean / np.maximum(size, 1), "accounts": size,
        "inflow": total(to_worker & ~by_worker, ledger.received, ledger.payee),
        "outflow": total(by_worker & ~to_worker, ledger.amount, ledger.payer),
        "currency": pl.Series(names[usual] if len(names) else [], dtype=pl.String),
        "first_seen": pl.Series(first).cast(pl.Datetime("us", "UTC")),
        "last_seen": pl.Series(last).cast(pl.Datetime("us", "UTC")),
    })  # fmt: skip


def _ring_ids(case: Case, data: Ordered, rings: Network, names: np.ndarray) -> np.ndarray:
    """A name per ring: that of the earlier ring with which it shares most workers, else its earliest own row's.

    An earlier name goes to one ring only, to the one that shares most; so names stay when later data arrive. A row that
    is two rings' own names neither, unless a ring has no other; a name that is taken already gets a number.
    """
    _, place, count = np.unique(rings.row, return_inverse=True, return_counts=True)
    by_use = np.lexsort((rings.row, count[place], rings.row_ring))[::-1]
    first = np.zeros(rings.rings, np.int64)
    first[rings.row_ring[by_use]] = rings.row[by_use]  # the best of a ring is written last
    worker = rings.part == WORKER
    now = pl.DataFrame(
        {"ring": rings.ring[worker], "account_id": pl.Series(names[rings.node[worker]], dtype=pl.String)}
    )
    shared = now.join(earlier_workers(case.db), on="account_id").group_by("ring", "ring_id").len()
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for ring, name, _ in shared.sort("len", "ring_id", "ring", descending=[True, False, False]).rows():
        if ring not in ids and name not in taken:
            ids[ring] = name
            taken.add(name)
    for ring in (int(one) for one in np.argsort(first, kind="stable") if int(one) not in ids):
        fresh = name = f"R-{data.row_ids[int(first[ring])].as_py()}"
        copy = 1
        while name in taken:
            copy += 1
            name = f"{fresh}-{copy}"
        ids[ring] = name
        taken.add(name)
    return np.array([ids[number] for number in range(rings.rings)], dtype=object)
