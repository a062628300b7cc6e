"""Evidence of rows gathered at accounts, the score that follows, and the relay that is shown for it."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import NO_BALANCE, NOBODY, Ledger
from duanka.flow.succession import handed_on, succession
from duanka.scoring.accounts import AGAIN, PRIOR, STRONG, TOUCH, evidence, score
from duanka.scoring.relays import Relays
from duanka.scoring.strongest import strongest
from flow.ordered import in_order
from strategies import DAY, SECOND, build, ledgers

SLOW = settings(max_examples=100, deadline=None)
WEIGHTS = st.sampled_from([-2.0, 0.0, 0.5, 1.0, 1.0, 3.0, 6.0])


@st.composite
def weighed(draw: st.DrawFn) -> tuple[Ledger, Relays]:
    ledger, moment = in_order(draw(ledgers(max_rows=12)))
    ledger = dataclasses.replace(ledger, time=moment)
    size = len(succession(ledger, DAY))
    return ledger, judged(ledger, np.array(draw(st.lists(WEIGHTS, min_size=size, max_size=size))))


def judged(ledger: Ledger, weight: np.ndarray) -> Relays:
    pairs = succession(ledger, DAY)
    second, first = handed_on(pairs, weight.astype(np.float32), len(ledger), 0.3)
    return Relays(pairs, ledger.payer[pairs.payment], weight.astype(np.float32), second, first, learnt=True)


def chain(*payments: tuple[int, int], nodes: int = 5) -> Ledger:
    rows = [(at * SECOND, SECOND, *ends, 5, 5, NO_BALANCE, NO_BALANCE) for at, ends in enumerate(payments)]
    return build(rows, nodes=nodes)


def evidence_twin(ledger: Ledger, found: Relays, node: int) -> tuple[float, int]:
    """The largest of what each row says of the node; where rows say the same, what it paid, then the earlier row."""
    best, which = 0.0, NOBODY
    for end in (ledger.payer, ledger.payee):
        for row in range(len(ledger)):
            if end[row] != node:
                continue
            says = found.second[row] + found.first[row]
            if end is ledger.payer and found.second[row] == 0:
                says -= TOUCH
            if says > best:
                best, which = float(says), row
    again = sum(bool(weight > STRONG and at == node) for at, weight in zip(found.node, found.weight, strict=True))
    return best + AGAIN * math.log1p(again), which


@SLOW
@given(weighed())
def test_agrees_with_its_twin(drawn: tuple[Ledger, Relays]) -> None:
    ledger, found = drawn
    told = evidence(ledger, found)
    assert told.row.tolist() == (found.second + found.first).tolist()
    for node in range(ledger.nodes):
        best, which = evidence_twin(ledger, found, node)
        assert told.node[node] == pytest.approx(best, abs=1e-5)
        assert told.best[node] == which


@SLOW
@given(weighed(), st.integers(0, 30))
def test_more_evidence_on_a_row_never_makes_anybody_less_suspect(drawn: tuple[Ledger, Relays], place: int) -> None:
    ledger, found = drawn
    if not len(found.pairs):
        return
    weight = found.weight.copy()
    weight[place % len(weight)] += 2
    more = evidence(ledger, judged(ledger, weight))
    assert (more.node >= evidence(ledger, judged(ledger, found.weight)).node).all()


def test_who_only_paid_a_relay_is_less_suspect_than_who_carried_it() -> None:
    ledger = chain((0, 1), (1, 2), (3, 4))
    told = evidence(ledger, judged(ledger, np.array([4.0])))
    assert told.node.tolist() == pytest.approx([4 - TOUCH, 4 + AGAIN * math.log(2), 4, 0, 0])  # it relayed once
    assert told.best.tolist() == [0, 1, 1, NOBODY, NOBODY]  # what it paid is shown before what it received


def test_a_payer_of_little_evidence_has_none_left() -> None:
    ledger = chain((0, 1), (1, 2))
    assert evidence(ledger, judged(ledger, np.array([TOUCH / 2]))).node.tolist() == [0, TOUCH / 2, TOUCH / 2, 0, 0]


def test_no_rows_say_nothing() -> None:
    told = evidence(build([], nodes=2), judged(build([], nodes=2), np.zeros(0)))
    assert (told.row.tolist(), told.node.tolist(), told.best.tolist()) == ([], [0, 0], [NOBODY, NOBODY])


def test_the_score_is_the_share_of_mules_where_nothing_is_known_and_grows_with_evidence() -> None:
    scores = score(np.array([0, 1, 5, 20, 200], np.float32))
    assert scores[0] == pytest.approx(PRIOR)
    assert (np.diff(scores[:4]) > 0).all()
    assert scores[-1] == 1
    even = np.array([np.log((1 - PRIOR) / PRIOR)], np.float32)
    assert score(even)[0] == pytest.approx(0.5)


# --- what is shown ---------------------------------------------------------------------------------------------------


@SLOW
@given(weighed())
def test_what_is_shown_is_the_strongest_pair_of_the_most_telling_row(drawn: tuple[Ledger, Relays]) -> None:
    ledger, found = drawn
    told = evidence(ledger, found)
    shown = strongest(found, told)
    nodes = np.flatnonzero(told.node > 0)
    for node, receipt, payment, weight, row in zip(nodes, *shown.of(nodes), strict=True):
        assert row == told.best[node]
        if receipt == NOBODY:
            assert payment == NOBODY
            assert weight == told.node[node]
            handed = [p for p in range(len(found.pairs)) if found.node[p] == node and found.weight[p] > 0]
            assert not any(row in (found.pairs.receipt[p], found.pairs.payment[p]) for p in handed)
            continue
        assert row in (receipt, payment)
        assert ledger.payee[receipt] == ledger.payer[payment] == node
        at_row = found.pairs.payment == row if row == payment else found.pairs.receipt == row
        assert weight == found.weight[at_row & (found.node == node)].max() > 0


def test_each_account_of_a_chain_is_shown_what_it_did() -> None:
    ledger = chain((0, 1), (1, 2), (2, 3))
    found = judged(ledger, np.array([4.0, 3.0]))
    shown = strongest(found, evidence(ledger, found))
    receipt, payment, weight, row = shown.of(np.arange(4))
    assert receipt.tolist() == [NOBODY, 0, 1, NOBODY]
    assert payment.tolist() == [NOBODY, 1, 2, NOBODY]
    assert weight.tolist() == pytest.approx([4 + 0.3 * 3 - TOUCH, 4, 3, 3 + 0.3 * 4])
    assert row.tolist() == [0, 1, 1, 2]
