"""The tables that signals are measured on, made once for all of them, as of a moment.

- `sides`: every payment once for each account in it: `a`, `other`, `way` (1 received, -1 paid), `seq` (its place in the
  order), `moment` (µs), `day, hour` (local; `fine` where the hour is known), `amount` (minor units), `units` (the same in
  yuan), `balance`,
  `own` (it stands in the account's own ledger), `worded` and what its words say (`cash, gold, coin, coded, usual`);
- `acc`: every account with payments, in the currency of most of them: sums, counts (`n`, of receipts `n_in`, of payments
  `n_out`, of further kinds as `signals.amounts` and `flow.tally` say), partners, how fast money left, kind, holder, phone,
  opening;
- `pairs`, `days`: sums by partner and by day, see `signals.sums`; a row of `sides` is `mutual` if its pair is;
- `alike`: pairs of accounts `a, b` and how many rare payees they share, two at least;
- `turns`: rows of cycles, see `signals.cycles`;
- `visits`, `uses`, `reported`: sessions, accounts by device and day, with how many `users` the device has, accounts by
  victims' report;
- `registered`, `holders`: accounts opened by then, whether they have payments or not; who holds a phone's accounts or SIM.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import pyarrow as pa

from duanka.flow.balances import opening
from duanka.flow.clock import clock
from duanka.flow.dwell import follow
from duanka.flow.index import by_node, index
from duanka.flow.ledger import NOBODY, Int32, Ledger
from duanka.flow.lineage import Lineage, lineage
from duanka.flow.windows import DAY, HOUR
from duanka.records.money import DEFAULT_EXPONENT, EXPONENTS
from duanka.signals import cycles
from duanka.signals.network import RARE
from duanka.signals.sides import Heads, Said, Sides, readable, said, sides
from duanka.signals.sums import accounts, days, hours, pairs
from duanka.store.case import Case
from duanka.store.database import Database

_SECOND = 1_000_000
NAMES = ("main_nodes", "turns", "acc", "alike", "visits", "reported", "registered", "holders")


class Payments(Protocol):
    """An ordered ledger: what `derive.ordered` gives."""

    @property
    def ledger(self) -> Ledger: ...  # noqa: D102 - see derive.Ordered
    @property
    def row_ids(self) -> pa.Array: ...  # noqa: D102
    @property
    def nodes(self) -> pa.Table: ...  # noqa: D102
    @property
    def moment(self) -> np.ndarray: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Prepared:
    """The ids of the payments of then, in order, and the table of their sides."""

    row_ids: pa.Array
    sides: Sides


@contextmanager
def prepared(case: Case, data: Payments, as_of: datetime | None) -> Iterator[Prepared]:
    """Make the tables from what was over by `as_of`, for a while."""
    until = None if as_of is None else int(as_of.timestamp() * _SECOND)
    ledger, row_ids, moment = data.ledger, data.row_ids, data.moment
    if until is not None:
        rows = np.flatnonzero(moment + np.maximum(ledger.width - _SECOND, 0) <= until)
        ledger, row_ids, moment = ledger.take(rows), row_ids.take(pa.array(rows)), moment[rows]
    db = case.db
    links = lineage(ledger, opening=opening(ledger))
    heads = _heads(db, _flows(data.nodes, ledger, links))
    cycles.prepare(case, ledger, links)
    del links  # a third as large as all that comes
    told = said(db, row_ids)
    found = sides(ledger, moment, heads, told)
    try:
        _others(db, until)
        used = _uses(db, _used(ledger, heads, told), told.devices)
        del told
        paired, mutual = pairs(found, heads)
        found = Sides(found.table.append_column("mutual", pa.array(mutual)), found.rows)
        hour = hours(found)
        daily, week_hours = days(found, hour)
        with (
            db.lend("sides", readable(found.table)),
            db.lend("pairs", readable(paired)),
            db.lend("days", readable(daily)),
            db.lend("uses", readable(used)),
        ):
            _accounts(db, accounts(found, heads, hour, week_hours))
            _alike(db)
            del hour, mutual
            yield Prepared(row_ids, found)
    finally:
        for name in NAMES:
            db.run(f"drop {name}", f"DROP TABLE IF EXISTS temp.{name}")


def _flows(nodes: pa.Table, ledger: Ledger, links: Lineage) -> pa.Table:
    """Of each node: rows, what it received while covered, what of it left within an hour and a day, and the rest."""
    found = follow(ledger, links, index(ledger), np.array([HOUR, DAY]), clock(ledger, None))
    count = sum(np.bincount(end[end != NOBODY], minlength=ledger.nodes) for end in (ledger.payer, ledger.payee))
    exponents = [EXPONENTS.get(one, DEFAULT_EXPONENT) for one in nodes["currency"].to_pylist()]
    return pa.table({
        "node": np.arange(ledger.nodes, dtype=np.int32), "account_id": nodes["account_id"], "currency": nodes["currency"],
        "unit": pa.array([10**one for one in exponents], pa.int64()), "n": count, "queued": found.queued,
        "passed_1h": np.ascontiguousarray(found.passed[:, 0]), "passed_24h": np.ascontiguousarray(found.passed[:, 1]),
    })  # fmt: skip


def _heads(db: Database, flows: pa.Table) -> Heads:
    """`main_nodes`: every node that has payments with its account's number and whether it is the account's main one."""
    with db.lend("node_flows", flows):
        db.run("signal main_nodes", """
            CREATE OR REPLACE TEMP TABLE main_nodes AS
            SELECT *, (dense_rank() OVER (ORDER BY account_id) - 1)::INTEGER AS a,
                   row_number() OVER (PARTITION BY account_id ORDER BY n DESC, currency) = 1 AS main
            FROM node_flows WHERE n > 0
        """)  # fmt: skip
    found = db.arrow("SELECT node, a, main FROM main_nodes")
    account, main = np.full(len(flows), NOBODY, np.int32), np.zeros(len(flows), np.bool_)
    account[found["node"].to_numpy()], main[found["node"].to_numpy()] = found["a"].to_numpy(), found["main"].to_numpy()
    return Heads(account, main, flows["unit"].to_numpy())


def _accounts(db: Database, summed: pa.Table) -> None:
    with db.lend("summed", summed):
        db.run("signal accounts", """
        CREATE OR REPLACE TEMP TABLE acc AS
        WITH partners AS (
            SELECT a, count(*) FILTER (way = 1) AS u_in, count(*) FILTER (way = -1) AS u_out,
                   max(total) FILTER (way = 1)::HUGEINT AS top_in, max(total) FILTER (way = -1)::HUGEINT AS top_out
            FROM pairs GROUP BY a)
        SELECT s.* REPLACE (got::HUGEINT AS got, paid::HUGEINT AS paid), coalesce(u_in, 0) AS u_in, coalesce(u_out, 0) AS u_out, coalesce(top_in, 0) AS top_in,
               coalesce(top_out, 0) AS top_out, h.account_id, h.currency, h.unit, h.queued, h.passed_1h, h.passed_24h,
               c.party_id, coalesce(c.phone, '') AS phone, c.opened_on AS opened, c.outlet_id,
               CASE WHEN c.kind LIKE 'personal%' OR c.kind = 'credit' THEN 'personal'
                    WHEN c.kind LIKE 'payment%' THEN 'payment' WHEN c.kind = 'ecny_wallet' THEN 'ecny'
                    WHEN c.kind IN ('settlement', 'exchange') THEN 'institution'
                    WHEN c.kind = 'corporate' THEN 'corporate' ELSE 'unknown' END AS grp,
               date_diff('year', try_strptime(substr(c.party_id, 10, 8), '%Y%m%d')::DATE, s.last_day) AS age
        FROM summed s JOIN main_nodes h ON s.a = h.a AND h.main LEFT JOIN accounts c USING (account_id)
        LEFT JOIN partners p ON s.a = p.a
        """)  # fmt: skip


def _alike(db: Database) -> None:
    db.run("signal alike accounts", f"""
        CREATE OR REPLACE TEMP TABLE alike AS
        WITH to_rare AS (SELECT a, other FROM pairs WHERE way = -1 AND payers > 1 AND payers <= {RARE})
        SELECT x.a, y.a AS b, count(*) AS shared FROM to_rare x JOIN to_rare y USING (other)
        WHERE x.a <> y.a GROUP BY x.a, y.a HAVING count(*) > 1
    """)  # fmt: skip


def _others(db: Database, until: int | None) -> None:
    """Sessions, devices and reports; each only where it was over by then."""
    then = "true" if until is None else f"epoch_us(s.time) <= {until}"
    db.run("signal visits", f"""
        CREATE OR REPLACE TEMP TABLE visits AS
        SELECT DISTINCT h.a, epoch_us(s.time) AS moment, timezone(s.zone, s.time)::DATE AS day,
               coalesce(regexp_extract(s.ip, '^[0-9]+[.][0-9]+'), '') AS net,
               coalesce(nullif(s.device, ''), s.mac, '') AS device,
               s.action SIMILAR TO '.*(人脸|刷脸|face).*' AS face,
               s.action SIMILAR TO '.*(换绑|修改手机|变更手机).*' AS rebound
        FROM raw_session s LEFT JOIN aliases l ON s.account_id = l.alias
        JOIN main_nodes h ON h.main AND h.account_id = coalesce(l.account_id, s.account_id)
        WHERE s.time IS NOT NULL AND {then}
    """)  # fmt: skip
    opened = "true" if until is None else f"(opened_on IS NULL OR opened_on <= make_timestamp({until})::DATE)"
    db.run("signal registrations", f"""
        CREATE OR REPLACE TEMP TABLE registered AS
        SELECT account_id, party_id, phone, opened_on AS opened, kind = 'corporate' AS corporate FROM accounts
        WHERE party_id IS NOT NULL AND {opened}
    """)  # fmt: skip
    db.run("signal holders", f"""
        CREATE OR REPLACE TEMP TABLE holders AS
        SELECT phone, party_id, corporate FROM registered WHERE phone <> ''
        UNION SELECT phone, 'id:' || coalesce(nullif(holder_id, ''), replace(party_id, 'id:', '')), false FROM raw_sim
        WHERE phone <> '' AND coalesce(nullif(holder_id, ''), party_id, '') <> '' AND {opened}
    """)  # fmt: skip
    known = "true" if until is None else f"epoch_us(coalesce(r.reported_at, r.time)) <= {until}"
    db.run("signal reports", f"""
        CREATE OR REPLACE TEMP TABLE reported AS
        SELECT DISTINCT v.a AS victim, g.a AS receiver, epoch_us(r.time) AS moment
        FROM raw_report r LEFT JOIN aliases p ON r.victim_account = p.alias LEFT JOIN aliases q ON r.receiver_account = q.alias
        LEFT JOIN main_nodes v ON v.main AND v.account_id = p.account_id LEFT JOIN main_nodes g ON g.main AND g.account_id = q.account_id
        WHERE (v.a IS NOT NULL OR g.a IS NOT NULL) AND {known}
    """)  # fmt: skip


def _used(ledger: Ledger, heads: Heads, told: Said) -> pa.Table:
    """`device, a, day` of payments from accounts' own ledgers whose payer's device is known."""
    known = (ledger.payer != NOBODY) & heads.main[ledger.payer] & (told.device != NOBODY) & (told.banks & 1 != 0)
    return pa.table({
        "device": told.device[known], "a": heads.account[ledger.payer[known]],
        "day": pa.array(told.day[known]).cast(pa.date32()),
    })  # fmt: skip


def _uses(db: Database, used: pa.Table, devices: pa.Array) -> pa.Table:
    """`uses (device, a, day, users)`: devices by number, which is quicker than by name. `devices` are those of payments."""
    visits = db.arrow("SELECT device, a, day FROM visits WHERE device <> ''")
    number = pa.chunked_array([devices, *visits["device"].chunks]).combine_chunks().dictionary_encode().indices
    visits = visits.set_column(0, "device", number[len(devices) :])
    both = pa.concat_tables([used, visits])
    device, a, day = (both[name].cast(pa.int32()).to_numpy() for name in ("device", "a", "day"))
    device, a, day = once(device, a, day)
    new = np.ones(len(device), np.bool_)
    new[1:] = (device[1:] != device[:-1]) | (a[1:] != a[:-1])
    users = np.bincount(device[new], minlength=1)[device].astype(np.int32)
    return pa.table({"device": device, "a": a, "day": pa.array(day).cast(pa.date32()), "users": users})


def once(device: Int32, a: Int32, day: Int32) -> tuple[Int32, Int32, Int32]:
    """Each row once, in order. O(rows log rows)."""
    low = int(day.min(initial=0))
    span = int(day.max(initial=0)) - low + 1
    key = a.astype(np.int64) * span + (day - low)
    order = np.argsort(key)
    order = order[by_node(device[order], int(device.max(initial=NOBODY)) + 1)[1]]  # of a device as they were
    device, key = device[order], key[order]
    new = np.ones(len(key), np.bool_)
    new[1:] = (device[1:] != device[:-1]) | (key[1:] != key[:-1])
    a, day = (one.astype(np.int32) for one in np.divmod(key[new], span))
    return device[new], a, day + np.int32(low)
