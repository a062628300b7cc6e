"""The tables that signals are measured on, made once for all of them, as of a moment.

- `sides`: every payment once for each account in it: `a`, `other`, `way` (1 received, -1 paid), `row_id, seq, moment`
  (µs), `day, hour` (local; `fine` where the hour is known), `amount` (minor units), `units` (the same in yuan), `balance`,
  `own` (it stands in the account's own ledger), `worded` and what its words say (`cash, gold, coin, coded, usual`);
- `acc`: every account with payments, in the currency of most of them: sums, counts, partners, how fast money left, kind,
  holder, phone, opening;
- `pairs`, `days`: sums by partner, by day;
- `visits`, `uses`, `reported`: sessions, accounts by device, accounts by victims' report;
- `registered`, `holders`: accounts opened by then, whether they have payments or not; who holds a phone's accounts or SIM.
"""

from datetime import datetime
from typing import Protocol

import numpy as np
import pyarrow as pa

from duanka.flow.balances import opening
from duanka.flow.ledger import Ledger
from duanka.flow.lineage import Lineage, lineage
from duanka.flow.windows import DAY, HOUR, summarise
from duanka.records.money import DEFAULT_EXPONENT, EXPONENTS
from duanka.store.case import Case
from duanka.store.database import Database

_SECOND = 1_000_000
NAMES = ("main_nodes", "moved", "sides", "pairs", "days", "acc", "visits", "uses", "reported", "registered", "holders")

_WORDS = {
    "cash": "ATM|取款|取现|现金支取|现支",
    "gold": "黄金|金店|珠宝|首饰|金条|钻石|名表|香烟|烟酒|茅台|奢侈",
    "coin": "(?i)USDT|泰达币|比特币|虚拟币|数字货币|火币|币安|OTC|binance|huobi|OKX",
    "coded": "(?i)换汇|换U|上分|下分|刷单|跑分|码粮|USDT|泰达币|车费|料子",
    "usual": "工资|薪|奖金|税|社保|公积金|水费|电费|燃气|物业|房租",
}
"""What a memo says (assumption: words met in public reports of cases)."""


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


def prepare(case: Case, data: Payments, as_of: datetime | None) -> tuple[Ledger, Lineage, pa.Array]:
    """Make the tables from what was over by `as_of`; gives the payments of then, their lineage and their ids."""
    until = None if as_of is None else int(as_of.timestamp() * _SECOND)
    ledger, row_ids, moment = data.ledger, data.row_ids, data.moment
    if until is not None:
        rows = np.flatnonzero(moment + np.maximum(ledger.width - _SECOND, 0) <= until)
        ledger, row_ids, moment = ledger.take(rows), row_ids.take(pa.array(rows)), moment[rows]
    links = lineage(ledger, opening=opening(ledger))
    db = case.db
    with db.lend("node_flows", _flows(data.nodes, ledger, links)), db.lend("paid", _paid(ledger, row_ids, moment)):
        _heads(db)
        _sides(db)
        _sums(db)
        _accounts(db)
    _others(db, until)
    return ledger, links, row_ids


def drop(case: Case) -> None:
    """Remove the tables."""
    for name in NAMES:
        case.db.run(f"drop {name}", f"DROP TABLE IF EXISTS temp.{name}")


def _paid(ledger: Ledger, row_ids: pa.Array, moment: np.ndarray) -> pa.Table:
    return pa.table({
        "row_id": row_ids, "seq": np.arange(len(ledger)), "moment": moment, "payer": ledger.payer, "payee": ledger.payee,
        "amount": ledger.amount, "received": ledger.received,
    })  # fmt: skip


def _flows(nodes: pa.Table, ledger: Ledger, links: Lineage) -> pa.Table:
    """Of each node: rows, what it received while covered, what of it left within an hour and a day, and the rest."""
    found = summarise(ledger, links, (HOUR, DAY))
    exponents = [EXPONENTS.get(one, DEFAULT_EXPONENT) for one in nodes["currency"].to_pylist()]
    return pa.table({
        "node": np.arange(ledger.nodes, dtype=np.int32), "account_id": nodes["account_id"], "currency": nodes["currency"],
        "unit": pa.array([10**one for one in exponents], pa.int64()), "n": found.whole.in_count + found.whole.out_count,
        "queued": found.queued, "passed_1h": np.ascontiguousarray(found.passed[:, 0]),
        "passed_24h": np.ascontiguousarray(found.passed[:, 1]),
    })  # fmt: skip


