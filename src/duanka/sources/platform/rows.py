"""Rows of a platform's tables in their own types: times, minor units, kinds, accounts; or why a row can't be read."""

import polars as pl

from duanka.records.vocabulary import RejectCode
from duanka.sources import amounts, times
from duanka.sources.batch import US_UTC
from duanka.sources.fields import Fields, exponents_of
from duanka.sources.platform.spec import KINDS, STATUSES, PlatformTable

_SECONDS, _MILLISECONDS = r"^1[0-9]{9}$", r"^1[0-9]{12}$"
"""Unix times from 2001 to 2033; no printed time looks like one."""

_NONE = pl.lit(None, dtype=pl.String)


def orders(fields: Fields, spec: PlatformTable) -> pl.DataFrame:
    """One row an order, in its columns but for the place; `code` and `detail` say what is wrong with it."""
    time, time_code = _times(fields, spec)
    amount, amount_code = _money(fields, "amount", spec)
    frame = pl.DataFrame({
        "order": fields.text("order"), "time": time, "time_code": time_code, "confirmed": _clock(fields, spec),
        "kind": _kind(fields, spec), "kind_text": fields.text("kind"), "amount": amount, "amount_code": amount_code,
        "currency": fields.constant("currency", spec.format.currency), "card": _account(fields, "card", spec),
        "payer": _account(fields, "payer", spec), "payee": _account(fields, "payee", spec),
        "user": fields.text("user"), "merchant": fields.text("merchant"), "status": _status(fields, spec),
        "commission": _money(fields, "commission", spec)[0],
    })  # fmt: skip
    collects, pays = pl.col("kind") == "collect", pl.col("kind") == "payout"
    return frame.with_columns(
        payee=pl.when(collects).then(pl.coalesce("card", "payee")).otherwise(pl.col("payee")),
        payer=pl.when(pays).then(pl.coalesce("card", "payer")).otherwise(pl.col("payer")),
    ).with_columns(
        code=pl.coalesce("time_code", "amount_code", _missing("amount"), _not_positive(), _odd_kind()),
        detail=_detail(),
    )  # fmt: skip


def points(fields: Fields, spec: PlatformTable) -> pl.DataFrame:
    """One row a booking. `change` is what it does to the points: + deposit + up − down − commission, or `delta`."""
    time, time_code = _times(fields, spec)
    delta, delta_code = _money(fields, "delta", spec)
    amount, amount_code = _money(fields, "amount", spec)
    frame = pl.DataFrame({
        "time": time, "time_code": time_code, "user": fields.text("user"), "kind": _kind(fields, spec),
        "kind_text": fields.text("kind"), "amount": amount, "delta": delta, "order": fields.text("order"),
        "amount_code": pl.select(pl.coalesce(delta_code, amount_code)).to_series(),
        "balance": _money(fields, "balance", spec)[0],
    })  # fmt: skip
    adds = pl.col("kind").is_in(["deposit", "up"])
    if spec.commission == "earned":
        adds |= pl.col("kind") == "commission"
    signed = pl.when(adds).then(pl.col("amount")).otherwise(-pl.col("amount"))
    given = pl.coalesce("amount", "delta")
    frame = frame.with_columns(change=pl.coalesce("delta", signed), given=given)
    return frame.with_columns(
        amount=pl.when(pl.col("kind").is_in(["deposit", "up"])).then(pl.col("change")).otherwise(-pl.col("change")),
        code=pl.coalesce("time_code", "amount_code", _missing("given"), _blank("user"), _odd_kind()),
        detail=_detail(),
    )


def users(fields: Fields, spec: PlatformTable) -> pl.DataFrame:
    """One row a user and card."""
    deposit, deposit_code = _money(fields, "deposit", spec)
    held, held_code = _money(fields, "points", spec)
    frame = pl.DataFrame({
        "user": fields.text("user"), "role": fields.words("role"), "card": _account(fields, "card", spec),
        "deposit": deposit, "points": held, "deposit_code": deposit_code, "held_code": held_code,
    })  # fmt: skip
    return frame.with_columns(code=pl.coalesce("deposit_code", "held_code", _blank("user")), detail=pl.lit(""))


def _times(fields: Fields, spec: PlatformTable) -> tuple[pl.Series, pl.Series]:
    text = fields.text("time")
    if not fields.has("time"):
        text = times.join_clock(fields.text("date"), fields.text("clock"))
    return _moment(text, spec)


def _clock(fields: Fields, spec: PlatformTable) -> pl.Series:
    """When the order was confirmed; where that can't be read it is not known."""
    if not fields.has("confirmed"):
        return pl.Series("confirmed", [None], dtype=US_UTC).new_from_index(0, fields.height)
    return _moment(fields.text("confirmed"), spec)[0]


def _moment(text: pl.Series, spec: PlatformTable) -> tuple[pl.Series, pl.Series]:
    """Times and reject codes. Digits alone are seconds, or milliseconds, since 1970 where no pattern is given."""
    parsed = times.parse(text, given=spec.format.time_format, zone=spec.format.zone, midnight_is_day=False)
    time, code = parsed["time"], parsed["code"]
    if spec.format.time_format:
        return time, code
    for pattern, factor in ((_SECONDS, 1_000_000), (_MILLISECONDS, 1_000)):
        where = text.str.contains(pattern).fill_null(value=False).arg_true()
        if len(where):
            values = (text.gather(where).cast(pl.Int64) * factor).cast(US_UTC)
            time, code = time.scatter(where, values), code.scatter(where, None)
    return time, code


def _money(fields: Fields, name: str, spec: PlatformTable) -> tuple[pl.Series, pl.Series]:
    """Minor units and reject codes; nothing printed is null without a code."""
    currency = fields.constant("currency", spec.format.currency)
    return amounts.minor_units(fields.text(name), exponents_of(currency, spec.format))


def _account(fields: Fields, name: str, spec: PlatformTable) -> pl.Series:
    account = fields.account(name)
    return (spec.prefix + account).alias(name) if spec.prefix else account


def _kind(fields: Fields, spec: PlatformTable) -> pl.Series:
    known = KINDS[spec.role] | spec.kind
    return _word(fields.text("kind")).replace_strict(known, default=None, return_dtype=pl.String)


def _status(fields: Fields, spec: PlatformTable) -> pl.Series:
    known = {word: meaning for word, meaning in (STATUSES | spec.status).items() if word != "*"}
    default = spec.status.get("*", "unknown")
    text = fields.text("status")
    status = _word(text).replace_strict(known, default=default, return_dtype=pl.String)
    return status.set(text.is_null(), "unknown")


def _word(text: pl.Series) -> pl.Series:
    return text.str.strip_chars().str.to_lowercase()


def _missing(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_null()).then(pl.lit(RejectCode.AMOUNT_MISSING.value)).otherwise(_NONE)


def _not_positive() -> pl.Expr:
    return pl.when(pl.col("amount") <= 0).then(pl.lit(RejectCode.AMOUNT_UNREADABLE.value)).otherwise(_NONE)


def _blank(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_null()).then(pl.lit(RejectCode.KEY_MISSING.value)).otherwise(_NONE)


def _odd_kind() -> pl.Expr:
    return pl.when(pl.col("kind").is_null()).then(pl.lit(RejectCode.DIRECTION_UNKNOWN.value)).otherwise(_NONE)


def _detail() -> pl.Expr:
    """The word that is no kind; other codes say enough."""
    return pl.when(pl.col("kind").is_null()).then(pl.col("kind_text").fill_null("")).otherwise(pl.lit(""))
