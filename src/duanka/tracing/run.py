"""From seeds that a user names to traces of their money: claims, each doctrine, and what it all rests on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, get_args

import numpy as np
import polars as pl

from duanka.derive import Ordered, seen
from duanka.flow.ledger import NO_BALANCE, Int64
from duanka.messages.catalogue import Language, say
from duanka.records.money import exponent
from duanka.report.long import LongTable
from duanka.store.case import Case
from duanka.store.holdings import in_flight, known_openings, some_accounts
from duanka.store.seeds import Seed
from duanka.trace.book import Book, book
from duanka.trace.doctrine import ALLOCATING, UPWARD, Doctrine
from duanka.trace.follow import Limits, down, up
from duanka.trace.poison import Touched, touched
from duanka.trace.seeds import Seeds, seeds
from duanka.tracing.claims import Claims, claims_of
from duanka.tracing.held import Held
from duanka.tracing.notes import Note, notes
from duanka.tracing.tables import Names, tables

_SECOND = 1_000_000
Direction = Literal["down", "up"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

DOWN = ALLOCATING
UP = tuple(doctrine for doctrine in ALLOCATING if doctrine in UPWARD)
"""What is traced when no doctrine is named."""


class TraceError(ValueError):
    """A trace that can't be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a trace. `apart`: each payment is a claim; `together`: all are one; else each seed is one."""

    direction: Direction = "down"
    doctrines: tuple[Doctrine, ...] = ()  # none: all that add up and answer in this direction
    at: datetime | None = None  # nothing later is looked at; None: to the end of the records
    apart: bool = False
    together: bool = False
    hops: int | None = None
    age_us: int | None = None
    floor: Decimal = Decimal(0)  # in the units of the currency in which most seeds are

    def allocating(self, language: Language = "en") -> tuple[Doctrine, ...]:
        """The doctrines whose amounts add up, in their fixed order. TraceError for one that says nothing upward."""
        wanted = self.doctrines or (DOWN if self.direction == "down" else UP)
        if self.direction == "up" and (mute := [one for one in wanted if one not in UPWARD]):
            raise TraceError(say("trace.not_up", language, doctrine=mute[0], known=", ".join(UP)))
        return tuple(one for one in ALLOCATING if one in wanted)


@dataclass(frozen=True, slots=True)
class Traced:
    """What a trace found. The frames are described in the reference; amounts are minor units, times UTC."""

    wish: Wish
    doctrines: tuple[Doctrine, ...]
    until: datetime  # the last moment looked at
    claims: pl.DataFrame
    seeds: pl.DataFrame
    left_out: pl.DataFrame
    sums: pl.DataFrame
    reasons: pl.DataFrame
    compared: pl.DataFrame
    placed: pl.DataFrame  # `ends` summed over claims and rows
    balances: pl.DataFrame  # of the places where some doctrine leaves money
    long: Mapping[str, LongTable]  # `left`, `steps` and `ends`, kept narrow
    contradictions: pl.DataFrame
    in_flight: pl.DataFrame
    accounts: pl.DataFrame
    touched: pl.DataFrame
    notes: tuple[Note, ...]

    @property
    def left(self) -> pl.DataFrame:
        """Where the money is; made anew each time."""
        return self.long["left"].frame()

    @property
    def steps(self) -> pl.DataFrame:
        """What it went through; made anew each time. About 110 bytes a line: `long["steps"].frames()` gives some."""
        return self.long["steps"].frame()

    @property
    def ends(self) -> pl.DataFrame:
        """Where branches end; made anew each time."""
        return self.long["ends"].frame()

    def table(self, name: str) -> pl.DataFrame | LongTable:
        """One of TABLES, as it is kept."""
        found: pl.DataFrame | LongTable = self.long[name] if name in self.long else getattr(self, name)
        return found

    def firm(self, *, but: tuple[Doctrine, ...] = ()) -> dict[str, int]:
        """By currency: what ends at the same places for the same reasons under every doctrine `but` these."""
        counted = [str(one) for one in self.doctrines if one not in but]
        if not counted:
            return {}
        each = self.compared.group_by("currency").agg(least=pl.min_horizontal(counted).sum())
        return dict(each.sort("currency").iter_rows())


TABLES = (
    "claims", "seeds", "left_out", "sums", "reasons", "compared", "left", "steps", "ends", "contradictions",
    "in_flight", "accounts", "touched",
)  # fmt: skip
"""The tables of `Traced`."""


