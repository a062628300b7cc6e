"""From frozen accounts to a return proposal: which victim gets what back from where, and what is left for review."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np
import polars as pl

from duanka.flow.ledger import Bool, Int64
from duanka.freezing.viewing import View, view
from duanka.messages.catalogue import Language, say
from duanka.messages.told import Message, ToldError
from duanka.records.money import exponent
from duanka.sources.encoding import read_text
from duanka.store.case import Case
from duanka.store.seeds import Seed, SeedError, resolve
from duanka.trace.doctrine import Doctrine
from duanka.trace.follow import Limits, down
from duanka.trace.returning import Returns, shared_out

GOOD_FAITH = 0.5
"""From this probability of innocence on, a holder's money is left for review (assumption)."""

MOST = Decimal(10) ** 15  # units of money; see `records.money.MAX_MINOR`


class FrozenError(ToldError, ValueError):
    """What is frozen can't be read, or is not in the case; the message says where."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """An account, as the user names it, and what is frozen there."""

    account: str
    amount: Decimal  # in units of the currency


@dataclass(frozen=True, slots=True)
class Proposed:
    """A return proposal. Amounts are minor units of `currency`.

    `accounts`: account_id, holder, institution, frozen, direct, proportional, review, rest, innocence, good_faith
    (whether it is left for review); a line each, which adds up: direct + proportional + review + rest = frozen.
    `claims`: claim, seeds, loss, direct, proportional, returned, open. `lines`: claim, account_id, direct,
    proportional, where either is more than 0.
    """

    moment: datetime
    currency: str
    accounts: pl.DataFrame
    claims: pl.DataFrame
    lines: pl.DataFrame
    left_out: pl.DataFrame
    untouched: tuple[str, ...]  # frozen accounts that no traced money reached: not these victims', as far as is known


TABLES = ("accounts", "claims", "lines", "left_out")
"""The frames of `Proposed`."""


def read_frozen(path: Path) -> list[Frozen]:
    """A CSV file with the columns `account_id,amount`. FrozenError names the first line that can't be read."""
    reader = csv.DictReader(io.StringIO(read_text(path)))
    if not {"account_id", "amount"} <= set(reader.fieldnames or ()):
        raise FrozenError("frozen.columns", path=path)
    found = []
    for row in reader:
        place = Message("common.line_of", path=path, line=reader.line_num)
        try:
            amount = Decimal((row["amount"] or "").strip().replace(",", ""))
        except InvalidOperation:
            raise FrozenError("frozen.no_amount", place=place, text=repr(row["amount"])) from None
        if not (amount.is_finite() and 0 <= amount <= MOST) or not (row["account_id"] or "").strip():
            raise FrozenError("frozen.row", place=place)
        found.append(Frozen((row["account_id"] or "").strip(), amount))
    return found


def propose_returns(
    case: Case,
    start: list[Seed],
    *,
    frozen: list[Frozen] | None = None,
    good_faith: tuple[str, ...] = (),
    at: datetime | None = None,
    language: Language = "en",
) -> Proposed:
    """Share what is frozen among the claims of the seeds; nothing is stored.

    Without `frozen`, what measures in force at the moment keep: their amount, or the balance where they state none.
    Directly goes what direct tracing by timestamps leaves at an account, or all that is left where it received one
    payment only. Accounts of `good_faith`, and those of holders who are innocent by GOOD_FAITH or more, are left for
    review. Costs those of `viewing.view` and of one more trace.

    Raises:
        SeedError: a seed, or an account of `good_faith`, is not in the case.
        ViewError: no payment of the seeds is left to trace, or they are in several currencies.
        FrozenError: an account of `frozen` is not in the case, or an amount is finer than its currency.
    """
    seen = view(case, start, at, language=language)
    amount, untouched = _amounts(case, seen, frozen)
    spared = {one for name in good_faith for one in resolve(case, Seed("account", name), language)}
    told = seen.facts.with_columns(frozen=pl.Series(amount))
    review = (told["account_id"].is_in(list(spared)) | (told["innocence"] >= GOOD_FAITH)).to_numpy()
    loss = np.zeros(seen.seeds.groups, np.int64)
    np.add.at(loss, seen.seeds.group, seen.seeds.amount)
    shares = shared_out(amount, seen.lies.most, _visible(seen), loss, review)
    return Proposed(
        moment=seen.moment,
        currency=seen.currency,
        accounts=_accounts(told, shares, review),
        claims=_claims(seen, shares, loss),
        lines=_lines(told, shares),
        left_out=seen.claims.left_out,
        untouched=untouched,
    )


