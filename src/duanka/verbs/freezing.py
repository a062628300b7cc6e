"""What to keep from going on, and to whom it goes back: `freeze-plan`, `returns`."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from duanka.messages.catalogue import default_language, say
from duanka.verbs.arguments import Json, Lang, SeedsFile, Start, UsageError, moment_of, progress


def freeze_plan(
    case: Path,
    *,
    start: Start = (),
    seeds: SeedsFile = None,
    orders: Annotated[int, Parameter(help="So many orders, at most.")] = 10,
    minutes: Annotated[float, Parameter(help="Minutes until the orders take effect.")] = 30.0,
    at: Annotated[str, Parameter(help="Look at nothing later than this, e.g. 2024-05-01T12:00+08:00.")] = "",
    price: Annotated[
        float, Parameter(help="What 1 yuan of an innocent's, held up, weighs against 1 yuan recovered.")
    ] = 0.25,
    verifying: Annotated[float, Parameter(help="Minutes more until an institution has asked a holder.")] = 60.0,
    out: Annotated[Path | None, Parameter(help="Folder for a page and the tables (Parquet, CSV, XLSX).")] = None,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Propose which accounts to stop, freeze, hold back or verify, with amounts, so that most of the money is kept.

    Weighed against the harm expected to innocents. Measures are by amount, never of the whole account. The plan is a
    proposal with its reasons; people decide.
    """
    from duanka.freezing import pipeline
    from duanka.freezing import text as frozen
    from duanka.freezing.plan import Wish, WishError
    from duanka.store.seeds import SeedError, parse_seed, read_seeds

    language = lang or default_language()
    if not start and not seeds:
        raise UsageError("usage.whose_money")
    moment = moment_of(at) if at else None
    try:
        starts = [*(read_seeds(seeds) if seeds else []), *(parse_seed(one) for one in start)]
    except SeedError as error:
        raise UsageError("common.problem", problem=error) from error
    wish = Wish(orders, minutes, moment, price, verifying)
    try:
        wish.check()
    except WishError as error:
        raise UsageError("usage.option", problem=error) from error
    with progress(quiet=json_, language=language) as watch:
        found = pipeline.freeze_plan(case, starts, wish, language=language, watch=watch)
    files = pipeline.write_freeze_plan(case, found, out, language=language) if out else ()
    facts = {"case": str(case), "files": [str(one) for one in files]} | frozen.as_dict(found)
    print(json.dumps(facts, ensure_ascii=False) if json_ else frozen.as_text(found, language))
    if out and not json_:
        print("", say("freeze.files", language, out=out), sep="\n")
    return 0


def returns(
    case: Path,
    *,
    start: Annotated[
        tuple[str, ...],
        Parameter(name="--from", negative="", consume_multiple=True, help="The victims' claims: report:ID, row:ID …"),
    ] = (),
    seeds: SeedsFile = None,
    frozen: Annotated[
        Path | None, Parameter(help="CSV account_id,amount: what is frozen. Default: the case's measures in force.")
    ] = None,
    good_faith: Annotated[
        tuple[str, ...],
        Parameter(negative="", consume_multiple=True, help="Accounts whose holders may have acquired in good faith."),
    ] = (),
    at: Annotated[str, Parameter(help="Look at nothing later than this, e.g. 2024-05-01T12:00+08:00.")] = "",
    out: Annotated[Path | None, Parameter(help="Folder for the tables (Parquet, CSV, XLSX).")] = None,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Propose which victim gets what back from which frozen account: direct where it shows, else in proportion.

    Each --from value is one claim. Holders who may have acquired in good faith are left for review.
    """
    from duanka.freezing import pipeline
    from duanka.freezing import returns_text as returned
    from duanka.freezing.returns import FrozenError, read_frozen
    from duanka.store.seeds import SeedError, parse_seed, read_seeds

    language = lang or default_language()
    if not start and not seeds:
        raise UsageError("usage.whose_claims")
    moment = moment_of(at) if at else None
    try:
        starts = [*(read_seeds(seeds) if seeds else []), *(parse_seed(one) for one in start)]
        given = read_frozen(frozen) if frozen else None
    except (SeedError, FrozenError) as error:
        raise UsageError("common.problem", problem=error) from error
    with progress(quiet=json_, language=language) as watch:
        found = pipeline.returns(
            case, starts, frozen=given, good_faith=good_faith, at=moment, language=language, watch=watch
        )
    files = pipeline.write_returns(found, out) if out else ()
    facts = {"case": str(case), "files": [str(one) for one in files]} | returned.as_dict(found)
    print(json.dumps(facts, ensure_ascii=False) if json_ else returned.as_text(found, language))
    if out and not json_:
        print("", say("returns.files", language, out=out), sep="\n")
    return 0
