"""Duanka (断卡): from raw payment records to an exact ledger, its lineage, and what follows from it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duanka.case import Case

__all__ = ["Case"]


def __getattr__(name: str) -> object:
    """`duanka.Case`, imported when it is asked for: `duanka --help` needs no engine."""
    if name == "Case":
        from duanka.case import Case  # noqa: PLC0415 - see above

        return Case
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
