"""The books of a made-up country on the first morning."""

import numpy as np

from duanka.flow.clearing import UNLIMITED, Books, Rules, unwritten
from duanka.synth.chance import Array, Ints
from duanka.synth.wallets import A_DAY, HELD, SINGLE
from duanka.synth.world import ACCOUNT_KINDS, A, F, World

_YUAN = 100
_DEEP = -(10**15)
"""Floor of those who stand for the rest of the economy."""


def open_books(world: World) -> Books:
    """Balances, measures and limits by class (银发〔2016〕302号, 〔2018〕16号: domain.md §1.2). O(accounts).

    All e-CNY wallets of the world are of class 4, so that its limits do not tell a crew's from anybody's.
    """
    accounts, firms = world.accounts, world.firms
    rows = unwritten(len(accounts))
    rows["opened"] = np.where(accounts.opened <= world.scale.first_day, 0, accounts.opened)
    rows["closed"] = accounts.closed
    rows["holder"] = np.where(accounts.person >= 0, accounts.person, len(world.people) + accounts.firm)
    rows["rule"] = np.where(_is_deep(accounts.firm, firms.kind), len(ACCOUNT_KINDS), accounts.kind)
    for name in ("balance", "blocked_from", "blocked_to"):
        rows[name] = getattr(accounts, name)
    return Books(rows, _rules())


def _is_deep(firm: Array, kind: Array) -> Array:
    chosen = np.isin(kind, [F[name] for name in ("state", "lender", "telecom", "utility", "group")])
    deep: Array = (firm >= 0) & chosen[np.maximum(firm, 0)]
    return deep


def _rules() -> Rules:
    """One class for each of `ACCOUNT_KINDS`, and one for the accounts of firms that may go into any debt."""

    def limits(**by_kind: int) -> Ints:
        found = np.full(len(ACCOUNT_KINDS) + 1, UNLIMITED, dtype=np.int64)
        for name, yuan in by_kind.items():
            found[A[name]] = yuan * _YUAN
        return found

    floor = np.zeros(len(ACCOUNT_KINDS) + 1, dtype=np.int64)
    floor[-1] = _DEEP
    return Rules(
        floor=floor,
        single=limits(ecny_wallet=SINGLE),
        daily=limits(personal_ii=10_000, personal_iii=2_000, ecny_wallet=A_DAY),
        yearly=limits(personal_ii=200_000, personal_iii=50_000, payment_alipay=200_000, payment_wechat=200_000),
        most=limits(personal_iii=2_000, ecny_wallet=HELD),
    )
