"""How the findings came about, in words: by evidence or by a model, as of when, and so what a score means."""

from duanka.report.wording import Words, clock, percent, score, words
from duanka.store.detection import Detection, UsedModel


def summary(detection: Detection) -> tuple[Words, ...]:
    """What was found, by what accounts were scored, what was not looked at, what typologies hit: a sentence each."""
    until = (as_of(detection),) if detection.as_of else ()
    hits = [words(f"cli.typology_{one.mode}", code=one.code, accounts=one.accounts) for one in detection.typologies]
    if not detection.learnt and detection.model is None:
        return words("cli.too_few"), *until, *hits
    return _found(detection), judged_by(detection), *until, *hits


def _found(detection: Detection) -> Words:
    if not detection.learnt:
        return words("cli.too_few_model")
    return words("cli.detected", accounts=detection.accounts, members=detection.members, rings=detection.rings)


def ran(detection: Detection) -> Words:
    """When detection ran, on how many payments, by which version."""
    return words(
        "judged.ran", moment=clock(detection.detected_at), payments=detection.payments, version=detection.version
    )


def judged_by(detection: Detection) -> Words:
    """By what accounts were scored."""
    prior = percent(detection.prior)
    if detection.model is None:
        return words("judged.evidence", prior=prior)
    return words("judged.model", prior=prior, name=detection.model.name, sha256=detection.model.sha256[:16])


def learnt_from(model: UsedModel) -> Words:
    """What a model learnt from, how it was calibrated, and how well it did on what was held out."""
    precision = model.average_precision
    counts = {"accounts": model.accounts, "positives": model.positives, "payments": model.payments}
    return words(
        "judged.learnt_from", **counts, first=model.first, last=model.last,
        labels=words("judged.unlabelled" if model.unlabelled else "judged.labelled"),
        calibration=words(f"judged.{model.calibration}"),
        held_out=words("judged.too_few") if precision is None else words("judged.held_out", figure=f"{precision:.3f}"),
    )  # fmt: skip


def as_of(detection: Detection) -> Words:
    """That nothing later than a moment was looked at."""
    return words("judged.as_of", moment=clock(detection.as_of))


def whole(detection: Detection) -> tuple[Words, ...]:
    """All that is to be said of it, beside what was found: a paragraph each."""
    until = (as_of(detection),) if detection.as_of else ()
    learnt = (learnt_from(detection.model),) if detection.model else ()
    return *until, ran(detection), judged_by(detection), *learnt, *typologies(detection), meaning(detection)


def typologies(detection: Detection) -> tuple[Words, ...]:
    """Which users' typologies may be among the reasons; of those in shadow nothing is said."""
    counts = [f"{one.code} ({one.version})" for one in detection.typologies if one.mode == "counts"]
    return (words("judged.typologies", names=", ".join(counts)),) if counts else ()


def meaning(detection: Detection) -> Words:
    """What a score means."""
    values = {"prior": percent(detection.prior), "base": score(detection.prior)}
    if detection.model is None:
        return words("findings.meaning", **values)
    return words("findings.meaning_model", name=detection.model.name, **values)
