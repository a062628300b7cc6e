"""Which imported rows are one payment: the same row in two files, and the two sides of one transfer.

The wide rows stay where they were imported; everything here works on narrow tables that name them by `entry`.
"""

import pyarrow as pa

from duanka.records.vocabulary import MOVED
from duanka.store.database import Database

_IS_UNIT = "r.place NOT IN (SELECT place FROM joined)"
_NOT_KEPT_APART = """NOT EXISTS (
    SELECT 1 FROM kept_apart k WHERE k.source_id = r.source_id AND k.source_row = r.source_row)"""


def resolve(db: Database) -> None:
    """`resolved`: every entry with its accounts' ids.

    Columns: entry, source_id, source_row, place, side, unnumbered, payer, payee, amount, currency, failed, key.

    `place` is the order of the entries: files by hash, then rows. `key` is 71 bits of the MD5 of all that the row says
    once accounts are resolved, and of its number among the equal rows of its file where it has no serial: so equal
    rows of one file stay apart, and equal rows of two files meet, as many as the larger file has. Rows that a file
    gives once for the card and once for its account are counted apart, and so meet, too. A row that the user keeps
    apart has its place in its key.
    """
    db.run("short hash", """
        CREATE OR REPLACE TEMP MACRO short_hash(text) AS
        replace(replace(to_base64(unhex(substr(md5(text), 1, 18))), '+', '0'), '/', '9')
    """)  # fmt: skip
    db.run("ranks", """
        CREATE OR REPLACE TEMP TABLE source_ranks AS
        SELECT source_id, row_number() OVER (ORDER BY sha256, source_id) AS rank FROM sources
    """)  # fmt: skip
    db.run("resolved", """
        CREATE OR REPLACE TEMP TABLE resolved AS
        SELECT e.entry, e.source_id, e.source_row, s.rank * 1099511627776 + e.source_row AS place, e.side,
               e.external_id = '' AS unnumbered,
               coalesce(p.account_id, e.payer) AS payer, coalesce(q.account_id, e.payee) AS payee,
               e.amount, e.currency, e.status = 'failed' AS failed,
               short_hash(concat_ws(chr(31), side, coalesce(p.account_id, e.payer, '?' || payer_name),
                   coalesce(q.account_id, e.payee, '?' || payee_name), hex(amount), currency,
                   CASE WHEN amount_received = amount THEN '' ELSE hex(amount_received) END,
                   CASE WHEN currency_received = currency THEN '' ELSE currency_received END, hex(epoch_us(time)),
                   time_precision, coalesce(hex(balance_payer), '-'),
                   coalesce(hex(balance_payee), '-'), e.external_id, e.kind, e.channel, e.status, e.memo, e.ip, e.mac,
                   e.device)) AS key
        FROM entries e JOIN source_ranks s USING (source_id)
        LEFT JOIN aliases p ON e.payer = p.alias LEFT JOIN aliases q ON e.payee = q.alias
    """)  # fmt: skip
    db.run("numbered", """
        CREATE OR REPLACE TEMP TABLE numbered AS
        WITH repeated AS (
            SELECT source_id, key FROM resolved WHERE unnumbered GROUP BY source_id, key HAVING count(*) > 1)
        SELECT r.entry, row_number() OVER (
            PARTITION BY r.source_id, r.key, CASE r.side WHEN 1 THEN e.payer WHEN 2 THEN e.payee END, e.own_alias
            ORDER BY r.source_row) AS n
        FROM resolved r JOIN repeated USING (source_id, key) JOIN entries e ON e.entry = r.entry
    """)  # fmt: skip
    db.run("number the repeated", """
        UPDATE resolved SET key = short_hash(concat_ws(':', key, n)) FROM numbered
        WHERE resolved.entry = numbered.entry AND n > 1
    """)  # fmt: skip
    db.run("keep apart", """
        UPDATE resolved SET key = short_hash(concat_ws(':', key, k.source_id, k.source_row)) FROM kept_apart k
        WHERE resolved.source_id = k.source_id AND resolved.source_row = k.source_row
    """)  # fmt: skip


