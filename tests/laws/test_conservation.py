"""Money adds up: what must be true of every lineage of every ledger, to the cent."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.balances import opening as implied_opening
from duanka.flow.ledger import NOBODY, Int64, Ledger
from duanka.flow.lineage import Doctrine, Lineage, lineage
from flow.ordered import covered_ledgers, in_order, openings
from flow.twins import is_covered, links_of
from strategies import Truth, consistent_ledger

DOCTRINES = st.sampled_from(Doctrine)


def into(found: Lineage, rows: int) -> list[int]:
    """Sum of the links into each row."""
    total = np.zeros(rows, np.int64)
    np.add.at(total, found.out_row, found.amount)
    return [int(value) for value in total]


def out_of(found: Lineage, rows: int) -> list[int]:
    """Sum of the links out of each row, and what remains of it."""
    total = found.remaining.copy()
    known = found.in_row != NOBODY
    np.add.at(total, found.in_row[known], found.amount[known])
    assert len(total) == rows
    return [int(value) for value in total]


def at_nodes(ledger: Ledger, found: Lineage) -> list[int]:
    """What lies at each node at the end."""
    total = found.opening_left.copy()
    there = ledger.payee != NOBODY
    np.add.at(total, ledger.payee[there], found.remaining[there])
    return [int(value) for value in total]


@settings(max_examples=100, deadline=None)
@given(st.data(), covered_ledgers(max_rows=20), DOCTRINES)
def test_each_row_is_paid_and_spent_to_the_cent(data: st.DataObject, drawn: Ledger, doctrine: Doctrine) -> None:
    ledger, _ = in_order(drawn)
    found = lineage(ledger, doctrine=doctrine, opening=data.draw(openings(ledger)))
    assert into(found, len(ledger)) == ledger.amount.tolist()
    kept = [is_covered(ledger, int(ledger.payee[row]), row) for row in range(len(ledger))]
    assert out_of(found, len(ledger)) == [
        int(value) if keeps else 0 for value, keeps in zip(ledger.received, kept, strict=True)
    ]
    assert (found.remaining >= 0).all()
    assert (found.opening_left >= 0).all()


@settings(max_examples=100, deadline=None)
@given(st.data(), covered_ledgers(max_rows=20), DOCTRINES)
def test_links_are_few_and_never_lead_backwards(data: st.DataObject, drawn: Ledger, doctrine: Doctrine) -> None:
    ledger, _ = in_order(drawn)
    opening = data.draw(openings(ledger))
    found = lineage(ledger, doctrine=doctrine, opening=opening)
    receipts = sum(is_covered(ledger, int(ledger.payee[row]), row) for row in range(len(ledger)))
    assert len(found) <= receipts + (ledger.amount > 0).sum() + (opening > 0).sum()
    assert (found.in_row < found.out_row).all()
    assert (np.diff(found.out_row) >= 0).all()
    assert (found.amount > 0).all()
    assert len(set(zip(found.in_row.tolist(), found.out_row.tolist(), strict=True))) == len(found)
    known = found.in_row != NOBODY
    assert (ledger.payee[found.in_row[known]] == ledger.payer[found.out_row[known]]).all()


@settings(max_examples=100, deadline=None)
@given(st.data(), covered_ledgers(), DOCTRINES)
def test_the_order_in_which_rows_are_given_changes_nothing(
    data: st.DataObject, drawn: Ledger, doctrine: Doctrine
) -> None:
    shuffled = drawn.take(np.array(data.draw(st.permutations(range(len(drawn)))), np.int64))
    opening = data.draw(openings(drawn))

    def by_tie(given: Ledger) -> tuple[object, ...]:
        ledger, _ = in_order(given)
        found = lineage(ledger, doctrine=doctrine, opening=opening)
        name: list[int] = [*ledger.tie.tolist(), NOBODY]
        links = {(name[source], name[target], amount) for source, target, amount in links_of(found)}
        left = sorted(zip(ledger.tie.tolist(), found.remaining.tolist(), strict=True))
        return links, left, found.opening_left.tolist()

    assert by_tie(shuffled) == by_tie(drawn)


@settings(max_examples=100, deadline=None)
@given(st.data(), covered_ledgers(max_rows=20))
def test_doctrines_agree_on_every_total(data: st.DataObject, drawn: Ledger) -> None:
    ledger, _ = in_order(drawn)
    opening = data.draw(openings(ledger))
    first, last = (lineage(ledger, doctrine=doctrine, opening=opening) for doctrine in Doctrine)
    assert into(first, len(ledger)) == into(last, len(ledger))
    assert out_of(first, len(ledger)) == out_of(last, len(ledger))
    assert at_nodes(ledger, first) == at_nodes(ledger, last)


@settings(max_examples=100, deadline=None)
@given(st.data(), covered_ledgers(), DOCTRINES)
def test_later_rows_do_not_change_earlier_links(data: st.DataObject, drawn: Ledger, doctrine: Doctrine) -> None:
    ledger, _ = in_order(drawn)
    opening = data.draw(openings(ledger))
    seen = data.draw(st.integers(0, len(ledger)))
    early = lineage(ledger.take(np.arange(seen)), doctrine=doctrine, opening=opening)
    whole = lineage(ledger, doctrine=doctrine, opening=opening)
    assert links_of(early) == [link for link in links_of(whole) if link[1] < seen]


@settings(max_examples=100, deadline=None)
@given(consistent_ledger(blur=False), DOCTRINES)
def test_what_lies_at_a_node_is_its_closing_balance(truth: Truth, doctrine: Doctrine) -> None:
    ledger = truth.ledger.take(truth.sequence)
    lowest, closing = balances(ledger, truth.opening)
    found = lineage(ledger, doctrine=doctrine, opening=truth.opening)
    held = at_nodes(ledger, found)
    assert all(held[node] == closing[node] for node in range(ledger.nodes) if lowest[node] >= 0)


@settings(max_examples=100, deadline=None)
@given(consistent_ledger(blur=False), DOCTRINES)
def test_the_opening_that_balances_imply_explains_every_payment(truth: Truth, doctrine: Doctrine) -> None:
    ledger = truth.ledger.take(truth.sequence)
    opening = implied_opening(ledger)
    lowest, _ = balances(ledger, opening)
    found = lineage(ledger, doctrine=doctrine, opening=opening)
    unknown = np.zeros(ledger.nodes, np.int64)
    from_nobody = (found.in_row == NOBODY) & (ledger.payer[found.out_row] != NOBODY)
    np.add.at(unknown, ledger.payer[found.out_row[from_nobody]], found.amount[from_nobody])
    spent = np.maximum(opening, 0) - found.opening_left
    assert all(unknown[node] == spent[node] for node in range(ledger.nodes) if lowest[node] >= 0)


def balances(ledger: Ledger, opening: Int64) -> tuple[list[int], list[int]]:
    """Lowest and last balance of each node, by adding up."""
    now = [int(value) for value in opening]
    lowest = list(now)
    for row in range(len(ledger)):
        for node, change in ((ledger.payer[row], -ledger.amount[row]), (ledger.payee[row], ledger.received[row])):
            if node != NOBODY:
                now[node] += int(change)
                lowest[node] = min(lowest[node], now[node])
    return lowest, now
