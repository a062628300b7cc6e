"""From a part of a table and its format to entries: what the fields of `TableFormat` mean, step by step."""

import polars as pl

from duanka.records.vocabulary import Status
from duanka.sources import amounts
from duanka.sources.batch import Batch
from duanka.sources.directions import Money, money
from duanka.sources.fields import Context, Fields, exponents_of
from duanka.sources.labels import labels_of
from duanka.sources.moments import moments
from duanka.sources.opened import Part
from duanka.sources.sides import one_sided, two_sided
from duanka.sources.spec import TableFormat
from duanka.sources.verdicts import entries_of, rejects_of, verdict

_TEXTS = (
    "kind", "channel", "ip", "mac", "device", "own_name", "own_id", "own_bank", "other_name", "other_id", "other_bank",
    "payer_name", "payer_id", "payer_bank", "payee_name", "payee_id", "payee_bank",
)  # fmt: skip


def transactions(part: Part, spec: TableFormat, context: Context) -> Batch:
    """Entries and rejects of a part; every row of it ends in one of the two. O(rows)."""
    fields = Fields(part, context)
    frame = _frame(fields, spec)
    if fields.has("payer") or fields.has("payee"):
        sided = two_sided(fields, frame)
    else:
        sided = one_sided(fields, frame, spec, context)
    judged = sided.with_columns(code=verdict(exact=fields.has("amount_received")))
    good = judged.filter(pl.col("code").is_null()) if judged["code"].null_count() < judged.height else judged
    bad = judged.filter(pl.col("code").is_not_null())
    return Batch(
        entries=entries_of(good, spec),
        rejects=pl.concat([part.rejects, rejects_of(bad, part, context)]),
        labels=labels_of(part, spec, context, good["source_row"], fields),
        furniture=part.furniture,
        warnings=part.warnings,
    )


def _frame(fields: Fields, spec: TableFormat) -> pl.DataFrame:
    """Every field of every row in its own type; who paid whom is still open."""
    currency = amounts.currency_codes(fields.text("currency"), spec.currency)
    exponents = exponents_of(currency, spec)
    moment = moments(fields, spec)
    moved = money(fields, spec, exponents)
    received, currency_received = _received(fields, spec, moved, currency)
    columns = {
        "source_row": fields.frame["line"],
        "time": moment["time"],
        "time_precision": moment["time_precision"],
        "time_code": moment["code"],
        "amount": moved.amount,
        "amount_code": moved.code,
        "direction": moved.direction,
        "reversed": moved.reversed,
        "currency": currency,
        "received": received,
        "currency_received": currency_received,
        "other_balance": fields.minor("balance_other", exponents),
        "zone": fields.constant("zone", spec.zone),
        "external_id": fields.words("serial"),
        "memo": fields.memo(),
        "status": _status(fields, spec),
        "own_alias": fields.account("own_alias") if fields.has("own_alias") else fields.text("own_alias"),
        "extra": fields.extra(),
    }
    columns |= {name: fields.minor(name, exponents) for name in ("balance", "balance_payer", "balance_payee")}
    columns |= {name: fields.words(name) for name in _TEXTS}
    return pl.DataFrame(columns)


def _received(fields: Fields, spec: TableFormat, moved: Money, currency: pl.Series) -> tuple[pl.Series, pl.Series]:
    """What reached the payee. A blank cell means the whole amount, unless the currency is another."""
    own = currency
    if fields.has("currency_received"):
        given = amounts.currency_codes(fields.text("currency_received"), "")
        own = given.set((given == "").fill_null(value=False), None).fill_null(currency)
    if not fields.has("amount_received"):
        return moved.amount, own
    received = fields.minor("amount_received", exponents_of(own, spec)).abs()
    blank = fields.text("amount_received").is_null() & (own == currency)
    return received.zip_with(~blank, moved.amount), own


def _status(fields: Fields, spec: TableFormat) -> pl.Series:
    default = spec.status.get("*", Status.UNKNOWN.value)
    if not spec.status or not fields.has("status"):
        return fields.constant("status", default)
    known = {word: value for word, value in spec.status.items() if word != "*"}
    status = fields.text("status").replace_strict(known, default=default, return_dtype=pl.String)
    return status.fill_null(Status.UNKNOWN.value)
