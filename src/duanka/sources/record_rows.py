"""Rows that are not payments: accounts, holders, SIMs, sessions, calls, victims' reports, measures, outlets."""

import polars as pl
import pyarrow as pa

from duanka.identifiers import mobile
from duanka.identifiers.bank_card import normalise_account_expr
from duanka.records.schemas import TABLES
from duanka.records.vocabulary import RecordKind, RejectCode
from duanka.sources import amounts, times
from duanka.sources.batch import RAW_LIMIT, REJECT_SCHEMA, Batch
from duanka.sources.fields import Context, Fields, exponents_of
from duanka.sources.labels import labels_of
from duanka.sources.opened import Part
from duanka.sources.spec import TableFormat

EXTRAS: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.ACCOUNT: ("alias", "holder_id", "alias_kind"),
    RecordKind.SIM: ("holder_name", "holder_id"),
    RecordKind.SESSION: ("alias", "holder_name"),
}
"""Fields beside the canonical columns that these kinds may carry; the store resolves them."""

KEYS: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.ACCOUNT: ("account_id", "alias"),
    RecordKind.PARTY: ("id_number", "name"),
    RecordKind.SIM: ("phone", "iccid"),
    RecordKind.DEVICE: ("device_id",),
    RecordKind.SESSION: ("account_id", "alias"),
    RecordKind.CALL: ("phone",),
    RecordKind.REPORT: ("report_id", "victim_account", "receiver_account"),
    RecordKind.MEASURE: ("account_id",),
    RecordKind.OUTLET: ("outlet_id", "name"),
}
"""A row in which all of these are blank says nothing of anyone and is rejected."""

_ACCOUNT_FIELDS = frozenset({"account_id", "alias", "victim_account", "receiver_account"})


def columns_of(kind: RecordKind) -> list[str]:
    """Canonical columns of a kind, then its extras."""
    return [*TABLES[kind.value].names, *EXTRAS.get(kind, ())]


def records(part: Part, spec: TableFormat, context: Context) -> Batch:
    """Records and rejects of a part; every row ends in one of the two. O(rows)."""
    fields = Fields(part, context)
    schema = TABLES[spec.record.value]
    columns: dict[str, pl.Series] = {"source_row": part.frame["line"]}
    code = pl.Series([None], dtype=pl.String).new_from_index(0, fields.height)
    currency = amounts.currency_codes(fields.text("currency"), spec.currency)
    for name in columns_of(spec.record):
        kind = schema.field(name).type if name in schema.names else pa.string()
        columns[name], problem = _column(fields, name, kind, spec, currency)
        if problem is not None:
            code = pl.select(pl.coalesce(code, problem)).to_series()
    frame = pl.DataFrame(columns)
    if "zone" in frame.columns:
        frame = frame.with_columns(zone=pl.lit(spec.zone))
    if "kind" in frame.columns and spec.record is RecordKind.ACCOUNT and spec.account_kind:
        frame = frame.with_columns(
            kind=pl.when(pl.col("kind") == "").then(pl.lit(spec.account_kind)).otherwise(pl.col("kind"))
        )
    if "institution" in frame.columns and spec.institution:
        frame = frame.with_columns(
            institution=pl.when(pl.col("institution") == "")
            .then(pl.lit(spec.institution))
            .otherwise(pl.col("institution"))
        )
    empty = pl.all_horizontal(pl.col(key).fill_null("") == "" for key in KEYS[spec.record])
    frame = frame.with_columns(code=pl.coalesce(code, pl.when(empty).then(pl.lit(RejectCode.KEY_MISSING.value))))
    good = frame.filter(pl.col("code").is_null()).drop("code")
    bad = frame.filter(pl.col("code").is_not_null()).select("source_row", "code")
    return Batch(
        records={spec.record: good},
        rejects=pl.concat([part.rejects, _rejects(bad, part)]),
        labels=labels_of(part, spec, context, good["source_row"], fields),
        furniture=part.furniture,
        warnings=part.warnings,
    )


def _column(  # noqa: PLR0911 - one return a type
    fields: Fields, name: str, kind: pa.DataType, spec: TableFormat, currency: pl.Series
) -> tuple[pl.Series, pl.Series | None]:
    """One column in its canonical type, and the reject codes that it gives (None: it gives none)."""
    if name in _ACCOUNT_FIELDS:
        account = fields.account(name)
        return (spec.own_prefix + account).alias(name) if spec.own_prefix else account, None
    if pa.types.is_timestamp(kind):
        text = fields.text(name)
        if name == "time" and not fields.has("time"):
            text = times.join_clock(fields.text("date"), fields.text("clock"))
        parsed = times.parse(text, given=spec.time_format, zone=spec.zone, midnight_is_day=False)
        missing = parsed["code"] == RejectCode.TIME_MISSING.value
        optional = spec.record in {RecordKind.REPORT, RecordKind.MEASURE}
        return parsed["time"].alias(name), parsed["code"].set(missing, None) if optional else parsed["code"]
    if pa.types.is_date(kind):
        parsed = times.parse(fields.text(name), given=spec.time_format, zone=spec.zone)
        local = parsed["time"].dt.convert_time_zone(spec.zone).dt.date()
        return local.alias(name), None
    if pa.types.is_integer(kind):
        if name == "seconds":
            return fields.text(name).str.extract(r"(\d+)").cast(pl.Int64, strict=False).alias(name), None
        value, problem = amounts.minor_units(fields.text(name), exponents_of(currency, spec))
        return value.alias(name), problem
    if name == "currency":
        return currency.fill_null(spec.currency).alias(name), None
    if name == "direction":
        return _direction(fields.text(name), spec), None
    if name == "phone" or (name == "other" and spec.record is RecordKind.CALL):
        return _phones(fields.text(name)), None
    return fields.text(name).cast(pl.String).fill_null("").alias(name), None


def _direction(words: pl.Series, spec: TableFormat) -> pl.Series:
    """`in` or `out` by the format's words; a word in neither list (a diverted call) says nothing."""
    known = {word.upper(): "in" for word in spec.direction.into} | {word.upper(): "out" for word in spec.direction.out}
    plain = words.str.replace_all(r"\s", "").str.to_uppercase()
    return plain.replace_strict(known, default="", return_dtype=pl.String).fill_null("").alias(words.name)


def _phones(text: pl.Series) -> pl.Series:
    """Numbers in E.164; what can't be read as one (masked, several in a cell) stays as printed. One look per number."""
    known = {word: mobile.normalise(word) or word for word in text.drop_nulls().unique()}
    return text.replace_strict(known, default="", return_dtype=pl.String).fill_null("").alias(text.name)


def _rejects(bad: pl.DataFrame, part: Part) -> pl.DataFrame:
    names = [name for name in part.frame.columns if name != "line"]
    raw = part.frame.select(
        source_row="line",
        raw=pl.concat_str([pl.col(name).fill_null("") for name in names], separator=",").str.slice(0, RAW_LIMIT),
    )
    frame = bad.join(raw, on="source_row", how="left").with_columns(detail=pl.lit(""))
    return frame.select(*REJECT_SCHEMA)


def accounts_of(values: pl.Series) -> pl.Series:
    """Account numbers in normal form; shared with formats that build frames themselves."""
    return values.to_frame("a").select(normalise_account_expr(pl.col("a")))["a"]