def units(db: Database) -> None:
    """`joined (place, unit)`: entries that are the same row as one of lower place, which names the unit.

    Equal keys first. Then rows of the same account's ledger that two formats print differently meet: the same
    direction, amount, currency and day, an equal serial or an equal printed balance, no contradicting counterparty,
    k-th with k-th. Last, a row of nobody's ledger (pacs.008) is the booked row that has its serial, both of its
    accounts, its amount and its day. An entry that is in `joined` with no other stays out of it: it is its own unit.
    """
    db.run("joined", """
        CREATE OR REPLACE TEMP TABLE joined AS
        WITH shared AS (SELECT key, min(place) AS unit FROM resolved GROUP BY key HAVING count(*) > 1)
        SELECT r.place, s.unit FROM resolved r JOIN shared s USING (key) WHERE r.place <> s.unit
    """)  # fmt: skip
    several = db.rows("SELECT count(DISTINCT format) FROM sources WHERE source_id IN (SELECT source_id FROM entries)")
    if int(str(several[0][0])) > 1:
        for name, evidence in (("serial", "nullif(e.external_id, '')"), ("balance", "own_balance::VARCHAR")):
            _same_ledger(db, name, evidence)
    if db.rows("SELECT 1 FROM resolved WHERE side = 0 LIMIT 1"):
        _messages(db)


def _same_ledger(db: Database, name: str, evidence: str) -> None:
    db.run(f"same ledger by {name}", f"""
        CREATE OR REPLACE TEMP TABLE same_ledger AS
        WITH own AS (
            SELECT r.entry, r.place, r.source_id, s.format, r.side,
                   CASE r.side WHEN 1 THEN r.payer ELSE r.payee END AS account,
                   CASE r.side WHEN 1 THEN r.payee ELSE r.payer END AS other
            FROM resolved r JOIN sources s USING (source_id)
            WHERE r.side IN (1, 2) AND {_IS_UNIT} AND {_NOT_KEPT_APART}),
        several AS (SELECT account FROM own GROUP BY account HAVING count(DISTINCT format) > 1),
        candidates AS (
            SELECT o.*, e.amount, e.currency, timezone(e.zone, e.time)::DATE AS day,
                   CASE o.side WHEN 1 THEN e.balance_payer ELSE e.balance_payee END AS own_balance, {evidence} AS evidence
            FROM own o JOIN several USING (account) JOIN entries e ON e.entry = o.entry),
        groups AS (
            SELECT account, side, amount, currency, day, evidence FROM candidates WHERE evidence IS NOT NULL
            GROUP BY account, side, amount, currency, day, evidence
            HAVING count(DISTINCT format) > 1 AND count(DISTINCT other) <= 1 AND count(DISTINCT own_balance) <= 1),
        counted AS (
            SELECT c.*, row_number() OVER (
                PARTITION BY account, side, amount, currency, day, evidence, source_id ORDER BY c.place) AS n
            FROM candidates c JOIN groups USING (account, side, amount, currency, day, evidence))
        SELECT place AS unit, min(place) OVER (PARTITION BY account, side, amount, currency, day, evidence, n) AS target
        FROM counted
    """)  # fmt: skip
    db.run(f"follow same ledger by {name}", """
        UPDATE joined SET unit = s.target FROM same_ledger s WHERE joined.unit = s.unit AND s.unit <> s.target
    """)  # fmt: skip
    db.run(
        f"join same ledger by {name}", "INSERT INTO joined SELECT unit, target FROM same_ledger WHERE unit <> target"
    )


def _messages(db: Database) -> None:
    """What only passes on a payment (a settlement between banks) moves no money beside the booked payment itself."""
    moved = ", ".join(f"'{status.value}'" for status in sorted(MOVED))
    db.run("booked messages", f"""
        CREATE OR REPLACE TEMP TABLE booked_messages AS
        WITH message AS (
            SELECT r.place, r.payer, r.payee, e.amount, e.currency, e.external_id, e.time
            FROM resolved r JOIN entries e ON e.entry = r.entry
            WHERE r.side = 0 AND NOT r.unnumbered AND e.status IN ({moved}) AND {_IS_UNIT} AND {_NOT_KEPT_APART})
        SELECT m.place, min(r.place) AS unit
        FROM message m JOIN resolved r ON r.payer = m.payer AND r.payee = m.payee AND r.side <> 0
        JOIN entries e ON e.entry = r.entry AND e.external_id = m.external_id AND e.amount = m.amount
            AND e.currency = m.currency AND e.status IN ({moved})
            AND abs(epoch_us(e.time) - epoch_us(m.time)) <= 86400000000
        WHERE {_IS_UNIT} AND {_NOT_KEPT_APART}
        GROUP BY m.place
    """)  # fmt: skip
    db.run("follow booked messages", """
        UPDATE joined SET unit = m.unit FROM booked_messages m WHERE joined.unit = m.place
    """)  # fmt: skip
    db.run("join booked messages", "INSERT INTO joined SELECT place, unit FROM booked_messages")


