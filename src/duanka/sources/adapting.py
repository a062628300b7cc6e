"""Steps that the `adapt` functions of formats share: they correct columns or add them, and never touch the rows."""

import polars as pl

from duanka.identifiers.bank_card import normalise_account_expr

_BLANKS = " \t\r\n\u3000\u00a0\ufeff"


def cell(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """The first filled cell among the columns `names`, trimmed; null where all are blank or absent."""
    present = [pl.col(name).str.strip_chars(_BLANKS) for name in names if name in frame.columns]
    filled = [pl.when(column != "").then(column) for column in present]
    return pl.coalesce(filled) if filled else pl.lit(None, dtype=pl.String)


def account_cell(frame: pl.DataFrame, *names: str, prefix: str = "") -> pl.Expr:
    """The first of the columns that holds an account number, normalised, with `prefix` before it; else null."""
    present = [normalise_account_expr(pl.col(name)) for name in names if name in frame.columns]
    return pl.lit(prefix) + pl.coalesce(present) if present else pl.lit(None, dtype=pl.String)
