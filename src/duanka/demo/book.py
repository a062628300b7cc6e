"""Made-up accounts and what passes between them, kept as banks keep it: each account's rows with running balances."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

MARGIN = 2
"""Seconds that lie between two rows of one account, so that its order is never in doubt unless it is meant to be."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the story. Without a `keeper` its own ledger is never handed over."""

    number: str  # account number, login or wallet; empty: known by name only
    holder: str
    card: str = ""
    keeper: str = ""
    opening: int = 0  # fen
    identity: str = ""
    phone: str = ""
    network: tuple[str, str] = ("", "")  # IP and MAC that its payments are made from

    @property
    def printed(self) -> str:
        """The number that other banks print for it."""
        return self.card or self.number


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """Money on its way. `skew` is how many seconds later the payee's bank books it."""

    time: datetime  # Beijing time, as booked by the payer's bank
    payer: Account
    payee: Account
    amount: int  # fen
    memo: str = ""
    kind: str = "转账"
    cash: bool = False
    skew: int = 0
    by_name: bool = False  # the payee's bank prints the payer's name and no number
    failed: bool = False
    missing: bool = False  # booked, but absent from what is handed over
    undone: bool = False  # printed as a payment with a minus, by the bank that made it: the money came back
    word: str = ""  # printed in place of the word for in or out


@dataclass(frozen=True, slots=True)
class Line:
    """A transfer as it stands in one account's ledger."""

    transfer: Transfer
    own: Account
    other: Account
    time: datetime
    paid: bool  # printed as paid
    amount: int  # as printed: negative where a payment was undone
    balance: int


@dataclass
class Book:
    """All transfers of the story. Times are moved on where an account is busy."""

    transfers: list[Transfer] = field(default_factory=list)
    _busy: set[tuple[str, datetime]] = field(default_factory=set)

    def put(self, transfer: Transfer) -> datetime:
        """Take a transfer at the first second from its time at which both accounts are free; returns that time."""
        time = transfer.time
        step = timedelta(seconds=1)
        while self._taken(transfer, time):
            time += step
        self._busy |= self._seconds(transfer, time, 0)
        values = {name: getattr(transfer, name) for name in Transfer.__slots__}
        self.transfers.append(Transfer(**values | {"time": time}))
        return time

    def _seconds(self, transfer: Transfer, time: datetime, margin: int) -> set[tuple[str, datetime]]:
        span = range(-margin, transfer.skew + margin + 1)
        accounts = [account.number for account in (transfer.payer, transfer.payee) if account.keeper]
        return {(number, time + timedelta(seconds=second)) for number in accounts for second in span}

    def _taken(self, transfer: Transfer, time: datetime) -> bool:
        return not self._busy.isdisjoint(self._seconds(transfer, time, MARGIN))

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """Every produced account's rows by time, by account number; also those that are not handed over."""
        ledgers: dict[str, list[Line]] = {}
        balance: dict[str, int] = {}
        for transfer in sorted(self.transfers, key=lambda one: one.time):
            for own, other, paid in ((transfer.payer, transfer.payee, True), (transfer.payee, transfer.payer, False)):
                if not own.keeper:
                    continue
                change = 0 if transfer.failed else -transfer.amount if paid else transfer.amount
                balance[own.number] = balance.get(own.number, own.opening) + change
                if balance[own.number] < 0:
                    raise ValueError(f"{own.holder} can't pay {transfer.amount} at {transfer.time}; rewrite the story")
                time = transfer.time if paid else transfer.time + timedelta(seconds=transfer.skew)
                amount = -transfer.amount if transfer.undone else transfer.amount
                line = Line(transfer, own, other, time, paid or transfer.undone, amount, balance[own.number])
                ledgers.setdefault(own.number, []).append(line)
        return ledgers

    def handed_over(self, number: str) -> list[Line]:
        """The rows of an account that its keeper prints."""
        return [line for line in self.lines.get(number, []) if not line.transfer.missing]
