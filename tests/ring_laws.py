"""Laws that hold for rings of every kind, and scenes to try them in."""

from copy import deepcopy
from dataclasses import fields
from datetime import date
from functools import cache
from importlib import import_module

import numpy as np

from duanka.synth.chance import Array, stream
from duanka.synth.movements import CASH
from duanka.synth.parameters import defaults
from duanka.synth.population import populate
from duanka.synth.rings.ring import Market, Ring, Scene
from duanka.synth.scales import SCALES, Scale
from duanka.synth.seasons import day_of
from duanka.synth.words import ROLES, P
from duanka.synth.world import World

SMALL = Scale("small", 9_000, 500, date(2020, 4, 1), 120, 1, {}, 1, 1, 30)
_OWN_POCKET = [P[part] for part in ("margin", "test", "purchase")]


@cache
def _country(*, tiny: bool) -> World:
    return populate(5, SCALES["tiny"] if tiny else SMALL, defaults())


def make_ring(kind: str, size: float, adaptive: str = "plain", seed: int = 5) -> tuple[Scene, Ring]:
    world = deepcopy(_country(tiny=size < 0.1))
    world.seed = seed
    scene = Scene(world, Market(world, stream(seed, "market")), stream(seed, "ring", kind, 0), 3, size, adaptive)
    ring: Ring = import_module(f"duanka.synth.rings.{kind}").make(scene)
    return scene, ring


def of_part(ring: Ring, part: str) -> Array:
    found: Array = ring.movements.part == P[part]
    return found


def members(ring: Ring, *roles: str) -> Array:
    return np.array(sorted({m.account for m in ring.members if m.role in roles}), dtype=np.int64)


def check_rows(scene: Scene, ring: Ring) -> None:
    rows, world = ring.movements, scene.world
    assert len(rows) >= 10
    assert rows.time.min() >= world.start
    assert rows.time.max() < world.end
    assert (rows.ring == scene.number).all()
    assert (rows.part > 0).all()
    assert (rows.amount > 0).all()
    assert (rows.payer >= 0).all()
    assert (rows.payee >= CASH).all()
    assert max(rows.payer.max(), rows.payee.max()) < len(world.accounts)
    assert rows.device.max() < len(world.devices)
    day = day_of(rows.time)
    assert (world.accounts.opened[rows.payer] <= day).all()
    paid = rows.payee >= 0
    assert (world.accounts.opened[rows.payee[paid]] <= day[paid]).all()


def check_money(ring: Ring, *roles: str) -> None:
    """Cards never pay out more of the ring's money than they have, at any row."""
    rows = ring.movements
    cards = members(ring, *roles)
    spent = np.isin(rows.payer, cards) & ~np.isin(rows.part, _OWN_POCKET)
    got = np.isin(rows.payee, cards)
    order = np.arange(len(rows))
    account = np.concatenate([rows.payer[spent], rows.payee[got]])
    change = np.concatenate([-rows.amount[spent], rows.amount[got]])
    place = np.lexsort((np.concatenate([order[spent], order[got]]), account))
    account, heap = account[place], np.cumsum(change[place])
    first = np.flatnonzero(np.diff(account, prepend=-1))
    before = np.repeat(np.concatenate([[0], heap[first[1:] - 1]]), np.diff(np.append(first, len(account))))
    assert (heap - before >= 0).all()


def check_truth(scene: Scene, ring: Ring) -> None:
    rows, world = ring.movements, scene.world
    assert ring.members
    for member in ring.members:
        assert member.role in ROLES
        mine = rows.time[(rows.payer == member.account) | (rows.payee == member.account)]
        assert (mine.min(), mine.max()) == (member.first, member.last)
        assert member.known > member.first
    sizes = {
        "person": len(world.people),
        "sim": len(world.sims),
        "device": len(world.devices),
        "account": len(world.accounts),
    }
    for control in ring.controls:
        assert 0 <= control.person < len(world.people)
        assert 0 <= control.what < sizes[control.over]
        assert control.role in ROLES
    paid = set(zip(*(getattr(rows, c).tolist() for c in ("payer", "payee", "time", "amount")), strict=True))
    for report in ring.reports:
        assert (report.payer, report.payee, report.time, report.amount) in paid
        assert report.time < report.reported < world.end
    for measure in ring.measures:
        assert world.start < measure.start < measure.end
        assert measure.account in {m.account for m in ring.members}


def check_stops(scene: Scene, ring: Ring) -> None:
    """After a stop only a few payments are tried, and the books refuse them."""
    rows, accounts = ring.movements, scene.world.accounts
    since, until = accounts.blocked_from[rows.payer], accounts.blocked_to[rows.payer]
    refused = (since <= rows.time) & (rows.time < until)
    assert refused.mean() < 0.06
    for measure in ring.measures:
        if measure.kind == "止付":
            assert accounts.blocked_from[measure.account] <= measure.start
            assert accounts.blocked_to[measure.account] >= measure.end


def same(one: Ring, other: Ring) -> bool:
    a, b = one.movements, other.movements
    rows = all(np.array_equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    truth = ("members", "controls", "reports", "measures", "innocents", "commission", "kept")
    return rows and all(getattr(one, name) == getattr(other, name) for name in truth)


def check_all(scene: Scene, ring: Ring, *roles: str) -> None:
    check_rows(scene, ring)
    check_money(ring, *roles)
    check_truth(scene, ring)
    check_stops(scene, ring)


def kept_share(ring: Ring, *roles: str) -> float:
    """Of what these members got, the part that never left them."""
    rows, cards = ring.movements, members(ring, *roles)
    got = rows.amount[np.isin(rows.payee, cards)].sum()
    spent = np.isin(rows.payer, cards) & ~np.isin(rows.part, _OWN_POCKET)
    return 1 - float(rows.amount[spent].sum() / got)


def wait(ring: Ring, *roles: str) -> float:
    """Median seconds from a member's last receipt to a payment it hands on."""
    rows, cards = ring.movements, members(ring, *roles)
    waits = []
    for card in cards.tolist():
        came = rows.time[rows.payee == card]
        went = rows.time[(rows.payer == card) & of_part(ring, "forward")]
        place = np.searchsorted(came, went) - 1
        waits.append((went - came[np.maximum(place, 0)])[place >= 0])
    return float(np.median(np.concatenate(waits)))


def groups_of_cards(ring: Ring, *roles: str) -> int:
    """Connected parts of the cards by what they hand on to each other."""
    rows, cards = ring.movements, members(ring, *roles)
    head = {card: card for card in cards.tolist()}

    def top(card: int) -> int:
        while head[card] != card:
            card = head[card]
        return card

    both = np.isin(rows.payer, cards) & np.isin(rows.payee, cards) & of_part(ring, "forward")
    for payer, payee in set(zip(rows.payer[both].tolist(), rows.payee[both].tolist(), strict=True)):
        head[top(payer)] = top(payee)
    sizes = np.unique([top(card) for card in head], return_counts=True)[1]
    return int((sizes >= 3).sum())
