"""Cards, accounts and wallets of one account, and what must not tie accounts together."""

from pathlib import Path

from cases import CARD_A, CARD_B, A, B, C, clock, police, query, row, take_in
from duanka.store.aliases import MAX_CARDS

IN = "进"


def alias_of(case: Path) -> dict[object, object]:
    return dict(query(case, "SELECT alias, account_id FROM aliases"))  # type: ignore[arg-type]  # pairs


def test_cards_of_one_account_are_its_aliases(tmp_path: Path) -> None:
    rows = [
        row(A, IN, C, "1.00", clock(0), 交易卡号=CARD_A),
        row(A, IN, C, "2.00", clock(1), 交易卡号=CARD_B),
        row("", IN, C, "3.00", clock(2), 交易卡号=CARD_B),
    ]
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows))
    assert alias_of(tmp_path / "case") == {A: A, CARD_A: A, CARD_B: A, C: C}
    assert query(tmp_path / "case", "SELECT DISTINCT payee FROM transactions") == [(A,)]


def test_two_accounts_of_one_card_are_one_and_the_smaller_names_it(tmp_path: Path) -> None:
    rows = [row(B, IN, C, "1.00", clock(0), 交易卡号=CARD_A), row(A, IN, C, "2.00", clock(1), 交易卡号=CARD_A)]
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows))
    assert {alias_of(tmp_path / "case")[number] for number in (A, B, CARD_A)} == {A}


def test_a_placeholder_ties_nothing(tmp_path: Path) -> None:
    accounts = [f"99000000000{number:04d}" for number in range(MAX_CARDS + 1)]
    rows = [row(own, IN, C, "1.00", clock(0), 交易卡号="6222222222222") for own in accounts]
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows))
    found = alias_of(tmp_path / "case")
    assert {found[own] for own in accounts} == set(accounts)


def test_numbers_of_holders_with_different_identities_are_not_tied(tmp_path: Path) -> None:
    rows = [
        row(A, IN, C, "1.00", clock(0), 交易卡号=CARD_A, 开户人证件号码="990101199001010010"),
        row(B, IN, C, "2.00", clock(1), 交易卡号=CARD_A, 开户人证件号码="990101199001010029"),
        row(A, IN, C, "3.00", clock(2), 交易卡号=CARD_B, 开户人证件号码="990101199001010010"),
    ]
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows))
    found = alias_of(tmp_path / "case")
    assert found[A] != found[B]
    assert found[CARD_B] == A


def test_an_account_list_ties_numbers_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "accounts.csv").write_text(f"account_id,alias,holder_name\n{A},{CARD_A},甲\n", encoding="utf-8")
    police(tmp_path / "in" / "a.csv", [row("", IN, C, "3.00", clock(2), 交易卡号=CARD_A)])
    take_in(tmp_path / "case", tmp_path / "in")
    assert query(tmp_path / "case", "SELECT payee FROM transactions") == [(A,)]


def test_a_prefixed_account_has_its_bare_number_as_alias_where_that_says_who(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "time,payer,payee,amount\n2024-01-01,alipay:77,x:5,1\n2024-01-01,y:5,z:6,2\n", encoding="utf-8"
    )
    take_in(tmp_path / "case", tmp_path / "a.csv")
    found = alias_of(tmp_path / "case")
    assert found["77"] == "alipay:77"
    assert found["6"] == "z:6"
    assert "5" not in found


def test_a_listed_wallet_is_meant_by_its_bare_number_unless_that_is_an_account(tmp_path: Path) -> None:
    wallet, taken = "9990620000000017", "9990620000000025"
    listed = tmp_path / "TenpayRegInfo.csv"
    lines = ["账号,注册姓名,注册时间,注册身份证号", f"{wallet},测试丁,2020-01-01,", f"{taken},测试戊,2020-01-01,"]
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = [row(A, IN, wallet, "1.00", clock(0)), row(taken, IN, A, "2.00", clock(1))]
    take_in(tmp_path / "case", police(tmp_path / "a.csv", rows), listed)
    assert query(tmp_path / "case", "SELECT payer, payee FROM transactions ORDER BY time") == [
        (f"tenpay:{wallet}", A), (A, taken)]  # fmt: skip
    assert ("wallet",) in query(tmp_path / "case", f"SELECT kind FROM aliases WHERE alias = '{wallet}'")
