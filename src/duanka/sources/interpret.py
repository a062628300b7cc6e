"""From a part of a table and its format to entries: the one place that knows what the fields of `TableFormat` mean."""

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from duanka.identifiers.bank_card import normalise_account_expr
from duanka.records.vocabulary import RecordKind, RejectCode, Status
from duanka.sources import amounts, times
from duanka.sources.batch import ENTRY_SCHEMA, LABEL_SCHEMA, RAW_LIMIT, REJECT_SCHEMA, US_UTC, Batch
from duanka.sources.opened import Part
from duanka.sources.spec import TableFormat

_BLANKS = " \t\r\n\u3000\u00a0\ufeff"
_PLAIN_NUMBER = r"^[1-9][0-9]{8,31}$"
_RUN_OF_ONE_DIGIT = "^(?:" + "|".join(f"{digit}{{6}}" for digit in "123456789") + ")"
_STEP_US = {"hour": 3_600_000_000, "day": 86_400_000_000}
PAYER, PAYEE, BOTH, NOBODY = 1, 2, 3, 0
TO_ITSELF = "@own"
"""What an `adapt` writes as the counterparty of a move between two pots of the own account (余额 and 余额宝)."""

_DIGITS_OF_MASKED = 8  # 1234****9876


@dataclass(frozen=True, slots=True)
class Context:
    """What the whole file says for every row: constants, preamble and file-name finds, columns of its header."""

    fixed: dict[str, str]
    columns: dict[str, str]  # field -> name of the column in the part
    unknown: tuple[str, ...]  # header names that the format does not know
    own_account: str  # where no column says whose ledger it is
    labels: dict[str, str] = field(default_factory=dict)  # label -> name of the column in the part
    ids: Literal["number", "printed"] = "number"


def transactions(part: Part, spec: TableFormat, context: Context) -> Batch:
    """Entries and rejects of a part; every row of it ends in one of the two. O(rows)."""
    fields = _Fields(part.frame, context)
    currency = amounts.currency_codes(fields.text("currency"), spec.currency)
    received_currency = amounts.currency_codes(fields.text("currency_received"), "")
    received_currency = received_currency.set((received_currency == "").fill_null(value=False), None)
    moment = _moment(fields, spec)
    money = _money(fields, spec, currency)
    frame = pl.DataFrame({
        "source_row": part.frame["line"],
        "time": moment["time"],
        "time_precision": moment["time_precision"],
        "time_code": moment["code"],
        "amount": money.amount,
        "amount_code": money.code,
        "direction": money.direction,
        "reversed": money.reversed,
        "currency": currency,
        "balance": money.balance,
        "zone": pl.Series([spec.zone]).new_from_index(0, part.frame.height),
    })  # fmt: skip
    frame = frame.with_columns(_texts(fields, spec))
    frame = frame.with_columns(fields.minor(name, currency, spec) for name in ("balance_payer", "balance_payee"))
    frame = frame.with_columns(fields.minor("balance_other", currency, spec).alias("other_balance"))
    exact = fields.has("amount_received")
    frame = frame.with_columns(
        received=_received(fields, spec, money, currency, received_currency) if exact else money.amount,
        currency_received=received_currency.fill_null(currency) if fields.has("currency_received") else currency,
    )
    sided = (
        _two_sided(fields, frame)
        if fields.has("payer") or fields.has("payee")
        else _one_sided(fields, frame, spec, context)
    )
    judged = sided.with_columns(code=_verdict(exact=exact))
    good = judged.filter(pl.col("code").is_null())
    bad = judged.filter(pl.col("code").is_not_null())
    entries = good.select(_finish(spec)).select(*ENTRY_SCHEMA).cast(ENTRY_SCHEMA)  # type: ignore[arg-type]  # takes a mapping
    return Batch(
        entries=entries,
        rejects=pl.concat([part.rejects, _rejects(bad, part, context)]),
        labels=labels_of(part, spec, context, good["source_row"], fields),
        furniture=part.furniture,
        warnings=part.warnings,
    )


