"""Every number of the generator, from one file, each with its range and what supports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from duanka.messages.told import ToldError


class SettingError(ToldError, ValueError):
    """A setting that can't be; the message names it and its range."""


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number: what it is, between which bounds (both closed) it makes sense, and its anchor."""

    value: float
    low: float
    high: float
    unit: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Numbers by name, `section.name`."""

    all: dict[str, Parameter]

    def __getitem__(self, name: str) -> float:
        return self.all[name].value

    def whole(self, name: str) -> int:
        """A number that counts."""
        return round(self.all[name].value)

    def with_settings(self, settings: dict[str, str]) -> "Parameters":
        """The same with some numbers changed; SettingError names what is impossible."""
        changed = dict(self.all)
        for name, text in settings.items():
            if name not in changed:
                raise SettingError("synth.no_parameter", name=repr(name))
            old = changed[name]
            try:
                value = float(text)
            except ValueError:
                value = float("nan")
            if not old.low <= value <= old.high:
                raise SettingError(
                    "synth.range", name=name, text=text, low=f"{old.low:g}", high=f"{old.high:g}", unit=old.unit
                )
            changed[name] = msgspec.structs.replace(old, value=value)
        return Parameters(changed)


@cache
def defaults() -> Parameters:
    """What `parameters.yaml` says."""
    content = (files(__package__) / "parameters.yaml").read_bytes()
    sections = msgspec.yaml.decode(content, type=dict[str, dict[str, Parameter]])
    named = {f"{section}.{name}": number for section, numbers in sections.items() for name, number in numbers.items()}
    for name, number in named.items():
        if not number.low <= number.value <= number.high:
            raise SettingError("synth.own_range", name=name)
    return Parameters(named)


def settings(pairs: Sequence[str]) -> Parameters:
    """The defaults with some numbers changed by NAME=VALUE pairs; SettingError names what is impossible."""
    named = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SettingError("synth.no_pair", pair=pair)
        named[name] = value
    return defaults().with_settings(named)
