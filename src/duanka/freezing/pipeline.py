"""The order of work for a freeze plan and for returns: open the case, propose, write."""

from datetime import datetime
from pathlib import Path

from duanka import derive
from duanka.freezing import plan
from duanka.freezing import returns as returning
from duanka.freezing.page import plan_page
from duanka.messages.catalogue import Language
from duanka.report.freeze_html import render_freeze_plan
from duanka.report.trace_files import write_frames
from duanka.report.write import write_page
from duanka.store.case import Case
from duanka.store.seeds import Seed
from duanka.warm import compile_kernels
from duanka.watch import Silent, Watch


def freeze_plan(
    folder: Path,
    seeds: list[Seed],
    wish: plan.Wish,
    *,
    language: Language = "en",
    memory_limit: str = "",
    watch: Watch | None = None,
) -> plan.Proposal:
    """Which orders keep most of the seeds' money for the least harm to innocents. Nothing is stored."""
    watch = watch or Silent()
    with Case(folder, memory_limit=memory_limit) as case:
        watch.stage("compile")
        compile_kernels()
        derive.bring_up_to_date(case)
        watch.stage("freeze")
        found = plan.propose(case, seeds, wish, language=language)
    watch.done()
    return found


def write_freeze_plan(case: Path, found: plan.Proposal, folder: Path, *, language: Language = "en") -> tuple[Path, ...]:
    """Write a plan's tables and a page about it into `folder`; returns the files, the page first."""
    paths = write_frames({name: getattr(found, name) for name in plan.TABLES}, folder, "freeze-plan")
    with Case(case) as opened:
        page = write_page(render_freeze_plan(plan_page(opened, found), language), folder / "freeze-plan.html")
    return (page, *paths)


def returns(
    folder: Path,
    seeds: list[Seed],
    *,
    frozen: list[returning.Frozen] | None = None,
    good_faith: tuple[str, ...] = (),
    at: datetime | None = None,
    language: Language = "en",
    memory_limit: str = "",
    watch: Watch | None = None,
) -> returning.Proposed:
    """Which claim gets what back from which frozen account. Nothing is stored."""
    watch = watch or Silent()
    with Case(folder, memory_limit=memory_limit) as case:
        watch.stage("compile")
        compile_kernels()
        derive.bring_up_to_date(case)
        watch.stage("returns")
        found = returning.propose_returns(case, seeds, frozen=frozen, good_faith=good_faith, at=at, language=language)
    watch.done()
    return found


def write_returns(found: returning.Proposed, folder: Path) -> tuple[Path, ...]:
    """Write the tables of a return proposal into `folder`; returns the files."""
    return write_frames({name: getattr(found, name) for name in returning.TABLES}, folder, "returns")
