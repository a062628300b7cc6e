"""The canonical tables of a world, read part by part, and what every style needs to know of accounts."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from duanka.messages.told import ToldError
from duanka.records.schemas import TABLES

PART_ROWS = 250_000
"""Rows that are held at once."""

ZONE = "Asia/Shanghai"
PERSONAL = ("personal_i", "personal_ii", "personal_iii")


class RenderError(ToldError, ValueError):
    """A folder that can't be rendered: what is missing in it."""


class Source:
    """A folder of canonical Parquet. Static tables are read once, the others part by part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "transactions").is_dir() or not (folder / "accounts.parquet").exists():
            raise RenderError("synth.no_world", folder=folder)

    def table(self, name: str, kind: str) -> pl.DataFrame:
        """A table of one file; empty, with the columns of `records.schemas`, where there is none."""
        path = self.folder / f"{name}.parquet"
        if path.exists():
            return pl.read_parquet(path)
        empty = pl.from_arrow(TABLES[kind].empty_table())
        assert isinstance(empty, pl.DataFrame)  # noqa: S101 - a table is a frame
        return empty

    def parts(self, name: str) -> Iterator[pl.DataFrame]:
        """The rows of a table in the order of its files, at most PART_ROWS at a time. None if there is none."""
        for path in sorted((self.folder / name).glob("part-*.parquet")):
            for batch in pq.ParquetFile(path).iter_batches(batch_size=PART_ROWS):
                yield pl.DataFrame(pa.table(batch))

    @cached_property
    def accounts(self) -> pl.DataFrame:
        """Accounts with helper columns; a row's place is what `Ledger` calls it by.

        `wallet`: alipay, tenpay or blank; `number`: the id without its prefix; `printed`: the number that others print
        for it (its card, where there is one; a wallet's without prefix); `house`: the place of its institution in
        `institutions`.
        """
        frame = self.table("accounts", "account").with_row_index("row")
        number = pl.col("account_id").str.replace("^[a-z]+:", "")
        places = {name: place for place, name in enumerate(frame["institution"].unique(maintain_order=True).sort())}
        return frame.with_columns(
            pl.col("row").cast(pl.Int64),
            wallet=pl.when(pl.col("account_id").str.contains(":", literal=True))
            .then(pl.col("account_id").str.extract("^([a-z]+):"))
            .otherwise(pl.lit("")),
            number=number,
            printed=pl.coalesce("alias", number),
            house=pl.col("institution").replace_strict(places, return_dtype=pl.Int32),
        )

    @cached_property
    def institutions(self) -> list[str]:
        """Names of institutions, in the order of `house`."""
        return sorted(self.accounts["institution"].unique().to_list())

    def of(self, rows: pl.Series, column: str) -> pl.Series:
        """A column of the accounts, by their rows; null where the row is null."""
        return self.accounts[column].gather(rows).alias(column)

    @cached_property
    def _rows(self) -> pl.DataFrame:
        return self.accounts.select("account_id", "row")

    def rows_of(self, ids: pl.Series) -> pl.Series:
        """Rows of accounts by id; null where the id is null. RenderError for an id that accounts.parquet lacks."""
        found = ids.to_frame("account_id").join(self._rows, on="account_id", how="left", maintain_order="left")["row"]
        if found.null_count() != ids.null_count():
            lost = ids.filter(found.is_null() & ids.is_not_null())[0]
            raise RenderError("synth.lost_account", account=lost, folder=self.folder)
        return found


def ledger(source: Source, part: pl.DataFrame, first: int) -> pl.DataFrame:
    """Payments as they stand in the ledgers: one row for each side that has an account; a failed one only the payer's.

    Columns: n (number of the payment from `first`), own, other (rows of accounts), house (the keeper's), out, time
    (Beijing, naive), amount, balance, status, and the words of the payment. O(rows).
    """
    local = part.with_columns(
        n=pl.int_range(first, first + part.height, dtype=pl.Int64),
        time=pl.col("time").dt.convert_time_zone(ZONE).dt.replace_time_zone(None),
        payer=source.rows_of(part["payer"]),
        payee=source.rows_of(part["payee"]),
    )
    kept = (
        "n",
        "time",
        "amount",
        "currency",
        "status",
        "external_id",
        "kind",
        "channel",
        "memo",
        "ip",
        "mac",
        "device",
    )
    paid = local.filter(pl.col("payer").is_not_null()).select(
        *kept, own="payer", other="payee", balance="balance_payer", out=pl.lit(value=True)
    )
    got = local.filter(pl.col("payee").is_not_null() & (pl.col("status") != "failed")).select(
        *kept, own="payee", other="payer", balance="balance_payee", out=pl.lit(value=False)
    )
    got = got.with_columns(pl.lit("").alias(name) for name in ("ip", "mac", "device"))  # the payer's bank alone knows
    both = pl.concat([paid, got])
    return both.with_columns(house=source.of(both["own"], "house"))


def bits(number: pl.Expr, seed: int, what: int) -> pl.Expr:
    """Sixteen bits that look like chance, from a number below 2**40. The same everywhere, unlike a library's hash."""
    mixed = (number * 2_654_435 + (seed % 65_536) * 40_503 + what * 7_919) % 1_000_003
    return mixed * 48_271 % 2_147_483_647 // 7 % 65_536


def share(number: pl.Expr, seed: int, what: int, part: float) -> pl.Expr:
    """True for about this part of the numbers."""
    return bits(number, seed, what) < round(part * 65_536)


def yuan(fen: str) -> pl.Expr:
    """Minor units as yuan with two decimals; null stays null."""
    digits = pl.col(fen).abs().cast(pl.String).str.zfill(3)
    sign = pl.when(pl.col(fen) < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, digits.str.head(-2), pl.lit("."), digits.str.tail(2))
