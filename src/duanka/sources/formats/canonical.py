"""Duanka's own tables as Parquet, with the columns and types of `records.schemas`: exports, and made-up worlds.

Amounts are integer minor units and times carry their zone, so nothing is parsed. The CSV templates have the same names
but print yuan and local times; they never see these files, since readers are asked before tables.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import available_timezones

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from duanka.records.money import MAX_MINOR
from duanka.records.schemas import TABLES
from duanka.records.vocabulary import RecordKind, RejectCode, Status, TimePrecision
from duanka.sources.batch import BOTH, ENTRY_SCHEMA, RAW_LIMIT, REJECT_SCHEMA, US_UTC, Batch
from duanka.sources.opened import Opened, SourceError
from duanka.sources.record_rows import KEYS, columns_of

BATCH_ROWS = 100_000

_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")
_DEFAULT_ZONE = "Asia/Shanghai"
_WORDS = {
    "text": pa.types.is_string,
    "time": pa.types.is_timestamp,
    "int": pa.types.is_integer,
    "date": pa.types.is_date,
}
_POLARS: dict[str, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "time": US_UTC,
    "int": pl.Int64,
    "date": pl.Date,
}

_SIGNS: dict[RecordKind, str] = {
    RecordKind.TRANSACTION: "time:time zone:text time_precision:text payer:text payee:text amount:int currency:text",
    RecordKind.ACCOUNT: "account_id:text institution:text kind:text holder_name:text opened_on:date",
    RecordKind.PARTY: "party_id:text id_number:text id_kind:text name:text",
    RecordKind.SIM: "phone:text iccid:text imsi:text opened_on:date",
    RecordKind.DEVICE: "device_id:text kind:text model:text",
    RecordKind.SESSION: "account_id:text time:time zone:text action:text",
    RecordKind.CALL: "phone:text other:text direction:text time:time zone:text",
    RecordKind.REPORT: "report_id:text victim_account:text receiver_account:text amount:int zone:text",
    RecordKind.MEASURE: "account_id:text kind:text start:time amount:int reference:text",
    RecordKind.OUTLET: "outlet_id:text name:text institution:text address:text",
}
"""Columns, with their types, by which a file of each kind is known."""

_TITLES = {
    RecordKind.TRANSACTION: ("transactions", "交易"), RecordKind.ACCOUNT: ("accounts", "账户"),
    RecordKind.PARTY: ("parties", "人员与单位"), RecordKind.SIM: ("SIM cards", "电话卡"),
    RecordKind.DEVICE: ("devices", "设备"), RecordKind.SESSION: ("sessions", "登录"),
    RecordKind.CALL: ("calls", "话单"), RecordKind.REPORT: ("reports", "报案"),
    RecordKind.MEASURE: ("measures", "措施"), RecordKind.OUTLET: ("outlets", "网点"),
}  # fmt: skip
_PLURALS = {RecordKind.PARTY: "parties"}
_TEXT = (
    "Parquet with the columns of docs/reference/tables.md: amounts are integers in minor units (分), times have a zone."
    " "
    "`duanka export --format parquet` writes it, and `duanka synth --as canonical`. Told from the CSV templates by the "
    "types of its columns. "
)
_SIDES = (
    "Without a column `sides` the file is a complete book: every payment of every account in it, within its period."
    " With "
    "it (an export) each row stands in the ledgers that it names: 1 the payer's, 2 the payee's, 3 both, 0 nobody's."
)


class CanonicalReader:
    """Reads one kind of record from Parquet files of `records.schemas`."""

    def __init__(self, kind: RecordKind, *, sided: bool = False) -> None:
        en, zh = _TITLES[kind]
        self.kind, self._sided = kind, sided
        self.full_book = kind is RecordKind.TRANSACTION and not sided
        self.name = f"duanka_canonical_{_PLURALS.get(kind, kind.value + 's')}" + "_exported" * sided
        self.title_en, self.title_zh = f"Duanka's own Parquet: {en}", f"断卡 Parquet：{zh}"
        if sided:
            self.title_en, self.title_zh = f"{self.title_en} of a case", f"{self.title_zh}（案件导出）"
        self.documentation = (_TEXT + (_SIDES if kind is RecordKind.TRANSACTION else "")).rstrip()

    def recognises(self, opened: Opened) -> bool:
        """Whether the file's columns and their types are those of this kind."""
        if opened.kind != "parquet" or (columns := _columns(opened.path)) is None:
            return False
        signs = dict(pair.split(":") for pair in _SIGNS[self.kind].split())
        fits = all(columns.get(name, "none") in {word, "null"} for name, word in signs.items())
        return fits and (self.kind is not RecordKind.TRANSACTION or ("sides" in columns) is self._sided)

    def read(self, opened: Opened, *, own_account: str) -> Iterator[Batch]:
        """Batches of at most BATCH_ROWS rows, numbered from 1."""
        del own_account
        line = 1
        for frame in _frames(opened.path):
            numbered = frame.with_columns(source_row=pl.int_range(line, line + frame.height, dtype=pl.Int64))
            line += frame.height
            yield _transactions(numbered) if self.kind is RecordKind.TRANSACTION else _records(numbered, self.kind)


