import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from duanka.messages.catalogue import Language
from duanka.report.collect import collect
from duanka.report.html import render
from duanka.store.case import Case

MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EVIL = "<script>alert('x')</script>"
VOID = {"meta", "input", "br"}


class Strict(HTMLParser):
    """Every element is closed in its turn; collects elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _parsed(page: str) -> Strict:
    parser = Strict()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


@pytest.fixture(params=["zh", "en"])
def language(request: pytest.FixtureRequest) -> Language:
    chosen: Language = request.param
    return chosen


def test_the_page_needs_no_network_and_runs_nothing(case: Case, language: Language) -> None:
    page = render(collect(case, made=MADE), language)
    elements = _parsed(page).elements
    assert not {tag for tag, _ in elements} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for _, attributes in elements:
        assert not any(name.startswith("on") or name in {"src", "srcset", "action", "style"} for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"https?://|url\(|@import|//[a-z]", page)


def test_what_comes_from_outside_is_escaped(case: Case, language: Language) -> None:
    page = render(collect(case, made=MADE), language)
    assert EVIL not in page
    assert "<script" not in page
    assert "<b>" not in page
    assert "case&lt;1&gt;" in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "李娜 &amp; Co" in page
    assert "Markup" not in page


def test_both_languages_are_there_and_the_chosen_one_is_checked(case: Case, language: Language) -> None:
    page = render(collect(case, made=MADE), language)
    checked = [
        attributes["id"] for tag, attributes in _parsed(page).elements if tag == "input" and "checked" in attributes
    ]
    assert checked == [f"show-{language}"]
    assert '<span lang="zh">单向流入</span><span lang="en">One-way inflow</span>' in page
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in page


def test_anchors_lead_somewhere(case: Case) -> None:
    elements = _parsed(render(collect(case, made=MADE), "en")).elements
    targets = {attributes["id"] for _, attributes in elements if "id" in attributes}
    assert {(a["href"] or "")[1:] for tag, a in elements if tag == "a"} <= {target or "" for target in targets}


GOLDEN = (
    '<tr><td>CNY</td><td class="n">5,050.00</td><td class="n">2,750.00</td><td class="n">450.00</td>'
    '<td class="n">1,550.00</td><td class="n sub">4 / 3</td></tr>'
)


def test_the_amounts_row(case: Case) -> None:
    assert GOLDEN in render(collect(case, made=MADE), "en")


def test_figures_lead_back_to_file_and_line(case: Case) -> None:
    page = render(collect(case, made=MADE), "en")
    file = '<span class="id">a/statement.csv</span> <span class="nowrap">'
    line = file + '<span lang="zh">第 4 行</span><span lang="en">line 4</span></span>'
    table = '<span lang="zh">第 2 个表第 5 行</span><span lang="en">table 2, row 5</span>'
    assert line in page
    assert table in page
    assert "s1" * 32 in page  # the hash of the file


def test_codes_without_words_are_shown_as_they_are(case: Case) -> None:
    page = render(collect(case, made=MADE), "en")
    assert "brand_new_code" in page
    assert "no_such_reason" in page
    assert "3 characters could not be decoded as gb18030" in page


def test_the_picture_says_what_the_table_says(case: Case) -> None:
    page = render(collect(case, made=MADE), "en")
    assert page.count("<path ") == 11
    assert "A 王伟 → B 李娜 &amp; Co: 1,200.00 CNY" in page


def test_an_empty_case_gives_a_page_too(case: Case) -> None:
    for table in ("transactions", "row_order", "row_sources", "merges", "lineage", "coverage", "wanted",
                  "account_windows", "accounts", "rejects", "sources", "unknown_files"):  # fmt: skip
        case.db.run("empty", f"DELETE FROM {table}")
    page = render(collect(case, made=MADE), "zh")
    _parsed(page)
    assert "没有既收又付的已调取账户" in page


def test_the_same_facts_give_the_same_page(case: Case) -> None:
    assert render(collect(case, made=MADE), "en") == render(collect(case, made=MADE), "en")
