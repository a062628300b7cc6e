"""What a return proposal prints: for people in words and columns, for scripts as one JSON object."""

from duanka.freezing.returns import TABLES, Proposed, nothing_frozen
from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor


def as_dict(found: Proposed) -> dict[str, object]:
    """The contract that scripts rely on: tables as lists of objects; amounts minor units."""
    tables: dict[str, object] = {name: list(getattr(found, name).iter_rows(named=True)) for name in TABLES}
    head = {"at": found.moment.isoformat(), "currency": found.currency, "untouched": list(found.untouched)}
    return head | tables


def as_text(found: Proposed, language: Language) -> str:
    """Who gets what back, from which account, and what is left for people to decide."""
    sums = {name: _money(int(found.accounts[name].sum()), found) for name in _PARTS}
    lines = [nothing_frozen(found, language) or say("returns.head", language, **sums)]
    for one in found.claims.iter_rows(named=True):
        money = {name: _money(one[name], found) for name in ("loss", "returned", "direct", "proportional", "open")}
        lines.append(say("returns.claim", language, claim=one["claim"], seeds=", ".join(one["seeds"][:3]), **money))
        for part in found.lines.filter(found.lines["claim"] == one["claim"]).iter_rows(named=True):
            shares = {name: _money(part[name], found) for name in ("direct", "proportional")}
            lines.append(say("returns.line", language, account=part["account_id"], **shares))
    if len(found.accounts):
        lines += ["", say("returns.accounts", language)]
    for one in found.accounts.iter_rows(named=True):
        money = {name: _money(one[name], found) for name in _PARTS}
        lines.append(say("returns.account", language, account=one["account_id"], holder=one["holder"] or "", **money))
        if one["good_faith"]:
            lines.append(say("returns.good_faith", language, innocence=f"{one['innocence']:.2f}"))
    if found.untouched:
        lines += ["", say("returns.untouched", language, accounts=", ".join(found.untouched))]
    return "\n".join([*lines, "", say("returns.people_decide", language)])


_PARTS = ("frozen", "direct", "proportional", "review", "rest")


def _money(amount: int, found: Proposed) -> str:
    return f"{format_minor(amount, found.currency)} {found.currency}"
