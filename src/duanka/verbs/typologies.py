"""Typologies of one's own: `typology check`."""

import json
from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from duanka.messages.catalogue import default_language
from duanka.verbs.arguments import Json, Lang, UsageError

app = cyclopts.App(name="typology", help="Typologies of your own: test them, and see their lift before they count.")


@app.command
def check(
    *files: Path,
    case: Annotated[Path | None, Parameter(name="--case", help="Case in which detection ran: try them on it.")] = None,
    labels: Annotated[str, Parameter(help="CSV account_id,label; or `case`: what the imported files say.")] = "",
    found_from: Annotated[float, Parameter(help="Score from which an account counts as found.")] = 0.5,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Run the tests of typology files; with a case, count their hits and their lift. Nothing is stored."""
    from duanka import checking, derive
    from duanka.store.case import Case
    from duanka.typologies.reading import load

    if not files:
        raise UsageError("usage.no_typologies")
    if labels and not case:
        raise UsageError("usage.labels_alone")
    if not 0 <= found_from <= 1:
        raise UsageError("usage.found_from")
    language = lang or default_language()
    typologies = load(files, language)
    if case:
        with Case(case) as opened:
            derive.bring_up_to_date(opened)
            checked = checking.check(opened, typologies, labels, found_from=found_from)
    else:
        checked = checking.Check(tuple(checking.Checked(one) for one in typologies))
    if json_:
        facts = {"case": str(case) if case else None, "labels": labels or None, "found_from": found_from}
        print(json.dumps(facts | checked.facts(), ensure_ascii=False))
    else:
        print(checking.as_text(checked, language, found_from=found_from))
    return 0
