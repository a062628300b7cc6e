"""What each member of a ring does, read from whom its ring money comes from and goes to."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from duanka.flow.ledger import NOBODY, Bool, Float32, Int64, Ledger
from duanka.rings.dealings import Dealings
from duanka.rings.hiring import hired
from duanka.rings.network import SINK, SOURCE, WORKER, Network
from duanka.rings.paymasters import HOLDER, OUTLET, PAYMASTER, Persons


class Role(StrEnum):
    """Roles in a ring (角色), as far as money, holders and reports show them."""

    VICTIM = "victim"  # 被害人: paid in, was never paid
    BETTOR = "bettor"  # 参赌人员: paid in and was paid out, or paid in again and again
    CUSTOMER = "customer"  # 客户: has his own money exchanged abroad, or made private; pays in, or is paid it back
    COLLECTION = "collection"  # 收款卡: paid by many outside, hands on inside
    TRANSIT = "transit"  # 过渡卡: paid from inside, hands on inside
    AGENT = "agent"  # 代理、码商上线: gathers what several holders bring from their own accounts, and pays it up
    PAYOUT = "payout"  # 下分/代付卡: fed from inside, pays those who paid in, or customers
    SETTLEMENT = "settlement"  # 结算卡: what the platform keeps comes to it, and leaves by it
    CASH_OUT = "cash_out"  # 取现、变现: the ring's money leaves by it
    MERCHANT = "merchant"  # 商户、平台: whom the ring collects for; lives by what is settled
    OPERATOR = "operator"  # 幕后老板、受益人: several cards by which money leaves pay him, and he lives by it
    GOOD_FAITH = "good_faith"  # 善意取得: paid once or a few times, for something; to be checked, never presumed guilty
    DEALER = "dealer"  # 卡商: pays those who let the ring have their cards
    STUDIO = "studio"  # 工作室、车队: paid by the dealer again and again, or buys cards of him and pays their holders
    RECRUITER = "recruiter"  # 招揽人员: paid by the dealer again and again, where studios buy the cards of him
    FARMER = "farmer"  # 卡农: holder of a ring's card; the account in which he is paid for it


PAID_BACK = 0.2
"""Share of those whom a card is paid by, that the ring pays, too, from which it is taken to collect stakes: who pays
and is paid tells gambling from fraud (domain facts GB01; the share is an assumption)."""

REPORTED = 0.1
"""Share of those whom a card is paid by, that reported a fraud, from which it is taken to defraud: of gamblers, few
report (0.3–4 % of the flow: domain facts §3.2; the share is an assumption)."""

LARGE = 1_000_000
"""Minor units above which a payment is no stake: gambling sites cap each at 10,000 yuan (domain facts TX14; of other
currencies the same number, assumption)."""

AGAIN = 3
"""Payments from which paying in, or being paid, is a habit (assumption)."""

MOSTLY = 0.75
"""Share of an account's money that goes to one sort, or comes from it, where a half would be too little to tell
(assumption)."""

LEAVES = 0.8
"""Hands in the ring through which an account's money still goes, on average, below which the ring's money leaves by it:
it pays outsiders, or those who turn it into tokens, and they pay outsiders (assumption)."""

LIVES_BY_IT = 0.3
"""Share of all that an account receives that must be the ring's for it to be the ring's merchant or operator: shops
receive much else; of a ring a case has only a part (assumption)."""

OF_ALL = 0.01
"""Share of what leaves a ring that its operator or merchant receives at least (an operator's share is some per cent:
domain facts §3.2; assumption)."""

SEVERAL = 3
"""Cards that pay an operator at least, unless he receives A_THIRD; holders of whom an agent gathers (assumption)."""

A_THIRD = 0.3
"""Share of what leaves a ring that nobody receives by chance (assumption)."""


BEHIND = tuple(role.value for role in (Role.DEALER, Role.STUDIO, Role.RECRUITER, Role.FARMER))
"""Roles of those who are paid for cards, and have no tier."""


@dataclass(frozen=True, slots=True)
class Known:
    """Per node: what the case knows of the account."""

    corporate: Bool  # whether it is a firm's
    outlet: Bool  # whether it is a way out (e-CNY, exchange)
    reported: Bool  # whether its holder reported a fraud
    holder: Int64  # number of the holder, NOBODY where not known


@dataclass(frozen=True, slots=True)
class Roles:
    """Per membership of the network."""

    role: NDArray[np.str_]
    confidence: Float32  # 0 … 1


def roles(ledger: Ledger, found: Network, known: Known) -> Roles:
    """A role per member; `found` is that of `paymasters.with_people`.

    Who pays in is a victim where his cards are those of which victims report (REPORTED of all who pay them), else a
    gambler, if anybody reported anything; where nobody did, a gambler where his cards take stakes (PAID_BACK), or if he
    pays AGAIN. Who reported a fraud himself is a victim, unless his cards take stakes and few report them. No gambler
    but a customer is who pays in LARGE sums, as his cards are paid, by half of both; and so is a firm.

    A worker's role follows from the share of its ring money that comes from inside the ring (from workers), and how
    many hands it still goes through (LEAVES). A firm that firms pay hands on, it does not collect. Who gathers what
    SEVERAL holders bring from their own accounts is an agent. Of those by whom money leaves, who pays MOSTLY gamblers
    that paid in, or persons with customers' money, pays out; whom agents pay, or who feeds off the cards that also feed
    those that pay out, settles.

    Of the others that are only paid, a person whose money was customers' and comes in LARGE sums is a customer; one
    whom agents pay AGAIN an agent; one whom cards that pay out pay a gambler. To whom SEVERAL cards by which money
    leaves pay OF_ALL of what leaves (or fewer A_THIRD), and who lives by it (LIVES_BY_IT), is an operator, even if he
    also bets; whom those who settle pay, if fewer, is a merchant, as a firm is that is paid AGAIN and
    receives MOSTLY the ring's money.

    Confidence of a worker is how far its two shares are from a half. That of a source is 0.9 where the ring pays
    gamblers and no victims, or he reported, else 0.5; of a paymaster and his holders 0.9, who are no chance; of others
    0.5 (assumptions). O(ring rows log ring rows), and `hired`.
    """
    said = _Said(ledger, found, known)
    said.sources()
    said.workers()
    said.sinks()
    said.behind(ledger, found, known)
    return Roles(said.role, said.confidence.astype(np.float32))


def paid_last(found: Network, said: Roles) -> Network:
    """The rings, with operators and merchants among those who are paid: they do not begin where they bet, too."""
    gains = np.isin(said.role, (Role.OPERATOR.value, Role.MERCHANT.value)) & (found.part == SOURCE)
    return replace(found, part=np.where(gains, SINK, found.part))


class _Said:
    """Roles as they are found, part by part; later ones rest on earlier ones."""

    def __init__(self, ledger: Ledger, found: Network, known: Known) -> None:
        self._dealings = Dealings(ledger, found)
        self._part = found.part
        self._worker, self._source, self._sink = (found.part == part for part in (WORKER, SOURCE, SINK))
        self._firm, self._outlet, self._reported = (
            each[found.node] for each in (known.corporate, known.outlet, known.reported)
        )
        self._anybody_reported = bool(known.reported.any())
        self._holder = known.holder[found.node]
        paid = ledger.payee != NOBODY
        self._receipts = np.bincount(ledger.payee[paid], ledger.received[paid], ledger.nodes)[found.node]
        self._given = self._dealings.times(self._dealings.payee)
        self.role = np.full(len(found.node), Role.TRANSIT.value, dtype="<U10")
        self.confidence = np.full(len(found.node), 0.5)

    def sources(self) -> None:
        dealings, source, reported = self._dealings, self._source, self._reported
        paid_back = source & (self._given > 0)
        stakes = dealings.paid_by(source, paid_back) >= PAID_BACK
        customer = self._firm & ~reported
        if self._anybody_reported:
            gambles = (dealings.paid_by(source, reported) < REPORTED) & (~reported | stakes)
            large = dealings.paid_large(LARGE) + dealings.large(dealings.payer, LARGE) >= 1
            customer |= gambles & ~reported & large
        else:
            gambles = stakes | (dealings.times(dealings.payer) >= AGAIN)
        self._name(source, Role.VICTIM)
        self._name(source & gambles, Role.BETTOR)
        self._name(source & customer, Role.CUSTOMER)
        self.confidence[source] = np.where((paid_back == gambles) | reported, 0.9, 0.5)[source]

    def workers(self) -> None:
        dealings, worker = self._dealings, self._worker
        inside_in, inside_out = dealings.inside()
        self.confidence[worker] = np.minimum(np.abs(2 * inside_in - 1), np.abs(2 * inside_out - 1))[worker]
        fed = inside_in >= 0.5
        shell = self._firm & (dealings.given_by(self._source & self._firm) >= 0.5)
        self._name(worker & ~fed & ~shell, Role.COLLECTION)
        leaves = worker & fed & (dealings.hands_left() < LEAVES)
        self._name(leaves, Role.CASH_OUT)
        share, holders = dealings.gathered(self._holder)
        self._name(worker & fed & ~leaves & (share >= 0.5) & (holders >= SEVERAL), Role.AGENT)
        wins = leaves & (dealings.given_to(self._source & ~self._is(Role.CUSTOMER)) >= MOSTLY)
        claims = leaves & (dealings.given_to(self._sink & ~self._firm) >= MOSTLY) & (self._private() >= A_THIRD)
        feeds = worker & (dealings.given_to(wins) >= OF_ALL)
        settles = (dealings.given_by(self._is(Role.AGENT)) >= 0.5) | (dealings.given_by(feeds) >= 0.5)
        self._name(leaves & settles, Role.SETTLEMENT)
        self._name(wins | claims, Role.PAYOUT)
        self._wins, self._claims = wins, claims

    def sinks(self) -> None:
        dealings, sink, person, again = self._dealings, self._sink, self._sink & ~self._firm, self._given >= AGAIN
        self._name(sink, Role.GOOD_FAITH)
        self._name(person & (dealings.given_by(self._wins) >= 0.5), Role.BETTOR)
        wholly = dealings.received() >= MOSTLY * self._receipts
        self._name(sink & self._firm & wholly & again, Role.MERCHANT)
        self._beneficiaries()
        paid_up = dealings.given_by(self._worker & self._is(Role.AGENT)) >= 0.5
        self._name(person & paid_up & again, Role.AGENT)
        exchanged = dealings.comes_from(self._source & self._firm & self._is(Role.CUSTOMER)) >= 0.5
        exchanged |= (self._private() >= MOSTLY) | (dealings.given_by(self._claims) >= 0.5)
        self._name(person & exchanged & (dealings.large(dealings.payee, LARGE) >= 0.5), Role.CUSTOMER)
        self._name(sink & self._outlet, Role.CASH_OUT)

    def _beneficiaries(self) -> None:
        """Operators and merchants: not those to whom money comes last, from cards that buy tokens of many with it."""
        dealings = self._dealings
        settles = self._worker & self._is(Role.SETTLEMENT)
        cashes = self._worker & self._is(Role.CASH_OUT)
        buys = cashes & (dealings.given_by(settles | cashes) >= 0.5)
        lives = (dealings.received() >= LIVES_BY_IT * self._receipts) & (self._source | self._sink) & ~self._firm
        gains = lives & (dealings.given_by(settles | cashes) >= 0.5) & (dealings.given_by(buys) < 0.5)
        share = dealings.received() / np.maximum(dealings.given_out(~self._worker), 1)
        several = dealings.payers() >= SEVERAL
        self._name(gains & ((share >= A_THIRD) | several & (share >= OF_ALL)), Role.OPERATOR)
        settled = (dealings.given_by(settles) >= 0.5) & (self._given >= AGAIN) & ~several
        self._name(gains & settled & (share >= OF_ALL), Role.MERCHANT)

    def behind(self, ledger: Ledger, found: Network, known: Known) -> None:
        self._name(self._part == HOLDER, Role.FARMER)
        self._name(self._part == OUTLET, Role.CASH_OUT)
        who = hired(ledger, found, Persons(known.holder, ~known.corporate))
        for those, role in ((who.dealer, Role.DEALER), (who.studio, Role.STUDIO), (who.recruiter, Role.RECRUITER)):
            self._name(those, role)
            self.confidence[those] = 0.5
        self.confidence[np.isin(self._part, (PAYMASTER, HOLDER))] = 0.9

    def _name(self, those: Bool, role: Role) -> None:
        self.role[those] = role.value

    def _is(self, role: Role) -> Bool:
        same: Bool = self.role == role.value
        return same

    def _private(self) -> NDArray[np.float64]:
        """Share of a member's money that came from customers who are persons."""
        return self._dealings.comes_from(self._source & ~self._firm & self._is(Role.CUSTOMER))
