"""A seized platform database into a case: read, held against the bank rows, and stored as tables of the case."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa

from duanka.records.vocabulary import PRECISION_WIDTH_US
from duanka.rings import books, serving
from duanka.rings.matching import Tolerance
from duanka.rings.reconcile import (
    Evidence,
    Reconciled,
    match_table,
    order_table,
    owned_accounts,
    reconcile,
    row_table,
    service_periods,
    strengths,
)
from duanka.sources.platform.mapping import load_platform_mapping
from duanka.sources.platform.reading import PlatformBooks, read_books
from duanka.store.case import Case
from duanka.store.platform import PLATFORM_TABLES, bank_rows, named_orders, resolve, spans
from duanka.store.reading import SOURCE_ID_LENGTH


@dataclass(slots=True)
class Reconciliation:
    """What was found, in numbers; the rows are in the case's tables `platform_…`."""

    case: Path
    files: list[dict[str, object]] = field(default_factory=list)
    unknown: list[dict[str, str]] = field(default_factory=list)
    rejects: list[dict[str, object]] = field(default_factory=list)  # the first of them
    tolerance: Tolerance = field(default_factory=Tolerance)
    orders: int = 0
    exact: int = 0
    near: int = 0
    without_row: dict[str, int] = field(default_factory=dict)  # reason -> orders
    hows: dict[str, int] = field(default_factory=dict)  # step -> pairs
    near_expected: float = 0.0  # near matches that chance would make
    tested: int = 0
    met: int = 0
    expected: float | None = None
    score: float | None = None
    rows: dict[str, int] = field(default_factory=dict)  # kind -> payments in service
    accounts: list[dict[str, object]] = field(default_factory=list)
    users: int = 0
    levels: list[dict[str, object]] = field(default_factory=list)
    contradictions: dict[str, int] = field(default_factory=dict)  # code -> rows
    seconds: float = 0.0


def reconcile_platform(
    case: Case, paths: list[Path], *, mapping: Path | None = None, tolerance: Tolerance | None = None
) -> Reconciliation:
    """Read a platform's orders, points and users, and hold them against the case's bank rows.

    Writes `platform_orders`, `platform_matches`, `platform_rows`, `platform_accounts`, `platform_users`,
    `platform_levels`, `platform_contradictions`, `platform_files` and `platform_rejects`, all or none, in place of an
    earlier run's. Originals are kept. The case must be settled. See `rings.matching.match` for the rules.

    Raises:
        MappingError: the mapping can't be used. PlatformError: no file holds orders. SourceError: a path is not there.
    """
    started = time.perf_counter()
    tolerance = tolerance or Tolerance()

    def keep(path: Path) -> tuple[str, str]:
        sha256 = case.keep_original(path, may_be_there=True)
        return sha256[:SOURCE_ID_LENGTH], sha256

    tables = load_platform_mapping(mapping) if mapping else ()
    read = read_books(paths, keep, tables=tables, skip=(mapping,) if mapping else ())
    evidence = _evidence(case, read)
    found = reconcile(read.orders, read.users, evidence, tolerance)
    each, whole = strengths(found, evidence, tolerance)
    made = _tables(read, found, evidence, each, tolerance)
    result = Reconciliation(case.folder, tolerance=tolerance, unknown=read.unknown, near_expected=found.near_expected)
    result.tested, result.met = int(whole.orders[0]), int(whole.met[0])
    if whole.orders[0] and whole.expected[0] == whole.expected[0]:  # a number
        result.expected, result.score = float(whole.expected[0]), float(whole.score[0])
    _count(result, made)
    with case.db.transaction():
        for name in PLATFORM_TABLES:
            case.replace_table(name, _arrow(made[name]))
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def _evidence(case: Case, read: PlatformBooks) -> Evidence:
    """The rows of all accounts that the platform's tables name, and rows that name an order."""
    columns = [read.orders["payer"], read.orders["payee"], read.users["card"]]
    printed = pl.concat([column.alias("printed") for column in columns]).drop_nulls().unique().sort()
    accounts = _frame(resolve(case.db, printed.to_frame().to_arrow()))
    links = _frame(named_orders(case.db, read.orders.select("order").drop_nulls().unique().to_arrow()))
    own = _platform_accounts(read, accounts)
    more = links.select("row_id").unique().to_arrow()
    booked, failed = (_rows(bank_rows(case.db, own.to_arrow(), more, booked=booked)) for booked in (True, False))
    covered = _frame(spans(case.db)).with_columns(pl.col("from", "to").dt.epoch("us"))
    return Evidence(accounts, booked, failed, covered, links)


def _rows(table: pa.Table) -> pl.DataFrame:
    """Bank rows with times in µs and the width of the interval in which each happened."""
    widths = {kind.value: width for kind, width in PRECISION_WIDTH_US.items()}
    width = pl.col("time_precision").replace_strict(widths, default=widths["second"], return_dtype=pl.Int64)
    return _frame(table).with_columns(time=pl.col("time").dt.epoch("us"), width=width).drop("time_precision")


def _platform_accounts(read: PlatformBooks, known: pl.DataFrame) -> pl.DataFrame:
    """`account`: the platform's own side of all orders, and all cards of its users."""
    collect = pl.col("kind") == "collect"
    sides = read.orders.select(pl.when(collect).then("payee").otherwise("payer").alias("printed"))
    printed = pl.concat([sides, read.users.select(printed="card")]).drop_nulls().unique()
    return printed.join(known, on="printed").select("account").unique().sort("account")


def _tables(
    read: PlatformBooks, found: Reconciled, evidence: Evidence, each: pl.DataFrame, tolerance: Tolerance
) -> dict[str, pl.DataFrame]:
    owned = owned_accounts(read.users, evidence.accounts)
    service = service_periods(found, read.points, owned, tolerance.far_us)
    orders = order_table(found, evidence.spans, tolerance)
    rows = row_table(found, service)
    held = books.balances(read.points, read.users)
    users = serving.user_table(held, orders, rows, owned, read.rejects)
    return {
        "platform_orders": orders,
        "platform_matches": match_table(found),
        "platform_rows": rows,
        "platform_accounts": serving.account_table(orders, rows, found.accounts, each, evidence.spans),
        "platform_users": users,
        "platform_levels": serving.level_table(users, orders),
        "platform_contradictions": books.contradictions(read.orders, read.points, read.users),
        "platform_files": read.files,
        "platform_rejects": read.rejects,
    }


def _count(result: Reconciliation, made: dict[str, pl.DataFrame]) -> None:
    orders, rows = made["platform_orders"], made["platform_rows"]
    result.files = made["platform_files"].to_dicts()
    result.rejects = made["platform_rejects"].head(20).select("path", "source_row", "code", "detail").to_dicts()
    result.orders = orders.height
    kinds = _counts(orders["match"])
    result.exact, result.near = kinds.get("exact", 0), kinds.get("near", 0)
    result.without_row, result.hows = _counts(orders["reason"]), _counts(orders["how"])
    result.rows = _counts(rows.filter(pl.col("in_service")).unique("row_id", keep="first", maintain_order=True)["kind"])
    result.accounts = made["platform_accounts"].to_dicts()
    result.users = made["platform_users"].height
    result.levels = made["platform_levels"].to_dicts()
    result.contradictions = _counts(made["platform_contradictions"]["code"])


def _counts(column: pl.Series) -> dict[str, int]:
    counted = column.drop_nulls().alias("word").value_counts().sort("word")
    return dict(counted.iter_rows())


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is a frame
    return frame


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow()
