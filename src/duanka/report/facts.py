"""What a report shows, as plain facts: no words, no colours, no SQL. Amounts are minor units, shares 0 … 1."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

if TYPE_CHECKING:
    from duanka.report.findings import Findings

BoxKind = Literal[
    "account", "other", "unnamed", "stays", "not_produced", "currency", "fee", "beyond",
    "source", "level", "back", "outside",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where an input row stands: file and line, or file, table of the workbook (from 1; 0 = no workbook) and row."""

    path: str
    row: int
    sheet: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of a row: UTC, the zone in which it was written, and how finely."""

    time: datetime
    zone: str
    precision: str


@dataclass(frozen=True, slots=True)
class File:
    """An imported file; `rows = kept + merged + rejected`."""

    path: str
    sha256: str
    format: str
    institution: str
    encoding: str
    rows: int
    kept: int
    merged: int
    rejected: int
    warnings: tuple[str, ...]
    unknown_sheets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownFile:
    """A file that nothing recognised."""

    path: str
    sha256: str
    reason: str
    tried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected row, as printed."""

    place: Place
    detail: str
    raw: str


@dataclass(frozen=True, slots=True)
class RejectGroup:
    """All rows rejected for one reason, and the first of them."""

    code: str
    count: int
    examples: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """Sums over the produced accounts in one currency, over rows that moved money between different accounts.

    inflow: all receipts, at the amount that reached the account; outflow: all payments, at the amount that left it;
    deduplicated: receipts whose payer is not named or not itself produced.
    """

    currency: str
    inflow: int
    outflow: int
    deduplicated: int
    receipts: int
    payments: int

    @property
    def turnover(self) -> int:
        """流水: what came in and what went out."""
        return self.inflow + self.outflow

    @property
    def net(self) -> int:
        """净额: what came in less what went out."""
        return self.inflow - self.outflow


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a printed balance does not follow from the rows before it."""

    row_id: str
    expected: int
    printed: int
    currency: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far an account's own records reach. `complete` is None where no balance is printed to tell."""

    account_id: str
    holder: str
    start: datetime | None
    stop: datetime | None
    complete: bool | None
    break_count: int
    breaks: tuple[Break, ...]  # the first ones


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction as evidence for a figure."""

    row_id: str
    moment: Moment
    assumed: bool
    incoming: bool
    counterparty: str
    counterparty_name: str
    amount: int
    currency: str
    status: str
    memo: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Transit:
    """A produced account that both received and paid, in one currency, with its largest rows."""

    account_id: str
    holder: str
    institution: str
    currency: str
    in_sum: int
    out_sum: int
    in_count: int
    out_count: int
    payers: int
    payees: int
    retained: int
    passed: tuple[float | None, float | None, float | None]  # within 1 h, 24 h, 7 d
    dwell: tuple[int | None, int | None, int | None]  # seconds: 10 %, 50 %, 90 %
    peak_in: tuple[int, int, int]  # largest sum within 1 h, 24 h, 7 d
    peak_out: tuple[int, int, int]
    coverage: Coverage | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account whose records to ask for."""

    rank: int
    account_id: str
    holder: str
    institution: str
    why: str
    amount: int
    currency: str
    rows: int


@dataclass(frozen=True, slots=True)
class Box:
    """An account (or several, or an end) in one column of the flow; `amount` flows through it."""

    column: int
    kind: BoxKind
    account_id: str
    holder: str
    members: int
    amount: int


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Money handed on from one box to another; `rows` payments carried it, 0 where it ends."""

    source: int
    target: int
    amount: int
    rows: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Money followed through tiers in one currency. Into every box but those of column 0 flows what flows out of it.

    `moves`: tier, row_id, payer, payee, amount, currency of every row that carried followed money.
    """

    currency: str
    started: int
    start_rows: int
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    moves: pa.Table


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where the flow starts, in the case's ids; `chosen` is False where nobody named them."""

    accounts: tuple[str, ...]
    rows: tuple[str, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the report shows."""

    case: str
    made: datetime
    version: str
    files: tuple[File, ...]
    unknown: tuple[UnknownFile, ...]
    merges: tuple[tuple[str, int], ...]  # reason, rows
    rejects: tuple[RejectGroup, ...]
    transactions: int
    left_out: int  # transactions that moved no money
    ordered: int  # transactions that have a place in the order
    assumed: int  # of these, those whose place is assumed
    accounts: int
    first: datetime | None
    last: datetime | None
    totals: tuple[Total, ...]
    transits: tuple[Transit, ...]
    transit_count: int
    produced: int
    broken: int  # produced accounts with balance breaks
    untold: int  # produced accounts without printed balances
    coverage: tuple[Coverage, ...]  # those with breaks first, then the widest
    wanted: tuple[Wanted, ...]  # a line a currency
    wanted_count: int  # accounts
    seeds: Seeds
    flows: tuple[Flow, ...]
    findings: "Findings | None" = None  # None where detection was not run
    outdated: bool = False  # findings are there, but of an earlier version of Duanka
