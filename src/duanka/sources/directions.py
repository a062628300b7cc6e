"""How much, and whether it came or went: signs, words, two columns, and printed balances as the last word."""

from dataclasses import dataclass

import polars as pl

from duanka.records.vocabulary import RejectCode
from duanka.sources import amounts
from duanka.sources.fields import Fields
from duanka.sources.spec import TableFormat


@dataclass(frozen=True, slots=True)
class Money:
    """What was moved, row by row."""

    amount: pl.Series  # Int64 >= 0
    code: pl.Series  # reject code
    direction: pl.Series  # "in", "out" or null
    reversed: pl.Series  # a negative amount beside a direction word: the direction is turned round


def money(fields: Fields, spec: TableFormat, exponents: pl.Series) -> Money:
    """Amounts in minor units and their directions, as far as columns and words give them."""
    if fields.has("amount_in") or fields.has("amount_out"):
        return _two_columns(fields, exponents)
    signed, code = amounts.minor_units(fields.text("amount"), exponents)
    missing = signed.is_null() & code.is_null()
    code = code.set(missing, RejectCode.AMOUNT_MISSING.value)
    direction, reversed_ = _one_column(fields, spec, signed)
    return Money(signed.abs(), code, direction, reversed_)


def _two_columns(fields: Fields, exponents: pl.Series) -> Money:
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
    went = (pl.col("signed") < 0) | ((pl.col("signed") == 0) & pl.col("zero_out"))
    direction = frame.select(d=pl.when(went).then(pl.lit("out")).otherwise(pl.lit("in")))["d"]
    reversed_ = (into < 0).fill_null(value=False) | (out < 0).fill_null(value=False)
    return Money(frame["signed"].abs(), frame["code"], direction, reversed_)


def _one_column(fields: Fields, spec: TableFormat, signed: pl.Series) -> tuple[pl.Series, pl.Series]:
    rule = spec.direction
    negative = (signed < 0).fill_null(value=False)
    if rule.sign:
        down, up = ("out", "in") if rule.sign == "positive_in" else ("in", "out")
        signs = pl.select(d=pl.when(negative).then(pl.lit(down)).otherwise(pl.lit(up)))["d"]
        return signs, pl.Series([False]).new_from_index(0, signed.len())
    words = fields.text("direction")
    into, out = ({word.upper().replace(" ", "") for word in listed} for listed in (rule.into, rule.out))
    direction = _read_words(words, {"in": into, "out": out})
    if negative.any():
        turned = _read_words(words.filter(negative), {"in": out, "out": into})
        direction = direction.scatter(negative.arg_true(), turned)
    said = direction.is_not_null()
    return direction, negative if fields.has("payer") or fields.has("payee") else negative & said


def _read_words(words: pl.Series, meanings: dict[str, set[str]]) -> pl.Series:
    """What each word means, blanks and small letters aside; null for a word that means nothing. O(n)."""
    different = words.drop_nulls().unique()  # there are few, so each is looked at once
    tidy = different.str.replace_all(r"\s", "").str.to_uppercase()
    found = [next((meaning for meaning, known in meanings.items() if word in known), None) for word in tidy]
    return words.replace_strict(different, pl.Series(found, dtype=pl.String), default=None, return_dtype=pl.String)


_OF_A_MINUS = ("own", "currency", "time", "amount", "balance", "direction", "reversed")


def judge_minus(frame: pl.DataFrame) -> pl.DataFrame:
    """A minus beside a word for paying (出 -5.00) either undoes an earlier payment or just repeats the word.

    The printed balances say which. Where they are silent it repeats the word if the account has no payment without a
    minus, for then there is nothing that it could undo.
    """
    if not frame["reversed"].any():
        return frame
    touched = frame["own"].is_in(frame["own"].filter(frame["reversed"]).unique().implode()).fill_null(value=True)
    if not touched.all():  # whole accounts, few of them: the others need no look
        judged = judge_minus(frame.select(_OF_A_MINUS).filter(touched))
        places = touched.arg_true()
        return frame.with_columns(frame[name].scatter(places, judged[name]) for name in ("direction", "reversed"))
    turned, direction = pl.col("reversed"), pl.col("direction")
    shown = settle_direction(frame.with_columns(direction=pl.when(~turned).then(direction)))
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


def settle_direction(frame: pl.DataFrame) -> pl.Series:
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
    same_account = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in ("own", "currency"))
    view = view.with_columns(change=pl.col("balance") - pl.col("balance").shift(), follows=same_account)
    view = view.with_columns(tied=pl.col("follows") & pl.col("time").eq_missing(pl.col("time").shift()))
    view = view.with_columns(alone=~pl.col("tied") & ~pl.col("tied").shift(-1, fill_value=False))
    sure = pl.col("follows") & pl.col("alone") & pl.col("alone").shift() & (pl.col("amount") != 0)
    view = view.filter(sure & pl.col("direction").is_null() & (pl.col("change").abs() == pl.col("amount")))
    guess = pl.when(pl.col("change") > 0).then(pl.lit("in")).otherwise(pl.lit("out"))
    return frame["direction"].scatter(view["i"], view.select(guess.alias("guess"))["guess"])
