"""Files of a platform's database -> orders, bookings of points and users, as frames; and what could not be read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from duanka.messages.told import Message, ToldError
from duanka.sources.batch import RAW_LIMIT, US_UTC
from duanka.sources.fields import Context, Fields
from duanka.sources.intake import walk
from duanka.sources.opened import Opened, Part, SourceError, Table
from duanka.sources.platform import rows
from duanka.sources.platform.spec import OURS, PlatformTable, Role
from duanka.sources.registry import SHEET_ROWS, find_tables
from duanka.sources.table_reader import Match, tidy

_PLACE: dict[str, type[pl.DataType]] = {"platform": pl.String, "source_id": pl.String, "source_row": pl.Int64}
ORDER_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **_PLACE, "order": pl.String, "time": US_UTC, "confirmed": US_UTC, "kind": pl.String, "amount": pl.Int64,
    "currency": pl.String, "payer": pl.String, "payee": pl.String, "user": pl.String, "merchant": pl.String,
    "status": pl.String, "commission": pl.Int64,
}  # fmt: skip
POINT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **_PLACE, "time": US_UTC, "user": pl.String, "kind": pl.String, "amount": pl.Int64, "change": pl.Int64,
    "order": pl.String, "balance": pl.Int64,
}  # fmt: skip
USER_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    **_PLACE, "user": pl.String, "role": pl.String, "card": pl.String, "deposit": pl.Int64, "points": pl.Int64,
}  # fmt: skip
SCHEMAS: dict[Role, dict[str, pl.DataType | type[pl.DataType]]] = {
    "orders": ORDER_SCHEMA, "points": POINT_SCHEMA, "users": USER_SCHEMA,
}  # fmt: skip
REJECT_SCHEMA: dict[str, type[pl.DataType]] = {
    **_PLACE, "path": pl.String, "role": pl.String, "user": pl.String, "code": pl.String, "detail": pl.String,
    "raw": pl.String,
}  # fmt: skip
FILE_SCHEMA: dict[str, type[pl.DataType]] = {
    "source_id": pl.String, "path": pl.String, "sha256": pl.String, "sheet": pl.String, "platform": pl.String,
    "role": pl.String, "rows": pl.Int64, "kept": pl.Int64, "merged": pl.Int64, "rejected": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlatformBooks:
    """All that was read. `orders`, `points`, `users`, `rejects` and `files` have the schemas above.

    Amounts are minor units (points count as money), times UTC; `source_id` stands for the file. For every line
    of `files`, rows = kept + merged + rejected: an order or user that says the same as an earlier one is merged.
    """

    orders: pl.DataFrame
    points: pl.DataFrame
    users: pl.DataFrame
    rejects: pl.DataFrame
    files: pl.DataFrame
    unknown: list[dict[str, str]] = field(default_factory=list)  # path, reason


class PlatformError(ToldError, ValueError):
    """A platform database that can't be used as it is; the message says what to do."""


def read_books(
    paths: list[Path],
    keep: Callable[[Path], tuple[str, str]],
    *,
    tables: tuple[PlatformTable, ...] = (),
    skip: tuple[Path, ...] = (),
) -> PlatformBooks:
    """Read every table that a mapping, or one of our own, fits; other files are listed. O(rows).

    Args:
        paths: files, folders, archives.
        keep: stores an original and returns its id and its SHA-256.
        tables: from a mapping; they win over our own.
        skip: files that hold no data, such as the mapping itself.

    Raises:
        PlatformError: there is no table of orders in any of the files.
    """
    reader = _Reader((*tables, *OURS))
    left_out = {path.resolve() for path in skip}
    for found in walk(paths, passwords=[]):
        if found.problem:
            reader.refuse(found.name, found.problem)
        elif found.path.resolve() not in left_out:
            reader.file(found.path, found.name, keep)
    return reader.books()


