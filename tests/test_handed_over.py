"""A whole folder as it comes: what goes wrong in it is found where it is, and nothing else."""

from collections import Counter

import pytest

from cases import query, take_in
from duanka.pipeline import Outcome
from handed_over import (
    COLLECTOR,
    COLLECTOR_CARD,
    DEALER,
    EARNER,
    FORMATS,
    MISSING,
    REJECTS,
    ROWS,
    SAME_ROW,
    TRANSACTIONS,
    TRANSIT,
    TWO_SIDES,
    UNKNOWN,
    hand_over,
)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    home = tmp_path_factory.mktemp("handed")
    return take_in(home / "case", hand_over(home / "folder"))


def relative(path: object) -> str:
    return str(path).partition("/folder/")[2]


def test_every_file_is_recognised_as_meant(outcome: Outcome) -> None:
    assert {relative(file["path"]): file["format"] for file in outcome.files} == FORMATS
    assert {relative(file["path"]): file["rows"] for file in outcome.files} == ROWS
    assert [relative(one["path"]) for one in outcome.unknown] == [UNKNOWN]


def test_rejects_and_merges_are_those_that_were_planted(outcome: Outcome) -> None:
    rejects = query(outcome.case, "SELECT code, path FROM rejects JOIN sources USING (source_id)")
    assert Counter(code for code, _ in rejects) == REJECTS
    assert {relative(path) for _, path in rejects} == {"甲银行/交易明细信息_2.csv"}
    merges = Counter(why for (why,) in query(outcome.case, "SELECT why FROM merges"))
    assert merges == {"same_row": SAME_ROW, "two_sides": TWO_SIDES}
    assert outcome.transactions == TRANSACTIONS


def test_the_missing_row_is_the_only_break(outcome: Outcome) -> None:
    breaks = query(outcome.case, "SELECT account_id, unnest(breaks).printed - unnest(breaks).expected FROM coverage")
    assert breaks == [(COLLECTOR, -MISSING)]
    assert outcome.balance_breaks == 1


def test_days_without_a_clock_are_put_in_order_by_their_balances(outcome: Outcome) -> None:
    assert outcome.assumed_order == 0
    amounts = query(outcome.case, f"""
        SELECT amount FROM transactions JOIN row_order USING (row_id) WHERE '{EARNER}' IN (payer, payee) ORDER BY seq
    """)  # fmt: skip
    assert amounts == [(10_000,), (860_000,), (850_000,), (20_000,)]


def test_card_and_account_are_one_and_the_dealer_is_asked_for_first(outcome: Outcome) -> None:
    assert query(outcome.case, f"SELECT account_id FROM aliases WHERE alias = '{COLLECTOR_CARD}'") == [(COLLECTOR,)]
    produced = {account for (account,) in query(outcome.case, "SELECT account_id FROM coverage")}
    assert produced == {COLLECTOR, TRANSIT, EARNER}
    assert outcome.wanted[0]["account_id"] == DEALER