class _Fields:
    """Access to fields by name, wherever the format says they stand."""

    def __init__(self, frame: pl.DataFrame, context: Context) -> None:
        self.frame, self.context = frame, context
        self.height = frame.height

    def has(self, field: str) -> bool:
        return field in self.context.columns or field in self.context.fixed

    def text(self, field: str) -> pl.Series:
        """The field, trimmed; blank is null."""
        if field in self.context.columns:
            column = self.frame[self.context.columns[field]]
            if column.null_count() == self.height:
                return column.cast(pl.String).alias(field)
            trimmed = column.str.strip_chars()
            empty = trimmed.str.len_bytes() == 0
            return (trimmed.set(empty.fill_null(value=False), None) if empty.any() else trimmed).alias(field)
        value = self.context.fixed.get(field)
        return pl.Series(field, [value], dtype=pl.String).new_from_index(0, self.height)

    def account(self, field: str) -> pl.Series:
        """The field as an account number."""
        if self.context.ids == "printed":
            return self.text(field)
        text = self.text(field)
        odd = ~text.str.contains(_PLAIN_NUMBER) | text.str.contains(
            _RUN_OF_ONE_DIGIT
        )  # nearly all numbers are plain; only the others are worth the patterns
        if not odd.any():
            return text
        return text.scatter(
            odd.arg_true(), text.filter(odd).to_frame().select(normalise_account_expr(pl.col(field)))[field]
        )

    def minor(self, field: str, currency: pl.Series, spec: TableFormat) -> pl.Series:
        """The field in minor units; unreadable is null: a balance is evidence, not a condition."""
        if not self.has(field):
            return pl.Series(field, [None], dtype=pl.Int64).new_from_index(0, self.height)
        return amounts.minor_units(self.text(field), _exponents(currency, spec))[0].alias(field)


def _exponents(currency: pl.Series, spec: TableFormat) -> pl.Series:
    """A format in 分 prints minor units already, whatever the currency's decimals."""
    if spec.unit == "minor":
        return pl.Series([0], dtype=pl.Int64).new_from_index(0, currency.len())
    return amounts.exponents_of(currency)


def _moment(fields: _Fields, spec: TableFormat) -> pl.DataFrame:
    if spec.step:
        return _steps(fields.text("time"), spec)
    text = fields.text("time")
    if not fields.has("time"):
        text = times.join_clock(fields.text("date"), fields.text("clock"))
    return times.parse(text, given=spec.time_format, zone=spec.zone, midnight_is_day=spec.midnight_is_day)


def _steps(text: pl.Series, spec: TableFormat) -> pl.DataFrame:
    """A whole number of hours or days since the format's epoch."""
    start = times.parse(pl.Series([spec.epoch]), zone=spec.zone, midnight_is_day=False)["time"].dt.epoch("us")[0]
    number = text.cast(pl.Int64, strict=False)
    number = number.set(((number < 0) | (number > 10**6)).fill_null(value=False), None)
    time = (number * _STEP_US[spec.step] + start).cast(US_UTC)
    frame = pl.DataFrame(
        {"text": text, "time": time, "time_precision": pl.Series([spec.step]).new_from_index(0, len(text))}
    )
    code = (
        pl.when(pl.col("text").is_null())
        .then(pl.lit(RejectCode.TIME_MISSING.value))
        .when(pl.col("time").is_null())
        .then(pl.lit(RejectCode.TIME_UNREADABLE.value))
    )
    return frame.select("time", "time_precision", code=code.cast(pl.String))


@dataclass(frozen=True, slots=True)
class _Money:
    amount: pl.Series  # Int64 >= 0
    code: pl.Series  # reject code
    direction: pl.Series  # "in", "out" or null
    reversed: pl.Series  # a negative amount beside a direction word: the direction is turned round
    balance: pl.Series


def _money(fields: _Fields, spec: TableFormat, currency: pl.Series) -> _Money:
    exponents = _exponents(currency, spec)
    height = fields.height
    if fields.has("amount_in") or fields.has("amount_out"):
        into, into_code = amounts.minor_units(fields.text("amount_in"), exponents)
        out, out_code = amounts.minor_units(fields.text("amount_out"), exponents)
        frame = pl.DataFrame({"i": into, "o": out, "ic": into_code, "oc": out_code})
        i, o = pl.col("i").fill_null(0), pl.col("o").fill_null(0)
        none = pl.col("i").is_null() & pl.col("o").is_null()
        frame = frame.select(
            signed=pl.when(none).then(None).otherwise(i - o),
            code=pl.coalesce("ic", "oc", pl.when(none).then(pl.lit(RejectCode.AMOUNT_MISSING.value))),
            zero_out=(i == 0) & pl.col("o").is_not_null(),
        )
        signed, code = frame["signed"], frame["code"]
        direction = frame.select(
            pl.when((pl.col("signed") < 0) | ((pl.col("signed") == 0) & pl.col("zero_out")))
            .then(pl.lit("out"))
            .otherwise(pl.lit("in"))
        ).to_series()
        reversed_ = (into < 0).fill_null(value=False) | (out < 0).fill_null(value=False)
    else:
        signed, code = amounts.minor_units(fields.text("amount"), exponents)
        missing = signed.is_null() & code.is_null()
        code = code.set(missing, RejectCode.AMOUNT_MISSING.value)
        direction, reversed_ = _direction(fields, spec, signed)
    balance = fields.minor("balance", currency, spec) if fields.has("balance") else None
    empty = pl.Series([None], dtype=pl.Int64).new_from_index(0, height)
    return _Money(signed.abs(), code, direction, reversed_, empty if balance is None else balance)


