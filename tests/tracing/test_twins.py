"""Each doctrine against its slow twin, with every limit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.flow.ledger import Ledger
from duanka.trace.doctrine import ALLOCATING, Doctrine
from duanka.trace.follow import NO_LIMITS, down
from tracing.drawn import WITHINS, booked, ends, limited, lines, sown, twin_of, unprinted


@pytest.mark.parametrize("doctrine", ALLOCATING)
@settings(max_examples=200, deadline=None)
@given(st.data(), unprinted())
def test_agrees_with_its_twin(doctrine: Doctrine, data: st.DataObject, ledger: Ledger) -> None:
    start = data.draw(sown(ledger))
    limits = data.draw(st.one_of(st.just(NO_LIMITS), limited(ledger, start)))
    within = data.draw(st.sampled_from(WITHINS))
    found = down(booked(ledger, within), start, doctrine, limits)
    twin = twin_of(ledger, start, limits, doctrine, within)
    assert lines(found) == twin.lines()
    assert ends(found) == twin.ends
