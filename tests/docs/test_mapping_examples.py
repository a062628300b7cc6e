"""Every example of the how-to pages about formats is run on the table that stands above or below it."""

import re
import types
from pathlib import Path
from typing import NamedTuple

import pytest

from duanka.sources.mapping import parse_mappings
from duanka.sources.opened import Opened
from duanka.sources.registry import Recognised, _open_tables
from sources.reading import read_all

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["how-to/map-a-file.md", "zh/how-to/map-a-file.md"]
_BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A mapping of a page and the table that it reads."""

    page: str
    mapping: str
    table: str


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of each fenced block."""
    return _BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def examples() -> list[Example]:
    found = []
    for page in PAGES:
        here = blocks(page)
        for before, block in zip([("", ""), *here], here, strict=False):
            if block[0] == "yaml":
                assert before[0] == "csv", f"{page}: no table stands above the mapping\n{block[1]}"
                found.append(Example(page, block[1], before[1]))
    return found


@pytest.mark.parametrize("example", examples(), ids=lambda e: f"{e.page}:{e.mapping.split()[1]}")
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_mapping_examples(tmp_path: Path, example: Example, encoding: str) -> None:
    path = tmp_path / "example.csv"
    path.write_bytes(example.table.encode(encoding))
    (spec,) = parse_mappings(example.mapping, name=example.page)
    result = read_all(path, mappings=(spec,))
    assert result.format == spec.name
    assert result.rejects.is_empty()
    lines = example.table.count("\n") - (0 if spec.headerless else 1) - len(spec.preamble.keys() & {"own"})
    assert result.rows == lines
    assert set(result.entries["extra"]) <= {""}


@pytest.mark.parametrize("page", PAGES)
def test_template_example(tmp_path: Path, page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    (table,) = re.findall(r"^```csv template\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    path = tmp_path / "example.csv"
    path.write_text(table, encoding="utf-8")
    result = read_all(path)
    assert result.format == "duanka_transactions"
    assert result.entries["amount"].to_list() == [150]


@pytest.mark.parametrize("page", ["how-to/map-a-file.md", "how-to/add-a-format.md"])
def test_both_languages_show_the_same_examples(page: str) -> None:
    english, chinese = ([block for block in blocks(one) if block[0]] for one in (page, f"zh/{page}"))
    assert english == chinese


def test_format_examples(tmp_path: Path) -> None:
    here = [block for block in blocks("how-to/add-a-format.md") if block[0]]
    assert [language for language, _ in here] == ["python", "csv", "python", "csv"]
    found = []
    for (_, code), (_, table) in (here[:2], here[2:]):
        module = types.ModuleType("example")
        exec(compile(code, "add-a-format.md", "exec"), module.__dict__)  # the page's own text
        path = tmp_path / "example.csv"
        path.write_bytes(table.encode("gb18030"))
        candidates = [(spec, getattr(module, "adapt", None)) for spec in module.FORMATS]
        opened = _open_tables(Opened(path, path.name), candidates, own_account="unknown:x")
        assert isinstance(opened, Recognised)
        (batch,) = opened.batches
        assert batch.rejects.is_empty()
        shown = ("side", "payer", "payee", "payer_name", "payee_name", "amount", "time_precision")
        found += batch.entries.sort("source_row").select(shown).rows()
    card = "9900000000000000017"
    assert found == [
        (2, "9900000000000000025", card, "测试乙", "测试甲", 100_000, "minute"),
        (1, card, None, "测试甲", "测试丙", 99_000, "minute"),
        (1, "example_pay:w0001", "example_pay:w0002", "", "测试乙", 500, "second"),
    ]
