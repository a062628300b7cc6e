"""MAC addresses: one notation, and the ones that say nothing about a device."""

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum import mac as stdnum_mac
from stdnum.exceptions import ValidationError

from duanka.identifiers.folding import fold

PLACEHOLDERS = frozenset({"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "02:00:00:00:00:00"})
"""Nobody's device: null, broadcast, and the constant that Android (6.0 on) and iOS (7 on) hand to apps that ask."""

_HEX = re.compile(r"[0-9a-f]{12}")
_PARTED = re.compile(r"[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){5}")


class MacProblem(StrEnum):
    """What is wrong with an address, or makes it useless as evidence of one device."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    PLACEHOLDER = "placeholder"
    MULTICAST = "multicast"


@dataclass(frozen=True, slots=True)
class Mac:
    """A MAC address as `aa:bb:cc:dd:ee:ff`; `address` is None where the text holds none that names a device."""

    text: str
    address: str | None
    problems: tuple[MacProblem, ...]
    locally_administered: bool  # made up by software: phones change it per network, so it is weak evidence

    def manufacturer(self) -> str | None:
        """Who was given the address block (IEEE registry, as carried by python-stdnum), or None."""
        if self.address is None or self.locally_administered:
            return None
        try:
            return str(stdnum_mac.get_manufacturer(self.address))
        except ValidationError:
            return None


def check(text: str) -> Mac:
    """Read a MAC address (IEEE 802 EUI-48). Never raises.

    Notations: aa:bb:cc:dd:ee:ff, AA-BB-…, aabb.ccdd.eeff, aabbccddeeff, single digits (0:1:2:…), blanks between.
    """
    folded = fold(text).lower()
    if not folded:
        return Mac(text, None, (MacProblem.EMPTY,), locally_administered=False)
    address = _address(folded)
    if address is None:
        return Mac(text, None, (MacProblem.UNREADABLE,), locally_administered=False)
    local = bool(stdnum_mac.is_locally_administered(address))
    if address in PLACEHOLDERS:
        return Mac(text, None, (MacProblem.PLACEHOLDER,), locally_administered=local)
    if stdnum_mac.is_multicast(address):
        return Mac(text, None, (MacProblem.MULTICAST,), locally_administered=local)
    return Mac(text, address, (), locally_administered=local)


def normalise(text: str) -> str | None:
    """The address as `aa:bb:cc:dd:ee:ff`, or None if the text names no device. Idempotent."""
    return check(text).address


def _address(folded: str) -> str | None:
    if _PARTED.fullmatch(folded):
        return str(stdnum_mac.compact(folded))
    bare = re.sub(r"[.:-]", "", folded)
    if not _HEX.fullmatch(bare):
        return None
    return ":".join(bare[at : at + 2] for at in range(0, 12, 2))
