"""Every signal fires where it should and nowhere else; nothing looks ahead; what is missing is named."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cases import Row
from duanka import derive
from duanka.signals.measuring import measured
from duanka.signals.peers import FIRED
from duanka.signals.registry import CODES, SIGNALS
from signals.people import FELLOWS, ODD, Setup, case_of, everyone, fired, got, ordinary, paid, quiet, session, sql

PRODUCED = "UPDATE accounts SET {} WHERE produced"
PARTIES = PRODUCED.format("party_id = 'id:' || '990000' || '19800101' || right(account_id, 4)")
CORPORATE = (PRODUCED.format("kind = 'corporate'"), "UPDATE accounts SET kind = 'personal_i' WHERE NOT produced")
A, B = FELLOWS[:2]


@dataclass
class Odd:
    rows: list[Row]
    setup: Setup | None = None
    also: tuple[str, ...] = ()  # who else fires, of the forty
    more: dict[str, str] = field(default_factory=dict)  # for every ordinary row
    evidence: bool = True


def relayed(count: int = 8, payees: int = 4) -> list[Row]:
    return [
        one
        for turn in range(count)
        for one in (
            got(f"71{turn % 4:02}", 1000.5, turn), paid(f"72{turn % payees:02}", 990.25, turn, 10),
        )
    ]  # fmt: skip


def marked(memo: str) -> list[Row]:
    return [*quiet(), *(paid("7300", 400.3, 2 * turn, 60, memo=memo) for turn in range(3))]


def only(account: str, change: str) -> str:
    return f"UPDATE accounts SET {change} WHERE account_id IN ('{account}')"


def sessions() -> list[str]:
    return [session(one, ip=f"10.1.0.{at}", day=at) for one in FELLOWS for at in range(1, 7)]


ODDS: dict[str, Odd] = {
    "TX01": Odd(relayed()),
    "TX02": Odd(relayed()),
    "TX03": Odd([*(got(f"71{n:02}", 500.5, n) for n in range(12)), paid("7200", 3000.5, 12)]),
    "TX04": Odd([got("7200", 6000.5, 0), *(paid(f"71{n:02}", 300.5, n + 1) for n in range(12))]),
    "TX05": Odd(
        [*(got(f"71{n:02}", 500.5, n) for n in range(12)), *(paid(f"72{n:02}", 200.5, n, 9) for n in range(12))]
    ),
    "TX06": Odd(
        [*quiet(), *(one for n in range(3) for one in (paid(f"71{n:02}", 5, n), paid(f"71{n:02}", 5000, n, 10)))]
    ),
    "TX07": Odd([*quiet(), *(got("7001", 9000.5, 200 + n) for n in range(3))]),
    "TX08": Odd(
        quiet(), sql(PRODUCED.format("opened_on = DATE '2010-01-01'"), only(ODD, "opened_on = DATE '2024-02-28'"))
    ),
    "TX09": Odd(
        [
            *(got("7001", 500.5, n, 60 * 14) for n in range(14)),
            *(paid("7002", 90.5, n, 60 * 14 + 30) for n in range(10)),
        ]
    ),
    "TX10": Odd([got("7001", 90.5 + n, 4 + n // 20, 60 * n) for n in range(24)]),
    "TX11": Odd([*(got("7001", 3000, n) for n in range(6)), *(paid("7002", 2000, n, 9) for n in range(6))]),
    "TX12": Odd([got(f"71{n:02}", 500 * (1 + n % 3), n) for n in range(24)]),
    "TX13": Odd([got(f"71{n:02}", 499.01 + n / 100, n) for n in range(24)]),
    "TX14": Odd([*quiet(), *(got(f"71{n:02}", 49000.5, n, 80) for n in range(6))]),
    "TX15": Odd([*quiet(), *(one for n in range(20, 24) for one in (paid("7002", 2400, n), paid("7003", 2500, n, 9)))]),
    "TX16": Odd([*quiet(), *(paid("7002", 48000 + n, 2 + n, 80) for n in range(4))]),
    "TX17": Odd(relayed(payees=8), sql(*CORPORATE)),
    "TX18": Odd(quiet(), sql(*CORPORATE, PARTIES, only(f"{ODD}','{A}", "phone = '123'")), also=(A,)),
    "TX19": Odd(
        quiet(),
        evidence=False,
        also=(A, B),
        setup=sql(
            PARTIES,
            PRODUCED.format("opened_on = DATE '2010-01-01'"),
            only(f"{ODD}','{A}','{B}", "opened_on = DATE '2024-02-01', party_id = 'id:990000198001019999'"),
        ),
    ),
    "TX20": Odd(
        quiet(),
        evidence=False,
        setup=sql(
            PRODUCED.format("outlet_id = 'o'"),
            *sessions(),
            *(session(ODD, ip="99.7.0.1", day=n) for n in range(1, 7)),
        ),
    ),
    "TX21": Odd(quiet(), sql(PARTIES, only(ODD, "party_id = 'id:990000194001011111'"))),
    "TX22": Odd(quiet(), sql(PARTIES, only(f"{ODD}','{A}", "phone = '123'")), also=(A,), evidence=False),
    "TX23": Odd(
        [*quiet(), *(got("7001", 9000.5, 15 + n) for n in range(3))],
        sql(session(ODD, action="换绑手机", day=14)),
    ),
    "DV01": Odd(quiet(), sql(session(ODD, "d"), session(A, "d"), session(B, "e")), also=(A,), evidence=False),
    "DV02": Odd(quiet(), sql(session(ODD, "d"), session(A, "d"), session(B, "d")), also=(A, B), evidence=False),
    "DV03": Odd(
        quiet(),
        sql(session(ODD, ip="10.1.0.1"), session(ODD, ip="99.7.0.1", second=60), *sessions()),
        evidence=False,
    ),
    "DV04": Odd(
        quiet(),
        evidence=False,
        setup=sql(
            *(session(ODD, day=n, second=16) for n in range(24)),
            *(session(one, day=n, second=(7 * n + int(one[-2:])) % 60) for one in FELLOWS for n in range(24)),
        ),
    ),
    "DV05": Odd(quiet(), sql(*(session(one, "d", action="人脸核验") for one in (ODD, A))), also=(A,), evidence=False),
    "NW01": Odd(
        [
            *quiet(),
            *(paid(f"74{n:02}", 900.5, 14, n) for n in range(5)),
            *(paid(f"74{n:02}", 900.5, 14, 600 + n, "990000000008888") for n in range(5)),
        ],
        sql("SELECT 1"),
    ),
    "NW03": Odd(
        [
            *quiet(),
            *(paid(f"74{n:02}", 900.5, 14, n) for n in range(2)),
            *(paid(f"74{n:02}", 9.5, 3, 0, A) for n in range(2)),
        ],
        also=(A,),
    ),
    "NW04": Odd(
        [
            *quiet(),
            paid(A, 400000.5, 30),
            got(ODD, 400000.5, 30, 0, A),
            paid(B, 398000.5, 30, 10, A),
            got(A, 398000.5, 30, 10, B),
            paid(ODD, 396000.5, 30, 20, B),
            got(B, 396000.5, 30, 20),
        ]
    ),
    "NW07": Odd(
        quiet(),
        sql(
            "INSERT INTO raw_report (source_id, source_row, report_id, receiver_account, time) "
            f"VALUES ('x', 1, 'r', '{ODD}', TIMESTAMPTZ '2024-03-02 10:00:00+08')",
        ),
        evidence=False,
    ),
    "CR01": Odd(marked("买USDT")),
    "CR02": Odd(marked("ATM取款")),
    "CR03": Odd(marked("金店消费")),
    "CR04": Odd(
        [*quiet(), *(paid(f"71{n:02}", 400.3, n, 80) for n in range(4))],
        sql("UPDATE accounts SET kind = 'ecny_wallet' WHERE account_id LIKE '9800000000071%'"),
    ),
    "GB01": Odd(
        [*(got(f"71{n:02}", 200.5, n) for n in range(22)), *(paid(f"71{n:02}", 500.5, n, 40) for n in range(3))]
    ),
    "PL01": Odd([one for n in range(8) for one in (paid("7200", 1000.5, n), got(f"71{n:02}", 900.5, n, 30))]),
    "KY01": Odd([one | {"交易余额": "1.00"} for one in quiet()], more={"交易余额": "9000.00"}),
    "KY03": Odd(
        [got(f"71{n:02}", 50.5, 3, n) for n in range(24)],
        sql(PRODUCED.format("kind = 'personal_i'")),
    ),
    "KY04": Odd(marked("上分")),
    "UB01": Odd([one for n in range(8) for one in (got(f"71{n:02}", 9000.5, n), paid(f"72{n:02}", 9000.5, n, 30))]),
}


def test_every_signal_has_a_case() -> None:
    assert tuple(sorted(ODDS)) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_signal_fires_where_it_should_and_nowhere_else(tmp_path: Path, code: str) -> None:
    odd = ODDS[code]
    found = fired(tmp_path, [*everyone(**odd.more), *odd.rows], odd.setup)
    long = found.long.filter(code=code)
    assert ODD in long["account_id"].to_list()
    assert len(set(long["account_id"]) & set(FELLOWS) - set(odd.also)) <= 1  # of forty, the next one may stand out, too
    mine = long.row(by_predicate=pl.col("account_id") == ODD, named=True)
    assert mine["strength"] >= FIRED
    assert (len(mine["rows"]) > 0) == odd.evidence
    assert mine["text_zh"]
    assert "{" not in mine["text_en"] + mine["text_zh"]
    assert found.wide.filter(account_id=ODD)[code].item() == mine["strength"]
    assert found.values.filter(account_id=ODD)[code].item() == mine["value"]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    rows = [one | {"交易时间": one["交易时间"][:10]} for one in everyone()]
    gaps = set(fired(tmp_path, rows).gaps.rows())
    assert {
        ("TX01", "seconds"),
        ("TX09", "seconds"),
        ("DV01", "devices"),
        ("NW07", "reports"),
        ("KY01", "balances"),
    } <= gaps
    assert not {code for code, _ in gaps} & {"TX02", "TX05", "TX11", "TX14"}


def test_a_signal_that_lacks_something_is_null_and_one_that_does_not_fire_is_nought(tmp_path: Path) -> None:
    wide = fired(tmp_path, everyone()).wide
    assert wide["DV01"].null_count() == wide.height
    assert wide["TX05"].null_count() == 0


def test_nothing_later_is_looked_at_and_the_order_of_rows_plays_no_part(tmp_path: Path) -> None:
    early = [*everyone(), *relayed()]
    late = [paid(f"79{n:02}", 7000.5, 40 + n % 3, n, own) for n, own in enumerate([ODD, *FELLOWS])]
    mixed = [*early, *late]
    random.Random(3).shuffle(mixed)
    then = datetime(2024, 4, 5, tzinfo=UTC)
    later = sql(session(ODD, "d", day=50), session(A, "d", day=50), only(ODD, "phone = '1'"))
    now = fired(tmp_path / "a", early, sql(only(ODD, "phone = '1'")))
    past = fired(tmp_path / "b", mixed, later, then)
    known = now.wide["account_id"]
    for name in ("wide", "values", "long"):
        one, two = getattr(now, name), getattr(past, name)
        assert_frame_equal(one, two.filter(two["account_id"].is_in(known.implode())), check_exact=True)
    assert_frame_equal(now.gaps, past.gaps)


def test_a_sim_of_somebody_else_and_cards_without_payments_count(tmp_path: Path) -> None:
    sim = (
        "INSERT INTO raw_sim (source_id, source_row, phone, holder_id, opened_on) "
        "VALUES ('x', 1, '123', '990000197001011111', DATE '2020-01-01')"
    )
    unused = "INSERT INTO accounts (account_id, party_id, opened_on, phone, kind, produced) SELECT 'new' || range, "
    mine = "id:990000198001017777"
    unused += f"'{mine}', DATE '2024-05-27' + range::INTEGER, '', 'personal_i', false FROM range(3)"
    setup = sql(PARTIES, only(ODD, "phone = '123'"), sim, unused)
    long = fired(tmp_path / "a", [*everyone(), *quiet()], setup).long.filter(account_id=ODD)
    assert {"TX19", "TX22"} <= set(long["code"])
    then = datetime(2024, 4, 5, tzinfo=UTC)
    early = fired(tmp_path / "b", [*everyone(), *quiet()], setup, then)
    codes = early.long.filter(account_id=ODD)["code"].to_list()
    assert "TX22" in codes
    assert "TX19" not in codes


def test_among_few_nothing_stands_out(tmp_path: Path) -> None:
    rows = [*relayed(), *(one for own in FELLOWS[:10] for one in ordinary(own))]
    assert fired(tmp_path, rows).long.filter(account_id=ODD).is_empty()


def test_an_institution_is_not_signalled(tmp_path: Path) -> None:
    found = fired(tmp_path, [*everyone(), *relayed()], sql(only(ODD, "kind = 'settlement'")))
    assert found.long.filter(account_id=ODD).is_empty()


def test_a_case_without_payments(tmp_path: Path) -> None:
    with case_of(tmp_path, []) as case:
        found = measured(case, derive.ordered(case), whole=True)
    assert found.wide.is_empty()
    assert found.wide.columns == ["account_id", *CODES]
    assert {code for code, _ in found.gaps.rows()} >= {"TX01", "DV01"}


def test_measuring_leaves_no_tables_behind(tmp_path: Path) -> None:
    with case_of(tmp_path, everyone()) as case:
        data = derive.ordered(case)
        before = case.db.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1")
        measured(case, data)
        assert case.db.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1") == before


def test_what_must_never_be_scored_is_not_there() -> None:
    assert not {"KY02", "NW06"} & set(CODES)
    assert {one.code for one in SIGNALS if not one.carries} >= {"TX07", "TX09", "TX11", "TX20"}
