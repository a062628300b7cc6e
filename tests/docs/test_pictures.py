"""Every ring kind is explained in both languages, and its picture is what the generator's rows give."""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from duanka.synth.parameters import defaults
from duanka.synth.rings.ring import ADAPTIVE
from duanka.synth.scales import RING_KINDS
from duanka.synth.words import INNOCENT_KINDS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("explanation/rings.md", "zh/explanation/rings.md")
MOST_BYTES = 60_000


@pytest.fixture(scope="module")
def picture() -> Iterator[Callable[[str], str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        yield import_module("pictures").picture


def _sections(page: str) -> dict[str, str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return {
        found[1]: part
        for part in re.split(r"(?m)^(?=## )", text)
        if (found := re.match(r"## .*`(\w+)`\n", part)) is not None
    }


@pytest.mark.parametrize("kind", RING_KINDS)
def test_the_picture_is_what_the_generated_rows_give(picture: Callable[[str], str], kind: str) -> None:
    kept = (DOCS / "images" / "rings" / f"{kind}.svg").read_text(encoding="utf-8")
    assert kept == picture(kind), "run `python docs/pictures.py` and look at the pictures"


@pytest.mark.parametrize("kind", RING_KINDS)
def test_the_picture_is_small_and_has_a_ground_of_its_own(kind: str) -> None:
    kept = (DOCS / "images" / "rings" / f"{kind}.svg").read_bytes()
    assert len(kept) < MOST_BYTES
    root = ET.fromstring(kept)
    assert root[1].attrib == {"width": "100%", "height": "100%", "fill": "#fff"}


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_has_a_section_with_its_picture_and_a_caption(page: str) -> None:
    sections = _sections(page)
    assert list(sections) == list(RING_KINDS)
    up = "../" * page.count("/")
    for kind, text in sections.items():
        assert f"]({up}images/rings/{kind}.svg)" in text
        caption = text[text.index(".svg)") :]
        assert "`demo`" in caption
        assert re.search(r"seed 1|种子 1", caption)
        assert re.search(r"Made-up data|虚构数据", caption)


@pytest.mark.parametrize("page", PAGES)
def test_every_parameter_named_is_one_and_every_kind_names_its_own(page: str) -> None:
    known, groups = defaults().all, {name.partition(".")[0] for name in defaults().all}
    for kind, text in _sections(page).items():
        named = {name for name in re.findall(r"`(\w+\.\w+)`", text) if name.partition(".")[0] in groups}
        assert named <= set(known)
        assert any(name.startswith(f"{kind}.") for name in named)


def test_both_languages_name_the_same_things() -> None:
    named = [re.findall(r"`([\w.]+)`|\b([A-Z]{2,3}\d\d)\b", (DOCS / page).read_text("utf-8")) for page in PAGES]
    assert set(named[0]) == set(named[1])


@pytest.mark.parametrize("page", PAGES)
def test_every_variant_and_every_hard_innocent_is_explained(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [name for name in (*ADAPTIVE[1:], *INNOCENT_KINDS) if f"| `{name}`" not in text] == []