class AliasReader:
    """Reads an exported table of aliases: pairs of numbers of one account."""

    name = "duanka_canonical_aliases"
    title_en, title_zh = "Duanka's own Parquet: aliases of a case", "断卡 Parquet：账户别名（案件导出）"
    documentation = _TEXT + "Each row says that two numbers are one account's."
    full_book = False

    def recognises(self, opened: Opened) -> bool:
        """Whether the file has just the columns of that table."""
        return opened.kind == "parquet" and set(_columns(opened.path) or ()) == {"alias", "account_id", "kind"}

    def read(self, opened: Opened, *, own_account: str) -> Iterator[Batch]:
        """Batches of account records in which nothing but the two numbers is filled."""
        del own_account
        line = 1
        for frame in _frames(opened.path):
            pairs = frame.select("account_id", "alias", alias_kind="kind")
            numbered = pairs.with_columns(source_row=pl.int_range(line, line + frame.height, dtype=pl.Int64))
            line += frame.height
            yield _records(numbered, RecordKind.ACCOUNT)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, pl.exceptions.PolarsError) as error:
        words = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceError("source.parquet", problem=words) from error


def _columns(path: Path) -> dict[str, str] | None:
    """Name -> text, time, int, date, null or other; None if the file can't be read."""
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError):
        return None
    return {field.name: _word(field.type) for field in schema}


def _word(kind: pa.DataType) -> str:
    if pa.types.is_null(kind):
        return "null"
    if pa.types.is_timestamp(kind):
        return "time" if kind.tz else "other"
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return next((word for word, fits in _WORDS.items() if fits(kind)), "other")


def _frames(path: Path) -> Iterator[pl.DataFrame]:
    with _named():
        file = pq.ParquetFile(path)
        batches = file.iter_batches(batch_size=BATCH_ROWS)
    while True:
        with _named():
            batch = next(batches, None)
            if batch is None:
                return
            frame = pl.DataFrame(pa.table(batch))
        yield frame


def _column(frame: pl.DataFrame, name: str, word: str, *, required: bool) -> pl.Expr:
    """A column in its canonical type; what is absent is blank where a value is required, else null."""
    if name not in frame.columns:
        column = pl.lit(None, dtype=_POLARS[word])
    elif word == "text":
        text = pl.col(name).cast(pl.String)
        column = pl.when(text != "").then(text)
    elif word == "time":
        column = (
            pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC") if _is_null(frame, name) else _utc(name)
        )
    else:
        column = pl.col(name).cast(_POLARS[word], strict=False)
    return (column.fill_null("") if word == "text" and required else column).alias(name)


def _is_null(frame: pl.DataFrame, name: str) -> bool:
    return frame.schema[name] == pl.Null


def _utc(name: str) -> pl.Expr:
    return pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("us")


def _typed(frame: pl.DataFrame, kind: RecordKind) -> list[pl.Expr]:
    schema = TABLES[kind.value]
    found = []
    for name in columns_of(kind):
        known = name in schema.names
        word = _word(schema.field(name).type) if known else "text"
        found.append(_column(frame, name, word, required=known and not schema.field(name).nullable))
    return found


_FROM_EXPORT = ("payer_name", "payee_name")


