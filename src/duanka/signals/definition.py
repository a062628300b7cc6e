"""One typology as data: its names, its definition, its numbers and where they are from, and the SQL that measures it."""

from dataclasses import dataclass

ASSUMPTION = "assumption"
"""Stands where a number has no published source."""


SMALL = 1000
"""Yuan: receipts of at most this are small (assumption)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a definition: `{name}` in its SQL and in its words."""

    name: str
    value: float | tuple[float, ...]
    source: str  # where it was published, or ASSUMPTION

    @property
    def sql(self) -> str:
        """The number, or a list in parentheses."""
        return (
            f"({', '.join(f'{one:g}' for one in self.value)})" if isinstance(self.value, tuple) else f"{self.value:g}"
        )


@dataclass(frozen=True, slots=True)
class Signal:
    """A typology that payments, sessions and registrations can show.

    `value` is a query over the tables of `signals.tables` that gives `a` (an account's number), `value` (more is more
    telling) and the numbers of its words, one row per account that it applies to. `rows` gives `a, seq, weight` from
    `own`, the payment sides of the accounts in question, whose heaviest rows are the evidence; empty where no payment
    shows it. The words are the messages `signal.CODE`: of the numbers, what ends in `share` is printed as per cent, what
    begins with `amount` as money.
    """

    code: str
    zh: str
    en: str
    formal: str
    source: str
    inputs: tuple[str, ...]  # of INPUTS
    value: str
    rows: str = ""
    parameters: tuple[Parameter, ...] = ()
    carries: bool = True  # false: alone it tells nothing, and may only support what others tell

    def sql(self, query: str) -> str:
        """A query of this signal with its parameters in place."""
        return query.format(**{one.name: one.sql for one in self.parameters})


ANY_ROW = "SELECT a, seq, amount AS weight FROM own"
BY_RECEIPT = f"{ANY_ROW} WHERE way = 1"
BY_PAYMENT = f"{ANY_ROW} WHERE way = -1"
"""Evidence of signals that the largest rows show."""
