"""What the fields of a format mean: directions, signs, two columns, balances as the last word, unknown columns."""

import json
from pathlib import Path

import pytest

from duanka.sources.spec import IN_WORDS, OUT_WORDS, Direction, TableFormat
from sources.reading import ReadAll, read_all
from sources.statements import Line, lines

OWN = "990000000000001"
OTHER = "9900000000000000025"


def read(tmp_path: Path, text: str, **spec: object) -> ReadAll:
    columns = {
        "own": "own",
        "time": "time",
        "amount": "amount",
        "direction": "way",
        "balance": "balance",
        "other": "other",
    }
    plain: dict[str, object] = {"required": ("time",), "columns": columns, "priority": 99}
    made = TableFormat(name="t", title_en="t", title_zh="t", **(plain | spec))  # type: ignore[arg-type]  # one by one
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    return read_all(path, mappings=(made,))


def ways(result: ReadAll) -> list[str]:
    return [line.way for line in lines(result.entries)]


@pytest.mark.parametrize("word", [*IN_WORDS, " 进 ", "credit", "Crdt"])
def test_words_for_in(tmp_path: Path, word: str) -> None:
    assert ways(read(tmp_path, f"own,time,amount,way\n{OWN},2024-01-01,5,{word}\n")) == ["in"]


@pytest.mark.parametrize("word", [*OUT_WORDS, "借 ", "debit"])
def test_words_for_out(tmp_path: Path, word: str) -> None:
    assert ways(read(tmp_path, f"own,time,amount,way\n{OWN},2024-01-01,5,{word}\n")) == ["out"]


def test_no_word_is_in_both_lists() -> None:
    assert not set(IN_WORDS) & set(OUT_WORDS)


@pytest.mark.parametrize(
    ("sign", "amount", "way"),
    [
        ("positive_in", "5", "in"),
        ("positive_in", "-5", "out"),
        ("positive_out", "5", "out"),
        ("positive_out", "-5", "in"),
    ],
)
def test_the_sign_may_decide(tmp_path: Path, sign: str, amount: str, way: str) -> None:
    rule = Direction(sign=sign)  # type: ignore[arg-type]  # one of its words
    result = read(tmp_path, f"own,time,amount\n{OWN},2024-01-01,{amount}\n", direction=rule)
    assert [(line.way, line.amount) for line in lines(result.entries)] == [(way, 500)]


@pytest.mark.parametrize(
    ("into", "out", "expected"),
    [
        ("5", "", ("in", 500)), ("", "5", ("out", 500)), ("5", "0.00", ("in", 500)), ("0.00", "5", ("out", 500)),
        ("7", "2", ("in", 500)), ("0", "", ("in", 0)), ("", "0", ("out", 0)),
    ],
)  # fmt: skip
def test_two_columns(tmp_path: Path, into: str, out: str, expected: tuple[str, int]) -> None:
    columns = {"own": "own", "time": "time", "amount_in": "收入", "amount_out": "支出"}
    result = read(tmp_path, f"own,time,收入,支出\n{OWN},2024-01-01,{into},{out}\n", columns=columns)
    assert [(line.way, line.amount) for line in lines(result.entries)] == [expected]


@pytest.mark.parametrize(
    ("into", "out", "code"),
    [("", "", "amount_missing"), ("x", "", "amount_unreadable"), ("5", "x", "amount_unreadable")],
)
def test_two_columns_that_say_nothing(tmp_path: Path, into: str, out: str, code: str) -> None:
    columns = {"own": "own", "time": "time", "amount_in": "收入", "amount_out": "支出"}
    result = read(tmp_path, f"own,time,收入,支出\n{OWN},2024-01-01,{into},{out}\n", columns=columns)
    assert result.rejects["code"].to_list() == [code]


def rows_of(*rows: tuple[str, str, str, str]) -> str:
    return "own,time,amount,way,balance\n" + "".join(
        f"{OWN},2024-01-01 10:0{t}:00,{a},{w},{b}\n" for t, a, w, b in rows
    )


def test_an_unknown_word_is_settled_by_the_balances(tmp_path: Path) -> None:
    text = rows_of(("0", "10", "进", "100"), ("1", "5", "O", "105"), ("2", "7", "O", "98"), ("3", "1", "", "97"))
    result = read(tmp_path, text)
    assert ways(result) == ["in", "in", "out", "out"]
    assert result.rejects.is_empty()


