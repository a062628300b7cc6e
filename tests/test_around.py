"""The network of a lead: every kind of tie, its weight and its words, as of any moment."""

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from cases import CARD_A, A, B, C, clock, police, row, take_in
from duanka import cli
from duanka.messages.catalogue import known
from duanka.report.graphs import GRAPHML
from duanka.store.seeds import parse_seed
from duanka.tracing import pipeline
from duanka.tracing.around import KINDS, Around

D, HUB = "990000000000004", "990000000000009"
CROWD = [f"99000000000{number:04d}" for number in range(100, 180)]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """甲 leads: 乙 has his phone and device, 丙 calls him and was opened beside him, 丁 lives there; all pay a hub."""
    folder = tmp_path_factory.mktemp("around")
    rows = [row(A, "出", B, "5.00", clock(1), 交易卡号=CARD_A), row(C, "出", A, "7.00", clock(2))]
    rows += [row(one, "出", HUB, "1.00", clock(3)) for one in (A, B, C, D, *CROWD)]
    police(folder / "in" / "a.csv", rows)
    outlets = {A: ("K1", "2024-01-02"), C: ("K1", "2024-01-04"), D: ("K1", "2024-01-09"), B: ("K2", "2024-01-02")}
    write(folder / "in" / "accounts.csv", "account_id,holder_id,holder_name,phone,outlet_id,opened_on", [
        (account, f"99010119900101{number:04d}", f"测试{number}", "10000000001" if account in {A, B} else "",
         *outlets[account]) for number, account in enumerate((A, B, C, D))
    ])  # fmt: skip
    write(folder / "in" / "parties.csv", "id_number,name,phone,address", [
        (f"99010119900101{number:04d}", f"测试{number}", phone, address)
        for number, phone, address in ((0, "10000000002", "甲路1号"), (2, "10000000003", ""), (3, "", "甲路1号"))
    ])  # fmt: skip
    write(folder / "in" / "sessions.csv", "account_id,time,ip,mac,device,action", [
        (account, clock(5), "192.0.2.1" if account != A else "192.0.2.9", "", device, "登录")
        for account, device in ((CARD_A, "D1"), (B, "D1"), *((one, "D2") for one in (A, *CROWD)))
    ])  # fmt: skip
    write(folder / "in" / "calls.csv", "phone,other,direction,time,seconds,kind", [
        ("10000000003", "10000000002", "out", clock(minute), "9", "voice") for minute in (6, 7)
    ])  # fmt: skip
    take_in(folder / "case", folder / "in")
    return folder / "case"


def write(path: Path, head: str, lines: list[tuple[str, ...]]) -> None:
    path.write_text("\n".join([head, *(",".join(line) for line in lines)]) + "\n", encoding="utf-8")


def around(case: Path, *seeds: str, at: datetime | None = None) -> Around:
    return pipeline.surround(case, [parse_seed(one) for one in seeds], at)


def kinds(found: Around) -> dict[str, list[str]]:
    return dict(found.ranked.select("account_id", "kinds").iter_rows())


def test_every_kind_of_tie_is_found(case: Path) -> None:
    found = kinds(around(case, f"account:{CARD_A}"))
    assert found == {
        B: ["device", "paid", "phone"], C: ["called", "opened", "received"], D: ["address"], HUB: ["paid"],
    }  # fmt: skip


def test_what_many_share_ties_nothing_and_a_hub_says_little(case: Path) -> None:
    found = around(case, f"account:{A}")
    assert "D2" not in found.ties["thing"].to_list()  # the crowd's
    weights = {(one["account_id"], one["kind"]): one["weight"] for one in found.ties.iter_rows(named=True)}
    size = len(CROWD) + 5
    assert weights[B, "phone"] == pytest.approx(math.log(size / 2))
    assert weights[C, "called"] == pytest.approx(math.log(size / 1) * (1 + math.log(2)))  # two calls, one partner
    assert weights[HUB, "paid"] == pytest.approx(math.log(size / (len(CROWD) + 4)))
    assert found.ranked["account_id"].to_list()[-1] == HUB
    assert found.ranked["rank"].to_list() == [1, 2, 3, 4]


def test_nothing_later_than_the_moment_ties(case: Path) -> None:
    early = around(case, f"account:{A}", at=datetime(2024, 3, 1, 2, 1, 30, tzinfo=UTC))  # before 10:02 in Shanghai
    assert kinds(early) == {B: ["paid", "phone"], C: ["opened"], D: ["address"]}
    before = around(case, f"account:{A}", at=datetime(2024, 1, 3, tzinfo=UTC))
    assert kinds(before) == {B: ["phone"], D: ["address"]}


def test_leads_are_not_their_own_neighbours(case: Path) -> None:
    found = around(case, f"account:{A}", f"account:{B}")
    assert set(found.leads["account_id"]) == {A, B}
    assert not {A, B} & set(found.ranked["account_id"])
    assert kinds(around(case, "phone:10000000001")) == kinds(found)


def test_a_row_leads_with_both_sides(case: Path) -> None:
    found = pipeline.trace(case, [parse_seed(f"account:{B}")])
    by_row = around(case, f"row:{found.seeds['row_id'][0]}")
    assert set(by_row.leads["account_id"]) == {A, B}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_words(kind: str) -> None:
    assert known(f"around.{kind}")


def test_the_verb_tells_and_writes_it(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["trace", str(case), "--from", f"account:{A}", "--direction", "around"]
    assert cli.run([*command, "--lang", "zh"]) == 0
    assert "与 " + A + " 使用同一设备 D1" in capsys.readouterr().out
    assert cli.run([*command, "--json", "--out", str(tmp_path / "out")]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert set(facts) == {"case", "files", "direction", "at", "leads", "ranked", "ties"}
    assert pl.read_parquet(tmp_path / "out" / "tables" / "ties.parquet").height == len(facts["ties"])
    graph = etree.parse(tmp_path / "out" / "trace.graphml")
    assert {one.get("id") for one in graph.iter(f"{{{GRAPHML}}}node")} == {A, B, C, D, HUB}
    paid = [(one.get("source"), one.get("target")) for one in graph.iter(f"{{{GRAPHML}}}edge")]
    assert (A, HUB) in paid
    assert (C, A) in paid
    assert cli.run([*command, "--max-hops", "2"]) == 2
    assert "around takes" in capsys.readouterr().err
    assert cli.run([*command[:3], "account:1", *command[4:]]) == 1
