"""How an account's balance ran: as printed, and between printed balances as its rows say."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from duanka.report.findings import Balance, Stretch
from duanka.store.database import Database

MAX_CURRENCIES = 3
"""Currencies of an account whose balance is shown, those with most rows first."""

MAX_BREAKS = 40
"""Balance breaks that are marked."""

CLOSE_UP = 2 * 86_400 * 1_000_000
"""Two days, µs: relays run within hours, and the months around them would flatten every tooth."""

_BINS = 400
"""Pieces of time of which only the first, lowest, highest and last balance are kept, where there are more rows."""


def balances(db: Database, accounts: Sequence[str]) -> dict[str, tuple[Balance, ...]]:
    """The balances of some produced accounts, over the rows within their coverage. Accounts without any have no entry.

    A printed balance stands as it is printed. Before the first one, and after each, the balance follows from the rows;
    where none is printed it begins at the least opening that keeps it from going below zero (see `flow.balances`).
    O(rows log rows).
    """
    with db.lend("some_accounts", pa.table({"account_id": pa.array(accounts, pa.string())})):
        rows = pl.DataFrame(db.arrow("""
            WITH sides AS (
                SELECT payer AS account_id, currency, row_id,
                       CASE WHEN payee = payer AND currency = currency_received
                            THEN amount_received - amount ELSE -amount END AS change,
                       CASE WHEN payee = payer AND currency = currency_received
                            THEN coalesce(balance_payee, balance_payer) ELSE balance_payer END AS printed
                FROM transactions WHERE payer IN (SELECT account_id FROM some_accounts)
                UNION ALL
                SELECT payee, currency_received, row_id, amount_received, balance_payee
                FROM transactions WHERE payee IN (SELECT account_id FROM some_accounts)
                  AND NOT coalesce(payee = payer AND currency = currency_received, false))
            SELECT s.account_id, s.currency, o.seq, epoch_us(o.moment) AS at, s.change, s.printed
            FROM sides s JOIN row_order o USING (row_id) JOIN coverage c USING (account_id)
            WHERE coalesce(o.moment BETWEEN c."from" AND c."to", true)
            ORDER BY s.account_id, s.currency, o.seq
        """))  # fmt: skip
    found: dict[str, list[Balance]] = {}
    for (account, currency), own in rows.group_by(["account_id", "currency"], maintain_order=True):
        found.setdefault(str(account), []).append(_balance(str(currency), own))
    return {
        account: tuple(sorted(own, key=lambda one: (-one.rows, one.currency))[:MAX_CURRENCIES])
        for account, own in found.items()
    }


def _balance(currency: str, rows: pl.DataFrame) -> Balance:
    ran = rows.with_columns(total=pl.col("change").cum_sum())
    base = ran.with_columns(base=pl.col("printed") - pl.col("total"))
    printed = base["base"].drop_nulls()
    opening = int(printed[0]) if len(printed) else max(-int(str(ran["total"].min())), 0)
    base = base.with_columns(pl.col("base").forward_fill().fill_null(opening))
    base = base.with_columns(after=pl.col("base") + pl.col("total"))
    broken = base.filter(pl.col("printed").is_not_null() & (pl.col("base") != pl.col("base").shift(1)))
    return Balance(
        currency=currency,
        whole=_stretch(base, opening),
        busiest=_busiest(base, opening),
        rows=len(base),
        printed=len(printed),
        breaks=tuple((int(at), int(value)) for at, value in broken.select("at", "printed").head(MAX_BREAKS).rows()),
        break_count=len(broken),
        last=int(base["after"][-1]),
    )


def _stretch(rows: pl.DataFrame, opening: int) -> Stretch:
    after = rows["after"]
    return Stretch(
        opening=opening,
        points=tuple((int(at), int(value)) for at, value in _thinned(rows).iter_rows()),
        lowest=min(int(str(after.min())), opening),
        highest=max(int(str(after.max())), opening),
    )


def _busiest(rows: pl.DataFrame, opening: int) -> Stretch | None:
    """The CLOSE_UP with most rows, the first of several such; None where it holds nearly the whole time."""
    at = rows["at"].to_numpy()
    if at[-1] - at[0] < 2 * CLOSE_UP:
        return None
    past = np.searchsorted(at, at + CLOSE_UP, side="right")
    first = int(np.argmax(past - np.arange(len(at))))
    before = int(rows["after"][first - 1]) if first else opening
    return _stretch(rows[first : int(past[first])], before)


def _thinned(rows: pl.DataFrame) -> pl.DataFrame:
    """`at, after`: all of them, or of each piece of time the first, lowest, highest and last one, in order."""
    if len(rows) <= 4 * _BINS:
        return rows.select("at", "after")
    first, last = int(rows["at"][0]), int(rows["at"][-1])
    width = max((last - first) // _BINS, 1)
    after = pl.col("after")
    numbered = rows.select("at", "after").with_row_index("row").with_columns(bin=(pl.col("at") - first) // width)
    row = pl.col("row")
    kept = numbered.group_by("bin").agg(
        row.first().alias("first"), row.last().alias("last"),
        row.get(after.arg_min()).alias("lowest"), row.get(after.arg_max()).alias("highest"),
    )  # fmt: skip
    which = pl.concat([kept[name].alias("row") for name in ("first", "lowest", "highest", "last")]).unique()
    return numbered.filter(row.is_in(which.implode())).select("at", "after")
