"""IP addresses: one notation, and how much one address says about who used it."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from duanka.identifiers.folding import fold

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

CGNAT = ipaddress.ip_network("100.64.0.0/10")
"""RFC 6598: shared address space. Thousands of subscribers stand behind one such address."""

PRIVATE = tuple(
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")  # RFC 1918, RFC 4193
)

_PADDED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_V4_PORT = re.compile(r"([0-9.]+):[0-9]{1,5}")
_V6_PORT = re.compile(r"\[([0-9A-Fa-f:.%\w]+)\](?::[0-9]{1,5})?")


class IpKind(StrEnum):
    """How far an address can name a subscriber."""

    PUBLIC = "public"
    PRIVATE = "private"  # RFC 1918, RFC 4193: inside some network
    CGNAT = "cgnat"  # RFC 6598: inside an operator's network
    LOOPBACK = "loopback"
    LINK_LOCAL = "link_local"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified"  # 0.0.0.0, ::
    RESERVED = "reserved"  # documentation, benchmarking, future use, broadcast: RFC 6890 registries


@dataclass(frozen=True, slots=True)
class Ip:
    """An IP address in canonical form (RFC 5952 for IPv6); `address` is None if the text is none."""

    text: str
    address: str | None
    version: int | None
    kind: IpKind | None


def check(text: str) -> Ip:
    """Read an IPv4 or IPv6 address. Never raises.

    A port and brackets are dropped; zero-padded IPv4 (192.168.001.010) is read as decimal, as logs mean it; IPv4 inside
    IPv6 (::ffff:1.2.3.4) becomes IPv4; an interface name after % is dropped.
    """
    address = _parse(fold(text))
    if address is None:
        return Ip(text, None, None, None)
    return Ip(text, str(address), address.version, kind_of(address))


def normalise(text: str) -> str | None:
    """The canonical form of the address, or None. Idempotent."""
    return check(text).address


def kind_of(address: Address) -> IpKind:
    """Kind of an address by the IANA special-purpose registries (RFC 6890), private and CGNAT first."""
    if any(address in network for network in PRIVATE):
        return IpKind.PRIVATE
    if address in CGNAT:
        return IpKind.CGNAT
    tests = (
        (address.is_unspecified, IpKind.UNSPECIFIED),
        (address.is_loopback, IpKind.LOOPBACK),
        (address.is_link_local, IpKind.LINK_LOCAL),
        (address.is_multicast, IpKind.MULTICAST),
        (not address.is_global, IpKind.RESERVED),
    )
    return next((kind for holds, kind in tests if holds), IpKind.PUBLIC)


def _parse(folded: str) -> Address | None:
    bracketed = _V6_PORT.fullmatch(folded)
    with_port = _V4_PORT.fullmatch(folded)
    bare = bracketed[1] if bracketed else with_port[1] if with_port else folded
    bare = bare.split("%", 1)[0]
    if _PADDED.fullmatch(bare):
        bare = ".".join(str(int(part)) for part in bare.split("."))
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
