"""The card of a model, in Markdown: what it learnt from, how well it did on what was held out, and its limits."""

from collections.abc import Mapping
from typing import Any

from duanka.messages.catalogue import Language, say
from duanka.scoring.feature_words import words

_FIGURES = (
    "average_precision", "base_rate", "recall_at_fpr_1pct", "recall_at_fpr_0.1pct", "roc_auc", "brier",
    "brier_of_base_rate",
)  # fmt: skip
_LIMITS = ("labels", "elsewhere", "proof", "features", "neighbours")


def card(figures: Mapping[str, Any], language: Language) -> str:
    """The page. `figures` are those of the model's file."""
    blank = ""
    lines = [f"# {_say('title', language)}", blank, _say("about", language), blank]
    lines += [f"## {_say('learnt', language)}", blank, _say("counts", language, **_counts(figures)), blank]
    if figures["unlabelled"]:
        lines += [_say("unlabelled", language, share=f"{figures['labelled_share']:.3f}"), blank]
    lines += [f"## {_say('held_out', language)}", blank, *_held_out(figures, language), blank]
    lines += [f"## {_say('strongest', language)}", blank, _say("strongest_about", language), blank]
    for place, one in enumerate(figures["strongest"], start=1):
        lines.append(f"{place}. {words(one['feature'], language)} (`{one['feature']}`): {one['contribution']:.3f}")
    lines += [blank, f"## {_say('limits', language)}", blank]
    lines += [f"- {_say(f'limit_{limit}', language)}" for limit in _LIMITS]
    return "\n".join(lines) + "\n"


def _say(key: str, language: Language, **values: object) -> str:
    return say(f"model_card.{key}", language, **values)


def _counts(figures: Mapping[str, Any]) -> dict[str, str]:
    counts = {
        name: f"{figures[name]:,}" for name in ("accounts", "positives", "payments", "unknown", "without_payments")
    }
    return counts | {"first": figures["first"], "last": figures["last"]}


def _held_out(figures: Mapping[str, Any], language: Language) -> list[str]:
    held = figures["held_out"]
    if held is None:
        return [_say("too_few", language)]
    counts = {name: f"{held[name]:,}" for name in ("learnt_from", "accounts", "positives")}
    lines = [
        _say(f"split_{figures['split']}", language, **counts),
        "",
        f"| {_say('figure', language)} | |",
        "|---|---|",
    ]
    for name in _FIGURES:
        value = "–" if held[name] is None else f"{held[name]:.4f}"
        lines.append(f"| {_say('figure_' + name.replace('.', ''), language)} | {value} |")
    lines += ["", _say("calibration", language), "", _say("calibration_head", language), "|---|---|---|"]
    for one in held["calibration"]:
        lines.append(f"| {one['accounts']:,} | {one['said']:.4f} | {one['true']:.4f} |")
    return lines
