"""What speaks for ordinary life on an account: receipts that look like salary, payments of tax, bills and care."""

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from duanka.report.evidence import moment
from duanka.report.findings import Everyday
from duanka.report.follow import MOVED_SQL
from duanka.store.database import Database

WORDS: dict[str, str] = {
    "salary": r"工资|代发|薪资|薪金|薪水|薪酬|\b(salary|salaries|payroll|wages?)\b",
    "tax": r"税|\btax(es)?\b",
    "utilities": r"水费|电费|水电|燃气|煤气|天然气|暖气|[取供采]暖|\b(electricity|(water|gas) bill|utilit(y|ies))\b",
    "medical": r"医院|医疗|门诊|住院|药店|药房|\b(hospital|clinic|pharmacy|medical)\b",
    "social": r"社保|社会保险|医保|公积金|养老保险|\bsocial (security|insurance)\b|\bhousing fund\b",
}
"""Kind -> words of a memo or kind of payment (RE2, lower case). Salary is looked for among receipts, the others among
payments."""

NOT_MEANT = r"代发货|免税|税控"
"""Words that hold one of the above and mean something else: drop shipping, duty-free shops, tax printers."""


def everyday(
    db: Database, accounts: Sequence[str], *, until: datetime | None = None
) -> dict[str, tuple[Everyday, ...]]:
    """Counts and sums by account, kind and currency, of rows that moved money. A row counts under its first kind.

    With `until`, of rows up to that moment (closed).
    """
    chosen = pa.table({"account_id": pa.array(accounts, pa.string())})
    cases = " ".join("WHEN regexp_matches(words, ?) THEN ?" for _ in WORDS)
    values = [NOT_MEANT, *(text for kind, words in WORDS.items() for text in (words, kind)), until, until]
    with db.lend("some_accounts", chosen):
        found = db.rows(
            f"""
            WITH sides AS (
                SELECT payee AS account_id, true AS incoming, payer AS other, amount_received AS amount,
                       currency_received AS currency, time, memo, kind
                FROM transactions WHERE status IN ({MOVED_SQL}) AND payer IS DISTINCT FROM payee
                  AND payee IN (SELECT account_id FROM some_accounts)
                UNION ALL
                SELECT payer, false, payee, amount, currency, time, memo, kind
                FROM transactions WHERE status IN ({MOVED_SQL}) AND payer IS DISTINCT FROM payee
                  AND payer IN (SELECT account_id FROM some_accounts)),
            worded AS (SELECT *, regexp_replace(lower(concat_ws(' ', memo, kind)), ?, '', 'g') AS words FROM sides),
            named AS (SELECT *, CASE {cases} END AS what FROM worded)
            SELECT account_id, what, currency, count(*), sum(amount), count(DISTINCT other),
                   epoch_us(min(time)), epoch_us(max(time))
            FROM named WHERE what IS NOT NULL AND incoming = (what = 'salary')
              AND (?::TIMESTAMPTZ IS NULL OR time <= ?::TIMESTAMPTZ)
            GROUP BY account_id, what, currency
            """,
            values,
        )
    order = {kind: number for number, kind in enumerate(WORDS)}
    collected: dict[str, list[Everyday]] = {}
    for account, kind, currency, count, amount, others, first, last in found:
        collected.setdefault(str(account), []).append(
            Everyday(
                str(kind), str(currency), int(str(count)), int(str(amount)), int(str(others)), moment(first),
                moment(last),
            )
        )  # fmt: skip
    return {
        account: tuple(sorted(rows, key=lambda row: (order[row.kind], row.currency)))
        for account, rows in collected.items()
    }
