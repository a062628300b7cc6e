"""The example typology loads, both how-to pages show the same file, and the file of the page is one."""

import re
from pathlib import Path

import pytest

from duanka.typologies.reading import TypologyFile, load
from duanka.typologies.tokens import FUNCTIONS, MAX_DEPTH

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("how-to/write-a-typology.md", "zh/how-to/write-a-typology.md")


def _yaml(page: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_example_loads() -> None:
    (one,) = load([DOCS / "examples" / "typologies"])
    assert (one.code, one.file.mode) == ("U-001", "shadow")


def test_the_page_shows_a_typology_and_both_pages_the_same(tmp_path: Path) -> None:
    (english,), (chinese,) = map(_yaml, PAGES)
    assert english == chinese
    path = tmp_path / "U-001.yaml"
    path.write_text(english, encoding="utf-8")
    (shown,) = load([path])
    (example,) = load([DOCS / "examples" / "typologies"])
    assert shown.when.sql == example.when.sql


@pytest.mark.parametrize("page", PAGES)
def test_the_page_names_every_key_and_function(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert [name for name in TypologyFile.__struct_fields__ if f"`{name}`" not in text] == []
    assert [name for name in FUNCTIONS if f"{name}(x" not in text and f"`{name}`" not in text] == []
    assert f" {MAX_DEPTH}" in text