def _tidy_words(words: pl.Series) -> pl.Series:
    """Words without blanks, in capitals; there are few different ones, so each is tidied once."""
    different = words.drop_nulls().unique()
    tidy = different.str.replace_all(r"\s", "").str.to_uppercase()
    return words.replace_strict(different, tidy, default=None, return_dtype=pl.String)


def _direction(fields: _Fields, spec: TableFormat, signed: pl.Series) -> tuple[pl.Series, pl.Series]:
    rule = spec.direction
    frame = pl.DataFrame({"s": signed, "w": _tidy_words(fields.text("direction"))})
    negative = (pl.col("s") < 0).fill_null(value=False)
    if rule.sign:
        down, up = ("out", "in") if rule.sign == "positive_in" else ("in", "out")
        signs = frame.select(pl.when(negative).then(pl.lit(down)).otherwise(pl.lit(up)).alias("d"))["d"]
        return signs, pl.Series([False]).new_from_index(0, signed.len())
    into = [word.upper().replace(" ", "") for word in rule.into]
    out = [word.upper().replace(" ", "") for word in rule.out]
    is_in, is_out = pl.col("w").is_in(into).fill_null(value=False), pl.col("w").is_in(out).fill_null(value=False)
    chosen = frame.select(
        d=pl.when(is_in & ~negative | is_out & negative)
        .then(pl.lit("in"))
        .when(is_out & ~negative | is_in & negative)
        .then(pl.lit("out"))
        .otherwise(None),
        r=negative & (is_in | is_out | pl.lit(fields.has("payer") or fields.has("payee"))),
    )
    return chosen["d"].cast(pl.String), chosen["r"]


def _received(
    fields: _Fields, spec: TableFormat, money: _Money, currency: pl.Series, received_currency: pl.Series
) -> pl.Series:
    """What reached the payee. A blank cell means the whole amount, unless the currency is another."""
    own = received_currency.fill_null(currency)
    given = fields.minor("amount_received", own, spec).abs()
    blank = fields.text("amount_received").is_null() & (own == currency)
    return given.zip_with(~blank, money.amount)


_PLAIN_TEXTS = ("kind", "channel", "ip", "mac", "device")
_PARTY_TEXTS = ("own_name", "own_id", "own_bank", "other_name", "other_id", "other_bank",
                "payer_name", "payer_id", "payer_bank", "payee_name", "payee_id", "payee_bank")  # fmt: skip


def _texts(fields: _Fields, spec: TableFormat) -> list[pl.Series]:
    columns = [fields.text(name) for name in (*_PLAIN_TEXTS, *_PARTY_TEXTS)]
    columns = [c.fill_null("") if c.null_count() < c.len() else c.cast(pl.String).fill_null("") for c in columns]
    columns.append(fields.text("serial").fill_null("").alias("external_id"))
    columns.append(_memo(fields))
    columns.append(_status(fields, spec))
    columns.append(fields.account("own_alias") if fields.has("own_alias") else fields.text("own_alias"))
    columns.append(_extra(fields))
    return columns


def _memo(fields: _Fields) -> pl.Series:
    parts = [fields.text(name) for name in ("memo", "memo_2", "memo_3", "memo_4") if fields.has(name)]
    parts = [part for part in parts if part.null_count() < part.len()]
    if not parts:
        return pl.Series("memo", [""], dtype=pl.String).new_from_index(0, fields.height)
    if len(parts) == 1:
        return parts[0].fill_null("").alias("memo")
    frame = pl.DataFrame({str(i): part for i, part in enumerate(parts)})
    return frame.select(pl.concat_str(pl.all(), separator=" | ", ignore_nulls=True).fill_null("").alias("memo"))["memo"]