def _transactions(frame: pl.DataFrame) -> Batch:
    typed = frame.with_columns(_typed(frame, RecordKind.TRANSACTION))
    texts = [
        name for name, kind in ENTRY_SCHEMA.items() if kind == pl.String and name not in {"payer", "payee", "own_alias"}
    ]
    blank = [name for name in texts if name not in typed.columns]
    sides = pl.col("sides").cast(pl.Int8) if "sides" in frame.columns else pl.lit(BOTH, dtype=pl.Int8)
    zones = {zone: _zone(zone) for zone in typed["zone"].unique().to_list()}
    typed = typed.with_columns(
        *(pl.lit("").alias(name) for name in blank),
        pl.col("zone").replace_strict(zones, return_dtype=pl.String),
        _known("time_precision", {str(word) for word in TimePrecision}, TimePrecision.SECOND.value),
        _known("status", {str(word) for word in Status}, Status.UNKNOWN.value),
        pl.coalesce("amount_received", "amount").alias("amount_received"),
        pl.coalesce(pl.when(pl.col("currency_received") != "").then("currency_received"), "currency").alias(
            "currency_received"
        ),
        sides.alias("side"),
        pl.lit(None, dtype=pl.String).alias("own_alias"),
    ).with_columns(pl.col(name).fill_null("") for name in texts)
    judged = typed.with_columns(code=_verdict())
    good, bad = judged.filter(pl.col("code").is_null()), judged.filter(pl.col("code").is_not_null())
    entries = good.select(*ENTRY_SCHEMA).cast(ENTRY_SCHEMA)  # type: ignore[arg-type]  # polars takes a mapping
    return Batch(entries=entries, rejects=_rejects(bad, frame))


def _zone(zone: str) -> str:
    """A zone that the store can reckon with."""
    return zone if zone in available_timezones() or _OFFSET.fullmatch(zone) else _DEFAULT_ZONE


def _known(name: str, words: set[str], otherwise: str) -> pl.Expr:
    return pl.when(pl.col(name).is_in(sorted(words))).then(name).otherwise(pl.lit(otherwise)).alias(name)


def _verdict() -> pl.Expr:
    amounts = pl.col("amount"), pl.col("amount_received")
    codes: Mapping[RejectCode, pl.Expr] = {
        RejectCode.TIME_MISSING: pl.col("time").is_null(),
        RejectCode.AMOUNT_MISSING: pl.col("amount").is_null(),
        RejectCode.AMOUNT_UNREADABLE: (amounts[0] < 0) | (amounts[1] < 0),
        RejectCode.AMOUNT_TOO_LARGE: (amounts[0] > MAX_MINOR) | (amounts[1] > MAX_MINOR),
        RejectCode.CURRENCY_UNKNOWN: ~pl.col("currency").str.contains(r"^[A-Z]{3,4}$"),
        RejectCode.ACCOUNT_MISSING: pl.col("payer").is_null() & pl.col("payee").is_null(),
    }
    return pl.coalesce(*(pl.when(found).then(pl.lit(code.value)) for code, found in codes.items()))


def _records(frame: pl.DataFrame, kind: RecordKind) -> Batch:
    if (
        "party_id" in frame.columns and "holder_id" not in frame.columns
    ):  # an export; the holder's number is behind its kind
        frame = frame.with_columns(holder_id=pl.col("party_id").cast(pl.String).str.replace("^[a-z]+:", ""))
    typed = frame.select("source_row", *_typed(frame, kind))
    if "zone" in typed.columns:
        zones = {zone: _zone(zone) for zone in typed["zone"].unique().to_list()}
        typed = typed.with_columns(pl.col("zone").replace_strict(zones, return_dtype=pl.String))
    empty = pl.all_horizontal(pl.col(key).fill_null("") == "" for key in KEYS[kind])
    judged = typed.with_columns(code=pl.when(empty).then(pl.lit(RejectCode.KEY_MISSING.value)))
    if "time" in TABLES[kind.value].names and not TABLES[kind.value].field("time").nullable:
        timeless = pl.when(pl.col("time").is_null()).then(pl.lit(RejectCode.TIME_MISSING.value))
        judged = judged.with_columns(code=pl.coalesce("code", timeless))
    good, bad = judged.filter(pl.col("code").is_null()), judged.filter(pl.col("code").is_not_null())
    return Batch(records={kind: good.drop("code")}, rejects=_rejects(bad, frame))


def _rejects(bad: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    cells = [pl.col(name).cast(pl.String).fill_null("") for name in frame.columns if name != "source_row"]
    raw = frame.join(bad.select("source_row"), on="source_row", how="semi", maintain_order="left").select(
        "source_row", raw=pl.concat_str(cells, separator=",").str.slice(0, RAW_LIMIT)
    )
    found = bad.select("source_row", "code", detail=pl.lit("")).join(
        raw, on="source_row", how="left", maintain_order="left"
    )
    return found.select(*REJECT_SCHEMA).cast(REJECT_SCHEMA)  # type: ignore[arg-type]  # polars takes a mapping


READERS = (
    *(CanonicalReader(kind) for kind in RecordKind),
    CanonicalReader(RecordKind.TRANSACTION, sided=True),
    AliasReader(),
)
