"""What each member of a ring does, read from whom its ring money comes from and goes to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Bool, Float32, Int64, Ledger
from duanka.flow.windows import Float64
from duanka.rings.network import SINK, SOURCE, WORKER, Network
from duanka.rings.paymasters import HOLDER, OUTLET, PAYMASTER, STUDIO
from duanka.rings.tiers import members_of


class Role(StrEnum):
    """Roles in a ring (角色), as far as money alone shows them."""

    VICTIM = "victim"  # 被害人: paid in, was never paid
    BETTOR = "bettor"  # 参赌人员: paid in and was paid out, or paid in again and again
    COLLECTION = "collection"  # 收款卡: paid by many outside, hands on inside
    TRANSIT = "transit"  # 过渡卡: paid from inside, hands on inside
    PAYOUT = "payout"  # 下分/代付卡: pays many outside who pay the ring, too
    CASH_OUT = "cash_out"  # 取现、变现: the ring's money leaves by it
    MERCHANT = "merchant"  # 商户、平台: a firm that the ring pays again and again, and that lives by it
    OPERATOR = "operator"  # 幕后老板、受益人: several cards pay him, a large part of all that leaves the ring
    GOOD_FAITH = "good_faith"  # 善意取得: paid once or a few times, for something; to be checked, never presumed guilty
    DEALER = "dealer"  # 卡商: pays those who let the ring have their cards
    STUDIO = "studio"  # 工作室、车队: paid by the dealer again and again
    FARMER = "farmer"  # 卡农: holder of a ring's card; the account in which he is paid for it


PAID_BACK = 0.2
"""Share of those whom a card is paid by, that the ring pays, too, from which it is taken to collect stakes; and of
those whom a card pays, that pay the ring, from which it is taken to pay out winnings: who pays and is paid tells
gambling from fraud (domain facts GB01; the share is an assumption)."""

REPORTED = 0.1
"""Share of those whom a card is paid by, that reported a fraud, from which it is taken to defraud: of gamblers, few
report (assumption)."""

AGAIN = 3
"""Payments from which paying in, or being paid, is a habit (assumption)."""

LIVES_BY_IT = 0.5
"""Share of all that an account receives that must be the ring's for it to be the ring's merchant or operator: shops
receive much else (assumption)."""

OF_ALL = 0.05
"""Share of what leaves a ring, but for winnings, that its operator receives at least (assumption)."""

SEVERAL = 3
"""Cards that pay an operator at least (assumption)."""

_BEHIND = (
    (PAYMASTER, Role.DEALER, 0.9), (STUDIO, Role.STUDIO, 0.5), (HOLDER, Role.FARMER, 0.9), (OUTLET, Role.CASH_OUT, 0.5),
)  # fmt: skip
"""Roles of those whom wages show, and how sure they are: a paymaster and his holders are no chance, the others a guess
(assumption)."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Per membership of the network."""

    role: NDArray[np.str_]
    confidence: Float32  # 0 … 1


def roles(ledger: Ledger, found: Network, corporate: Bool, outlet: Bool, reported: Bool) -> Roles:
    """A role per member.

    Per node, `corporate` says whether it is a firm's, `outlet` whether it is a way out (e-CNY, exchange), `reported`
    whether its holder reported a fraud. A worker's role follows from the share of its ring money that comes from inside
    the ring (from workers), and the share that stays inside; confidence is how far the shares are from a half. That of
    a source is 0.9 where the ring pays gamblers and no victims, else 0.5; that of a sink 0.5 (assumptions).

    Who pays in is a victim where his cards are those of which victims report (REPORTED of all who pay them), else a
    gambler, if anybody reported anything; where nobody did, a gambler where his cards take stakes (PAID_BACK), or if he
    pays AGAIN. Who reported a fraud himself is a victim. Persons whom cards pay that pay winnings are gamblers, too. Of
    the others that are only paid, a person to whom SEVERAL cards pay OF_ALL, and who lives by it (LIVES_BY_IT), is an
    operator; a firm that lives by it and is paid AGAIN a merchant. O(ring rows log ring rows).
    """
    seen = _Seen(ledger, found)
    worker, source, sink = (found.part == part for part in (WORKER, SOURCE, SINK))
    role = np.full(len(found.node), Role.TRANSIT.value, dtype="<U10")
    inside_in, inside_out = seen.inside()
    confidence = np.minimum(np.abs(2 * inside_in - 1), np.abs(2 * inside_out - 1))
    role[worker & (inside_in < 0.5)] = Role.COLLECTION.value
    leaves = worker & (inside_out < 0.5)
    role[leaves & (inside_in >= 0.5)] = Role.CASH_OUT.value

    got = seen.times(seen.payee)
    paid_back = source & (got > 0)
    stakes = seen.paid_by(source, paid_back) >= PAID_BACK
    defrauded = seen.paid_by(source, reported[found.node]) >= REPORTED
    again = seen.times(seen.payer) >= AGAIN
    gambles = source & ~reported[found.node] & (~defrauded if reported.any() else stakes | again)
    role[source] = np.where(gambles, Role.BETTOR.value, Role.VICTIM.value)[source]
    confidence[source] = np.where((paid_back == gambles) | reported[found.node], 0.9, 0.5)[source]
    firm = corporate[found.node]
    wins = sink & ~firm & (seen.pays(source | sink, source) >= PAID_BACK)
    paid = ledger.payee != NOBODY
    receipts = np.bincount(ledger.payee[paid], ledger.received[paid], ledger.nodes)
    lives = sink & (seen.received() >= LIVES_BY_IT * receipts[found.node])
    gains = lives & ~firm & (seen.received() >= OF_ALL * seen.given_out(sink & ~wins)) & (seen.payers() >= SEVERAL)
    role[sink] = np.where(wins, Role.BETTOR.value, Role.GOOD_FAITH.value)[sink]
    role[gains] = Role.OPERATOR.value
    role[lives & firm & (got >= AGAIN)] = Role.MERCHANT.value
    role[sink & outlet[found.node]] = Role.CASH_OUT.value
    confidence[sink] = 0.5
    role[leaves & (seen.given_to(role == Role.BETTOR.value) >= 0.5)] = Role.PAYOUT.value
    for part, behind, sure in _BEHIND:
        role[found.part == part], confidence[found.part == part] = behind.value, sure
    return Roles(role, confidence.astype(np.float32))