def _status(fields: _Fields, spec: TableFormat) -> pl.Series:
    if not spec.status or not fields.has("status"):
        default = spec.status.get("*", Status.UNKNOWN.value)
        return pl.Series("status", [default]).new_from_index(0, fields.height)
    words = fields.text("status")
    default = spec.status.get("*", Status.UNKNOWN.value)
    known = {word: value for word, value in spec.status.items() if word != "*"}
    return (
        words.replace_strict(known, default=default, return_dtype=pl.String)
        .fill_null(Status.UNKNOWN.value)
        .alias("status")
    )


def _extra(fields: _Fields) -> pl.Series:
    """Columns that the format does not know, as JSON; empty where all of them are blank."""
    frame = fields.frame.select(fields.context.unknown)
    filled = [name for name in frame.columns if (frame[name].str.strip_chars() != "").any()]
    if not filled:
        return pl.Series("extra", [""], dtype=pl.String).new_from_index(0, fields.height)
    return frame.select(
        pl.struct(pl.col(name).str.strip_chars() for name in filled).struct.json_encode().alias("extra")
    )["extra"]


_OF_A_SIDE = ("{}", "{}_name", "{}_idno", "{}_bank", "balance_{}")


def _two_sided(fields: _Fields, frame: pl.DataFrame) -> pl.DataFrame:
    """Payer and payee as the source names them.

    Where there is a word for the direction, it says whose statement the row stands in, and `balance` is theirs. A
    negative amount is money that went back: payer and payee change places.
    """
    named = frame.with_columns(
        _with_bank(fields, "payer"),
        _with_bank(fields, "payee"),
        payer_idno=pl.col("payer_id"),
        payee_idno=pl.col("payee_id"),
        ledger=pl.col("direction"),
        direction=pl.lit("out"),
    )
    if named["reversed"].any():
        pairs = [(name.format("payer"), name.format("payee")) for name in _OF_A_SIDE]
        ways = [(here, there) for a, b in pairs for here, there in ((a, b), (b, a))]
        back = pl.col("reversed")
        named = named.with_columns(pl.when(back).then(pl.col(b)).otherwise(pl.col(a)).alias(a) for a, b in ways)
    own = (
        pl.when(pl.col("ledger") == "out").then(pl.col("balance")),
        pl.when(pl.col("ledger") == "in").then(pl.col("balance")),
    )
    return named.with_columns(
        balance_payer=pl.coalesce("balance_payer", own[0]), balance_payee=pl.coalesce("balance_payee", own[1])
    )


def _with_bank(fields: _Fields, side: str) -> pl.Series:
    """`bank:account` where the format gives a prefix for that side (AMLworld), else the account alone."""
    account = fields.account(side).alias(side)
    if not fields.has(f"{side}_prefix"):
        return account
    prefix = fields.text(f"{side}_prefix")
    return pl.select(pl.coalesce(prefix + ":" + account, account).alias(side))[side]


def _one_sided(fields: _Fields, frame: pl.DataFrame, spec: TableFormat, context: Context) -> pl.DataFrame:
    own = fields.account("own") if fields.has("own") else fields.text("own")
    if fields.has("own_alias"):
        own = own.fill_null(frame["own_alias"])
    own = own_accounts(own, spec).fill_null(context.own_account)
    frame = frame.with_columns(own=own, other=_prefixed(fields.account("other"), spec.other_prefix))
    if (itself := (fields.text("other") == TO_ITSELF).fill_null(value=False)).any():
        pots = {"other": "own", "other_name": "own_name", "other_id": "own_id", "other_bank": "own_bank"}
        frame = frame.with_columns(
            pl.when(itself).then(mine).otherwise(theirs).alias(theirs) for theirs, mine in pots.items()
        )
    frame = _judge_minus(frame.with_columns(direction=_settle_direction(frame)))
    out = pl.col("direction") == "out"

    def choose(when_out: str, when_in: str) -> pl.Expr:
        return pl.when(out).then(pl.col(when_out)).otherwise(pl.col(when_in))

    return frame.with_columns(
        payer=choose("own", "other"),
        payee=choose("other", "own"),
        payer_name=choose("own_name", "other_name"),
        payee_name=choose("other_name", "own_name"),
        payer_idno=choose("own_id", "other_id"),
        payee_idno=choose("other_id", "own_id"),
        payer_bank=choose("own_bank", "other_bank"),
        payee_bank=choose("other_bank", "own_bank"),
        balance_payer=choose("balance", "other_balance"),
        balance_payee=choose("other_balance", "balance"),
        ledger=pl.col("direction"),
    )


