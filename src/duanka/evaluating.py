"""What detection found, held against what is known: how well accounts and payments are ranked, how well rings agree."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl

from duanka.messages.catalogue import Language, say
from duanka.report import judged
from duanka.scoring.agreement import Agreement, agreement, best_matches
from duanka.scoring.measures import MEASURES, measure
from duanka.scoring.positions import RoleScore, macro, role_scores, tier_accuracy
from duanka.store.case import Case
from duanka.store.database import CaseError, quoted
from duanka.store.detection import Detection, read_detection
from duanka.store.label_files import read_account_labels, read_transaction_labels
from duanka.store.labelled import OF_CASE
from duanka.store.truth import Truth, accounts_of_file, of_case, transactions_of_file

NOT_MULES = ("victim", "bettor", "customer", "good_faith")
"""Roles whose accounts money passes without their being part of a ring's work; so are accounts of tier 0."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """How scores rank the labelled accounts or payments."""

    measures: dict[str, float | None]
    labelled: int
    positives: int
    unscored: int  # labelled, without a score: ranked below all others
    truth: Truth


@dataclass(frozen=True, slots=True)
class Rings:
    """How found rings agree with true ones."""

    mules: Agreement  # without accounts that NOT_MULES and tier 0 name, on both sides
    everybody: Agreement
    tier_accuracy: float | None
    tier_accuracy_found: float | None
    role_macro_f1: float | None
    roles: dict[str, RoleScore]
    unlisted_members: int  # found memberships of accounts that the labels don't list, left out


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one evaluation; None where the labels say nothing of it."""

    case: Path
    detection: Detection
    labels: str
    transaction_labels: str
    accounts: Ranked
    transactions: Ranked | None
    rings: Rings | None


def evaluate(case: Case, labels: str, transaction_labels: str = "") -> Evaluation:
    """Hold the findings of the case against labels: a file each, or "case" for what the imported files say.

    With `labels` "case", payments are evaluated too where the case has labels of payments.

    Raises:
        CaseError: detection has not run, or it was an earlier version's.
        LabelError: a label file can't be read, or the case has no labels.
    """
    _require(case, "account_risk")
    own = of_case(case) if OF_CASE in {labels, transaction_labels} else None
    memberships = None
    if own and labels == OF_CASE:
        accounts = own[0]
        transaction_labels = transaction_labels or (OF_CASE if own[1].labels.height else "")
    else:
        accounts, memberships = accounts_of_file(case, read_account_labels(Path(labels)))
    payments = None
    if own and transaction_labels == OF_CASE:
        payments = own[1]
    elif transaction_labels:
        payments = transactions_of_file(case, read_transaction_labels(Path(transaction_labels)))
    return Evaluation(
        case=case.folder,
        detection=read_detection(case),
        labels=labels,
        transaction_labels=transaction_labels,
        accounts=_ranked(case, accounts, "account_risk", "account_id"),
        transactions=_ranked(case, payments, "transaction_risk", "row_id") if payments else None,
        rings=_rings(case, memberships, accounts) if memberships is not None and memberships.height else None,
    )


def _require(case: Case, table: str) -> None:
    if not case.table_exists(table):
        raise CaseError("case.not_detected", folder=case.folder, table=table)


def _ranked(case: Case, truth: Truth, table: str, key: str) -> Ranked:
    """Measure the scores of what is labelled; what has none stands below all that have one."""
    _require(case, table)
    with case.db.lend("labelled", truth.labels.to_arrow()):
        found = case.db.arrow(f"""
            SELECT CASE WHEN NOT isnan(r.score) THEN r.score END AS score, l.label = 1 AS positive
            FROM labelled l LEFT JOIN {quoted(table)} r ON l.id = r.{quoted(key)}
        """)
    score, positive = found["score"].to_numpy(), found["positive"].to_numpy().astype(np.bool_)
    unscored = np.isnan(score)
    measures = measure(np.where(unscored, -np.inf, score), positive)
    return Ranked(measures, len(score), int(positive.sum()), int(unscored.sum()), truth)


def _rings(case: Case, true: pl.DataFrame, accounts: Truth) -> Rings:
    """Compare memberships of the listed accounts."""
    _require(case, "ring_members")
    members = pl.from_arrow(case.db.arrow("""
        SELECT account_id, ring_id::VARCHAR AS ring_id, tier::BIGINT AS tier, coalesce(role, '') AS role
        FROM ring_members
    """))  # fmt: skip
    assert isinstance(members, pl.DataFrame)  # noqa: S101 - a table gives a frame
    listed = accounts.labels.select(account_id="id")
    found = members.join(listed, on="account_id", how="semi")
    mules, found_mules = _mules(true.filter(pl.col("label") == 1)), _mules(found)
    matches = best_matches(mules, found_mules)
    everywhere, where_found = tier_accuracy(mules, found, matches)
    roles = role_scores(true, found, matches)
    return Rings(
        mules=agreement(mules, found_mules),
        everybody=agreement(true, found),
        tier_accuracy=everywhere,
        tier_accuracy_found=where_found,
        role_macro_f1=macro(roles),
        roles=roles,
        unlisted_members=members.height - found.height,
    )


def _mules(members: pl.DataFrame) -> pl.DataFrame:
    return members.filter((pl.col("tier") != 0).fill_null(value=True) & ~pl.col("role").is_in(NOT_MULES))


def as_dict(found: Evaluation) -> dict[str, object]:
    """The contract that scripts rely on: how detection ran, measures of accounts, of `transactions`, and `rings`."""
    facts = {"case": str(found.case), "labels": found.labels, "transaction_labels": found.transaction_labels or None}
    return facts | _ranked_dict(found.accounts) | {
        "detection": found.detection.facts(),
        "transactions": _ranked_dict(found.transactions) if found.transactions else None,
        "rings": _rings_dict(found.rings) if found.rings else None,
    }  # fmt: skip


def _ranked_dict(ranked: Ranked) -> dict[str, object]:
    counts = {
        "labelled": ranked.labelled, "positives": ranked.positives, "unscored": ranked.unscored,
        "unknown": ranked.truth.unknown, "unknown_positives": ranked.truth.unknown_positives,
        "unknown_names": ranked.truth.unknown_names, "ambiguous": ranked.truth.ambiguous,
    }  # fmt: skip
    return {**ranked.measures, **counts}


def _rings_dict(rings: Rings) -> dict[str, object]:
    return asdict(rings.mules) | {
        "tier_accuracy": rings.tier_accuracy,
        "tier_accuracy_found": rings.tier_accuracy_found,
        "role_macro_f1": rings.role_macro_f1,
        "roles": {role: asdict(score) for role, score in rings.roles.items()},
        "unlisted_members": rings.unlisted_members,
        "all_members": asdict(rings.everybody),
    }


def as_text(found: Evaluation, language: Language) -> str:
    """Measures of accounts and payments side by side, then the rings, then what could not be used."""
    ranked = [("accounts", found.accounts)]
    if found.transactions:
        ranked.append(("transactions", found.transactions))
    lines = [say("evaluate.head", language, labels=found.labels), judged.judged_by(found.detection).of(language)]
    if found.detection.model:
        lines.append(say("evaluate.learnt", language))
    if found.detection.as_of:
        lines.append(judged.as_of(found.detection).of(language))
    lines += [
        say(f"evaluate.{name}", language, labelled=f"{one.labelled:,}", positives=f"{one.positives:,}")
        for name, one in ranked
    ]
    for name in MEASURES:
        figures = "".join(f"{_figure(one.measures[name]):>9}" for _, one in ranked)
        lines.append(f"{figures}  {say('evaluate.' + name.replace('.', ''), language)}")
    if found.rings:
        lines += ["", *_rings_text(found.rings, language)]
    for name, one in ranked:
        lines += _left_out(name, one, language)
    return "\n".join(lines)


_OF_RINGS = ("jaccard_true_to_found", "jaccard_found_to_true", "bcubed_precision", "bcubed_recall", "bcubed_f1")
_OF_POSITIONS = ("tier_accuracy", "tier_accuracy_found", "role_macro_f1")


def _rings_text(rings: Rings, language: Language) -> list[str]:
    mules, everybody = asdict(rings.mules), asdict(rings.everybody)
    return [
        say("evaluate.rings", language, true=f"{rings.mules.true_rings:,}", found=f"{rings.mules.found_rings:,}"),
        *(
            f"{_figure(mules[name]):>9}{_figure(everybody[name]):>9}  {say('evaluate.' + name, language)}"
            for name in _OF_RINGS
        ),
        *(f"{_figure(getattr(rings, name)):>9}{'':9}  {say('evaluate.' + name, language)}" for name in _OF_POSITIONS),
    ]


def _left_out(name: str, ranked: Ranked, language: Language) -> list[str]:
    truth = ranked.truth
    lines = []
    if truth.unknown:
        more = {"count": f"{truth.unknown:,}", "positives": f"{truth.unknown_positives:,}"}
        lines.append(say(f"evaluate.unknown_{name}", language, names=", ".join(truth.unknown_names), **more))
    if truth.ambiguous:
        lines.append(say("evaluate.ambiguous", language, count=f"{truth.ambiguous:,}"))
    if ranked.unscored:
        lines.append(say(f"evaluate.unscored_{name}", language, count=f"{ranked.unscored:,}"))
    return lines


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
