"""What leaves a case: `report` and `export`."""

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from duanka.messages.catalogue import default_language, say
from duanka.verbs.arguments import Json, Lang


def report(
    case: Path,
    *,
    seeds: Annotated[Path | None, Parameter(help="CSV with the columns kind,value: where to start from.")] = None,
    start: Annotated[
        tuple[str, ...],
        Parameter(name="--from", negative="", help="account:ID, row:ID, report:ID, party:ID, phone:NO …"),
    ] = (),
    out: Annotated[Path | None, Parameter(help="Folder of the report; default: CASE/report.")] = None,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Write the report of a case again, from other starting points or in the other language."""
    from duanka import pipeline
    from duanka.store.seeds import parse_seed, read_seeds

    language = lang or default_language()
    starts = [*(read_seeds(seeds) if seeds else []), *(parse_seed(text) for text in start)]
    path = pipeline.report(case, out=out, seeds=starts, language=language)
    facts = {"case": str(case), "report": str(path)}
    print(json.dumps(facts, ensure_ascii=False) if json_ else say("cli.report", language, path=path))
    return 0


def export(
    case: Path,
    table: str,
    *,
    format_: Annotated[Literal["parquet", "csv", "xlsx"], Parameter(name="--format")] = "parquet",
    out: Annotated[Path, Parameter(help="File to write; replaced if it exists.")],
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Write one table of a case to a file."""
    from duanka import derive
    from duanka.report.tables import export as write
    from duanka.store.case import Case

    language = lang or default_language()
    with Case(case) as opened:
        derive.bring_up_to_date(opened)
        rows = write(opened, table, format_, out)
    facts = {"case": str(case), "table": table, "format": format_, "out": str(out), "rows": rows}
    print(json.dumps(facts, ensure_ascii=False) if json_ else say("cli.exported", language, **facts))
    return 0
