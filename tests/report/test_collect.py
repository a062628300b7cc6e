import pytest

from duanka.report.collect import collect
from duanka.report.errors import ReportError
from duanka.report.facts import Flow, Place
from duanka.store.case import Case
from duanka.store.seeds import Starts


def test_totals_keep_the_four_concepts_apart(case: Case) -> None:
    (total,) = collect(case).totals
    assert (total.turnover, total.inflow, total.net, total.deduplicated) == (505_000, 275_000, 45_000, 155_000)
    assert (total.receipts, total.payments) == (4, 3)


def test_payments_to_oneself_are_in_no_sum(case: Case) -> None:
    case.db.run("oneself", "UPDATE transactions SET payee = 'A' WHERE row_id = 'r7'")
    (total,) = collect(case).totals
    assert (total.inflow, total.turnover) == (275_000, 495_000)


def test_counts(case: Case) -> None:
    facts = collect(case)
    assert (facts.transactions, facts.left_out, facts.ordered, facts.assumed) == (7, 1, 6, 1)
    assert (facts.produced, facts.broken, facts.untold, facts.accounts) == (2, 1, 1, 5)
    assert facts.merges == (("two_sides", 1),)
    assert [(file.rows, file.kept, file.merged, file.rejected) for file in facts.files] == [(9, 7, 0, 2), (1, 0, 1, 0)]


def test_transits_lead_back_to_their_rows(case: Case) -> None:
    first, second = collect(case, rows_each=2).transits
    assert (first.account_id, second.account_id) == ("A", "B")
    assert first.holder == "王伟"
    assert [row.row_id for row in first.rows] == ["r1", "r3"]
    assert [row.incoming for row in first.rows] == [True, False]
    assert first.rows[1].places == (Place("a/statement.csv", 4), Place("b/side.xlsx", 5, 2))
    assert second.coverage is not None
    assert second.coverage.break_count == 1
    assert second.coverage.breaks[0].places == (Place("a/statement.csv", 5),)


def test_a_failed_payment_is_no_evidence(case: Case) -> None:
    rows = [row.row_id for transit in collect(case).transits for row in transit.rows]
    assert "r5" not in rows


def _ribbons(flow: Flow) -> set[tuple[str, str, int]]:
    def name(index: int) -> str:
        return flow.boxes[index].account_id or flow.boxes[index].kind

    return {(name(ribbon.source), name(ribbon.target), ribbon.amount) for ribbon in flow.ribbons}


def test_without_seeds_the_flow_starts_where_money_enters_the_busiest_accounts(case: Case) -> None:
    facts = collect(case)
    assert not facts.seeds.chosen
    assert facts.seeds.accounts == ("A", "B")
    assert facts.seeds.rows == ("r1", "r2", "r6")
    (flow,) = facts.flows
    assert (flow.currency, flow.started, flow.start_rows) == ("CNY", 155_000, 3)
    assert _ribbons(flow) == {
        ("V1", "A", 100_000), ("V2", "A", 50_000), ("V1", "B", 5_000), ("A", "B", 120_000), ("A", "unnamed", 10_000),
        ("A", "stays", 20_000), ("B", "stays", 5_000), ("B", "C", 100_000), ("B", "stays", 20_000),
        ("C", "not_produced", 100_000), ("unnamed", "not_produced", 10_000),
    }  # fmt: skip


def test_named_seeds(case: Case) -> None:
    (flow,) = collect(case, Starts(rows=("r1",))).flows
    assert flow.started == 100_000
    assert flow.moves.to_pylist() == [
        {"tier": 1, "row_id": "r1", "payer": "V1", "payee": "A", "amount": 100_000, "currency": "CNY"},
        {"tier": 2, "row_id": "r3", "payer": "A", "payee": "B", "amount": 100_000, "currency": "CNY"},
        {"tier": 3, "row_id": "r4", "payer": "B", "payee": "C", "amount": 100_000, "currency": "CNY"},
    ]
    (flow,) = collect(case, Starts(accounts=("A",), rows=("r2",))).flows
    assert flow.started == 50_000 + 100_000  # r3 and r7 but for the 300.00 that came with r2


def test_the_last_tier_says_that_money_goes_on(case: Case) -> None:
    (flow,) = collect(case, Starts(rows=("r1",)), max_tiers=1).flows
    assert _ribbons(flow) == {("V1", "A", 100_000), ("A", "beyond", 100_000)}


def test_money_that_reaches_an_account_outside_its_period_ends_there(case: Case) -> None:
    case.db.run("period", """UPDATE coverage SET "from" = "from" + INTERVAL 2 HOUR WHERE account_id = 'B'""")
    (flow,) = collect(case, Starts(rows=("r6",))).flows
    assert _ribbons(flow) == {("V1", "B", 5_000), ("B", "not_produced", 5_000)}


def test_exchange_ends_the_flow(case: Case) -> None:
    case.db.run(
        "exchange", "UPDATE transactions SET currency_received = 'USD', amount_received = 700 WHERE row_id = 'r3'"
    )
    (flow,) = collect(case, Starts(rows=("r1",))).flows
    assert _ribbons(flow) == {("V1", "A", 100_000), ("A", "B", 100_000), ("B", "currency", 100_000)}


def test_a_seed_that_pays_nothing_gives_no_flow(case: Case) -> None:
    assert collect(case, Starts(accounts=("C",))).flows == ()


def test_an_underived_case_says_so(case: Case) -> None:
    case.db.run("drop", "DROP TABLE lineage")
    with pytest.raises(ReportError, match="lineage"):
        collect(case)
