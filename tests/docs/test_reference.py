import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from duanka import pipeline
from duanka.cli import app
from duanka.records.vocabulary import RejectCode
from duanka.report.tables import TABLES, export
from duanka.sources.registry import catalogue
from duanka.store.case import Case
from duanka.store.seeds import Seed
from duanka.tracing import pipeline as tracing
from duanka.tracing.around_text import TABLES as SURROUNDED
from duanka.tracing.run import TABLES as TRACED
from handed_over import hand_over

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(generate: ModuleType) -> dict[str, str]:
    made: dict[str, str] = generate.pages()
    return made


@pytest.mark.parametrize(
    "name",
    [
        "cli.md",
        "formats.md",
        "tables.md",
        "settings.md",
        "rejects.md",
        "synth.md",
        "signals.md",
        "trace.md",
        "freeze.md",
    ],
)
def test_the_page_is_what_the_code_says(pages: dict[str, str], name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == pages[name], "run `python docs/generate.py`"


def test_every_command_is_documented(pages: dict[str, str]) -> None:
    for command in app:
        if not command.startswith("-"):
            assert f"duanka {command}" in pages["cli.md"]


def test_every_format_is_documented(pages: dict[str, str]) -> None:
    for one in catalogue():
        assert f"\n## {one['name']}\n" in pages["formats.md"]
        assert one["title_en"]
        assert one["title_zh"]


def test_every_reject_code_is_documented(pages: dict[str, str]) -> None:
    assert all(f"`{code}`" in pages["rejects.md"] for code in RejectCode)


def test_every_setting_is_documented(generate: ModuleType, pages: dict[str, str]) -> None:
    assert generate.settings_in_code()
    assert all(f"`{name}`" in pages["settings.md"] for name in generate.settings_in_code())
    assert set(generate.WORDS["settings"]) == set(generate.settings_in_code())  # and nothing that is gone


def test_every_table_and_column_is_documented(generate: ModuleType, tmp_path: Path) -> None:
    assert set(generate.WORDS["tables"]) == set(TABLES)
    pipeline.import_paths(tmp_path / "case", [hand_over(tmp_path / "folder")])
    ledger = tmp_path / "platform_X_orders.csv"
    ledger.write_text("order,time,kind,amount,card,user,merchant,status,confirmed\n", encoding="utf-8")
    pipeline.reconcile(tmp_path / "case", [ledger])
    pipeline.detect(tmp_path / "case")
    with Case(tmp_path / "case") as case:
        for table in TABLES:
            export(case, table, "csv", tmp_path / "table.csv")
            header = (tmp_path / "table.csv").read_text(encoding="utf-8-sig").splitlines()[0]
            columns = generate.columns_of(table)
            assert set(header.split(",")) == set(columns), table
            assert all(columns.values()), table


def test_every_column_of_a_trace_is_documented(generate: ModuleType, tmp_path: Path) -> None:
    pipeline.import_paths(tmp_path / "case", [hand_over(tmp_path / "folder")])
    found = tracing.trace(tmp_path / "case", [Seed("report", "示例001")])
    assert set(generate.WORDS["trace"]) == set(TRACED)
    for table in TRACED:
        assert list(generate.WORDS["trace"][table]["columns"]) == getattr(found, table).columns, table
    near = tracing.surround(tmp_path / "case", [Seed("report", "示例001")])
    assert set(generate.WORDS["around"]) == set(SURROUNDED)
    for table in SURROUNDED:
        assert list(generate.WORDS["around"][table]["columns"]) == getattr(near, table).columns, table


def test_the_chinese_page_of_the_command_line_is_what_the_code_says(pages: dict[str, str]) -> None:
    written = (DOCS / "zh" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert written == pages["../zh/reference/cli.md"], "run `python docs/generate.py`"


def test_every_page_for_users_has_a_chinese_twin_in_the_index() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = [
        page.relative_to(DOCS).as_posix() for room in ("how-to", "explanation") for page in (DOCS / room).glob("*.md")
    ]
    assert [page for page in pages if not (DOCS / "zh" / page).exists() or f"(zh/{page})" not in index] == []


def test_chinese_pages_lead_to_chinese_pages() -> None:
    for page in [*(DOCS / "zh").rglob("*.md"), DOCS.parent / "README.zh.md"]:
        for title, target in re.findall(r"\[([^]]+)\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            there = (page.parent / target).resolve()
            if title != "English" and there.is_relative_to(DOCS) and not there.is_relative_to(DOCS / "zh"):
                assert not (DOCS / "zh" / there.relative_to(DOCS)).exists(), f"{page}: {target} has a Chinese twin"


def test_links_between_pages_lead_somewhere() -> None:
    readmes = [DOCS.parent / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    for page in [*DOCS.rglob("*.md"), *readmes]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"