def _amounts(case: Case, seen: View, frozen: list[Frozen] | None) -> tuple[Int64, tuple[str, ...]]:
    """Frozen per place, and the frozen accounts that are none of them."""
    if frozen is None:
        balance = seen.facts["balance"].fill_null(0).clip(0)
        amount = pl.when(pl.col("in_force")).then(pl.coalesce("amount", balance)).otherwise(0)
        kept = seen.facts.select(amount.cast(pl.Int64).alias("kept"))["kept"]
        return np.where(seen.facts["currency"] == seen.currency, kept.to_numpy(), 0), ()
    place = {
        account: number
        for number, (account, currency) in enumerate(seen.facts.select("account_id", "currency").iter_rows())
        if currency == seen.currency
    }
    amounts, untouched = np.zeros(len(seen.lies), np.int64), []
    for one in frozen:
        if not (one.amount.is_finite() and 0 <= one.amount <= MOST):
            raise FrozenError("frozen.negative", account=one.account, amount=one.amount)
        minor = one.amount.scaleb(exponent(seen.currency))
        if minor != minor.to_integral_value():
            raise FrozenError("frozen.too_fine", account=one.account, amount=one.amount, currency=seen.currency)
        try:
            (account,) = resolve(case, Seed("account", one.account))
        except SeedError as error:
            raise FrozenError("common.problem", problem=error) from error
        if account in place:
            amounts[place[account]] += int(minor)
        else:
            untouched.append(account)
    return amounts, tuple(sorted(set(untouched)))


def _visible(seen: View) -> Int64:
    """Per claim and place, what is visibly the claim's."""
    ready, nodes = seen.held.ready, seen.data.ledger.nodes
    limits = Limits(at=seen.lies.at)
    direct = down(ready, seen.seeds, Doctrine.DIRECT, limits).left_apart(nodes)[:, seen.lies.node]
    alone = down(ready, seen.seeds, Doctrine.FIFO, limits).left_apart(nodes)[:, seen.lies.node]
    payee = seen.data.ledger.payee
    single = np.bincount(payee[payee >= 0], minlength=nodes)[seen.lies.node] == 1
    single &= ready.opening[seen.lies.node] == 0
    return np.where(single, alone, direct)


def _accounts(told: pl.DataFrame, shares: Returns, review: Bool) -> pl.DataFrame:
    table = told.select("account_id", "holder", "institution", "frozen", "innocence").with_columns(
        direct=pl.Series(shares.direct.sum(axis=0)), proportional=pl.Series(shares.proportional.sum(axis=0)),
        review=pl.Series(shares.review), rest=pl.Series(shares.rest), good_faith=pl.Series(review),
    )  # fmt: skip
    return table.filter(pl.col("frozen") > 0).sort("frozen", "account_id", descending=[True, False])


def _claims(seen: View, shares: Returns, loss: Int64) -> pl.DataFrame:
    sums = {"direct": shares.direct.sum(axis=1), "proportional": shares.proportional.sum(axis=1)}
    table = seen.claims.table().select("claim", "seeds").with_columns(loss=pl.Series(loss), **{
        name: pl.Series(values) for name, values in sums.items()
    })  # fmt: skip
    returned = pl.col("direct") + pl.col("proportional")
    return table.with_columns(returned=returned, open=pl.col("loss") - returned)


def _lines(told: pl.DataFrame, shares: Returns) -> pl.DataFrame:
    claim, place = np.nonzero(shares.direct + shares.proportional)
    return pl.DataFrame({
        "claim": claim + 1, "account_id": told["account_id"][place],
        "direct": shares.direct[claim, place], "proportional": shares.proportional[claim, place],
    })  # fmt: skip


def nothing_frozen(found: Proposed, language: Language) -> str:
    """Words for a proposal with nothing to share out; empty where there is something."""
    return say("returns.nothing", language) if found.accounts.is_empty() else ""
