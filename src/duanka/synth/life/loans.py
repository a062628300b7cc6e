"""Loans that people take because they are about to pay more than they have, victims and gamblers among them."""

import numpy as np

from duanka.synth.chance import Array, Ints, share
from duanka.synth.life.country import Country
from duanka.synth.movements import NO_DEVICE, Movements, movements
from duanka.synth.words import W

_THOUSAND = 100_000


def to_pay(country: Country, payer: Array, time: Ints, amount: Ints, *, begin: int) -> Movements:
    """One loan for each person among these payers, hours before the first of these payments that they can't make.

    It covers all of them, in whole thousands of yuan (分), and is paid out at `begin` (seconds UTC) at the earliest.
    Firms take none. The lender is the one from whom the person has borrowed before.
    """
    persons = country.world.accounts.person
    order = np.argsort(time, kind="stable")
    order = order[persons[payer[order]] >= 0]
    account, first, group = np.unique(payer[order], return_index=True, return_inverse=True)
    lacking = np.bincount(group, amount[order], minlength=len(account)).astype(np.int64)
    lent = -(-lacking // _THOUSAND) * _THOUSAND
    when = time[order][first] - 900 - (share(account * 31 + time[order][first], 69) * 20 * 3_600).astype(np.int64)
    lenders = country.by_kind["lender"]
    lender = lenders[(share(persons[account], 68) * len(lenders)).astype(np.int64)]
    return movements(np.maximum(when, begin), lender, account, lent, W["loan"], device=NO_DEVICE)
