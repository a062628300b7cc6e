"""Records into a case: `investigate` and `import`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from duanka.messages.catalogue import Language, default_language
from duanka.verbs.arguments import (
    CaseDir,
    Json,
    Lang,
    Mapping,
    Memory,
    Passwords,
    UsageError,
    options_of,
    progress,
    source_row_of,
)

if TYPE_CHECKING:
    from duanka.pipeline import Outcome


def investigate(
    *paths: Path,
    case: CaseDir,
    mapping: Mapping = None,
    seeds: Annotated[Path | None, Parameter(help="CSV with the columns kind,value: where to start from.")] = None,
    password_file: Passwords = None,
    own_account: Annotated[str, Parameter(help="Whose ledger the files are that don't say it.")] = "",
    memory: Memory = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Import files and folders, follow the money, and write the report: everything in one go."""
    from duanka import pipeline
    from duanka.store.seeds import read_seeds

    if not paths:
        raise UsageError("usage.no_paths")
    language = lang or default_language()
    options = options_of(mapping, password_file, own_account, memory)
    starts = read_seeds(seeds) if seeds else []
    with progress(quiet=json_, language=language) as watch:
        outcome = pipeline.investigate(case, list(paths), options=options, seeds=starts, language=language, watch=watch)
    return _print(outcome, as_json=json_, language=language)


def import_(
    *paths: Path,
    case: CaseDir,
    mapping: Mapping = None,
    password_file: Passwords = None,
    own_account: Annotated[str, Parameter(help="Whose ledger the files are that don't say it.")] = "",
    undo: Annotated[str, Parameter(help="Take a source out again: its id, hash or path.")] = "",
    keep_apart: Annotated[str, Parameter(help="Undo the merge of one row: SOURCE:ROW.")] = "",
    merge_again: Annotated[str, Parameter(help="Allow the merge of a row kept apart: SOURCE:ROW.")] = "",
    memory: Memory = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Import files and folders into a case; or undo an import, or a merge; or, without paths, list what is there."""
    from duanka import pipeline

    language = lang or default_language()
    chosen = [bool(paths), bool(undo), bool(keep_apart), bool(merge_again)]
    if sum(chosen) > 1:
        raise UsageError("usage.one_of")
    with progress(quiet=json_, language=language) as watch:
        if not any(chosen):
            outcome = pipeline.listing(case)
        elif undo:
            outcome = pipeline.undo(case, undo, watch=watch)
        elif keep_apart or merge_again:
            source, row = source_row_of(keep_apart or merge_again)
            outcome = pipeline.keep_apart(case, source, row, apart=bool(keep_apart), watch=watch)
        else:
            options = options_of(mapping, password_file, own_account, memory)
            outcome = pipeline.import_paths(case, list(paths), options=options, watch=watch)
    return _print(outcome, as_json=json_, language=language)


def _print(outcome: "Outcome", *, as_json: bool, language: Language) -> int:
    from duanka.summary import as_dict, as_text

    print(json.dumps(as_dict(outcome), ensure_ascii=False) if as_json else as_text(outcome, language))
    return 0
