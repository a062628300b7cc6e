"""Where money went, and where it came from: `trace`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from duanka.messages.catalogue import Language, default_language, say
from duanka.verbs.arguments import Json, Lang, SeedsFile, Start, UsageError, age_of, moment_of, money_of, progress

if TYPE_CHECKING:
    from duanka.store.seeds import Seed
    from duanka.tracing.run import Traced

DoctrineName = Literal["all", "direct", "fifo", "lifo", "pro_rata", "rolling", "lowest_balance", "poison"]


def trace(
    case: Path,
    *,
    start: Start = (),
    seeds: SeedsFile = None,
    direction: Annotated[
        Literal["down", "up", "around"],
        Parameter(help="Where the money went, where it came from, or what else is tied to these accounts."),
    ] = "down",
    doctrine: Annotated[
        tuple[DoctrineName, ...],
        Parameter(negative="", consume_multiple=True, help="Whose money goes first; all that add up unless named."),
    ] = ("all",),
    at: Annotated[str, Parameter(help="Look at nothing later than this, e.g. 2024-05-01T12:00+08:00.")] = "",
    apart: Annotated[
        bool, Parameter(negative="", help="Each payment is a claim of its own; else each --from value is one claim.")
    ] = False,
    together: Annotated[bool, Parameter(negative="", help="All --from values are one claim.")] = False,
    max_hops: Annotated[int | None, Parameter(help="Follow so many payments after the seed, at most.")] = None,
    max_age: Annotated[str, Parameter(help="Follow payments so long after the claim's last seed: 30m, 72h, 7d.")] = "",
    floor: Annotated[str, Parameter(help="Don't follow what is less, in units of the seeds' currency.")] = "0",
    out: Annotated[
        Path | None, Parameter(help="Folder for a page, the tables (Parquet, CSV, XLSX), GraphML, GEXF.")
    ] = None,
    report: Annotated[
        bool, Parameter(negative="", help="Write the page alone: trace.html in the case's report folder, or in --out.")
    ] = False,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Follow money from accounts, payments, reports, people, phones or devices, under every doctrine side by side.

    Going down, an account stands for what it received; a reported victim's account for the payments that were reported;
    one that received nothing for what it paid. Going up, an account stands for what it paid, or else for what it
    received. A report stands for the payments that it speaks of, a row for itself.

    Around ranks other accounts by what ties them to these: money, calls, devices, addresses, phones, holders, openings.
    """
    from duanka.trace.doctrine import Doctrine
    from duanka.tracing import pipeline
    from duanka.tracing.run import DOWN, UP, TraceError, Wish
    from duanka.tracing.text import as_dict, as_text

    language = lang or default_language()
    if not start and not seeds:
        raise UsageError("usage.where_to_start")
    if apart and together:
        raise UsageError("usage.apart_together")
    if max_hops is not None and max_hops < 0:
        raise UsageError("usage.max_hops")
    if direction == "around":
        limits = (apart, together, max_hops is not None, max_age, floor != "0", doctrine != ("all",), report)
        if any(limits):
            raise UsageError("usage.around")
        return _around(case, _starts(start, seeds), at, out, as_json=json_, language=language)
    every = DOWN if direction == "down" else UP
    named = tuple(Doctrine(one) for one in doctrine if one != "all") + (every if "all" in doctrine else ())
    moment, age = moment_of(at) if at else None, age_of(max_age) if max_age else None
    wish = Wish(direction, named, moment, apart, together, max_hops, age, money_of(floor))
    try:
        wish.allocating(language)
    except TraceError as error:
        raise UsageError("common.problem", problem=error) from error
    starts = _starts(start, seeds)
    with progress(quiet=json_, language=language) as watch:
        found = pipeline.trace(case, starts, wish, language=language, watch=watch)
    files = _write(case, found, out, report=report, language=language)
    if json_:
        print(
            json.dumps({"case": str(case), "files": [str(one) for one in files]} | as_dict(found), ensure_ascii=False)
        )
        return 0
    told = [say("trace.page", language, page=files[0])] if report else []
    told.append(say("trace.files", language, out=out) if out else say("trace.next", language))
    print(as_text(found, language), "", *told, sep="\n")
    return 0


def _write(case: Path, found: "Traced", out: Path | None, *, report: bool, language: Language) -> tuple[Path, ...]:
    """Everything into `out`, or the page alone into the case's report folder; the page first."""
    from duanka.tracing import pipeline

    if out:
        return pipeline.write_traced(case, found, out, language=language)
    return (pipeline.write_trace_page(case, found, case / "report", language=language),) if report else ()


def _starts(start: tuple[str, ...], seeds: Path | None) -> "list[Seed]":
    """Seeds of the file, then those named; UsageError for what is no seed."""
    from duanka.store.seeds import SeedError, parse_seed, read_seeds

    try:
        return [*(read_seeds(seeds) if seeds else []), *(parse_seed(one) for one in start)]
    except SeedError as error:
        raise UsageError("common.problem", problem=error) from error


def _around(case: Path, starts: "list[Seed]", at: str, out: Path | None, *, as_json: bool, language: Language) -> int:
    from duanka.tracing import pipeline
    from duanka.tracing.around_text import as_dict, as_text

    found = pipeline.surround(case, starts, moment_of(at) if at else None, language=language)
    files = pipeline.write_surroundings(found, out) if out else ()
    if as_json:
        facts = {"case": str(case), "files": [str(one) for one in files]} | as_dict(found)
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(as_text(found, language))
    return 0