def candidates(db: Database) -> pa.Table:
    """Units that may be one side of a transfer whose other side was produced too, as arrays for the pairing kernel.

    Columns: unit, group_id (same payer, payee, amount, currency, and both failed or neither: a failed payment is not
    the other side of a receipt), time (µs), width (µs), side (1, 2), serial (hash, 0 = none), tie. A counterparty known
    by name only stands for the one produced account with that holder, if there is just one.
    """
    db.run("holders", """
        CREATE OR REPLACE TEMP TABLE holders AS
        SELECT name, min(account_id) AS account FROM mentions WHERE produced AND NOT book AND name <> ''
        GROUP BY name HAVING count(DISTINCT account_id) = 1
    """)  # fmt: skip
    db.run("sided", f"""
        CREATE OR REPLACE TEMP TABLE sided AS
        WITH guessed AS (
            SELECT r.* REPLACE (coalesce(r.payer, p.account) AS payer, coalesce(r.payee, q.account) AS payee)
            FROM resolved r JOIN entries e ON e.entry = r.entry
            LEFT JOIN holders p ON r.payer IS NULL AND e.payer_name = p.name
            LEFT JOIN holders q ON r.payee IS NULL AND e.payee_name = q.name
            WHERE r.payer IS NULL OR r.payee IS NULL),
        ends AS NOT MATERIALIZED (  -- two readings cost less than a copy of all rows
            SELECT *, hash(payer, payee, amount) AS alike FROM (
                SELECT * FROM resolved WHERE payer IS NOT NULL AND payee IS NOT NULL UNION ALL SELECT * FROM guessed)
            WHERE side IN (1, 2) AND amount > 0 AND payer <> payee),
        met AS (  -- a few too many, in half the time; the next step looks closely
            SELECT alike FROM ends GROUP BY alike HAVING min(side) = 1 AND max(side) = 2)
        SELECT r.place AS unit, r.entry, r.side, r.key, r.amount, r.currency, r.payer, r.payee, r.failed
        FROM ends r JOIN met USING (alike)
        WHERE {_IS_UNIT} AND {_NOT_KEPT_APART}
    """)  # fmt: skip
    return db.arrow("""
        WITH both_sides AS (
            SELECT payer, payee, amount, currency, failed,
                   row_number() OVER (ORDER BY payer, payee, amount, currency, failed) AS group_id
            FROM sided GROUP BY payer, payee, amount, currency, failed HAVING min(side) = 1 AND max(side) = 2)
        SELECT s.unit, b.group_id, epoch_us(e.time) AS time, s.side, row_number() OVER (ORDER BY s.key) AS tie,
               CASE e.time_precision WHEN 'day' THEN 86400000000 WHEN 'hour' THEN 3600000000
                    WHEN 'minute' THEN 60000000 ELSE 1000000 END AS width,
               CASE WHEN e.external_id = '' THEN 0
                    ELSE 1 + (md5_number_lower(e.external_id) >> 2)::BIGINT END AS serial
        FROM sided s JOIN both_sides b USING (payer, payee, amount, currency, failed) JOIN entries e ON e.entry = s.entry
        ORDER BY group_id, time, tie
    """)


def ledger(db: Database, payer_units: pa.Array, payee_units: pa.Array) -> None:
    """`transactions`, `row_sources` and `merges`, given the units that pair as the two sides of one transfer.

    Of a pair, the payer's row gives the serial, the words and the row's id; the finer time wins, of equally fine ones
    the payer's, and `time_other` keeps the payee's; each side gives its own balance and its own account.

    The first two are views: what a row says is stored once, in `entries`; `heads`, `seconds` and `followers` say which
    entries are a payment's first row, its other side, and all its further rows.
    """
    with db.lend("paired", pa.table({"payer_unit": payer_units, "payee_unit": payee_units})):
        db.run("pairs", "CREATE OR REPLACE TEMP TABLE pairs AS SELECT * FROM paired")
    _heads(db)
    _seconds(db)
    _followers(db)


def _heads(db: Database) -> None:
    with db.without_search():
        db.run("heads", f"""
            CREATE OR REPLACE TABLE heads AS
            WITH other AS (
                SELECT p.payer_unit, r.payer, r.payee, r.side FROM pairs p JOIN resolved r ON r.place = p.payee_unit)
            SELECT r.key AS row_id, r.entry, coalesce(r.payer, b.payer) AS payer, coalesce(b.payee, r.payee) AS payee,
                   r.side | coalesce(b.side, 0) AS sides
            FROM resolved r LEFT JOIN other b ON b.payer_unit = r.place
            WHERE {_IS_UNIT} AND r.place NOT IN (SELECT payee_unit FROM pairs)
        """)  # fmt: skip


