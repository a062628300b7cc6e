"""Accounts that carry money in yuan and in dollars: two ledgers, one account, which counts once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cases import Row, police, row, take_in
from duanka import checking, derive, learning, pipeline
from duanka.account_risk import account_risk
from duanka.flow.ledger import NOBODY
from duanka.judging import Judged, active_nodes, currencies, seen
from duanka.messages.catalogue import say
from duanka.records.money import format_minor
from duanka.report.collect import collect
from duanka.rings.network import WEAK, WORKER, network
from duanka.rings.standing import Standing, standing
from duanka.scoring.accounts import Evidence, evidence, score
from duanka.scoring.learning import AccountClassifier
from duanka.scoring.model_file import read_model
from duanka.scoring.relays import Relays, relays
from duanka.scoring.strongest import strongest
from duanka.signals.measuring import LONG
from duanka.store.case import Case
from duanka.store.detection import read_detection
from duanka.typologies.lift import Lift
from duanka.typologies.reading import load
from duanka.typologies.running import hits
from scoring.planted import planted
from strategies import MIDNIGHT


def rows_in(currency: str, seed: int) -> list[Row]:
    """Statements of 40 accounts in one currency, the last eight of which carry other people's money, four together."""
    hidden = planted(ordinary=32, transit=8, each=30, payments=14, seed=seed)
    ledger = hidden.ledger
    columns = (ledger.time.tolist(), ledger.payer.tolist(), ledger.payee.tolist(), ledger.amount.tolist())
    rows = []
    for at, (time, payer, payee, amount) in enumerate(zip(*columns, strict=True)):
        printed = f"{datetime(2024, 3, 1, 9) + timedelta(microseconds=time - MIDNIGHT):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ001 - as banks print
        serial = {"交易流水号": f"{currency}{at}", "交易币种": currency}
        rows.append(row(name(payer), "出", name(payee), f"{amount / 100:.2f}", printed, **serial))
    for number in range(40):
        hands = [number % 32, 32 + number % 2, 34, 35 + number % 2, 31 - number % 32]
        for step, (payer, payee) in enumerate(pairwise(hands)):
            printed = f"{datetime(2024, 3, 2, 9) + timedelta(hours=7 * number, seconds=90 * step):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ001
            serial = {"交易流水号": f"{currency}R{number}-{step}", "交易币种": currency}
            rows.append(row(name(payer), "出", name(payee), f"{7_000 + 13 * number}.00", printed, **serial))
    return rows


def name(number: int) -> str:
    return f"{990000000000100 + number}"


TYPOLOGY = """
code: U-1
zh: 快进快出
en: passes money on
when: TX01 >= 3
reason: {zh: 快进快出, en: passes money on}
tests: [{given: {TX01: 3}, expect: true}, {given: {TX01: 1}, expect: false}]
"""
OF_RELAYS = ["TX01", "touched_paid", "touched_got"]
CARRIERS = [name(number) for number in range(32, 40)]


@dataclass
class Judgement:
    """The case as its nodes are judged, one a currency."""

    data: derive.Ordered
    weighed: Relays
    found: Evidence
    stands: Standing
    nodes: pl.DataFrame  # account_id, currency, node, rows, evidence: of payments alone; both: with that of rings


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("两币种")
    take_in(home / "case", police(home / "a.csv", [*rows_in("CNY", 3), *rows_in("USD", 4)]))
    pipeline.detect(home / "case")
    return home / "case"


@pytest.fixture(scope="module")
def judgement(case: Path) -> Judgement:
    with Case(case) as opened:
        data = derive.ordered(opened)
    weighed = relays(data.ledger, currencies(data), moment=data.moment)
    found = evidence(data.ledger, weighed)
    rings = network(data.ledger, found, weighed, account=data.account())
    stands = standing(data.ledger, found, rings, np.zeros(data.ledger.nodes, np.bool_))
    nodes = active_nodes(data)
    at = nodes["node"].to_numpy()
    nodes = nodes.with_columns(evidence=pl.Series(found.node[at]), both=pl.Series(stands.added(found)[at]))
    return Judgement(data, weighed, found, stands, nodes)


