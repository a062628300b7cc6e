"""What a report shows of detection, as plain facts. Amounts are minor units, shares and scores 0 … 1."""

from dataclasses import dataclass
from datetime import datetime

from duanka.report.facts import Flow, Moment, Place
from duanka.store.detection import Detection


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an account has its score: the words as detection wrote them, and the rows behind them."""

    code: str
    zh: str
    en: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands in a ring. `number` is that of the ring's section, 0 where it has none."""

    ring_id: str
    number: int
    tier: int | None
    tier_confidence: float | None
    role: str
    role_confidence: float | None
    works: bool


@dataclass(frozen=True, slots=True)
class Suspect:
    """An account with evidence. `number` is that of its own part of the page, 0 where it has none."""

    account_id: str
    number: int
    holder: str
    institution: str
    produced: bool
    score: float
    rank: int
    reasons: tuple[Reason, ...]
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class RingMoney:
    """Sums over a ring's own rows in one currency, at the amount that left the payer.

    inflow: from others to its workers; outflow: from its workers to others; within: between its workers.
    """

    currency: str
    inflow: int
    outflow: int
    within: int
    rows: int


@dataclass(frozen=True, slots=True)
class MemberMoney:
    """What came to a member, and what it paid, in the ring's own rows of one currency."""

    currency: str
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a ring, and how it stands there."""

    account_id: str
    number: int  # of its own part of the page, 0 where it has none
    holder: str
    standing: Standing
    score: float | None
    money: tuple[MemberMoney, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Payments by hour of the day in one zone; `untold` payments have no hour."""

    zone: str
    counts: tuple[int, ...]  # 24
    untold: int


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring in short. `commission` is low, middle, high; None where too few single relays agree; so by tier."""

    number: int  # 1 for the first
    ring_id: str
    score: float
    workers: int
    members: int
    first: datetime | None
    last: datetime | None
    commission: tuple[float, float, float] | None
    by_tier: tuple[tuple[int, tuple[float, float, float]], ...]  # tier and what its workers keep
    money: tuple[RingMoney, ...]  # the currency with most rows first


@dataclass(frozen=True, slots=True)
class RingFlow:
    """Money of a ring's own payments in one currency; `columns` are the first and last tier of each column."""

    flow: Flow
    columns: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class RingPart:
    """A ring in full."""

    ring: Ring
    hours: Hours
    flows: tuple[RingFlow, ...]  # one a currency, those with most rows first
    members: tuple[Member, ...]  # the first ones


@dataclass(frozen=True, slots=True)
class Stretch:
    """A balance over some time: what it was at first, and after each row; of many rows, the extremes only."""

    opening: int
    points: tuple[tuple[int, int], ...]  # µs, balance after it
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Balance:
    """How an account's balance ran in one currency.

    Where `printed` is 0 the balance is computed from the least opening that keeps it from going below zero.
    """

    currency: str
    whole: Stretch
    busiest: Stretch | None  # the days with most rows, where there are others
    rows: int
    printed: int  # rows that print a balance
    breaks: tuple[tuple[int, int], ...]  # µs, printed balance: the first that don't follow from the rows
    break_count: int
    last: int


@dataclass(frozen=True, slots=True)
class Everyday:
    """Rows that look like ordinary life by their words: `kind` is salary, tax, utilities, medical or social."""

    kind: str
    currency: str
    count: int
    amount: int
    counterparties: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class KeyAccount:
    """An account that works in a ring, in full."""

    suspect: Suspect
    balances: tuple[Balance, ...]
    everyday: tuple[Everyday, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """A payment behind a reason, and where it was printed."""

    row_id: str
    moment: Moment
    assumed: bool
    payer: str
    payer_name: str
    payee: str
    payee_name: str
    amount: int
    currency: str
    memo: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the report shows of detection. Of rings, the first are shown in full and the others as lines."""

    detection: Detection
    scored: int  # accounts
    accounts: int  # of these, with reasons
    ring_count: int
    workers: int  # different accounts that work in a ring
    members: int  # different accounts that stand in a ring
    rows: int  # different payments that are a ring's own
    suspects: tuple[Suspect, ...]
    rings: tuple[RingPart, ...]
    others: tuple[Ring, ...]
    keys: tuple[KeyAccount, ...]
    key_count: int  # accounts that work in a ring and have evidence
    behind: tuple[Behind, ...]

    @property
    def anchors(self) -> dict[str, int]:
        """Number of each row behind, from 1."""
        return {row.row_id: number for number, row in enumerate(self.behind, start=1)}