@pytest.mark.parametrize(
    "rows",
    [
        (("0", "10", "进", "100"), ("1", "5", "O", "")),  # no balance
        (("0", "10", "进", "100"), ("1", "5", "O", "112")),  # a balance that fits neither
        (("0", "10", "进", "100"), ("1", "0", "O", "100")),  # nothing moved
        (("1", "10", "进", "100"), ("1", "5", "O", "105")),  # the same moment: which was first?
        (("1", "5", "O", "105"),),  # no row before
    ],
)
def test_an_unknown_word_that_balances_leave_open_is_rejected(
    tmp_path: Path, rows: tuple[tuple[str, str, str, str], ...]
) -> None:
    result = read(tmp_path, rows_of(*rows))
    assert result.rejects["code"].to_list() == ["direction_unknown"]
    assert "O" in result.rejects["detail"][0]
    assert result.rows == len(rows)


def test_a_minus_beside_out_undoes_or_repeats_as_the_balances_say(tmp_path: Path) -> None:
    undone = read(tmp_path, rows_of(("0", "5", "出", "95"), ("1", "-5", "出", "100")))
    assert [(line.way, line.amount) for line in lines(undone.entries)] == [("out", 500), ("in", 500)]
    repeated = read(tmp_path, rows_of(("0", "5", "进", "95"), ("1", "-5", "出", "90")))
    assert [(line.way, line.amount) for line in lines(repeated.entries)] == [("in", 500), ("out", 500)]


def test_columns_that_the_format_does_not_know_are_kept(tmp_path: Path) -> None:
    text = 'own,time,amount,way,批次,空\n1,2024-01-01,5,进,"第""一""批",\n1,2024-01-02,5,进,,\n'
    extras = [json.loads(extra) for extra in read(tmp_path, text).entries["extra"]]
    assert extras[0] == {"批次": '第"一"批'}
    assert not any(extras[1].values())


def test_each_side_gets_its_own_words(tmp_path: Path) -> None:
    columns = {
        "own": "own", "time": "time", "amount": "amount", "direction": "way", "other": "other", "other_name": "name",
        "own_name": "me", "balance": "balance", "balance_other": "theirs",
    }  # fmt: skip
    text = "own,time,amount,way,other,name,me,balance,theirs\n" + "".join(
        f"{OWN},2024-01-01,5,{way},{OTHER},乙,甲,10,20\n" for way in ("进", "出")
    )
    result = read(tmp_path, text, columns=columns)
    assert lines(result.entries) == [Line(2, "in", 500, 1000, OTHER, "乙"), Line(3, "out", 500, 1000, OTHER, "乙")]
    names = ("payer", "payee", "payer_name", "payee_name", "balance_payer", "balance_payee")
    assert result.entries.select(names).rows() == [
        (OTHER, OWN, "乙", "甲", 2000, 1000),
        (OWN, OTHER, "甲", "乙", 1000, 2000),
    ]


@pytest.mark.parametrize(
    ("spec", "cell", "amount"),
    [
        ({"unit": "minor"}, "123", 123),
        ({}, "123", 12300),
        ({"currency": "BHD"}, "1.234", 1234),
        ({"currency": "BTC"}, "1", 10**8),
    ],
)
def test_units_and_decimals(tmp_path: Path, spec: dict[str, object], cell: str, amount: int) -> None:
    assert read(tmp_path, f"own,time,amount,way\n{OWN},2024-01-01,{cell},进\n", **spec).entries["amount"].to_list() == [
        amount
    ]


def test_an_account_that_no_column_names_is_the_statements_own(tmp_path: Path) -> None:
    result = read(tmp_path, "time,amount,way\n2024-01-01,5,进\n")
    assert result.entries["payee"].to_list() == ["unknown:x"]


def test_lone_surrogates_and_nulls_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"time,payer,payee,amount,memo\n2024-01-01,A,B,5,\xed\xa0\x80\n" + b"2024-01-01,A,B,6,x\x00y\n")
    result = read_all(path)
    assert result.rows == 2
    assert result.entries["amount"].to_list() == [500, 600]
