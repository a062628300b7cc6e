"""The order of work for a trace, and for what surrounds accounts: open the case, follow, write."""

from datetime import datetime
from pathlib import Path

from duanka import derive
from duanka.messages.catalogue import Language
from duanka.report.trace_files import write_trace
from duanka.report.trace_html import render_trace
from duanka.report.write import write_page
from duanka.store.case import Case
from duanka.store.seeds import Seed
from duanka.tracing import run
from duanka.tracing.around import Around, around
from duanka.tracing.graph import network
from duanka.tracing.page import traced_page
from duanka.tracing.run import TABLES, Traced, Wish
from duanka.watch import Silent, Watch


def trace(
    folder: Path,
    seeds: list[Seed],
    wish: Wish | None = None,
    *,
    language: Language = "en",
    memory_limit: str = "",
    watch: Watch | None = None,
) -> Traced:
    """Follow the money of seeds through a case, down or up, under each doctrine. Nothing is stored."""
    watch = watch or Silent()
    with Case(folder, memory_limit=memory_limit) as case:
        derive.bring_up_to_date(case)
        watch.stage("trace")
        found = run.trace(case, seeds, wish, language=language)
    watch.done()
    return found


def write_traced(case: Path, found: Traced, folder: Path, *, language: Language = "en") -> tuple[Path, ...]:
    """Write a trace's tables, its network and a page about it into `folder`; returns the files, the page first."""
    paths = write_trace({name: found.table(name) for name in TABLES}, network(found), folder)
    return (write_trace_page(case, found, folder, language=language), *paths)


def write_trace_page(case: Path, found: Traced, folder: Path, *, language: Language = "en") -> Path:
    """Write `trace.html`, the page about a trace, into `folder`; returns its path."""
    with Case(case) as opened:
        return write_page(render_trace(traced_page(opened, found), language), folder / "trace.html")


def surround(
    folder: Path, seeds: list[Seed], at: datetime | None = None, *, language: Language = "en", memory_limit: str = ""
) -> Around:
    """The accounts that are tied to those of the seeds, ranked and explained. Nothing is stored."""
    with Case(folder, memory_limit=memory_limit) as case:
        derive.bring_up_to_date(case)
        return around(case, seeds, at, language=language)


def write_surroundings(found: Around, folder: Path) -> tuple[Path, ...]:
    """Write the tables and the network of a lead into `folder`; returns the files."""
    tables = {"leads": found.leads, "ranked": found.ranked, "ties": found.ties}
    return write_trace(tables, found.network(), folder)