class _Reader:
    """Reads one file after the other and gathers their rows."""

    def __init__(self, tables: tuple[PlatformTable, ...]) -> None:
        self._tables = {table.format.name: table for table in tables}
        self._candidates = [(table.format, None) for table in tables]
        self._seen: set[str] = set()
        self._frames: dict[Role, list[pl.DataFrame]] = {role: [] for role in SCHEMAS}
        self._rejects: list[pl.DataFrame] = []
        self._files: list[dict[str, object]] = []
        self.unknown: list[dict[str, str]] = []
        self._why: list[object] = []  # of each unknown file: in words, or an error that has them in either language

    def refuse(self, name: str, why: object) -> None:
        """Note a file that holds nothing of ours."""
        self.unknown.append({"path": name, "reason": (str(why).splitlines() or ["unreadable"])[0]})
        self._why.append(why)

    def file(self, path: Path, name: str, keep: Callable[[Path], tuple[str, str]]) -> None:
        """Read all tables of a file; a second copy is not read again, and what holds none is not kept."""
        opened = Opened(path, name)
        try:
            jobs = self._tables_of(opened)
            read = [self._read(table, match, name) for table, match in jobs]
        except (SourceError, pl.exceptions.PolarsError, OSError) as error:
            self.refuse(name, error if isinstance(error, SourceError) else str(error))
            return
        source_id, sha256 = keep(path)
        if sha256 in self._seen:
            return
        self._seen.add(sha256)
        for order, ((table, match), parts) in enumerate(zip(jobs, read, strict=True)):
            facts = {"source_id": source_id, "path": name, "sha256": sha256, "sheet": table.label}
            self._take(self._tables[match.spec.name], parts, facts, order * SHEET_ROWS)

    def _tables_of(self, opened: Opened) -> list[tuple[Table, Match]]:
        if opened.kind not in {"text", "xlsx", "xls", "parquet"}:
            raise SourceError("source.no_table", kind=opened.kind)
        jobs, others = find_tables(opened, [*self._candidates])
        if not jobs:
            raise SourceError("source.told", reason=_nearest_miss(others, [*self._tables.values()]))
        return jobs

    def _read(self, table: Table, match: Match, name: str) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
        spec = self._tables[match.spec.name]
        return [_read(part, spec, match, name) for part in table.parts(match.header, match.names)]

    def _take(
        self, spec: PlatformTable, parts: list[tuple[pl.DataFrame, pl.DataFrame]], facts: dict[str, str], shift: int
    ) -> None:
        place = pl.lit(facts["source_id"]).alias("source_id"), pl.col("source_row") + shift
        none = pl.DataFrame(schema=SCHEMAS[spec.role]), pl.DataFrame(schema=REJECT_SCHEMA)
        good, bad = (
            pl.concat([empty, *(part[side].select(empty.columns) for part in parts)]) for side, empty in enumerate(none)
        )
        good, bad = good.with_columns(place), bad.with_columns(place, path=pl.lit(facts["path"]))
        self._frames[spec.role].append(good.select(*SCHEMAS[spec.role]))
        self._rejects.append(bad.select(*REJECT_SCHEMA))
        platforms = (good if good.height else bad)["platform"]
        self._files.append(facts | {
            "platform": platforms[0] if len(platforms) else "", "role": spec.role, "rows": good.height + bad.height,
            "kept": good.height, "merged": 0, "rejected": bad.height, "shift": shift,
        })  # fmt: skip

    def books(self) -> PlatformBooks:
        """Everything, with what stands twice merged."""
        whole = {
            role: pl.concat([pl.DataFrame(schema=SCHEMAS[role]), *frames]) for role, frames in self._frames.items()
        }
        if not self._frames["orders"]:
            if not self.unknown:
                raise PlatformError("platform.no_orders")
            raise PlatformError("platform.no_orders_but", path=self.unknown[0]["path"], reason=self._why[0])
        files = pl.DataFrame(self._files, schema=FILE_SCHEMA | {"shift": pl.Int64})
        mergeable: tuple[Role, ...] = ("orders", "users")
        for role in mergeable:
            whole[role], files = _merged(whole[role], files, role)
        rejects = pl.concat([pl.DataFrame(schema=REJECT_SCHEMA), *self._rejects])
        return PlatformBooks(
            orders=whole["orders"], points=whole["points"], users=whole["users"], rejects=rejects,
            files=files.select(*FILE_SCHEMA), unknown=self.unknown,
        )  # fmt: skip