_OF_A_MINUS = ("own", "currency", "time", "amount", "balance", "direction", "reversed")


def _judge_minus(frame: pl.DataFrame) -> pl.DataFrame:
    """A minus beside a word for paying (出 -5.00) either undoes an earlier payment or just repeats the word.

    The printed balances say which. Where they are silent it repeats the word if the account has no payment without a
    minus, for then there is nothing that it could undo.
    """
    if not frame["reversed"].any():
        return frame
    touched = frame["own"].is_in(frame["own"].filter(frame["reversed"]).unique().implode()).fill_null(value=True)
    if not touched.all():  # whole accounts, few of them: the others need no look
        judged = _judge_minus(frame.select(_OF_A_MINUS).filter(touched))
        places = touched.arg_true()
        return frame.with_columns(frame[name].scatter(places, judged[name]) for name in ("direction", "reversed"))
    turned, direction = pl.col("reversed"), pl.col("direction")
    shown = _settle_direction(frame.with_columns(direction=pl.when(~turned).then(direction)))
    plain_payment = (~turned & (direction == "out") & (pl.col("amount") > 0)).any().over("own")
    minus_receipt = (turned & (direction == "out")).any().over("own")
    repeats = (direction == "in") & ~plain_payment & ~minus_receipt
    decided = (
        pl.when(~turned)
        .then(direction)
        .when(pl.col("shown").is_not_null())
        .then(pl.col("shown"))
        .when(repeats)
        .then(pl.lit("out"))
        .otherwise(direction)
    )
    return frame.with_columns(shown=shown).with_columns(direction=decided, reversed=turned & (decided == direction))


def own_accounts(account: pl.Series, spec: TableFormat) -> pl.Series:
    """Own accounts as this format names them: with its prefix; a masked one with the institution that printed it.

    Where fewer than eight digits of a masked number are printed, it does not say whose the statement is: null.
    """
    if spec.own_prefix or not spec.institution:
        return _prefixed(account, spec.own_prefix)
    masked = account.str.contains("*", literal=True).fill_null(value=False)
    if not masked.any():
        return account
    plain, digits = pl.col(account.name), pl.col(account.name).str.count_matches(r"[0-9]")
    known = pl.when(digits >= _DIGITS_OF_MASKED).then(pl.lit(f"{spec.institution}:") + plain)
    return account.to_frame().select(pl.when(masked).then(known).otherwise(plain).alias(account.name))[account.name]


def _prefixed(account: pl.Series, prefix: str) -> pl.Series:
    return account if not prefix else (prefix + account).alias(account.name)


def _settle_direction(frame: pl.DataFrame) -> pl.Series:
    """Directions, with those that no word gives settled by the printed balances where they leave no doubt.

    There the balance differs by just the amount from that of the same account's row before it, and both times are
    unlike all others of the account. What is not settled stays null and is rejected.
    """
    unknown = frame["direction"].is_null() & frame["amount"].is_not_null()
    if not unknown.any():
        return frame["direction"]
    view = frame.select("own", "currency", "time", "amount", "balance", "direction").with_row_index("i")
    affected = view.filter(unknown).select("own").unique()
    view = view.join(affected, on="own", how="semi", nulls_equal=True).sort("own", "currency", "time", "i")
    keys = ["own", "currency"]
    crowd = pl.len().over([*keys, "time"])
    view = view.with_columns(crowd=crowd).with_columns(
        before=pl.col("balance").shift(1).over(keys), before_crowd=pl.col("crowd").shift(1).over(keys)
    )
    sure = (pl.col("crowd") == 1) & (pl.col("before_crowd") == 1) & (pl.col("amount") != 0)
    change = pl.col("balance") - pl.col("before")
    view = view.with_columns(
        guess=pl.when(sure & (change == pl.col("amount")))
        .then(pl.lit("in"))
        .when(sure & (change == -pl.col("amount")))
        .then(pl.lit("out"))
        .otherwise(None)
    ).sort("i")
    guesses = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).cast(view["i"].dtype).alias("i")).join(
        view.select("i", "guess"), on="i", how="left"
    )
    return frame["direction"].fill_null(guesses.sort("i")["guess"])