def _seconds(db: Database) -> None:
    """What the payee's row of a pair changes in the payer's."""
    db.run("precision", """
        CREATE OR REPLACE TEMP MACRO coarseness(p) AS
        CASE p WHEN 'second' THEN 0 WHEN 'minute' THEN 1 WHEN 'hour' THEN 2 ELSE 3 END
    """)  # fmt: skip
    db.run("seconds", """
        CREATE OR REPLACE TABLE seconds AS
        SELECT x.entry,
               CASE WHEN coarseness(b.time_precision) < coarseness(a.time_precision) THEN b.time ELSE a.time END AS time,
               CASE WHEN greatest(coarseness(a.time_precision), coarseness(b.time_precision)) <= 1 AND b.time <> a.time
                    THEN b.time END AS time_other,
               CASE WHEN coarseness(b.time_precision) < coarseness(a.time_precision) THEN b.time_precision
                    ELSE a.time_precision END AS time_precision,
               CASE WHEN a.status = 'unknown' THEN b.status ELSE a.status END AS status,
               CASE WHEN a.memo = '' THEN b.memo ELSE a.memo END AS memo,
               coalesce(a.balance_payer, b.balance_payer) AS balance_payer,
               coalesce(b.balance_payee, a.balance_payee) AS balance_payee,
               coalesce(nullif(a.payer_name, ''), b.payer_name) AS payer_name,
               coalesce(nullif(b.payee_name, ''), a.payee_name) AS payee_name
        FROM pairs p JOIN resolved x ON x.place = p.payer_unit JOIN resolved y ON y.place = p.payee_unit
        JOIN entries a ON a.entry = x.entry JOIN entries b ON b.entry = y.entry
    """)  # fmt: skip
    changed = ", ".join(
        f"CASE WHEN s.entry IS NULL THEN a.{name} ELSE s.{name} END AS {name}"
        for name in ("status", "memo", "balance_payer", "balance_payee")
    )
    db.run("transactions", f"""
        CREATE OR REPLACE VIEW transactions AS
        SELECT h.row_id, a.external_id, coalesce(s.time, a.time) AS time, s.time_other, a.zone,
               coalesce(s.time_precision, a.time_precision) AS time_precision, h.payer, h.payee, a.amount, a.currency,
               a.amount_received, a.currency_received, a.kind, a.channel, {changed}, a.ip, a.mac, a.device,
               coalesce(s.payer_name, a.payer_name, '') AS payer_name,
               coalesce(s.payee_name, a.payee_name, '') AS payee_name, h.sides
        FROM heads h JOIN entries a ON a.entry = h.entry LEFT JOIN seconds s ON s.entry = h.entry
    """)  # fmt: skip


def _followers(db: Database) -> None:
    db.run("followers", """
        CREATE OR REPLACE TABLE followers AS
        SELECT r.entry, r.key AS entry_key, head.key AS row_id, head.entry AS into_entry,
               CASE WHEN m.payer_unit IS NOT NULL AND r.place = m.payee_unit THEN 'two_sides'
                    WHEN r.key = own.key THEN 'same_row' ELSE 'same_row_other_format' END AS why
        FROM (SELECT place, unit FROM joined UNION ALL SELECT payee_unit, payee_unit FROM pairs) j
        JOIN resolved r ON r.place = j.place
        JOIN resolved own ON own.place = j.unit
        LEFT JOIN pairs m ON m.payee_unit = j.unit
        JOIN resolved head ON head.place = coalesce(m.payer_unit, j.unit)
    """)  # fmt: skip
    db.run("row sources", """
        CREATE OR REPLACE VIEW row_sources AS
        SELECT h.row_id, e.source_id, e.source_row, h.row_id AS entry_key, true AS first, '' AS why
        FROM heads h JOIN entries e ON e.entry = h.entry
        UNION ALL
        SELECT f.row_id, e.source_id, e.source_row, f.entry_key, false, f.why
        FROM followers f JOIN entries e ON e.entry = f.entry
    """)  # fmt: skip
    db.run("merges", """
        CREATE OR REPLACE TABLE merges AS
        SELECT f.row_id, e.source_id, e.source_row, i.source_id AS into_source_id, i.source_row AS into_source_row, f.why
        FROM followers f JOIN entries e ON e.entry = f.entry JOIN entries i ON i.entry = f.into_entry
    """)  # fmt: skip