def risk_of(case: Path) -> pl.DataFrame:
    with Case(case) as opened:
        return pl.DataFrame(opened.db.arrow("SELECT * FROM account_risk ORDER BY rank"))


def test_the_numbers_of_accounts_are_equal_where_accounts_are(judgement: Judgement) -> None:
    ids = judgement.data.nodes["account_id"].to_pylist()
    assert len(ids) == 80
    pairs = set(zip(ids, judgement.data.account().tolist(), strict=True))
    assert len(pairs) == len(set(ids)) == 40


def test_an_account_is_scored_once_by_its_higher_evidence_with_the_reasons_of_both(
    case: Path, judgement: Judgement
) -> None:
    risk = risk_of(case)
    assert risk["account_id"].n_unique() == risk.height == 40
    highest = judgement.nodes.group_by("account_id").agg(pl.col("both").max()).sort("account_id")
    assert risk.sort("account_id")["score"].to_list() == score(highest["both"].to_numpy()).tolist()
    telling = judgement.nodes.filter(pl.col("evidence") >= WEAK).sort("both", descending=True)
    assert telling.filter(pl.col("account_id").is_duplicated(), pl.col("account_id").is_in(CARRIERS)).height
    of = {account: group["currency"].to_list() for (account,), group in telling.group_by("account_id")}
    reasons = risk.explode("reasons").drop_nulls("reasons").unnest("reasons").filter(pl.col("code").is_in(OF_RELAYS))
    told_of: dict[str, list[str]] = {}
    for account, text in reasons.select("account_id", "text_en").rows():
        told_of.setdefault(account, []).append("CNY" if "CNY" in text else "USD" if "USD" in text else text)
    assert told_of == of
    told = risk.filter(pl.col("reasons").list.len() > 0)
    assert told.height == telling["account_id"].n_unique() < telling.height


def test_counts_are_of_accounts(case: Path, judgement: Judgement) -> None:
    told = judgement.nodes.filter(pl.col("evidence") >= WEAK)["account_id"].n_unique()
    with Case(case) as opened:
        found = read_detection(opened)
        members = pl.DataFrame(opened.db.arrow("SELECT * FROM ring_members"))
        rings = pl.DataFrame(opened.db.arrow("SELECT ring_id, accounts FROM rings ORDER BY ring_id"))
        facts = collect(opened)
    assert (found.accounts, found.members) == (told, members.filter("works")["account_id"].n_unique())
    assert rings.height > 0
    works = members.filter("works").group_by("ring_id").agg(pl.col("account_id").n_unique()).sort("ring_id")
    assert works.rows() == rings.rows()
    assert facts.findings is not None
    assert (facts.findings.scored, facts.findings.accounts) == (40, told)


def test_a_typology_hits_an_account_once(case: Path, tmp_path: Path) -> None:
    (tmp_path / "u.yaml").write_text(TYPOLOGY, encoding="utf-8")
    (typology,) = load([tmp_path])
    with Case(case) as opened:
        signals = pl.DataFrame(opened.db.arrow("SELECT * FROM signals"))
        found = hits(opened.db, (typology,), signals)
        (checked,) = checking.check(opened, (typology,), found_from=0.5).typologies
    named = signals.filter(pl.col("code") == "TX01")
    assert signals.select("account_id", "code").is_unique().all()
    assert found["account_id"].to_list() == sorted(named["account_id"])
    assert set(found["account_id"]) & set(CARRIERS)
    likely = risk_of(case).filter(pl.col("score") >= 0.5)["account_id"]
    assert checked.accounts == found.height
    assert checked.found == Lift(40, len(likely), found.height, len(set(found["account_id"]) & set(likely)))


