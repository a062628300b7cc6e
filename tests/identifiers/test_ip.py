import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duanka.identifiers.ip import IpKind, check, normalise


@pytest.mark.parametrize(
    ("text", "address", "kind"),
    [
        ("8.8.8.8", "8.8.8.8", IpKind.PUBLIC),
        ("10.0.0.1", "10.0.0.1", IpKind.PRIVATE),
        ("172.31.255.255", "172.31.255.255", IpKind.PRIVATE),
        ("172.32.0.0", "172.32.0.0", IpKind.PUBLIC),
        ("192.168.001.010", "192.168.1.10", IpKind.PRIVATE),
        ("100.64.0.0", "100.64.0.0", IpKind.CGNAT),
        ("100.127.255.255", "100.127.255.255", IpKind.CGNAT),
        ("100.128.0.0", "100.128.0.0", IpKind.PUBLIC),
        ("127.0.0.1", "127.0.0.1", IpKind.LOOPBACK),
        ("169.254.0.1", "169.254.0.1", IpKind.LINK_LOCAL),
        ("0.0.0.0", "0.0.0.0", IpKind.UNSPECIFIED),
        ("255.255.255.255", "255.255.255.255", IpKind.RESERVED),
        ("192.0.2.1", "192.0.2.1", IpKind.RESERVED),
        ("224.0.0.1", "224.0.0.1", IpKind.MULTICAST),
        ("203.0.113.7:8080", "203.0.113.7", IpKind.RESERVED),
        ("　１０．０．０．１ ", "10.0.0.1", IpKind.PRIVATE),
        ("2001:0DB8:0:0::1", "2001:db8::1", IpKind.RESERVED),
        ("[2001:db8::1]:443", "2001:db8::1", IpKind.RESERVED),
        ("2606:4700::1111", "2606:4700::1111", IpKind.PUBLIC),
        ("fd00::1", "fd00::1", IpKind.PRIVATE),
        ("fe80::1%eth0", "fe80::1", IpKind.LINK_LOCAL),
        ("::1", "::1", IpKind.LOOPBACK),
        ("::", "::", IpKind.UNSPECIFIED),
        ("::ffff:10.0.0.1", "10.0.0.1", IpKind.PRIVATE),
    ],
)
def test_kinds(text: str, address: str, kind: IpKind) -> None:
    found = check(text)
    assert (found.address, found.kind) == (address, kind)
    assert found.version == ipaddress.ip_address(address).version


@pytest.mark.parametrize(
    "text", ["", "-", "1.2.3", "256.1.1.1", "1.2.3.4,5.6.7.8", "unknown", "3232235777", "1.2.3.4:x"]
)
def test_no_address(text: str) -> None:
    found = check(text)
    assert (found.address, found.version, found.kind) == (None, None, None)


@given(st.ip_addresses())
def test_every_address_has_a_kind_and_is_idempotent(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    found = check(str(address))
    assert found.kind is not None
    assert found.address is not None
    assert normalise(found.address) == found.address


@given(st.text(max_size=30))
def test_never_raises(text: str) -> None:
    assert (check(text).address is None) == (check(text).kind is None)