def trace(case: Case, start: list[Seed], wish: Wish | None = None, *, language: Language = "en") -> Traced:
    """Follow the money of the seeds under each doctrine. The case must be settled.

    Of payments only those that had surely happened at `wish.at` are read, also for order and opening balances. What was
    produced is no payment: coverage counts as it is. Costs those of reading the ledger, and of `trace.follow` for each
    doctrine; see `trace_tables` for what is counted.

    Raises:
        SeedError: a seed is not in the case.
        TraceError: no payment of the seeds is left to trace, or a doctrine does not answer.
    """
    wish = wish or Wish()
    doctrines, upward = wish.allocating(language), wish.direction == "up"
    data = seen(case, wish.at)
    claims = claims_of(
        case, data, start, up=upward, at=wish.at, apart=wish.apart, together=wish.together, language=language
    )
    if not len(claims.row):
        raise TraceError(claims.nothing(language))
    opening = openings(case, data, wish.at)
    held = Held(data, book(data.ledger, moment=data.moment, opening=opening), opening)
    begun = seeds(data.ledger, claims.row, claims.amount, group=claims.claim, up=upward)
    until = int(data.moment[-1]) if wish.at is None else round(wish.at.timestamp() * _SECOND)
    limits = Limits(None if upward else until, wish.age_us, wish.hops, _floor(wish.floor, claims))
    follow = up if upward else down
    traces = (follow(held.ready.bare(), begun, doctrine, limits) for doctrine in doctrines)
    made = tables(held, claims, traces, up=upward)
    moment = datetime.fromtimestamp(until / _SECOND, tz=UTC)
    accounts = made.balances["account_id"].unique().sort().to_list()
    return Traced(
        wish=wish,
        doctrines=doctrines,
        until=moment,
        claims=claims.table(),
        seeds=_seed_table(data, claims),
        left_out=claims.left_out,
        sums=made.sums,
        reasons=made.reasons,
        compared=made.compared,
        placed=made.placed,
        balances=made.balances,
        long={"left": made.left, "steps": made.steps, "ends": made.ends},
        contradictions=made.contradictions,
        in_flight=in_flight(case.db, accounts, moment),
        accounts=some_accounts(case.db, Names(data).account(made.nodes).unique().sort().to_list()),
        touched=_touched(data, held.ready, begun, limits, wish),
        notes=notes(held, claims, made),
    )


def openings(case: Case, data: Ordered, at: datetime | None) -> Int64:
    """Known opening balances per node: those of statements that begin where the account's coverage begins."""
    found = pl.DataFrame(known_openings(case.db, at))
    nodes = pl.DataFrame(data.nodes).with_columns(pl.col("from").cast(pl.Int64))
    told = nodes.join(found, on=["account_id", "currency", "from"], how="left", maintain_order="left")
    return told["opening"].fill_null(NO_BALANCE).cast(pl.Int64).to_numpy().copy()


def _floor(floor: Decimal, claims: Claims) -> int:
    """In minor units of the currency in which most payments of the claims are."""
    if not floor:
        return 0
    paid = np.bincount(claims.claim)
    usual = claims.currency[int(paid.argmax())]
    return int((floor * 10 ** exponent(usual)).to_integral_value())


def _seed_table(data: Ordered, claims: Claims) -> pl.DataFrame:
    """`claim, seed, how, row_id, time, payer, payee, amount, currency`: what is followed."""
    names, ledger = Names(data), data.ledger
    return pl.DataFrame({
        "claim": claims.claim + 1, "seed": [claims.start[one] for one in claims.seed], "how": claims.how,
        "row_id": names.row(claims.row), "time": names.time(claims.row),
        "payer": names.account(ledger.payer[claims.row]), "payee": names.account(ledger.payee[claims.row]),
        "amount": claims.amount, "currency": [claims.currency[one] for one in claims.claim],
        "assumed": data.assumed[claims.row],
    })  # fmt: skip


def _touched(data: Ordered, ready: Book, begun: Seeds, limits: Limits, wish: Wish) -> pl.DataFrame:
    """`row_id, time, payer, payee, hop, amount, currency`: rows that poison taints; none unless it is asked for."""
    names, ledger = Names(data), data.ledger
    none = np.zeros(0, np.int64)
    asked = Doctrine.POISON in wish.doctrines
    found = touched(ready, begun, limits) if asked else Touched(none, none.astype(np.int32), none)
    return pl.DataFrame({
        "row_id": names.row(found.row), "time": names.time(found.row), "payer": names.account(ledger.payer[found.row]),
        "payee": names.account(ledger.payee[found.row]), "hop": found.hop.astype(np.int64), "amount": found.amount,
        "currency": names.received_in(found.row),
    })  # fmt: skip
