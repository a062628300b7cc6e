"""Verdicts as Markdown: means over the runs of a data set."""

from collections.abc import Iterator, Sequence
from statistics import mean

from detection.judge import Measures, Verdict
from detection.methods import BY_KEY, LEARNT

ACCOUNTS = ("average_precision", "recall_at_fpr_1pct", "recall_at_fpr_0.1pct", "roc_auc")
_ACCOUNTS_HEAD = (
    "method", "labels", "AP, all", "recall 1 %, all", "recall 0.1 %, all", "AUC, all", "AP, half", "recall 1 %, half",
    "recall 0.1 %, half", "AUC, half", "innocents, worst kind", "seconds", "MB",
)  # fmt: skip
_RINGS_HEAD = (
    "method", "true → found", "found → true", "rings found", "tiers right", "roles, macro F1", "commission", "seconds",
    "MB",
)  # fmt: skip


def markdown(verdicts: Sequence[Verdict], data: str) -> Iterator[str]:
    """Lines of the tables of one data set."""
    ours = [verdict for verdict in verdicts if verdict.data == data]
    runs = list(dict.fromkeys(verdict.run for verdict in ours))
    yield f"\n### {data}{', seeds ' + ', '.join(runs) if runs[0] else ''}\n"
    by_method = {key: [v for v in ours if v.method == key] for key in dict.fromkeys(v.method for v in ours)}
    base = [v.everybody["base_rate"] for v in ours if v.everybody] or [
        v.held_out["base_rate"] for v in ours if v.held_out
    ]
    if base:
        yield f"Base rate {mean(base):.2%}.\n"
        yield from _table(_ACCOUNTS_HEAD, [_of_accounts(key, group) for key, group in by_method.items() if _ranks(key)])
    if any(v.rings for v in ours):
        yield ""
        finders = {key: group for key, group in by_method.items() if key in {"ours", "louvain"}}
        yield from _table(_RINGS_HEAD, [_of_rings(key, group) for key, group in finders.items()])


def _ranks(key: str) -> bool:
    return key in {"ours", *LEARNT} or BY_KEY[key].score is not None


def _of_accounts(key: str, group: Sequence[Verdict]) -> list[str]:
    method = BY_KEY[key]
    if note := _note(group):
        return [f"{method.title}: {note}", method.labels, *["–"] * (len(_ACCOUNTS_HEAD) - 2)]
    cells = [method.title, method.labels]
    for where in ("everybody", "held_out"):
        cells += [_mean([getattr(v, where) for v in group], name) for name in ACCOUNTS]
    return [*cells, _worst([v.innocents for v in group]), *_cost(group)]


def _of_rings(key: str, group: Sequence[Verdict]) -> list[str]:
    method = BY_KEY[key]
    if note := _note(group):
        return [f"{method.title}: {note}", *["–"] * (len(_RINGS_HEAD) - 1)]
    setting = best_setting(group)
    found = [v.rings.get(setting, {}) for v in group]
    title = f"{method.title}, the best of {len(group[0].rings)} settings: {setting}" if setting else method.title
    members = [v.members for v in group]
    return [
        title, _mean(found, "true_to_found"), _mean(found, "found_to_true"), _mean(found, "found_rings", "{:,.0f}"),
        _mean(members, "tier_accuracy"), _mean(members, "role_macro_f1"), _commission(group), *_cost(group),
    ]  # fmt: skip


def best_setting(group: Sequence[Verdict]) -> str:
    """The setting that does best over all runs, chosen with the truth at hand: in the rival's favour."""
    settings = group[0].rings
    return max(settings, key=lambda s: mean(v.rings.get(s, {}).get("true_to_found", 0.0) for v in group), default="")


def _note(group: Sequence[Verdict]) -> str:
    return next((v.note for v in group if v.note), "")


def _mean(found: Sequence[Measures], name: str, form: str = "{:.3f}") -> str:
    values = [measures[name] for measures in found if name in measures]
    return form.format(mean(values)) if values else "–"


def _worst(found: Sequence[Measures]) -> str:
    """The kind with the largest share above the threshold, by its mean over the runs in which it is met."""
    kinds = {kind: [m[kind] for m in found if kind in m] for kind in sorted({kind for m in found for kind in m})}
    if not kinds:
        return "–"
    kind = max(kinds, key=lambda name: mean(kinds[name]))
    share = mean(kinds[kind])
    return f"{share:.1%} {kind}" if share else "0.0%"


def _commission(group: Sequence[Verdict]) -> str:
    judged = [v.commission for v in group if v.commission]
    if not judged:
        return "–"
    total = {name: sum(m[name] for m in judged) for name in ("within_tolerance", "estimated", "rings")}
    return f"{total['within_tolerance']:.0f} of {total['rings']:.0f} rings ({total['estimated']:.0f} estimated)"


def _cost(group: Sequence[Verdict]) -> list[str]:
    return [f"{mean(v.seconds for v in group):.1f}", f"{max(v.peak_mb for v in group):,.0f}"]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
