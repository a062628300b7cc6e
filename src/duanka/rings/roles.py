"""What each member of a ring does, read from whom its ring money comes from and goes to."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import Float32, Ledger
from duanka.rings.network import SINK, SOURCE, WORKER, Network
from duanka.rings.tiers import members_of


class Role(StrEnum):
    """Roles in a ring (角色), as far as money alone shows them."""

    VICTIM = "victim"  # 被害人: paid in, was never paid
    BETTOR = "bettor"  # 参赌人员: paid in and was paid out, or paid in again and again
    COLLECTION = "collection"  # 收款卡: paid by many outside, hands on inside
    TRANSIT = "transit"  # 过渡卡: paid from inside, hands on inside
    PAYOUT = "payout"  # 下分/代付卡: pays many outside who pay the ring, too
    CASH_OUT = "cash_out"  # 取现、变现: the ring's money leaves by it
    MERCHANT = "merchant"  # 商户: a firm that the ring pays again and again
    GOOD_FAITH = "good_faith"  # 善意取得: paid once or a few times, for something; to be checked, never presumed guilty


PAID_BACK = 0.2
"""Share of a ring's sources that it pays, too, from which it is taken to collect stakes: who pays and is paid tells
gambling from fraud (domain facts GB01; the share is an assumption)."""

AGAIN = 3
"""Payments from which paying in, or being paid, is a habit (assumption)."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Per membership of the network."""

    role: NDArray[np.str_]
    confidence: Float32  # 0 … 1


def roles(ledger: Ledger, found: Network, corporate: NDArray[np.bool_], outlet: NDArray[np.bool_]) -> Roles:
    """A role per member. `corporate` and `outlet` say per node whether it is a firm's, or a way out (e-CNY, exchange).

    A worker's role follows from the share of its ring money that comes from inside the ring (from workers), and the
    share that stays inside; confidence is how far the shares are from a half. Where the ring pays PAID_BACK of its
    sources, they and the persons whom it only pays are gamblers. O(ring rows).
    """
    size = len(found.node)
    payer, payee = members_of(found, ledger)
    worker = found.part == WORKER
    from_worker = (payer >= 0) & worker[payer]
    to_worker = (payee >= 0) & worker[payee]
    amount = ledger.amount[found.row].astype(np.float64)

    def total(member: NDArray[np.int64], rows: NDArray[np.bool_], weight: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = rows & (member >= 0)
        return np.bincount(member[rows], weight[rows], minlength=size).astype(np.float64)

    every, once = np.ones(len(payer), np.bool_), np.ones(len(payer))
    got, paid = total(payee, every, amount), total(payer, every, amount)
    inside_in = _share(total(payee, from_worker, amount), got)
    inside_out = _share(total(payer, to_worker, amount), paid)
    times_in, times_out = total(payee, every, once), total(payer, every, once)
    to_source = (payee >= 0) & (found.part[payee] == SOURCE)
    gives_back = _share(total(payer, to_source, amount), paid)

    role = np.full(size, Role.TRANSIT.value, dtype="<U10")
    confidence = np.minimum(np.abs(2 * inside_in - 1), np.abs(2 * inside_out - 1))
    role[worker & (inside_in < 0.5)] = Role.COLLECTION.value
    leaves = worker & (inside_out < 0.5)
    role[leaves & (inside_in >= 0.5)] = Role.CASH_OUT.value
    pays_back = leaves & (gives_back >= 0.5)
    role[pays_back] = Role.PAYOUT.value
    source = found.part == SOURCE
    sources = np.bincount(found.ring[source], minlength=found.rings)
    paid_back = np.bincount(found.ring[source & (times_in > 0)], minlength=found.rings)
    stakes = (paid_back >= PAID_BACK * sources)[found.ring] & (sources > 0)[found.ring]
    gambles = source & ((times_in > 0) | (times_out >= AGAIN) | stakes)
    role[source] = Role.VICTIM.value
    role[gambles] = Role.BETTOR.value
    confidence[source] = np.where(gambles, 1 - 0.5 ** (times_in + times_out), 0.5 ** np.maximum(times_out - 1, 0))[
        source
    ]
    sink = found.part == SINK
    role[sink] = np.where(stakes & ~corporate[found.node], Role.BETTOR.value, Role.GOOD_FAITH.value)[sink]
    habit = sink & (times_in >= AGAIN)
    role[habit & corporate[found.node]] = Role.MERCHANT.value
    role[sink & outlet[found.node]] = Role.CASH_OUT.value
    confidence[sink] = 0.5
    return Roles(role, confidence.astype(np.float32))


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
