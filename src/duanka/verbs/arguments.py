"""What verbs take alike, and how it is read."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from duanka.messages.catalogue import Language
from duanka.messages.told import ToldError

if TYPE_CHECKING:
    from duanka.importing import Options
    from duanka.progress import Progress

Json = Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object and nothing else.")]
CaseDir = Annotated[Path, Parameter(name="--case", help="Folder of the case; made if it does not exist.")]
Lang = Annotated[Language | None, Parameter(name="--lang", help="zh or en; default: the locale's.")]
Mapping = Annotated[Path | None, Parameter(name="--mapping", help="YAML file that describes further formats.")]
Passwords = Annotated[Path | None, Parameter(name="--password-file", help="Passwords of archives, one a line.")]
PlatformLedger = Annotated[
    tuple[Path, ...],
    Parameter(negative="", consume_multiple=True, help="Files or folders of a platform's orders, points, users."),
]
PlatformMapping = Annotated[Path | None, Parameter(name="--mapping", help="YAML file that names their columns.")]
Start = Annotated[
    tuple[str, ...],
    Parameter(
        name="--from",
        negative="",
        consume_multiple=True,
        help="account:ID, row:ID, report:ID, party:ID, phone:NO or device:ID (also a MAC or IP address); several may "
        "follow. Any alias will do: a card names its account.",
    ),
]
SeedsFile = Annotated[Path | None, Parameter(help="CSV with the columns kind,value: the same, from a file.")]
Memory = Annotated[str, Parameter(name="--memory", help="DuckDB's share of memory, e.g. 1GB; it spills beyond it.")]


class UsageError(ToldError, ValueError):
    """The command was called in a way that can't mean anything."""


def options_of(mapping: Path | None, password_file: Path | None, own_account: str, memory: str) -> "Options":
    """How files are read."""
    from duanka.importing import Options
    from duanka.sources.encoding import read_text

    passwords = []
    if password_file is not None:
        passwords = [line for line in read_text(password_file).splitlines() if line]
    return Options(mapping=mapping, passwords=passwords, own_account=own_account, memory_limit=memory)


def moment_of(text: str) -> datetime:
    """A moment with a zone; UsageError if it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("usage.no_time", text=repr(text)) from None
    if moment.tzinfo is None:
        raise UsageError("usage.no_zone", text=repr(text))
    return moment


_AGES = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def age_of(text: str) -> int:
    """A length of time such as 30m, 72h or 7d, in µs; UsageError if it is none."""
    number, unit = text[:-1], text[-1:]
    if unit not in _AGES or not number.isdecimal() or len(number) > 6:
        raise UsageError("usage.no_age", text=repr(text))
    return int(number) * _AGES[unit] * 1_000_000


def money_of(text: str) -> Decimal:
    """An amount that is not negative, in units of a currency; UsageError if it is none."""
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise UsageError("usage.no_amount", text=repr(text)) from None
    if not amount.is_finite() or not 0 <= amount < 10**15:
        raise UsageError("usage.amount_range", text=repr(text))
    return amount


def source_row_of(text: str) -> tuple[str, int]:
    """SOURCE:ROW; UsageError if it is none."""
    source, _, row = text.rpartition(":")
    if not source or not row.isdigit():
        raise UsageError("usage.no_row", text=repr(text))
    return source, int(row)


def progress(*, quiet: bool, language: Language) -> "Progress":
    """What shows how far work is, on standard error."""
    from duanka.progress import Progress

    return Progress(quiet=quiet, language=language)