def _verdict(*, exact: bool) -> pl.Expr:
    nobody = pl.col("payer").is_null() & pl.col("payee").is_null()
    return (
        pl.when(pl.col("time_code").is_not_null())
        .then(pl.col("time_code"))
        .when(pl.col("amount_code").is_not_null())
        .then(pl.col("amount_code"))
        .when(pl.col("currency").is_null())
        .then(pl.lit(RejectCode.CURRENCY_UNKNOWN.value))
        .when(pl.col("received").is_null() if exact else pl.lit(value=False))
        .then(pl.lit(RejectCode.AMOUNT_UNREADABLE.value))
        .when(pl.col("direction").is_null())
        .then(pl.lit(RejectCode.DIRECTION_UNKNOWN.value))
        .when(nobody)
        .then(pl.lit(RejectCode.ACCOUNT_MISSING.value))
        .otherwise(None)
    )


def _finish(spec: TableFormat) -> list[pl.Expr]:
    side = {"full": pl.lit(BOTH), "message": pl.lit(NOBODY)}.get(
        spec.book,
        pl.when(pl.col("ledger") == "out").then(PAYER).when(pl.col("ledger") == "in").then(PAYEE).otherwise(NOBODY),
    )
    booked = pl.when(pl.col("reversed") & pl.col("status").is_in([Status.SUCCESS, Status.UNKNOWN]))
    names = [name for name in ENTRY_SCHEMA if name not in {"side", "status", "amount_received"}]
    return [
        *(pl.col(name) for name in names),
        side.cast(pl.Int8).alias("side"),
        booked.then(pl.lit(Status.REVERSAL.value)).otherwise(pl.col("status")).alias("status"),
        pl.col("received").alias("amount_received"),
    ]


def _rejects(bad: pl.DataFrame, part: Part, context: Context) -> pl.DataFrame:
    if not bad.height:
        return pl.DataFrame(schema=REJECT_SCHEMA)
    columns = [name for name in part.frame.columns if name != "line" and not name.startswith("@")]
    raw = part.frame.join(bad.select(line="source_row"), on="line", how="semi")
    text = pl.concat_str([pl.col(name).fill_null("") for name in columns], separator=",").str.slice(0, RAW_LIMIT)
    raw = raw.select(source_row="line", raw=text)
    shown = {"time": ("time", "date", "clock"), "amount": ("amount", "amount_in", "amount_out", "amount_received"),
             "currency": ("currency",), "direction": ("direction",),
             "account": ("own", "other", "payer", "payee")}  # fmt: skip
    detail = pl.lit("")
    cells = part.frame.select(
        "line", *{context.columns[f] for fs in shown.values() for f in fs if f in context.columns}
    )
    for start, names in shown.items():
        present = [context.columns[name] for name in names if name in context.columns]
        words = (
            pl.concat_str([pl.lit(f"{name}=") + pl.col(name).fill_null("") for name in present], separator=" ")
            if present
            else pl.lit("")
        )
        detail = pl.when(pl.col("code").str.starts_with(start)).then(words).otherwise(detail)
    frame = bad.select("source_row", "code").join(cells, left_on="source_row", right_on="line", how="left")
    frame = frame.with_columns(detail=detail.str.slice(0, 300)).join(raw, on="source_row", how="left")
    return frame.select(*REJECT_SCHEMA).cast(REJECT_SCHEMA)  # type: ignore[arg-type]  # polars takes a mapping


def labels_of(part: Part, spec: TableFormat, context: Context, rows: pl.Series, fields: _Fields) -> pl.DataFrame:
    """What the source says of the truth, for the rows that became records: one label row per label and row."""
    frames = []
    for name, column in context.labels.items():
        frame = pl.DataFrame({
            "source_row": part.frame["line"],
            "subject": pl.Series([spec.label_subject]).new_from_index(0, fields.height),
            "subject_id": _label_subject(fields, spec),
            "name": pl.Series([name]).new_from_index(0, fields.height),
            "value": part.frame[column].str.strip_chars(_BLANKS).fill_null(""),
        })  # fmt: skip
        frames.append(frame if rows.len() == frame.height else frame.filter(pl.col("source_row").is_in(rows.implode())))
    return pl.concat(frames) if frames else pl.DataFrame(schema=LABEL_SCHEMA)


def _label_subject(fields: _Fields, spec: TableFormat) -> pl.Series:
    if spec.label_subject == "transaction":
        return pl.Series("subject_id", [""]).new_from_index(0, fields.height)
    own = fields.account("own" if spec.record is RecordKind.TRANSACTION else "account_id")
    return _prefixed(own, spec.own_prefix).alias("subject_id")
