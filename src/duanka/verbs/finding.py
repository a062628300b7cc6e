"""Findings in a case, and how good they are: `detect`, `learn`, `reconcile`, `evaluate`."""

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from duanka.messages.catalogue import default_language
from duanka.verbs.arguments import Json, Lang, PlatformLedger, PlatformMapping, UsageError, moment_of, progress


def detect(
    case: Path,
    *,
    as_of: Annotated[
        str, Parameter(name="--as-of", help="Look at nothing later than this, e.g. 2024-05-01T12:00+08:00.")
    ] = "",
    platform_ledger: PlatformLedger = (),
    mapping: PlatformMapping = None,
    model: Annotated[Path | None, Parameter(help="A model that `duanka learn` wrote: it scores the accounts.")] = None,
    typology: Annotated[
        tuple[Path, ...], Parameter(negative="", help="A typology file, or a folder of them; may be repeated.")
    ] = (),
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Find the accounts that carry other people's money and the rings that they form, with reasons.

    Findings take the place of earlier ones; those of --as-of say so wherever they are shown, until the next run.

    With a seized platform database, hold that against the bank rows, too, as `duanka reconcile` does.
    """
    from duanka import pipeline, reconciled
    from duanka.summary import found_as_text
    from duanka.typologies.reading import load

    language = lang or default_language()
    moment = moment_of(as_of) if as_of else None
    if mapping and not platform_ledger:
        raise UsageError("usage.mapping_alone")
    platform = None
    with progress(quiet=json_, language=language) as watch:
        outcome = pipeline.detect(case, as_of=moment, model=model, typologies=load(typology, language), watch=watch)
        if platform_ledger:
            platform = pipeline.reconcile(case, list(platform_ledger), mapping=mapping, watch=watch)
    found = outcome.found
    facts = {"case": str(case), "seconds": outcome.seconds["detect"]} | (found.facts() if found else {})
    if platform:
        facts["platform"] = reconciled.as_dict(platform)
    texts = [found_as_text(outcome, language), *([reconciled.as_text(platform, language)] if platform else [])]
    print(json.dumps(facts, ensure_ascii=False) if json_ else "\n\n".join(texts))
    return 0


def learn(
    case: Path,
    *,
    labels: Annotated[str, Parameter(help="CSV account_id,label; or `case`: what the imported files themselves say.")],
    model: Annotated[Path, Parameter(help="JSON file to write; cards in Chinese and English come beside it.")],
    split: Annotated[
        Literal["account", "time"], Parameter(help="Measure on other accounts; or on these by later payments.")
    ] = "account",
    unlabelled: Annotated[
        bool, Parameter(negative="", help="Labels 1 alone count: nobody has looked at the other accounts.")
    ] = False,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Learn from labelled accounts a model that `duanka detect --model` scores accounts with."""
    from duanka import pipeline
    from duanka.summary import learnt_as_text

    language = lang or default_language()
    with progress(quiet=json_, language=language) as watch:
        learnt = pipeline.learn(case, labels, model, split=split, unlabelled=unlabelled, watch=watch)
    print(json.dumps(learnt.facts(), ensure_ascii=False) if json_ else learnt_as_text(learnt, language))
    return 0


def reconcile(
    case: Path,
    *,
    platform_ledger: PlatformLedger,
    mapping: PlatformMapping = None,
    within: Annotated[float, Parameter(help="Minutes between an order and an exact bank row, at most.")] = 15.0,
    far: Annotated[float, Parameter(help="Minutes between an order and a near bank row, at most.")] = 120.0,
    fee: Annotated[float, Parameter(help="Percent by which the amount of a near bank row may differ.")] = 0.6,
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Hold a seized platform database (orders, points, users) against the bank rows of a case."""
    from duanka import pipeline
    from duanka.reconciled import as_dict, as_text
    from duanka.rings.matching import MINUTE, Tolerance

    if not 0 <= within <= far or not 0 <= fee < 100 or far > 1e6:
        raise UsageError("usage.tolerance")
    language = lang or default_language()
    limits = Tolerance(within_us=round(within * MINUTE), far_us=round(far * MINUTE), fee_ppm=round(fee * 10_000))
    with progress(quiet=json_, language=language) as watch:
        found = pipeline.reconcile(case, list(platform_ledger), mapping=mapping, tolerance=limits, watch=watch)
    print(json.dumps(as_dict(found), ensure_ascii=False) if json_ else as_text(found, language))
    return 0


def evaluate(
    case: Path,
    *,
    labels: Annotated[
        str,
        Parameter(
            help="CSV account_id,label[,ring_id][,tier][,role]; or `case`: what the imported files themselves say."
        ),
    ],
    transaction_labels: Annotated[str, Parameter(help="CSV external_id,label; or `case`.")] = "",
    json_: Json = False,
    lang: Lang = None,
) -> int:
    """Measure what detection found against labels: how accounts and payments are ranked, how rings agree."""
    from duanka import derive, evaluating
    from duanka.store.case import Case

    with Case(case) as opened:
        derive.bring_up_to_date(opened)
        found = evaluating.evaluate(opened, labels, transaction_labels)
    if json_:
        print(json.dumps(evaluating.as_dict(found), ensure_ascii=False))
    else:
        print(evaluating.as_text(found, lang or default_language()))
    return 0
