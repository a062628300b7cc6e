"""Every payment once for each account in it: the table `sides`, held as Arrow, by account and then in order."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from duanka.flow.index import by_node
from duanka.flow.ledger import NO_BALANCE, NOBODY, Bool, Int32, Int64, Ledger
from duanka.flow.partners import Rows
from duanka.store.database import Database

_BATCH = 120_000
"""Rows that one thread of the database reads at a time."""

_WORDS = {
    "cash": "ATM|取款|取现|现金支取|现支",
    "gold": "黄金|金店|珠宝|首饰|金条|钻石|名表|香烟|烟酒|茅台|奢侈",
    "coin": "(?i)USDT|泰达币|比特币|虚拟币|数字货币|火币|币安|OTC|binance|huobi|OKX",
    "coded": "(?i)换汇|换U|上分|下分|刷单|跑分|码粮|USDT|泰达币|车费|料子",
    "usual": "工资|薪|奖金|税|社保|公积金|水费|电费|燃气|物业|房租",
}
"""What a memo says (assumption: words met in public reports of cases)."""

FLAGS = ("worded", *_WORDS)
"""Whether there are words at all, and what they say."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the records say of each payment beside the ledger, in its order."""

    day: Int32  # since 1970, local
    hour: NDArray[np.int8]
    fine: Bool  # the hour is known
    banks: NDArray[np.int8]  # whose ledger has it: 1 the payer's, 2 the payee's, 3 both
    device: Int32  # the payer's, a place in `devices`, or NOBODY
    devices: pa.Array
    flags: NDArray[np.uint8]  # of FLAGS, as bits


@dataclass(frozen=True, slots=True)
class Heads:
    """Of each node: its account's number (NOBODY where it has no payments), whether it is the main one, 10**decimals."""

    account: Int32
    main: np.ndarray
    unit: Int64

    def units(self) -> Int64:
        """10**decimals of each account."""
        found = np.ones(int(self.account.max(initial=NOBODY)) + 1, np.int64)
        found[self.account[self.main]] = self.unit[self.main]
        return found


def readable(table: pa.Table) -> pa.Table:
    """The table, cut so that the database can read it with all threads. Nothing is copied."""
    return pa.Table.from_batches(table.to_batches(max_chunksize=_BATCH), table.schema)


@dataclass(frozen=True, slots=True)
class Sides:
    """The rows of account `a` are those from `rows.starts[a]` on, in order; a payment to itself is received first."""

    table: pa.Table  # one chunk a column
    rows: Rows  # what kernels read of it

    def of(self, accounts: Int32, names: Collection[str]) -> pa.Table:
        """Columns of the rows of some accounts, likewise. O(rows)."""
        starts = self.rows.starts
        first, count = starts[accounts], starts[accounts + 1] - starts[accounts]
        before = np.cumsum(count) - count
        table = self.table.select([name for name in self.table.column_names if name in names])
        return _taken(table, np.arange(count.sum()) + np.repeat(first - before, count))


def sides(ledger: Ledger, moment: Int64, heads: Heads, told: Said) -> Sides:
    """`sides` of an ordered ledger, of accounts' main nodes; see `signals.tables`.

    Counting sort; O(payments + accounts), about 60 bytes a side.
    """
    far = np.where(_both(ledger.payee, ledger.payer) == NOBODY, NOBODY, _both(*_of(heads.account, ledger)))
    main = _both(*_of(heads.main, ledger))
    accounts = int(heads.account.max(initial=NOBODY)) + 1
    starts, end = by_node(
        np.where(main, far, np.int32(NOBODY)), accounts
    )  # 2 r: the payee of row r; 2 r + 1: its payer
    seq, paid = (end >> 1).astype(np.int32), (end & 1) == 1
    amount = _both(ledger.received, ledger.amount)[end]
    rows = Rows(starts, far[end ^ 1], paid, amount, moment[seq], told.day[seq])
    balance = _both(ledger.balance_payee, ledger.balance_payer)[end]
    flags = told.flags[seq]
    account = np.repeat(np.arange(accounts, dtype=np.int32), np.diff(starts))
    table = pa.table({
        "a": account, "other": pa.array(rows.other, mask=rows.other == NOBODY),
        "way": np.where(paid, np.int8(-1), np.int8(1)), "seq": seq, "moment": rows.moment, "amount": amount,
        "units": amount / heads.units()[account], "balance": pa.array(balance, mask=balance == NO_BALANCE),
        "own": told.banks[seq] & np.where(paid, np.int8(1), np.int8(2)) != 0, "fine": told.fine[seq],
        "day": pa.array(rows.day).cast(pa.date32()), "hour": told.hour[seq],
        **{name: flags & 2**bit != 0 for bit, name in enumerate(FLAGS)},
    })  # fmt: skip
    return Sides(table.combine_chunks(), rows)


