"""Rings made alone in a small world, and the laws that every kind of ring keeps."""

from dataclasses import fields
from datetime import date
from importlib import import_module

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from duanka.synth.chance import stream
from duanka.synth.movements import Movements
from duanka.synth.parameters import defaults
from duanka.synth.population import populate
from duanka.synth.rings.ring import Market, Ring, Scene
from duanka.synth.scales import Scale
from duanka.synth.words import ROLES, P
from duanka.synth.world import World

OWN_MONEY = tuple(P[part] for part in ("deposit", "test", "purchase", "margin"))
"""Parts that are paid out of the payer's own money."""


def made(kind: str, *, size: float = 0.3, adaptive: str = "plain", seed: int = 5) -> tuple[World, Ring]:
    """One ring in a world of 6,000 people and 45 days."""
    world = populate(seed, Scale("rings", 6_000, 400, date(2020, 8, 1), 45, 1, {}, size, 1.0, 45), defaults())
    scene = Scene(world, Market(world, stream(seed, "market")), stream(seed, "ring", kind), 3, size, adaptive)
    ring: Ring = import_module(f"duanka.synth.rings.{kind}").make(scene)
    return world, ring


def keeps_the_laws(world: World, ring: Ring) -> None:
    """Raise AssertionError unless the ring's rows and its truth fit each other and the world."""
    moves = ring.movements
    assert len(moves) >= 10
    assert (moves.ring == ring.number).all()
    assert (moves.part > 0).all()
    assert moves.time.min() >= world.start
    assert moves.time.max() < world.end
    assert (moves.amount > 0).all()
    assert max(moves.payer.max(), moves.payee.max()) < len(world.accounts)
    assert (moves.device < len(world.devices)).all()
    _pays_only_what_it_has(moves)
    named = set(moves.payer.tolist()) | set(moves.payee.tolist())
    for member in ring.members:
        assert member.account in named
        assert member.role in ROLES
        assert world.start <= member.first <= member.last < world.end
        assert member.first < member.known
    rows = set(zip(*(c.tolist() for c in (moves.payer, moves.payee, moves.time, moves.amount)), strict=True))
    for report in ring.reports:
        assert (report.payer, report.payee, report.time, report.amount) in rows
        assert report.reported > report.time
    sizes = {"person": len(world.people), "sim": len(world.sims), "device": len(world.devices),
             "account": len(world.accounts)}  # fmt: skip
    for control in ring.controls:
        assert 0 <= control.what < sizes[control.over]
        assert 0 <= control.person < len(world.people)
    late = np.zeros(len(moves), dtype=np.bool_)
    for measure in ring.measures:
        late |= (moves.payer == measure.account) & (moves.time >= measure.start) & (moves.time < measure.end)
    assert late.mean() < 0.06, "stopped cards pay on, where only a few payments are tried in vain"


def _pays_only_what_it_has(moves: Movements) -> None:
    """Twice-written on purpose: the slow way, payment by payment, in the order of time."""
    held: dict[int, int] = {}
    for payer, payee, amount, part in zip(
        *(c.tolist() for c in (moves.payer, moves.payee, moves.amount, moves.part)), strict=True
    ):
        if part not in OWN_MONEY:
            held[payer] = held.get(payer, 0) - amount
            assert held[payer] >= 0, f"account {payer} pays out more than the ring gave it"
        if part not in OWN_MONEY[1:]:
            held[payee] = held.get(payee, 0) + amount


def same(one: Ring, two: Ring) -> bool:
    """Whether two rings are the same in every row and word of the truth."""
    a, b = one.movements, two.movements
    rows = all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(Movements))
    calls = all(
        len(x) == len(y) and all(np.array_equal(p, q) for p, q in zip(x, y, strict=True))
        for x, y in ((getattr(one.calls, f.name), getattr(two.calls, f.name)) for f in fields(one.calls))
    )
    truth = (one.members, one.controls, one.reports, one.measures) == (
        two.members,
        two.controls,
        two.reports,
        two.measures,
    )
    return rows and calls and truth


def cards_of(ring: Ring, *roles: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Accounts that have one of these roles."""
    return np.array(sorted({m.account for m in ring.members if m.role in roles}), dtype=np.int64)


def forwarding_wait(ring: Ring) -> float:
    """Seconds that a sum rests on a card before it is handed on, by its amount; the median over cards."""
    moves = ring.movements
    onward = moves.part == P["forward"]
    waits = []
    for card in np.unique(moves.payer[onward]).tolist():
        came = (moves.payee == card) & ~np.isin(moves.part, OWN_MONEY[1:])
        left = onward & (moves.payer == card)
        if came.any() and moves.amount[left].sum() > 0.5 * moves.amount[came].sum():
            waits.append(
                np.average(moves.time[left], weights=moves.amount[left])
                - np.average(moves.time[came], weights=moves.amount[came])
            )
    return float(np.median(waits))


def kept(ring: Ring, tiers: tuple[int, ...]) -> float:
    """Share of what members of these tiers received that stayed with them or was spent as cover."""
    moves = ring.movements
    cards = np.array([m.account for m in ring.members if m.tier in tiers])
    came = moves.amount[np.isin(moves.payee, cards) & np.isin(moves.part, (P["deposit"], P["forward"]))].sum()
    left = moves.amount[np.isin(moves.payer, cards) & (moves.part != P["cover"])].sum()
    return float(1 - left / came)


def cells_of(ring: Ring) -> int:
    """Into how many parts the ring's own cards fall by the money that they hand on."""
    moves = ring.movements
    rows = np.flatnonzero(moves.part == P["forward"])
    ends, back = np.unique(np.concatenate([moves.payer[rows], moves.payee[rows]]), return_inverse=True)
    links = coo_array((np.ones(len(rows)), (back[: len(rows)], back[len(rows) :])), shape=(len(ends), len(ends)))
    return int(connected_components(links, directed=False)[0])