def test_a_model_scores_an_account_once_by_its_higher_probability(
    case: Path, judgement: Judgement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lightgbm")
    monkeypatch.setattr(learning, "AccountClassifier", partial(AccountClassifier, rounds=25, folds=2))
    labels = "\n".join(f"{name(number)},{int(name(number) in CARRIERS)}" for number in range(40))
    (tmp_path / "l.csv").write_text(f"account_id,label\n{labels}\n", encoding="utf-8")
    model = pipeline.learn(case, str(tmp_path / "l.csv"), tmp_path / "m.json").model
    whole = seen(judgement.data)
    probability = read_model(model, whole.names)[1].predict_proba(whole.values[judgement.nodes["node"].to_numpy()])
    nodes = judgement.nodes.with_columns(probability=pl.Series(probability[:, 1]))
    expected = nodes.group_by("account_id").agg(pl.col("probability").max()).sort("account_id")
    judged = Judged(judgement.data, model, judgement.weighed, judgement.found)
    none = pl.DataFrame(schema=LONG)
    with Case(case) as opened:
        told = strongest(judgement.weighed, judgement.found)
        risk = account_risk(opened, judgement.data, told, judgement.stands, [none], judged)
    assert risk.height == 40
    assert np.allclose(risk.sort("account_id")["score"].to_numpy(), expected["probability"].to_numpy())
    assert (nodes.group_by("account_id").agg(pl.col("probability").n_unique())["probability"] > 1).any()
    learnt = risk.explode("reasons").drop_nulls("reasons").unnest("reasons").filter(pl.col("code") == "model")
    assert learnt["account_id"].is_unique().all()


def told_of(judgement: Judgement, node: int, currency: str) -> list[tuple[str, float, list[str], str]]:
    """Twin: the relay and the standing of one node, one by one, in English."""
    data, stands, ledger = judgement.data, judgement.stands, judgement.data.ledger
    told: list[tuple[str, float, list[int], str]] = []
    if judgement.found.node[node] >= WEAK:
        receipts, payments, weights, shown = strongest(judgement.weighed, judgement.found).of(np.array([node]))
        receipt, payment, weight, row = int(receipts[0]), int(payments[0]), float(weights[0]), int(shown[0])
        if receipt == NOBODY:
            code = "touched_paid" if ledger.payer[row] == node else "touched_got"
            money = f"{format_minor(int(ledger.amount[row]), currency)} {currency}"
            told.append((code, weight, [row], say(f"reason.{code}", "en", amount=money)))
        else:
            words = say(
                "reason.TX01", "en", received=f"{format_minor(int(ledger.received[receipt]), currency)} {currency}",
                paid=f"{format_minor(int(ledger.amount[payment]), currency)} {currency}",
                minutes=f"{(data.moment[payment] - data.moment[receipt]) / 60e6:,.0f}",
                times=f"{np.exp(min(weight, 20)):,.0f}",
            )  # fmt: skip
            told.append(("TX01", weight, [receipt, payment], words))
    for place in np.flatnonzero(stands.node == node).tolist():
        assert stands.part[place] == WORKER
        words = say("reason.ring_works", "en", count=f"{stands.others[place]:,}")
        told.append(("ring_works", float(stands.evidence[place]), stands.rows(place), words))
    return [(code, weight, [data.row_ids[one].as_py() for one in rows], text) for code, weight, rows, text in told]


def test_reasons_are_those_of_each_node_by_itself(case: Path, judgement: Judgement) -> None:
    told = strongest(judgement.weighed, judgement.found)
    with Case(case) as opened:
        risk = account_risk(opened, judgement.data, told, judgement.stands, [pl.DataFrame(schema=LONG)], None)
    nodes = pl.DataFrame(judgement.data.nodes.select(["account_id", "currency"])).with_row_index("node")
    both = judgement.stands.added(judgement.found)
    nodes = nodes.with_columns(evidence=pl.Series(both)).sort("evidence", "node", descending=[True, False])
    expected: dict[str, list[tuple[str, float, list[str], str]]] = {}
    for node, account, currency, _ in nodes.rows():
        expected.setdefault(account, []).extend(told_of(judgement, node, currency))
    fields = ("code", "strength", "rows", "text_en")
    assert {
        account: [tuple(one[field] for field in fields) for one in reasons]
        for account, reasons in risk.select("account_id", "reasons").rows()
    } == expected
    codes = {one[0] for reasons in expected.values() for one in reasons}
    assert codes >= {"TX01", "ring_works"}