def _nearest_miss(found: list[Table], tables: list[PlatformTable]) -> Message:
    """Which columns a file lacks of the table that it is nearest to."""
    best: tuple[float, Message] = (0.5, Message("source.no_platform_table"))
    for table in found:
        for cells in table.head.cells:
            header = {tidy(cell) for cell in cells}
            for spec in tables:
                wanted = [(w,) if isinstance(w, str) else tuple(w) for w in spec.format.required]
                missing = [words[0] for words in wanted if not header.intersection(map(tidy, words))]
                share = len(missing) / max(len(wanted), 1)
                if share < best[0]:
                    best = (share, Message("source.near_platform_table", role=spec.role, columns=", ".join(missing)))
    return best[1]


def _merged(frame: pl.DataFrame, files: pl.DataFrame, role: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that say all the same under a number of their own count once: dumps overlap. The first file keeps them."""
    content = [name for name in frame.columns if name not in {"source_id", "source_row"}]
    numbered = pl.col("order" if role == "orders" else "user").is_not_null()
    frame = frame.sort("source_id", "source_row")
    again = frame.select((pl.int_range(pl.len()).over(content) > 0) & numbered).to_series()
    if not again.any():
        return frame, files
    sheet = pl.col("source_row") // SHEET_ROWS * SHEET_ROWS
    gone = frame.filter(again).group_by("source_id", shift=sheet).agg(gone=pl.len().cast(pl.Int64))
    here = pl.col("gone").fill_null(0) * (pl.col("role") == role).cast(pl.Int64)
    files = files.join(gone, on=["source_id", "shift"], how="left", maintain_order="left")
    return frame.filter(~again), files.with_columns(kept=pl.col("kept") - here, merged=pl.col("merged") + here).drop(
        "gone"
    )


def _read(part: Part, spec: PlatformTable, match: Match, name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Good rows and rejects of one part; every row is in one of the two."""
    present = {tidy(one): one for one in reversed(match.names)}
    columns: dict[str, str] = {}
    for key, words in spec.format.columns.items():
        found = next(
            (present[tidy(w)] for w in ([words] if isinstance(words, str) else words) if tidy(w) in present), ""
        )
        if found:
            columns[key] = found
    context = Context(fixed=dict(spec.format.constants), columns=columns, unknown=(), own_account="", ids="number")
    fields = Fields(part, context)
    frame = _ROWS[spec.role](fields, spec)
    platform = spec.platform or _platform_of(spec, name)
    frame = frame.with_columns(
        source_row=part.frame["line"], platform=pl.lit(platform), source_id=pl.lit(""), path=pl.lit("")
    )
    texts = [one for one in part.frame.columns if one != "line"]
    raw = part.frame.select(
        raw=pl.concat_str([pl.col(t).fill_null("") for t in texts], separator=",").str.slice(0, RAW_LIMIT)
    )
    bad = frame.with_columns(raw["raw"]).filter(pl.col("code").is_not_null())
    bad = bad.with_columns(role=pl.lit(spec.role)).select(*REJECT_SCHEMA)
    unread = part.rejects.select(
        platform=pl.lit(platform), source_id=pl.lit(""), source_row="source_row", path=pl.lit(""),
        role=pl.lit(spec.role),
        user=pl.lit(None, dtype=pl.String), code="code", detail="detail", raw="raw",
    )  # fmt: skip
    return frame.filter(pl.col("code").is_null()), pl.concat([bad, unread.select(*REJECT_SCHEMA)])


def _platform_of(spec: PlatformTable, name: str) -> str:
    """The platform that the file's name gives, where the table says how."""
    pattern = spec.format.filename.get("platform")
    hit = re.search(pattern, name.rsplit("/", 1)[-1]) if pattern else None
    return hit.group(1) if hit else ""


_ROWS: dict[Role, Callable[[Fields, PlatformTable], pl.DataFrame]] = {
    "orders": rows.orders, "points": rows.points, "users": rows.users,
}  # fmt: skip