def _of(known: np.ndarray, ledger: Ledger) -> tuple[np.ndarray, np.ndarray]:
    """What is known of payees and payers."""
    return known[ledger.payee], known[ledger.payer]


def _taken(table: pa.Table, rows: np.ndarray) -> pa.Table:
    """Some rows of a table, a thread a column."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - of a table
    return frame[rows].to_arrow()


def said(db: Database, row_ids: pa.Array) -> Said:
    """What the records say of these payments."""
    query = """
        SELECT row_id, timezone(zone, time)::DATE AS day, hour(timezone(zone, time))::TINYINT AS hour,
               time_precision IN ('second', 'minute') AS fine, sides AS banks,
               coalesce(nullif(device, ''), nullif(mac, '')) AS device, concat(memo, kind, channel) AS words
        FROM transactions
    """
    parts = [_encoded(pa.table(one)) for one in db.batches(query, _BATCH)]
    told = pa.concat_tables(parts or [_encoded(db.arrow(query))]).unify_dictionaries().combine_chunks()
    place = _places(db, told["row_id"], row_ids)
    device, words = (told[name].combine_chunks() for name in ("device", "words"))
    return Said(
        day=told["day"].cast(pa.int32()).to_numpy()[place], hour=told["hour"].to_numpy()[place],
        fine=told["fine"].to_numpy()[place], banks=told["banks"].to_numpy()[place],
        device=device.indices.fill_null(NOBODY).to_numpy()[place], devices=device.dictionary,
        flags=_flags(db, words.dictionary)[words.indices.to_numpy()][place],
    )  # fmt: skip


def _encoded(table: pa.Table) -> pa.Table:
    """With dictionaries in place of words."""
    for name in ("device", "words"):
        table = table.set_column(table.schema.get_field_index(name), name, table[name].dictionary_encode())
    return table


def _places(db: Database, told: pa.ChunkedArray, row_ids: pa.Array) -> Int32:
    """Where each row is told of."""
    rows = pa.table({"row_id": told, "place": np.arange(len(told), dtype=np.int32)})
    paid = pa.table({"row_id": row_ids, "seq": np.arange(len(row_ids), dtype=np.int32)})
    with db.lend("told", readable(rows)), db.lend("paid", readable(paid)):
        found = db.arrow("SELECT seq, place FROM told JOIN paid USING (row_id)")
    place = np.empty(len(row_ids), np.int32)
    place[found["seq"].to_numpy()] = found["place"].to_numpy()
    return place


def _flags(db: Database, words: pa.Array) -> NDArray[np.uint8]:
    """Of each text the FLAGS that are true of it, as bits."""
    parts = ["(said <> '')::UTINYINT"]
    parts += [f"{2**bit} * regexp_matches(said, '{one}')::UTINYINT" for bit, one in enumerate(_WORDS.values(), 1)]
    with db.lend("spoken", pa.table({"said": words, "place": np.arange(len(words))})):
        found = db.arrow(f"SELECT ({' + '.join(parts)})::UTINYINT AS flags FROM spoken ORDER BY place")
    flags: NDArray[np.uint8] = found["flags"].to_numpy()
    return flags


def _both(payee: np.ndarray, payer: np.ndarray) -> np.ndarray:
    """Of both ends of each row, the payee's first."""
    return np.stack((payee, payer), axis=1).ravel()
