import re
import string
from pathlib import Path

import pytest

import duanka
from duanka.messages.catalogue import MessageError, default_language, known, languages, messages, say
from duanka.records.vocabulary import RejectCode

SOURCES = Path(duanka.__file__).parent


def _fields(words: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(words) if name is not None)


@pytest.mark.parametrize("key", sorted(messages()))
def test_every_message_has_words_and_the_same_fields_in_every_language(key: str) -> None:
    words = messages()[key]
    assert set(words) == set(languages)
    assert all(text.strip() for text in words.values())
    assert _fields(words["en"]) == _fields(words["zh"])
    assert all(re.fullmatch(r"[a-z_0-9]+", field) for field in _fields(words["en"]))


@pytest.mark.parametrize("code", list(RejectCode))
def test_every_reject_code_has_words(code: RejectCode) -> None:
    assert known(f"reject.{code.value}")


def test_say_fills_in() -> None:
    assert say("unit.row", "en", row="7", unused=1) == "line 7"
    assert say("unit.row", "zh", row="7") == "第 7 行"


def test_what_is_missing_is_a_key_error_that_names_it() -> None:
    with pytest.raises(KeyError) as unknown:
        say("no.such", "en")
    assert isinstance(unknown.value, MessageError)
    assert unknown.value.key == "no.such"
    with pytest.raises(MessageError, match="row"):
        say("unit.row", "en")


@pytest.mark.parametrize(
    ("environment", "system", "language"),
    [
        ({}, None, "en"),
        ({}, "Chinese (Simplified)_China", "zh"),
        ({}, "English_United States", "en"),
        ({"LANG": "zh_CN.UTF-8"}, "en_GB", "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "zh_CN", "en"),
        ({"LC_ALL": "", "LANG": "ZH_HK"}, None, "zh"),
        ({"LANG": "C.UTF-8"}, "zh_CN", "en"),
    ],
)
def test_default_language(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], system: str | None, language: str
) -> None:
    monkeypatch.setattr("locale.getlocale", lambda: (system, "UTF-8"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


def test_keys_named_in_code_and_templates_exist() -> None:
    named = set()
    for path in [*SOURCES.rglob("*.py"), *SOURCES.rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"""\b(?:say|words|t)\(\s*["']([a-z_]+\.[a-z_0-9]+)["']\s*[,)]""", text))
    assert named
    assert sorted(named - set(messages())) == []