class _Seen:
    """The rings' own rows by the memberships at their ends."""

    def __init__(self, ledger: Ledger, found: Network) -> None:
        self.payer, self.payee = members_of(found, ledger)
        self._size = len(found.node)
        self._amount = ledger.amount[found.row].astype(np.float64)
        worker = np.append(found.part == WORKER, False)  # the last is nobody's
        self._received = ledger.received[found.row].astype(np.float64)
        self._ring, self._row_ring = found.ring, found.row_ring
        self._from_worker, self._to_worker = worker[self.payer], worker[self.payee]

    def times(self, member: Int64) -> Int64:
        """Rows per membership, of those at this end."""
        return np.bincount(member[member >= 0], minlength=self._size)

    def inside(self) -> tuple[Float64, Float64]:
        """Share of the money that comes from workers, and share of the money that goes to workers, per membership."""
        return self._part(self.payee, self._from_worker), self._part(self.payer, self._to_worker)

    def received(self) -> Float64:
        """Minor units of the ring's money, per membership."""
        known = self.payee >= 0
        return np.bincount(self.payee[known], self._received[known], self._size).astype(np.float64)

    def given_out(self, to: Bool) -> Float64:
        """Minor units that workers pay to these members or in cash, per membership of all its ring."""
        leaves = self._amount * (self._from_worker & np.append(to, True)[self.payee])
        by_ring = np.bincount(self._row_ring, leaves, int(self._ring.max(initial=-1)) + 1)
        return by_ring[self._ring].astype(np.float64)

    def payers(self) -> Int64:
        """Workers that pay, per membership."""
        paid = np.flatnonzero(self._from_worker & (self.payee >= 0))
        pairs = np.unique(np.stack([self.payee[paid], self.payer[paid]]), axis=1)
        return np.bincount(pairs[0], minlength=self._size)

    def given_to(self, who: Bool) -> Float64:
        """Share of the money that goes to these members."""
        return self._part(self.payer, np.append(who, False)[self.payee])

    def paid_by(self, who: Bool, of_these: Bool) -> Float64:
        """Of those (`who`) that pay the same workers: the share that is of these, on average over a member's rows."""
        return self._alike(self.payer, self.payee, self._to_worker, who, of_these)

    def pays(self, who: Bool, of_these: Bool) -> Float64:
        """Of those (`who`) whom the same workers pay: the share that is of these, on average over a member's rows."""
        return self._alike(self.payee, self.payer, self._from_worker, who, of_these)

    def _part(self, member: Int64, rows: Bool) -> Float64:
        known = member >= 0
        part = np.bincount(member[known], (self._amount * rows)[known], minlength=self._size)
        return _share(part, np.bincount(member[known], self._amount[known], minlength=self._size))

    def _alike(self, member: Int64, worker: Int64, rows: Bool, who: Bool, of_these: Bool) -> Float64:
        rows = rows & (member >= 0)
        rows[rows] = who[member[rows]]
        member, worker = member[rows], worker[rows]
        pairs = np.unique(np.stack([worker, member]), axis=1)
        some = np.bincount(pairs[0], of_these[pairs[1]], minlength=self._size)
        share = _share(some, np.bincount(pairs[0], minlength=self._size))
        total = np.bincount(member, share[worker], minlength=self._size)
        return _share(total, np.bincount(member, minlength=self._size))


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Float64:
    result: Float64 = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return result
