"""Every signal, gathered from its family."""

from duanka.signals import (
    amounts,
    cashing,
    devices,
    fanning,
    firms,
    gambling,
    network,
    openings,
    passing,
    plausibility,
    times,
)
from duanka.signals.definition import Signal

_FAMILIES = (passing, fanning, amounts, times, firms, openings, devices, network, cashing, gambling, plausibility)

SIGNALS: tuple[Signal, ...] = tuple(
    sorted((one for family in _FAMILIES for one in family.SIGNALS), key=lambda s: s.code)
)
"""In the order of their codes."""

CODES: tuple[str, ...] = tuple(one.code for one in SIGNALS)
