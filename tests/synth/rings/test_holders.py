"""Whoever a dealer pays for a card, a wallet or a name is in the truth as a member."""

import numpy as np
import pytest

from duanka.synth.words import P
from ring_laws import make_ring, members


@pytest.mark.parametrize(
    "kind", ["corporate", "ecny", "farm", "fraud", "merchant_code", "mirror", "nested", "platform"]
)
def test_who_is_paid_for_cards_is_a_member(kind: str) -> None:
    _, ring = make_ring(kind, 0.5)
    rows = ring.movements
    bought = (rows.part == P["purchase"]) & np.isin(rows.payer, members(ring, "dealer"))
    paid = set(rows.payee[bought].tolist())
    assert paid
    assert paid <= {member.account for member in ring.members}