def _heads(db: Database) -> None:
    """`main_nodes`: every node that has payments with its account's number and whether it is the account's main one."""
    db.run("signal main_nodes", """
        CREATE OR REPLACE TEMP TABLE main_nodes AS
        SELECT *, (dense_rank() OVER (ORDER BY account_id))::INTEGER AS a,
               row_number() OVER (PARTITION BY account_id ORDER BY n DESC, currency) = 1 AS main
        FROM node_flows WHERE n > 0
    """)  # fmt: skip


def _sides(db: Database) -> None:
    words = ", ".join(f"regexp_matches(said, '{words}') AS {name}" for name, words in _WORDS.items())
    told = ", ".join(_WORDS)
    db.run("signal rows", f"""
        CREATE OR REPLACE TEMP TABLE moved AS
        SELECT * EXCLUDE (said), said <> '' AS worded, {words} FROM (
            SELECT p.*, t.time_precision IN ('second', 'minute') AS fine, timezone(t.zone, t.time) AS local, t.sides,
                   t.balance_payer, t.balance_payee, concat(t.memo, t.kind, t.channel) AS said
            FROM paid p JOIN transactions t USING (row_id))
    """)  # fmt: skip
    parts = []
    for way, end, far, amount, bit in ((-1, "payer", "payee", "amount", 1), (1, "payee", "payer", "received", 2)):
        parts.append(f"""
            SELECT h.a, o.a AS other, {way} AS way, m.row_id, m.seq, m.moment, m.local::DATE AS day,
                   hour(m.local)::TINYINT AS hour, m.fine, m.{amount} AS amount, m.{amount} / h.unit AS units,
                   m.balance_{end} AS balance, m.sides & {bit} <> 0 AS own, worded, {told}
            FROM moved m JOIN main_nodes h ON m.{end} = h.node AND h.main LEFT JOIN main_nodes o ON m.{far} = o.node""")
    db.run("signal sides", "CREATE OR REPLACE TEMP TABLE sides AS " + " UNION ALL ".join(parts))


def _sums(db: Database) -> None:
    db.run("signal pairs", """
        CREATE OR REPLACE TEMP TABLE pairs AS
        SELECT a, other, way, count(*) AS n, sum(amount)::HUGEINT AS total, min(units) AS least, min(moment) AS first,
               min(day) AS first_day, max(moment) AS last
        FROM sides WHERE other IS NOT NULL AND other <> a GROUP BY a, other, way
    """)  # fmt: skip
    db.run("signal days", """
        CREATE OR REPLACE TEMP TABLE days AS
        SELECT a, day, count(*) AS n, sum(amount)::HUGEINT AS total,
               coalesce(sum(amount) FILTER (way = 1), 0)::HUGEINT AS got,
               coalesce(sum(amount) FILTER (way = -1), 0)::HUGEINT AS paid,
               coalesce(sum(amount) FILTER (way = -1 AND cash), 0)::HUGEINT AS cash,
               coalesce(sum(amount) FILTER (way = -1 AND gold), 0)::HUGEINT AS gold
        FROM sides GROUP BY a, day
    """)  # fmt: skip


def _accounts(db: Database) -> None:
    db.run("signal accounts", """
        CREATE OR REPLACE TEMP TABLE acc AS
        WITH summed AS (
            SELECT a, count(*) AS n, count(*) FILTER (way = 1) AS n_in, count(*) FILTER (way = -1) AS n_out,
                   coalesce(sum(amount) FILTER (way = 1), 0)::HUGEINT AS got,
                   coalesce(sum(amount) FILTER (way = -1), 0)::HUGEINT AS paid,
                   min(moment) AS first, max(moment) AS last, max(day) AS last_day, bool_or(own) AS own
            FROM sides GROUP BY a),
        partners AS (
            SELECT a, count(*) FILTER (way = 1) AS u_in, count(*) FILTER (way = -1) AS u_out,
                   max(total) FILTER (way = 1) AS top_in, max(total) FILTER (way = -1) AS top_out
            FROM pairs GROUP BY a)
        SELECT s.*, coalesce(u_in, 0) AS u_in, coalesce(u_out, 0) AS u_out, coalesce(top_in, 0) AS top_in,
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
    db.run("signal uses", """
        CREATE OR REPLACE TEMP TABLE uses AS
        SELECT device, a, day, min(moment) AS moment, bool_or(face) AS face FROM (
            SELECT device, a, day, moment, face FROM visits WHERE device <> ''
            UNION ALL
            SELECT coalesce(nullif(t.device, ''), t.mac), h.a, m.local::DATE, m.moment, false
            FROM moved m JOIN transactions t USING (row_id) JOIN main_nodes h ON h.node = m.payer AND h.main
            WHERE (t.device <> '' OR t.mac <> '') AND m.sides & 1 <> 0)
        GROUP BY device, a, day
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
