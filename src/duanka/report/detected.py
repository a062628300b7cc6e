"""From the tables of detection to what the report shows of them."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from duanka.report.balances import balances
from duanka.report.everyday import everyday
from duanka.report.evidence import moment, places
from duanka.report.facts import Moment
from duanka.report.findings import Behind, Findings, KeyAccount, Reason, Standing, Suspect
from duanka.report.ring_parts import SHOWN_RINGS, ring_parts, rings, standing
from duanka.store.case import Case
from duanka.store.database import Database
from duanka.store.detection import read_detection
from duanka.store.findings import TABLES

SHOWN_ACCOUNTS = 50
"""Ranked accounts that the report shows."""

KEY_ACCOUNTS = 30
"""Accounts at work in a ring that have a part of the page of their own, by rank."""

OTHER_RINGS = 500
"""Rings that are listed as a line each below those shown in full."""


def detected(case: Case) -> Findings | None:
    """What detection found; None where it was not run on the ledger as it is now."""
    if not all(case.table_exists(table) for table in TABLES):
        return None
    db = case.db
    found = rings(db)
    shown, others = found[:SHOWN_RINGS], found[SHOWN_RINGS : SHOWN_RINGS + OTHER_RINGS]
    keys = db.rows("""
        SELECT account_id FROM account_risk
        WHERE len(reasons) > 0 AND account_id IN (SELECT account_id FROM ring_members WHERE works)
        ORDER BY rank, account_id
    """)
    key_ids = [str(account) for (account,) in keys[:KEY_ACCOUNTS]]
    numbers = {account: number for number, account in enumerate(key_ids, start=1)}
    ranked = db.rows("SELECT account_id FROM account_risk WHERE len(reasons) > 0 ORDER BY rank, account_id LIMIT ?",
                     [SHOWN_ACCOUNTS])  # fmt: skip
    wanted = [str(account) for (account,) in ranked]
    suspects = _suspects(db, [*wanted, *key_ids], numbers, {ring.ring_id: ring.number for ring in shown})
    ran, ordinary = balances(db, key_ids), everyday(db, key_ids)
    counts = db.rows("SELECT count(*), count(*) FILTER (len(reasons) > 0) FROM account_risk")[0]
    standing_in = db.rows("""
        SELECT count(DISTINCT account_id) FILTER (works), count(DISTINCT account_id) FROM ring_members
    """)[0]
    return Findings(
        detection=read_detection(case),
        scored=_int(counts[0]),
        accounts=_int(counts[1]),
        ring_count=len(found),
        workers=_int(standing_in[0]),
        members=_int(standing_in[1]),
        rows=_int(db.rows("SELECT count(DISTINCT row_id) FROM ring_rows")[0][0]),
        suspects=tuple(suspects[account] for account in wanted if account in suspects),
        rings=ring_parts(db, shown, numbers),
        others=tuple(others),
        keys=tuple(
            KeyAccount(suspects[account], ran.get(account, ()), ordinary.get(account, ()))
            for account in key_ids
            if account in suspects
        ),
        key_count=len(keys),
        behind=_behind(db, [row for one in suspects.values() for reason in one.reasons for row in reason.rows]),
    )


def outdated(case: Case) -> bool:
    """Whether findings are there that an earlier version of Duanka made: some of their tables are missing."""
    return case.table_exists("account_risk") and not all(case.table_exists(table) for table in TABLES)


def _int(value: object) -> int:
    return int(str(value))


def _suspects(
    db: Database, accounts: Sequence[str], numbers: Mapping[str, int], ring_numbers: Mapping[str, int]
) -> dict[str, Suspect]:
    with db.lend("some_accounts", pa.table({"account_id": pa.array(sorted(set(accounts)), pa.string())})):
        found = db.arrow("""
            SELECT r.account_id, r.score, r.rank, r.reasons, a.holder_name, a.institution,
                   r.account_id IN (SELECT account_id FROM coverage) AS produced
            FROM account_risk r LEFT JOIN accounts a USING (account_id)
            WHERE r.account_id IN (SELECT account_id FROM some_accounts) ORDER BY r.rank, r.account_id
        """).to_pylist()
        members = db.arrow("""
            SELECT ring_id, account_id, tier, tier_confidence, role, role_confidence, works FROM ring_members
            WHERE account_id IN (SELECT account_id FROM some_accounts) ORDER BY account_id, works DESC, ring_id
        """).to_pylist()
    standings: dict[str, list[Standing]] = {}
    for row in members:
        standings.setdefault(row["account_id"], []).append(standing(row, ring_numbers.get(row["ring_id"], 0)))
    return {
        row["account_id"]: Suspect(
            account_id=row["account_id"], number=numbers.get(row["account_id"], 0), holder=row["holder_name"] or "",
            institution=row["institution"] or "", produced=bool(row["produced"]), score=float(row["score"]),
            rank=int(row["rank"]), standings=tuple(standings.get(row["account_id"], ())),
            reasons=tuple(
                Reason(str(one["code"]), str(one["text_zh"]), str(one["text_en"]), tuple(one["rows"] or ()))
                for one in row["reasons"] or ()
            ),
        )
        for row in found
    }  # fmt: skip


def _behind(db: Database, row_ids: Sequence[str]) -> tuple[Behind, ...]:
    """The rows of the reasons that are shown, in the order of the case."""
    with db.lend("some_rows", pa.table({"row_id": pa.array(sorted(set(row_ids)), pa.string())})):
        found = db.rows("""
            SELECT t.row_id, epoch_us(t.time), t.zone, t.time_precision, coalesce(o.assumed, false), t.payer,
                   t.payer_name, t.payee, t.payee_name, t.amount, t.currency, t.memo
            FROM transactions t LEFT JOIN row_order o USING (row_id)
            WHERE t.row_id IN (SELECT row_id FROM some_rows) ORDER BY o.seq, t.row_id
        """)
    where = places(db, row_ids)
    rows = []
    for row_id, time, zone, precision, assumed, payer, payer_name, payee, payee_name, amount, currency, memo in found:
        when = moment(time)
        assert when is not None  # noqa: S101 - the column is required
        rows.append(
            Behind(
                row_id=str(row_id), moment=Moment(when, str(zone), str(precision)), assumed=bool(assumed),
                payer=str(payer or ""), payer_name=str(payer_name or ""), payee=str(payee or ""),
                payee_name=str(payee_name or ""), amount=_int(amount), currency=str(currency), memo=str(memo or ""),
                places=where.get(str(row_id), ()),
            )
        )  # fmt: skip
    return tuple(rows)
