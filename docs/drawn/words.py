"""What the pictures call a role: English, and the Chinese term as the field has it."""

from functools import cache
from pathlib import Path

import yaml

Node = tuple[str, int]


class MissingWordError(KeyError):
    """A role has no words in docs/drawn/words.yaml."""


def word(kind: str, node: Node) -> str:
    """Name of a role in a ring's kind; its own where the kind has one, else the common one."""
    table = _table()
    for section, name in ((kind, f"{node[0]} {node[1]}"), (kind, node[0]), ("all", node[0])):
        if name in table.get(section, {}):
            return table[section][name]
    raise MissingWordError(f"docs/drawn/words.yaml: no word for {node[0]} {node[1]} of {kind}")


def title(kind: str) -> str:
    """Name of a kind of ring."""
    return word("titles", (kind, 0))


@cache
def _table() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return loaded
