"""Traces of a case: what seeds stand for, what is found under each doctrine, and what it rests on."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cases import CARD_A, A, B, C, Row, clock, police, query, row, take_in
from duanka.report.long import BATCH
from duanka.store.case import Case
from duanka.store.seeds import SeedError, parse_seed
from duanka.trace.doctrine import ALLOCATING, Doctrine
from duanka.tracing import graph, notes, page, pipeline
from duanka.tracing.run import UP, Direction, Traced, TraceError, Wish
from duanka.tracing.text import as_text
from handed_over import COLLECTOR, COLLECTOR_CARD, DEALER, EARNER, MISSING, TRANSIT, VICTIM, hand_over

OUTSIDE, SHOP = "9900000000000000991", "9900000000000000992"


def follow(case: Path, *start: str, **wish: object) -> Traced:
    """A trace, of which everything that must always hold is checked."""
    found = pipeline.trace(case, [parse_seed(one) for one in start], Wish(**wish))  # type: ignore[arg-type]
    adds_up(found)
    return found


def adds_up(found: Traced) -> None:
    """Seed + changed = left + ended + remainder, by doctrine, claim and currency; and all tables agree on it."""
    sums = found.sums
    assert (sums["seeded"] + sums["changed"] == sums["left"] + sums["ended"] + sums["remainder"]).all()
    keys = ["doctrine", "claim", "currency"]
    left = found.left.group_by(keys).agg(pl.col("left").sum()).sort(keys)
    assert_frame_equal(left, sums.filter(pl.col("left") > 0).select(*keys, "left"), check_row_order=False)
    ends = found.ends.group_by(keys).agg(pl.col("amount").sum()).sort(keys)
    whole = sums.select(*keys, amount=pl.col("left") + pl.col("ended") + pl.col("remainder"))
    assert_frame_equal(ends, whole.filter(pl.col("amount") > 0))
    seeded = found.seeds.group_by("claim", "currency").agg(seeded=pl.col("amount").sum()).sort("claim")
    assert_frame_equal(seeded, found.claims.select("claim", "currency", "seeded"))
    for doctrine in found.doctrines:
        of_one = found.ends.filter(pl.col("doctrine") == str(doctrine))["amount"].sum()
        assert found.compared[str(doctrine)].sum() == of_one
    assert (found.steps["amount"] <= found.steps["whole"]).all()
    assert (found.compared["spread"] == found.compared["most"] - found.compared["least"]).all()


def at(found: Traced, doctrine: str) -> dict[tuple[str | None, str], int]:
    """Account and reason -> amount."""
    chosen = found.compared.filter(pl.col(doctrine) > 0)
    return {(account, why): amount for account, why, amount in chosen.select("account_id", "reason", doctrine).rows()}


def codes(found: Traced) -> dict[str, int]:
    return {one.code: one.count for one in found.notes}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trace")
    take_in(folder / "case", hand_over(folder / "in"))
    return folder / "case"


def made(folder: Path, rows: list[Row], **more: str) -> Path:
    """A case of police rows; further files by name."""
    police(folder / "in" / "a.csv", rows)
    for name, text in more.items():
        (folder / "in" / f"{name}.csv").write_text(text, encoding="utf-8")
    take_in(folder / "case", folder / "in")
    return folder / "case"


# --- what seeds stand for --------------------------------------------------------------------------------------------


def test_a_report_is_the_payment_that_it_speaks_of(case: Path) -> None:
    found = follow(case, "report:示例001", "report:示例003")
    assert found.seeds.select("claim", "how", "payer", "payee", "amount").rows() == [
        (1, "reported", VICTIM, COLLECTOR, 4_980_000),
        (2, "reported", VICTIM, COLLECTOR, 500_000),
    ]
    assert found.left_out.is_empty()
    assert at(found, "lifo")[DEALER, "unproduced"] > 0


def test_a_victims_account_is_its_reported_payments_and_another_account_what_it_received(case: Path) -> None:
    by_report = follow(case, "report:示例001", "report:示例002", "report:示例003", together=True)
    by_victim, by_card = follow(case, f"account:{VICTIM}"), follow(case, f"account:{COLLECTOR_CARD}")
    assert by_victim.claims["seeded"].to_list() == by_report.claims["seeded"].to_list() == [8_480_000]
    assert_frame_equal(by_victim.compared, by_report.compared)
    assert by_card.seeds["how"].unique().to_list() == ["received"]
    assert_frame_equal(by_card.compared, by_victim.compared)  # it received nothing else


def test_any_alias_is_the_same_account(case: Path) -> None:
    by_card, by_number = follow(case, f"account:{COLLECTOR_CARD}"), follow(case, f"account:{COLLECTOR}")
    for name in ("sums", "compared", "left", "steps", "ends", "contradictions"):
        assert_frame_equal(getattr(by_card, name), getattr(by_number, name))


def test_going_up_an_account_is_what_it_paid(case: Path) -> None:
    found = follow(case, f"account:{TRANSIT}", direction="up")
    assert found.doctrines == UP
    assert found.seeds["payer"].unique().to_list() == [TRANSIT]
    assert found.claims["seeded"].to_list() == [7_850_000 + 510_000]
    assert at(found, "fifo")[VICTIM, "unproduced"] > 0
    assert found.left.is_empty()


def test_an_account_that_received_nothing_is_what_it_paid(tmp_path: Path) -> None:
    case = made(tmp_path, [row(A, "出", B, "5.00", clock(1)), row(B, "进", A, "5.00", clock(1))])
    assert follow(case, f"account:{A}").seeds["how"].to_list() == ["paid"]
    assert follow(case, f"account:{B}", direction="up").seeds["how"].to_list() == ["received"]


def test_parties_phones_and_devices_are_their_accounts(tmp_path: Path) -> None:
    more = {"开户人证件号码": "990101199001010010", "IP地址": "192.0.2.7", "MAC地址": "00-00-5E-00-53-01"}
    rows = [
        row(A, "进", OUTSIDE, "9.00", clock(0), 交易卡号=CARD_A, **more),
        row(A, "出", B, "5.00", clock(1), 交易卡号=CARD_A, **more),
        row(B, "进", A, "5.00", clock(1)),
    ]
    accounts = f"account_id,phone,holder_name\n{B},10000000001,乙\n"
    people = "id_number,name,phone\n990101199001010010,甲,10000000002\n"
    case = made(tmp_path, rows, accounts=accounts, parties=people)
    seeds = [f"account:{CARD_A}", "party:990101199001010010", "phone:10000000002", "device:192.0.2.7",
             "device:00-00-5E-00-53-01"]  # fmt: skip
    for seed in seeds:
        assert follow(case, seed).seeds["payee"].unique().to_list() == [A], seed
    assert follow(case, "phone:10000000001").seeds["payee"].unique().to_list() == [B]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unknown_seed_is_named_with_what_looks_most_alike(case: Path, language: str) -> None:
    with pytest.raises(SeedError, match=rf"{COLLECTOR[:-1]}9.*{COLLECTOR}"):
        pipeline.trace(case, [parse_seed(f"account:{COLLECTOR[:-1]}9")], language=language)  # type: ignore[arg-type]
    with pytest.raises(SeedError, match=r"示例009.*示例001"):
        pipeline.trace(case, [parse_seed("report:示例009")], language=language)  # type: ignore[arg-type]
    with pytest.raises(SeedError, match=r"R999|none of this kind"):
        pipeline.trace(case, [parse_seed("phone:10000000999")])


def test_seeds_are_claims_apart_or_together(case: Path) -> None:
    seeds = [f"account:{COLLECTOR}", f"account:{EARNER}"]
    each, apart = follow(case, *seeds), follow(case, *seeds, apart=True)
    together = follow(case, *seeds, together=True)
    assert each.claims["payments"].to_list() == [3, 1]
    assert apart.claims["payments"].to_list() == [1] * 4
    assert together.claims["payments"].to_list() == [4]
    assert each.claims["seeded"].sum() == apart.claims["seeded"].sum() == together.claims["seeded"].sum()


def test_a_payment_that_two_seeds_name_counts_once(case: Path) -> None:
    found = follow(case, "report:示例001", f"account:{COLLECTOR}")
    assert codes(found)["overlap"] == 1
    assert at(found, "fifo")[COLLECTOR, "overlap"] == 4_980_000
    once = follow(case, "report:示例001", f"account:{COLLECTOR}", together=True)
    assert once.claims["seeded"].to_list() == [8_480_000]
    assert "overlap" not in codes(once)


def test_reports_that_fit_no_payment_say_why(tmp_path: Path) -> None:
    rows = [row(A, "进", OUTSIDE, "5.00", clock(0)), row(A, "进", OUTSIDE, "5.00", clock(9)),
            row(A, "进", SHOP, "7.00", clock(1))]  # fmt: skip
    lines = [
        ("R1", OUTSIDE, A, clock(0), "5.00"), ("R2", OUTSIDE, A, clock(2), "5.00"),
        ("R3", OUTSIDE, A, clock(8), "5.00"), ("R4", OUTSIDE, A, clock(0), "5.01"),
        ("R5", SHOP, A, clock(0, day=4), "7.00"), ("R6", "9900000000000000777", "9900000000000000778", "", "1.00"),
        ("R7", SHOP, A, "", "7.00"),
    ]  # fmt: skip
    head = "report_id,victim_account,receiver_account,time,amount\n"
    case = made(tmp_path, rows, reports=head + "".join(",".join(line) + "\n" for line in lines))
    found = follow(case, *(f"report:R{number}" for number in range(1, 8)))
    assert found.seeds.select("seed", "amount").rows() == [("report:R1", 500), ("report:R3", 500), ("report:R7", 700)]
    assert found.left_out.select("seed", "why").rows() == [
        ("report:R2", "taken"), ("report:R4", "no_payment"), ("report:R5", "no_payment"), ("report:R6", "no_account"),
    ]  # fmt: skip
    with pytest.raises(TraceError, match="no account that the report names"):
        follow(case, "report:R6")


def test_a_report_without_a_time_does_not_choose_among_several(tmp_path: Path) -> None:
    rows = [row(A, "进", OUTSIDE, "5.00", clock(minute)) for minute in (0, 9)]
    head = "report_id,victim_account,receiver_account,time,amount\n"
    case = made(tmp_path, rows, reports=f"{head}R1,{OUTSIDE},{A},,5.00\n")
    with pytest.raises(TraceError, match="gives no time"):
        follow(case, "report:R1")


def test_a_failed_payment_is_no_seed(tmp_path: Path) -> None:
    rows = [row(A, "进", OUTSIDE, "5.00", clock(0)), row(A, "出", B, "3.00", clock(1), 交易是否成功="失败")]
    case = made(tmp_path, rows)
    ((failed,),) = query(case, "SELECT row_id FROM transactions WHERE status = 'failed'")
    with pytest.raises(TraceError, match="no money moved"):
        follow(case, f"row:{failed}")
    found = follow(case, f"row:{failed}", f"account:{A}")
    assert found.left_out["why"].to_list() == ["not_moved"]
    assert "no money moved" in as_text(found, "en")
    assert found.claims["seeded"].to_list() == [500]


# --- what is found ---------------------------------------------------------------------------------------------------


def test_doctrines_stand_side_by_side(tmp_path: Path) -> None:
    """The worked example of docs/explanation/doctrines.md, from files."""
    rows = [
        row(C, "进", "9900000000000000001", "10.00", clock(0)), row(C, "进", "9900000000000000019", "10.00", clock(1)),
        row(C, "出", SHOP, "10.00", clock(2)), row(C, "进", "9900000000000000027", "10.00", clock(3)),
        row(C, "出", SHOP, "10.00", clock(4)),
    ]  # fmt: skip
    case = made(tmp_path, rows)
    found = follow(case, f"account:{C}", apart=True)
    assert found.doctrines == ALLOCATING
    left = found.left.select("doctrine", "claim", "left").rows()
    assert {one for one in left if one[0] in {"fifo", "lifo", "pro_rata", "rolling"}} == {
        ("fifo", 3, 1000), ("lifo", 1, 1000), ("pro_rata", 1, 334), ("pro_rata", 2, 333), ("pro_rata", 3, 333),
        ("rolling", 1, 250), ("rolling", 2, 250), ("rolling", 3, 500),
    }  # fmt: skip
    assert found.left["balance"].unique().to_list() == [1000]
    assert found.left["known_by"].unique().to_list() == ["estimated"]
    assert codes(found) == {"one_side": 1, "openings": 1}
    assert found.firm() == {"CNY": found.compared["least"].sum()}


def test_where_a_missing_row_shows_it_is_listed(case: Path) -> None:
    found = follow(case, f"account:{COLLECTOR}")
    (broken,) = found.contradictions.filter(pl.col("account_id") == COLLECTOR).rows(named=True)
    assert broken["expected"] - broken["printed"] == MISSING
    assert codes(found)["balances"] == len(found.contradictions)
    assert at(found, "fifo")[COLLECTOR, "unrecorded"] > 0


def test_balances_say_how_they_are_known(tmp_path: Path) -> None:
    rows = [
        row(A, "进", OUTSIDE, "5.00", clock(0), 交易余额="8.00"),
        row(B, "进", OUTSIDE, "5.00", clock(1), 交易余额="6.00"), row(B, "出", SHOP, "1.00", clock(2)),
        row(C, "进", OUTSIDE, "5.00", clock(3)),
    ]  # fmt: skip
    case = made(tmp_path, rows)
    found = follow(case, f"account:{A}", f"account:{B}", f"account:{C}", doctrines=(Doctrine.LIFO,))
    assert found.left.select("account_id", "left", "balance", "known_by").rows() == [
        (A, 500, 800, "printed"), (B, 400, 500, "computed"), (C, 500, 500, "estimated"),
    ]  # fmt: skip
    assert found.left["share"].to_list() == [0.625, 0.8, 1.0]


def test_known_openings_are_used_and_what_contradicts_them_is_listed(tmp_path: Path) -> None:
    rows = [row(A, "进", OUTSIDE, "5.00", clock(0)), row(A, "出", SHOP, "5.00", clock(1), 交易余额="20.00"),
            row(B, "进", OUTSIDE, "5.00", clock(2))]  # fmt: skip
    case = made(tmp_path, rows)
    with Case(case) as opened:  # as statements that print their period and its opening balance give them
        for account in (A, B):
            opened.db.run("period", f"""
                INSERT INTO periods
                SELECT 's', '{account}', min(time), min(time) + INTERVAL 1 DAY, 1000, NULL, 'CNY' FROM transactions
                WHERE payee = '{account}'
            """)  # fmt: skip
        opened.db.run("more came", "DELETE FROM meta WHERE key = 'settled'")
    found = follow(case, f"account:{A}", f"account:{B}", doctrines=(Doctrine.FIFO, Doctrine.LIFO))
    assert codes(found)["known_openings"] == 2
    assert "openings" not in codes(found)
    assert found.contradictions.select("account_id", "expected", "printed").rows() == [(A, 1000, 2000)]
    assert found.left.filter(pl.col("account_id") == B).select("balance", "known_by").unique().rows() == [
        (1500, "computed")
    ]
    assert at(found, "fifo")[A, "held"] == 500


def test_two_currencies_are_two_claims(tmp_path: Path) -> None:
    rows = [row(A, "进", OUTSIDE, "5.00", clock(0)), row(A, "进", OUTSIDE, "7.00", clock(1), 交易币种="USD"),
            row(A, "出", SHOP, "2.00", clock(2), 交易币种="USD")]  # fmt: skip
    found = follow(made(tmp_path, rows), f"account:{A}")
    assert found.claims.select("currency", "seeded").rows() == [("CNY", 500), ("USD", 700)]
    assert codes(found)["currencies"] == 2
    assert set(found.compared.filter(pl.col("fifo") > 0).select("currency", "fifo").rows()) == {
        ("CNY", 500), ("USD", 200), ("USD", 500),
    }  # fmt: skip


def test_what_is_exchanged_adds_up_in_each_currency(tmp_path: Path) -> None:
    time = pl.Series(
        [datetime(2024, 3, 1, 10, minute, tzinfo=UTC) for minute in range(3)], dtype=pl.Datetime("us", "UTC")
    )
    frame = pl.DataFrame({
        "external_id": ["1", "2", "3"], "time": time, "zone": ["UTC"] * 3, "payer": [OUTSIDE, A, B],
        "payee": [A, B, SHOP], "amount": [700, 500, 60], "currency": ["CNY", "CNY", "USD"],
        "amount_received": [700, 70, 60], "currency_received": ["CNY", "USD", "USD"], "status": ["success"] * 3,
    })  # fmt: skip
    (tmp_path / "in").mkdir()
    frame.write_parquet(tmp_path / "in" / "transactions.parquet")
    take_in(tmp_path / "case", tmp_path / "in")
    found = follow(tmp_path / "case", f"account:{A}", doctrines=(Doctrine.FIFO,))
    assert found.sums.select("currency", "seeded", "changed").rows() == [("CNY", 70_000, -50_000), ("USD", 0, 7_000)]
    assert codes(found)["exchanged"] == 1
    back = follow(tmp_path / "case", f"account:{B}", direction="up", doctrines=(Doctrine.FIFO,))
    assert back.sums.filter(pl.col("currency") == "USD")["seeded"].to_list() == [6_000]


def test_limits_end_branches_and_say_so(case: Path) -> None:
    everything = follow(case, "report:示例001")
    near = follow(case, "report:示例001", hops=1)
    assert at(near, "fifo")[TRANSIT, "hops"] > 0
    assert near.steps["hop"].max() == 1 < everything.steps["hop"].max()  # type: ignore[operator]
    assert "stale" in follow(case, "report:示例001", age_us=60 * 10**6).reasons["reason"].to_list()
    cut = follow(case, "report:示例001", floor=Decimal(49_000))
    assert "floor" in cut.reasons["reason"].to_list()


def test_poison_is_looked_at_only_when_asked_for_and_is_in_no_sum(case: Path) -> None:
    assert follow(case, "report:示例001").touched.is_empty()
    found = follow(case, "report:示例001", doctrines=(Doctrine.POISON, Doctrine.FIFO))
    assert found.doctrines == (Doctrine.FIFO,)
    assert set(found.steps["row_id"]) <= set(found.touched["row_id"])
    alone = follow(case, "report:示例001", doctrines=(Doctrine.POISON,))
    assert alone.sums.is_empty()
    assert "no basis of a measure" in as_text(alone, "en")
    assert_frame_equal(alone.touched, found.touched)


@pytest.mark.parametrize("doctrine", [Doctrine.PRO_RATA, Doctrine.LOWEST_BALANCE, Doctrine.POISON])
def test_doctrines_that_say_nothing_upward_are_refused(case: Path, doctrine: Doctrine) -> None:
    with pytest.raises(TraceError, match=str(doctrine)):
        follow(case, f"account:{TRANSIT}", direction="up", doctrines=(doctrine,))


def test_circles_debts_and_equal_times_are_told(tmp_path: Path) -> None:
    rows = [
        row(A, "进", OUTSIDE, "5.00", clock(0)), row(A, "出", B, "5.00", clock(1)), row(B, "进", A, "5.00", clock(1)),
        row(B, "出", A, "5.00", clock(2)), row(A, "进", B, "5.00", clock(2)),
        row(A, "出", C, "2.00", clock(3)), row(A, "出", SHOP, "3.00", clock(3)),
        row(C, "进", A, "2.00", clock(3), 交易余额="-8.00"),
    ]  # fmt: skip
    found = follow(made(tmp_path, rows), f"row:{_first_row(tmp_path / 'case', OUTSIDE)}")
    told = codes(found)
    assert told["circles"] == 2
    assert told["debts"] == 1
    assert told["order"] > 0


def _first_row(case: Path, payer: str) -> str:
    ((found,),) = query(case, f"SELECT row_id FROM transactions WHERE payer = '{payer}'")
    return str(found)


# --- now: at a moment ------------------------------------------------------------------------------------------------

NOON = datetime(2024, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def test_at_a_moment_nothing_later_is_seen_and_what_is_in_flight_is_listed(tmp_path: Path) -> None:
    rows = [
        row(A, "进", OUTSIDE, "9.00", clock(0), 交易余额="9.00"),
        row(A, "出", B, "5.00", clock(119, 30), 交易余额="4.00"), row(B, "进", A, "5.00", clock(121), 交易余额="5.00"),
        row(A, "出", SHOP, "4.00", clock(150), 交易余额="0.00"),
    ]  # fmt: skip
    case = made(tmp_path, rows)
    found = follow(case, f"account:{A}", at=NOON)
    assert found.until == NOON
    assert found.steps.is_empty()
    assert found.left.select("left", "balance", "known_by").unique().rows() == [(900, 900, "printed")]
    assert found.in_flight.select("payee", "amount", "why").rows() == [(B, 500, "not_over")]
    assert "begun, not surely over" in as_text(found, "en")
    assert "当时在途" in as_text(found, "zh")
    later = follow(case, f"account:{A}", at=datetime(2024, 3, 1, 4, 5, tzinfo=UTC))
    assert {one[0] for one in at(later, "fifo")} == {A, B}
    assert later.in_flight.is_empty()
    with pytest.raises(TraceError, match="later than the moment"):
        follow(case, f"row:{_last_row(case)}", at=NOON)


def test_a_report_made_later_does_not_make_a_victim_yet(tmp_path: Path) -> None:
    rows = [row(A, "进", OUTSIDE, "9.00", clock(0)), row(A, "出", B, "5.00", clock(1))]
    head = "report_id,victim_account,receiver_account,time,amount,reported_at\n"
    case = made(tmp_path, rows, reports=f"{head}R1,{A},{B},{clock(1)},5.00,{clock(0, day=5)}\n")
    assert follow(case, f"account:{A}").seeds["how"].to_list() == ["reported"]
    assert follow(case, f"account:{A}", at=NOON).seeds["how"].to_list() == ["received"]
    assert follow(case, "report:R1", at=NOON).seeds["amount"].to_list() == [500]


def _last_row(case: Path) -> str:
    ((found,),) = query(case, f"SELECT row_id FROM transactions WHERE payee = '{SHOP}'")
    return str(found)


_NUMBERS = [A, B, C]
_PAYMENTS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 9), st.integers(0, 300), st.booleans()), max_size=14
)


@settings(max_examples=8)  # each imports two cases
@given(before=_PAYMENTS, after=_PAYMENTS, direction=st.sampled_from(["down", "up"]))
def test_rows_after_the_moment_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[int, int, int, int, bool]],
    after: list[tuple[int, int, int, int, bool]],
    direction: Direction,
) -> None:
    """Each account has a row before and after, so that what was produced is the same; the amounts must be, too."""
    moment = datetime(2024, 3, 2, 0, 0, tzinfo=UTC)
    bounds = [row(one, "进", OUTSIDE, "20.00", clock(0)) for one in _NUMBERS]
    bounds += [row(one, "进", OUTSIDE, "1.00", clock(0, day=9)) for one in _NUMBERS]
    folder = tmp_path_factory.mktemp("at")
    short = made(folder / "short", bounds + _rows(before, 1))
    long = made(folder / "long", bounds + _rows(before, 1) + _rows(after, 3))
    start = [f"account:{A}", f"account:{B}"]
    one, other = (follow(case, *start, at=moment, direction=direction) for case in (short, long))
    for name in ("claims", "seeds", "sums", "compared", "left", "steps", "ends", "contradictions", "in_flight"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


def _rows(payments: list[tuple[int, int, int, int, bool]], day: int) -> list[Row]:
    numbers = [*_NUMBERS, SHOP]
    rows = []
    for place, (payer, payee, amount, minute, both) in enumerate(payments):
        serial = {"交易流水号": f"{day}-{place}"}
        time = clock(minute + 1, day=day)
        own, other = numbers[payer], numbers[payee]
        if payer == payee or own == SHOP:
            continue
        rows.append(row(own, "出", other, f"{amount}.00", time, **serial))
        if both and other != SHOP:
            rows.append(row(other, "进", own, f"{amount}.00", time, **serial))
    return rows


def test_page_network_and_notes_are_the_same_batch_by_batch(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, found = datetime(2024, 5, 1, tzinfo=UTC), []
    for size in (BATCH, 1):
        for reader in (page, graph, notes):
            monkeypatch.setattr(reader, "BATCH", size)
        one = follow(case, "report:示例001", "report:示例002", "report:示例003")
        with Case(case) as opened:
            found.append((page.traced_page(opened, one, made=made), graph.network(one), one.notes))
    (whole, edges, told), (in_parts, other_edges, told_in_parts) = found
    assert whole == in_parts
    assert sum(len(way.steps) for way in whole.ways) > len(whole.ways) > 1
    assert_frame_equal(edges.nodes, other_edges.nodes)
    assert_frame_equal(edges.edges, other_edges.edges)
    assert told == told_in_parts
