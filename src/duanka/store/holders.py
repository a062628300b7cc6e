"""Accounts and their holders, put together from account lists and from what statement rows say."""

from duanka.store.database import Database


def mentions(db: Database) -> None:
    """`mentions (account_id, name, idno, bank, produced, book, source_id, n)`: how often rows say what of an account.

    `produced`: the rows stand in the account's own ledger; `book`: the source is a whole book.
    """
    db.run("mentions", """
        CREATE OR REPLACE TEMP TABLE mentions AS
        SELECT account_id, name, idno, bank, produced, book, source_id, count(*) AS n FROM (
            SELECT coalesce(a.account_id, e.payer) AS account_id, e.payer_name AS name, e.payer_idno AS idno, e.source_id,
                   CASE WHEN e.side IN (1, 3) THEN '' ELSE e.payer_bank END AS bank, e.side IN (1, 3) AS produced,
                   e.side = 3 AS book
            FROM entries e LEFT JOIN aliases a ON e.payer = a.alias WHERE e.payer IS NOT NULL
            UNION ALL
            SELECT coalesce(a.account_id, e.payee), e.payee_name, e.payee_idno, e.source_id,
                   CASE WHEN e.side IN (2, 3) THEN '' ELSE e.payee_bank END, e.side IN (2, 3), e.side = 3
            FROM entries e LEFT JOIN aliases a ON e.payee = a.alias WHERE e.payee IS NOT NULL)
        GROUP BY account_id, name, idno, bank, produced, book, source_id
    """)  # fmt: skip


def accounts(db: Database) -> None:
    """`accounts`: every account that is named anywhere, with what is known of it, from `mentions` and account lists.

    Account lists speak before statement rows; among statement rows the word used most often counts, ties go to the
    smaller. `produced` says whether the account's own ledger is (in part) in the case. Also completes `aliases`: every
    account is an alias of itself, and a prefixed id of its bare number where that is unambiguous.
    """
    db.run("listed", """
        CREATE OR REPLACE TEMP TABLE listed AS
        SELECT coalesce(a.account_id, nullif(r.account_id, ''), r.alias) AS account,
               max(r.institution) AS institution, max(r.kind) AS kind, max(r.holder_name) AS holder_name,
               max(r.holder_id) AS holder_id, max(r.phone) AS phone, min(r.opened_on) AS opened_on,
               max(r.closed_on) AS closed_on, max(r.outlet_id) AS outlet_id, max(r.state) AS state
        FROM raw_account r LEFT JOIN aliases a ON coalesce(nullif(r.account_id, ''), r.alias) = a.alias
        GROUP BY ALL
    """)  # fmt: skip
    for column in ("name", "idno", "bank"):
        db.run(f"usual {column}", f"""
            CREATE OR REPLACE TEMP TABLE usual_{column} AS
            SELECT account_id, arg_max(word, n * 1000000 - place) AS word FROM (
                SELECT account_id, {column} AS word, sum(n) AS n,
                       row_number() OVER (PARTITION BY account_id ORDER BY {column}) AS place
                FROM mentions WHERE {column} <> '' GROUP BY account_id, {column})
            GROUP BY account_id
        """)  # fmt: skip
    db.run("accounts", """
        CREATE OR REPLACE TABLE accounts AS
        WITH seen AS (
            SELECT account_id, bool_or(produced) AS produced,
                   CASE WHEN count(DISTINCT s.institution) FILTER (produced AND s.institution <> '') = 1
                        THEN max(s.institution) FILTER (produced AND s.institution <> '') ELSE '' END AS institution
            FROM mentions JOIN sources s USING (source_id) GROUP BY account_id),
        everyone AS (SELECT account_id FROM seen UNION SELECT account FROM listed)
        SELECT e.account_id,
               coalesce(nullif(l.institution, ''), nullif(s.institution, ''), b.word, '') AS institution,
               CASE WHEN coalesce(l.kind, '') <> '' THEN l.kind
                    WHEN e.account_id LIKE 'alipay:%' THEN 'payment_alipay'
                    WHEN e.account_id LIKE 'tenpay:%' OR e.account_id LIKE 'wechat:%' THEN 'payment_wechat'
                    ELSE 'unknown' END AS kind,
               CASE WHEN coalesce(nullif(l.holder_id, ''), i.word) IS NULL THEN NULL
                    ELSE 'id:' || coalesce(nullif(l.holder_id, ''), i.word) END AS party_id,
               coalesce(nullif(l.holder_name, ''), n.word, '') AS holder_name,
               coalesce(l.phone, '') AS phone, l.opened_on, l.closed_on, nullif(l.outlet_id, '') AS outlet_id,
               coalesce(l.state, '') AS state, coalesce(s.produced, false) AS produced
        FROM everyone e LEFT JOIN seen s USING (account_id) LEFT JOIN listed l ON e.account_id = l.account
        LEFT JOIN usual_name n ON e.account_id = n.account_id LEFT JOIN usual_idno i ON e.account_id = i.account_id
        LEFT JOIN usual_bank b ON e.account_id = b.account_id
        ORDER BY e.account_id
    """)  # fmt: skip
    db.run("every alias", """
        INSERT INTO aliases
        SELECT account_id, account_id, 'account' FROM accounts WHERE account_id NOT IN (SELECT alias FROM aliases)
    """)  # fmt: skip
    db.run("bare numbers", """
        INSERT INTO aliases
        SELECT bare, min(account_id), 'unknown' FROM (
            SELECT split_part(account_id, ':', 2) AS bare, account_id FROM accounts
            WHERE account_id LIKE '%:%' AND account_id NOT LIKE 'unknown:%')
        WHERE bare <> '' AND bare NOT IN (SELECT alias FROM aliases) GROUP BY bare HAVING count(*) = 1
    """)  # fmt: skip


def parties(db: Database) -> None:
    """`parties`: everybody with an identity number, from party lists, account lists and statement rows."""
    db.run("parties", """
        CREATE OR REPLACE TABLE parties AS
        WITH named AS (
            SELECT 'id:' || id_number AS party_id, name, id_kind, id_number, kind, phone, address, employer
            FROM raw_party WHERE id_number <> ''
            UNION ALL
            SELECT party_id, holder_name, '', substr(party_id, 4), '', phone, '', ''
            FROM accounts WHERE party_id IS NOT NULL)
        SELECT party_id, max(name) AS name, max(id_kind) AS id_kind, max(id_number) AS id_number, max(kind) AS kind,
               max(phone) AS phone, max(address) AS address, max(employer) AS employer
        FROM named GROUP BY party_id ORDER BY party_id
    """)  # fmt: skip
