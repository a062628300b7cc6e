"""Who paid whom: from a statement's own account and its counterparty, or from payer and payee as printed."""

import polars as pl

from duanka.sources.directions import judge_minus, settle_direction
from duanka.sources.fields import Context, Fields
from duanka.sources.spec import TableFormat

TO_ITSELF = "@own"
"""What an `adapt` writes as the counterparty of a move between two pots of the own account (余额 and 余额宝)."""

_DIGITS_OF_MASKED = 8  # 1234****9876
_OF_A_SIDE = ("{}", "{}_name", "{}_idno", "{}_bank", "balance_{}")


def two_sided(fields: Fields, frame: pl.DataFrame) -> pl.DataFrame:
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


def _with_bank(fields: Fields, side: str) -> pl.Series:
    """`bank:account` where the format gives a prefix for that side (AMLworld), else the account alone."""
    account = fields.account(side).alias(side)
    if not fields.has(f"{side}_prefix"):
        return account
    prefix = fields.text(f"{side}_prefix")
    return pl.select(pl.coalesce(prefix + ":" + account, account).alias(side))[side]


def one_sided(fields: Fields, frame: pl.DataFrame, spec: TableFormat, context: Context) -> pl.DataFrame:
    """Payer and payee from the statement's own account, its counterparty and the direction, which is settled here."""
    own = fields.account("own") if fields.has("own") else fields.text("own")
    if fields.has("own_alias"):
        own = own.fill_null(frame["own_alias"])
    own = own_accounts(own, spec).fill_null(context.own_account)
    frame = frame.with_columns(own=own, other=prefixed(fields.account("other"), spec.other_prefix))
    if (itself := (fields.text("other") == TO_ITSELF).fill_null(value=False)).any():
        pots = {"other": "own", "other_name": "own_name", "other_id": "own_id", "other_bank": "own_bank"}
        frame = frame.with_columns(
            pl.when(itself).then(mine).otherwise(theirs).alias(theirs) for theirs, mine in pots.items()
        )
    frame = judge_minus(frame.with_columns(direction=settle_direction(frame)))
    out = frame["direction"] == "out"

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


def own_accounts(account: pl.Series, spec: TableFormat) -> pl.Series:
    """Own accounts as this format names them: with its prefix; a masked one with the institution that printed it.

    Where fewer than eight digits of a masked number are printed, it does not say whose the statement is: null.
    """
    if spec.own_prefix or not spec.institution:
        return prefixed(account, spec.own_prefix)
    masked = account.str.contains("*", literal=True).fill_null(value=False)
    if not masked.any():
        return account
    plain, digits = pl.col(account.name), pl.col(account.name).str.count_matches(r"[0-9]")
    known = pl.when(digits >= _DIGITS_OF_MASKED).then(pl.lit(f"{spec.institution}:") + plain)
    return account.to_frame().select(pl.when(masked).then(known).otherwise(plain).alias(account.name))[account.name]


def prefixed(account: pl.Series, prefix: str) -> pl.Series:
    """Accounts with what makes them unique, such as `alipay:`; null stays null."""
    return account if not prefix else (prefix + account).alias(account.name)
