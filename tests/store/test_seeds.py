"""Where to start from, as a user names it."""

from pathlib import Path

import pytest

from cases import CARD_A, A, B, clock, police, query, row, take_in
from duanka.store.case import Case
from duanka.store.seeds import KINDS, Seed, SeedError, Starts, parse_seed, read_seeds, resolve_seeds


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds")
    more = {"交易卡号": CARD_A, "开户人证件号码": "990101199001010010", "终端号": "T9", "MAC地址": "00-00-5E-00-53-01"}
    rows = [row(A, "出", B, "5.00", clock(0), **more), row(B, "进", A, "5.00", clock(0))]
    police(folder / "in" / "a.csv", rows)
    (folder / "in" / "reports.csv").write_text(
        f"report_id,victim_account,receiver_account,amount\nR1,9900000000000000991,{CARD_A},5\n", encoding="utf-8"
    )
    (folder / "in" / "accounts.csv").write_text(f"account_id,phone,holder_name\n{B},10000000001,乙\n", encoding="utf-8")
    take_in(folder / "case", folder / "in")
    return folder / "case"


def resolve(case: Path, *texts: str) -> Starts:
    with Case(case) as opened:
        return resolve_seeds(opened, [parse_seed(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "account"),
    [
        (f"account:{A}", A),
        (f"account:{CARD_A}", A),
        ("party:990101199001010010", A),
        ("party:id:990101199001010010", A),
        ("phone:10000000001", B),
        ("device:T9", A),
        ("device:00-00-5E-00-53-01", A),
        ("report:R1", A),
    ],
)
def test_each_kind_finds_its_accounts(case: Path, text: str, account: str) -> None:
    assert resolve(case, text) == Starts((account,), ())


def test_rows_are_found_by_payment_or_by_either_input_row(case: Path) -> None:
    keys = query(case, "SELECT DISTINCT row_id FROM row_sources UNION SELECT entry_key FROM row_sources")
    (payment,) = query(case, "SELECT row_id FROM transactions")
    assert len(keys) == 2
    for (key,) in keys:
        assert resolve(case, f"row:{key}") == Starts((), (str(payment[0]),))


def test_several_seeds_are_one_set(case: Path) -> None:
    assert resolve(case, f"account:{B}", f"account:{CARD_A}", f"account:{A}", "device:T9") == Starts((A, B), ())
    assert resolve(case) == Starts()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ["nobody", "'; DROP TABLE accounts; --", "$1", "?", "甲"])
def test_what_the_case_does_not_have_is_named(case: Path, kind: str, value: str) -> None:
    with pytest.raises(SeedError, match="has no"):
        resolve(case, f"{kind}:{value}")


@pytest.mark.parametrize("text", ["", "account", "account:", ":1", "card:1", "account: "])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(SeedError):
        parse_seed(text)


def test_a_seeds_file(tmp_path: Path) -> None:
    path = tmp_path / "种子.csv"
    path.write_text(f"kind,value\naccount, {A} \nparty,id:9901\n", encoding="utf-8-sig")
    assert read_seeds(path) == [Seed("account", A), Seed("party", "id:9901")]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "value\n1\n", "kind,value\ncard,1\n", "kind,value\naccount\n"])
def test_a_bad_seeds_file_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SeedError, match=r"s\.csv"):
        read_seeds(path)


def test_a_seeds_file_in_gb18030_is_read(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_bytes("kind,value\nparty,测试甲\n".encode("gb18030"))
    assert read_seeds(path) == [Seed("party", "测试甲")]
