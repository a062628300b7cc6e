"""The report folder: `report.html`, `report.xlsx` for the overview, and `tables/` with everything in full."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa

from duanka.messages.catalogue import Language
from duanka.report.collect import collect
from duanka.report.facts import Facts
from duanka.report.follow import MOVES
from duanka.report.html import render
from duanka.report.overview import write_overview
from duanka.report.tables import export, whole, write
from duanka.store.case import Case
from duanka.store.findings import TABLES as FINDINGS
from duanka.store.seeds import Starts

REPORT_TABLES = (
    "transactions", "row_sources", "row_order", "accounts", "aliases", "parties", "coverage", "rejects", "lineage",
    "wanted", "account_windows", "merges", "sources", "kept", "unknown_files", *FINDINGS,
)  # fmt: skip
"""Tables that a report is handed in with. `labels` stay out: what sources say of the truth, `evaluate` alone reads."""


def write_report(
    case: Case,
    folder: Path,
    *,
    language: Language = "en",
    seeds: Starts | None = None,
    made: datetime | None = None,
    top: int = 10,
    rows_each: int = 12,
    max_tiers: int = 5,
    with_tables: bool = True,
) -> Path:
    """Write the report into `folder` (made if need be; files of these names are replaced); returns the HTML file.

    The HTML comes last, so that it stands only beside tables that are whole. For the arguments see `collect`.

    Raises:
        ReportError: the case has not been derived yet.
    """
    facts = collect(case, seeds, made=made, top=top, rows_each=rows_each, max_tiers=max_tiers)
    folder.mkdir(parents=True, exist_ok=True)
    if with_tables:
        for table in REPORT_TABLES:
            if case.table_exists(table):
                export(case, table, "parquet", folder / "tables" / f"{table}.parquet")
    _write_moves(facts, folder / "tables" / "flow_rows.parquet")
    with whole(folder / "report.xlsx") as partial:
        write_overview(facts, partial, language)
    return write_page(render(facts, language), folder / "report.html")


def write_page(text: str, page: Path) -> Path:
    """Write the text of a page, which appears only when it is whole; returns its path."""
    with whole(page) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")
    return page


def _write_moves(facts: Facts, out: Path) -> None:
    moves = pa.concat_tables([MOVES.empty_table(), *(flow.moves for flow in facts.flows)])
    write(iter(moves.to_batches()), MOVES, "parquet", out, sheet="flow_rows")
