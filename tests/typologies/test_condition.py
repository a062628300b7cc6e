"""What a condition means, that bulk and one by one agree on it, and what is refused with its place."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given

from duanka.messages.catalogue import languages
from duanka.store.database import Database
from duanka.typologies.condition import Row, compiled
from duanka.typologies.errors import TypologyError
from duanka.typologies.reading import Typology, load
from duanka.typologies.running import bulk, hits
from duanka.typologies.tokens import MAX_CHARACTERS, MAX_DEPTH
from typologies.made import NAMES, accounts, conditions, published, written


@pytest.fixture(scope="module")
def typology(tmp_path_factory: pytest.TempPathFactory) -> Typology:
    (one,) = load([written(tmp_path_factory.mktemp("file"))])
    return one


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database(tmp_path_factory.mktemp("db") / "x.duckdb")


@given(text=conditions, rows=accounts)
def test_bulk_equals_one_by_one(db: Database, text: str, rows: list[Row]) -> None:
    condition = compiled(text)
    columns = {name: pl.Series([row[name] for row in rows], dtype=pl.Float64) for name in NAMES}
    with db.lend("wide", pl.DataFrame(columns).with_row_index("place").to_arrow()):
        found = db.rows(f"SELECT {condition.sql} FROM wide ORDER BY place")
        where = db.rows(f"SELECT place FROM wide WHERE {condition.sql} ORDER BY place")
    answers = [condition.of(row) for row in rows]
    assert [answer for (answer,) in found] == answers
    assert [place for (place,) in where] == [place for place, answer in enumerate(answers) if answer is True]


@given(text=conditions, rows=accounts)
def test_hits_are_who_it_holds_of(db: Database, typology: Typology, text: str, rows: list[Row]) -> None:
    condition = compiled(text)
    if condition.of({}) is True or not condition.names:
        return
    one = replace(typology, when=condition)
    found = hits(db, (one,), published(rows))
    expected = [number for number, row in enumerate(rows) if one.holds(row)]
    assert found["account_id"].to_list() == [f"a{number}" for number in expected]
    for numbers, words, number in zip(found["values"], found["text_en"], expected, strict=True):
        row = {part["name"]: part["value"] for part in numbers}
        assert row == {name: rows[number].get(name) for name in one.names}
        assert words == one.says(row, "en")


@pytest.mark.parametrize(
    ("text", "row", "answer"),
    [
        ("TX01 >= 3", {"TX01": 3.0}, True),
        ("tx01.STRENGTH >= 3", {"TX01": 3.0}, True),
        ("TX01 >= 3", {}, None),
        ("not TX01 >= 3", {}, None),
        ("TX01 >= 3 or TX06 >= 3", {"TX06": 4.0}, True),
        ("TX01 >= 3 and TX06 >= 3", {"TX06": 1.0}, False),
        ("TX01 / TX06 > 0", {"TX01": 1.0, "TX06": 0.0}, None),
        ("TX01 / TX06 is null", {"TX01": 1.0, "TX06": 0.0}, True),
        ("TX01 * TX01 is null", {"TX01": 1e300}, True),
        ("least(TX01, TX06) = 2", {"TX06": 2.0}, True),
        ("greatest(TX01, TX06) is null", {}, True),
        ("coalesce(TX01, 0) = 0", {}, True),
        ("TX01 in (1, TX06)", {"TX01": 2.0}, None),
        ("TX01 not in (1, TX06)", {"TX01": 1.0}, False),
        ("TX01 between 1 and TX06", {"TX01": 0.0}, False),
        ("1 + 2 * 3 = TX01", {"TX01": 7.0}, True),
        ("- TX01 = -0.5 -- a comment\n", {"TX01": 0.5}, True),
    ],
)
def test_what_it_means(text: str, row: Row, answer: bool | None) -> None:  # noqa: FBT001 - a table of cases
    assert compiled(text).of(row) is answer


HOSTILE = [
    ("TX01 > (select 1)", "1:9", "word"),
    ("TX01 > 1; drop table signals", "1:9", "word"),
    ("read_csv('x') > 1", "1:1", "function"),
    ("TX01 >=\n  pi()", "2:3", "function"),
    ("sqrt(TX01) > 1", "1:1", "function"),
    ("TX01 > 1 and TX99 > 1", "1:14", "signal"),
    ("account_id = 3", "1:1", "signal"),
    ('"TX01" > 1', "1:1", "word"),
    ("TX01 = 'a'", "1:8", "word"),
    ("TX01::int > 1", "1:5", "word"),
    ("TX01 > $1", "1:8", "word"),
    ("TX01 > ?", "1:8", "word"),
    ("{{ TX01 }}", "1:1", "word"),
    ("exists (select 1)", "1:1", "word"),
    ("case when TX01 > 1 then 1 end", "1:1", "word"),
    ("TX01 is true", "1:9", "word"),
    ("TX01 % 2 = 1", "1:6", "word"),
    ("TX01 || 2", "1:6", "word"),
    ("TX01.rows > 1", "1:6", "part"),
    ("TX01.* > 1", "1:6", "part"),
    ("TX01.value.value > 1", "1:1", "no_number"),
    ("TX01", "1:1", "no_condition"),
    ("1 < TX01 < 3", "1:1", "no_number"),
    ("TX01 and TX06 > 3", "1:1", "no_condition"),
    ("(TX01 > 1) + 1 > 2", "1:2", "no_number"),
    ("TX01 > null", "", "no_number"),
    ("TX01 > (1, 2)", "1:9", "no_number"),
    ("TX01 in ()", "1:1", "no_condition"),
    ("TX01 in TX06", "1:1", "no_condition"),
    ("* > 1", "1:1", "no_number"),
    ("TX01 >", "1:6", "grammar"),
    ("TX01 > 1 TX06", "1:10", "grammar"),
    ("abs(TX01, 2) > 1", "1:12", "grammar"),
    ("TX01 > 1e400", "1:8", "large"),
    ("TX01 > 1e16", "1:8", "large"),
    ("TX01 > 'open", "", "unreadable"),
    ("", "", "empty"),
    ("-- nothing", "", "empty"),
    ("(" * 5_000, "", "long"),
    ("(" * (MAX_DEPTH + 1) + "TX01 > 1" + ")" * (MAX_DEPTH + 1), f"1:{MAX_DEPTH + 1}", "deep"),
    ("not " * 500 + "TX01 > 1", f"1:{4 * MAX_DEPTH + 1}", "deep"),
    ("- " * 500 + "TX01 > 1", f"1:{2 * MAX_DEPTH + 1}", "deep"),
    ("TX01" + " + 1" * 500 + " > 1", "1:1", "deep"),
    ("TX01" + " < 1" * 500, "1:1", "no_number"),
]


@pytest.mark.parametrize(("text", "place", "key"), HOSTILE, ids=lambda one: str(one)[:30])
def test_what_is_not_in_the_language_is_refused_with_its_place(text: str, place: str, key: str) -> None:
    with pytest.raises(TypologyError) as refused:
        compiled(text)
    assert (refused.value.key, refused.value.place) == (key, place)
    for language in languages:
        refused.value.language = language
        assert "\n" not in str(refused.value)
        assert str(refused.value).startswith(place)


def test_many_terms_are_no_depth() -> None:
    text = " or ".join(["TX01 > 3"] * 300)
    assert len(text) < MAX_CHARACTERS
    assert compiled(text).of({"TX01": 4.0}) is True


def test_no_word_of_the_user_gets_into_the_sql() -> None:
    assert compiled("tx01 >= 3 -- ; drop").sql == "(\"TX01\" >= CAST('3.0' AS DOUBLE))"


def test_rows_of_a_hit_are_those_of_its_signals_strongest_first(db: Database, typology: Typology) -> None:
    found = hits(db, (typology,), published([{"TX01": 3.0, "TX06": 5.0, "TX06.value": 1234.5}, {"TX01": 9.0}]))
    assert found.height == 1
    assert found["strength"].to_list() == [5.0]
    assert found["rows"].to_list() == [["r0-TX06", "shared", "r0-TX01"]]
    assert found["text_en"].to_list() == ["strength 3, value 1,234.5"]
    assert found["text_zh"].to_list() == ["强度 3"]
    assert "published" in bulk(typology, "published")
