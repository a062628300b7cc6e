"""Files that are no typology are refused in both languages, with the place and the reason."""

from pathlib import Path

import pytest

from duanka.messages.catalogue import Language, languages
from duanka.typologies.errors import TypologyError
from duanka.typologies.reading import MAX_BYTES, load, shown
from typologies.made import written

REFUSED: list[tuple[str, dict[str, str], str, str]] = [
    ("taken", {"code": "TX01"}, "", "TX01"),
    ("code", {"code": "mule"}, "", "mule"),
    ("code", {"code": "TX99"}, "", "TX99"),
    ("shape", {"code": ""}, "", "`code`"),
    ("shape", {"sql": "drop"}, "", "`sql`"),
    ("shape", {"mode": "loud"}, "", "loud"),
    ("shape", {"when": "[1]"}, "", "$.when"),
    ("blank", {"zh": "' '"}, ": zh", ""),
    ("signal", {"when": "TX10 >= 3 and TX77 > 1"}, ":4: when 1:15", "TX77"),
    ("empty", {"when": "''"}, ":4: when", "TX01 >= 3"),
    ("always", {"when": "TX01 is null or TX06.value > 10"}, ": when", ""),
    ("field", {"reason": "{zh: 'x', en: '{DV01}'}"}, ": reason.en", "DV01"),
    ("field", {"reason": "{zh: '{TX01.__class__}', en: 'x'}"}, ": reason.zh", "TX01.__class__"),
    ("field", {"reason": "{zh: 'x', en: '{TX01:>99999999}'}"}, ": reason.en", "TX01"),
    ("field", {"reason": "{zh: 'x', en: '{TX01!r}'}"}, ": reason.en", "TX01"),
    ("field", {"reason": "{zh: 'x', en: '{}'}"}, ": reason.en", ""),
    ("braces", {"reason": "{zh: 'x', en: 'a { b'}"}, ": reason.en", ""),
    ("failed", {"when": "TX01 > 3 and TX06.value > 10"}, ": tests 1", "TX01 = 3"),
    ("failed", {"when": "TX01 >= 3 or TX06.value > 10"}, ": tests 2", "true"),
    ("given", {"when": "TX01 >= 3", "reason": "{zh: x, en: x}"}, ": tests 1", "TX06.value"),
    ("yaml", {"note": "[unclosed"}, "", "YAML"),
    ("yaml", {"note": "&x a", "source": "*x"}, "", ""),
]


@pytest.mark.parametrize(("key", "changes", "place", "named"), REFUSED, ids=lambda one: str(one)[:40])
@pytest.mark.parametrize("language", languages)
def test_what_is_no_typology_is_refused(
    tmp_path: Path, language: Language, key: str, changes: dict[str, str], place: str, named: str
) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(TypologyError) as refused:
        load([path], language)
    assert refused.value.key == key
    assert str(refused.value).startswith(f"{path}{place}" if key != "yaml" else "")
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("tests", ["[]", "[{given: {TX01: 1}, expect: false}]"])
def test_tests_of_both_answers_are_needed(tmp_path: Path, tests: str) -> None:
    path = written(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text[: text.index('tests:')]}tests: {tests}\n", encoding="utf-8")
    with pytest.raises(TypologyError) as refused:
        load([path])
    assert refused.value.key == "tests"


def test_a_failed_test_is_told_in_the_language(tmp_path: Path) -> None:
    path = written(tmp_path, when="TX01 > 3 and TX06.value > 10")
    said = {}
    for language in languages:
        with pytest.raises(TypologyError) as refused:
            load([path], language)
        said[language] = str(refused.value)
    given = "TX01 = 3, TX06.value = 11"
    assert said["en"].endswith(f"failed: true was expected, the condition gives false (given {given})")
    assert said["zh"].endswith(f"未通过：应为 true，条件得出 false（给定 {given}）")


def test_a_folder_gives_its_yaml_files_by_name(tmp_path: Path) -> None:
    written(tmp_path, "b.yml", code="U-1")
    written(tmp_path, "a.yaml", code="U-2", mode="counts")
    (tmp_path / "readme.md").write_text("not one", encoding="utf-8")
    found = load([tmp_path])
    assert [(one.code, one.file.mode) for one in found] == [("U-2", "counts"), ("U-1", "shadow")]
    assert found[0].version != found[1].version
    with pytest.raises(TypologyError) as refused:
        load([tmp_path, tmp_path / "a.yaml"])
    assert refused.value.key == "twice"


def test_what_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(TypologyError) as refused:
        load([tmp_path])
    assert refused.value.key == "no_files"
    with pytest.raises(OSError, match="nowhere"):
        load([tmp_path / "nowhere.yaml"])
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (MAX_BYTES + 1))
    (tmp_path / "gbk.yaml").write_bytes("zh: 测试".encode("gb18030"))
    for name, key in (("big.yaml", "big"), ("gbk.yaml", "not_utf8")):
        with pytest.raises(TypologyError) as refused:
            load([tmp_path / name])
        assert refused.value.key == key


@pytest.mark.parametrize(
    ("number", "words"), [(None, "–"), (3.0, "3"), (1234.5, "1,234.5"), (0.004, "0"), (100.0, "100"), (-0.001, "0")]
)
def test_numbers_in_reasons(number: float | None, words: str) -> None:
    assert shown(number) == words
