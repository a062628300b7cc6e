"""Columns of `features` in words: every name is made of parts, and each part has words in the catalogue."""

from duanka.messages.catalogue import Language, say

_AROUND = ("payees_mean", "payers_mean", "payees_largest", "payers_largest")
_SIDES = ("out", "in")
_ENDS = ("paid", "got")


def words(name: str, language: Language) -> str:
    """What a column tells, e.g. `payees_mean_in_rows`. MessageError for a name that no column has."""
    for around in _AROUND:
        if name.startswith(f"{around}_"):
            return say(f"feature.{around}", language, what=words(name.removeprefix(f"{around}_"), language))
    side, _, what = name.partition("_")
    if side in _SIDES and name != "in_of_both":
        return say(f"feature.{side}", language, what=say(f"feature.side.{what}", language))
    if side in _ENDS:
        strength, _, how = what.rpartition("_")
        which = say(f"feature.strength.{strength}", language)
        return say(f"feature.{side}", language, what=say(f"feature.how.{how}", language, which=which))
    return say(f"feature.{name}", language)
