"""Path tables against the schemas of every edition, as pyiso20022 has them (if it is installed)."""

import dataclasses
import importlib
import pkgutil
import re
import sys
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from duanka.sources.iso20022_paths import DETAIL_AMOUNTS, KIND_CODES, MESSAGES, PAYMENT_MEMO, STATEMENT_MEMO, Message
from duanka.sources.iso20022_statement import _CODE, _DAY, _FROM, _TO

NOT_THERE = {
    "pacs.009": {"debtor_id", "creditor_id"},  # institutions have no such identity
    "pacs.009.001.01": {"debtor_member", "creditor_member"},  # no clearing members in the first edition
}
NEWER = {"uetr", "proxy", "return_reason", "transaction_id"}
"""Notes that came with later editions, or stand in some messages only."""


def editions() -> Iterator[tuple[Message, str]]:
    for message in MESSAGES:
        family = message.code[:4]
        try:
            package = importlib.import_module(f"pyiso20022.{family}")
        except ImportError:
            continue
        start = message.code.replace(".", "_")
        for info in pkgutil.iter_modules(package.__path__, f"pyiso20022.{family}."):
            if info.name.rpartition(".")[2].startswith(start) and not info.name.endswith("pain_001_001_01"):
                yield message, info.name


EDITIONS = list(editions())


@cache
def children(kind: type) -> dict[str, Any]:
    """Elements of a schema class by name, with the type of each."""
    if not dataclasses.is_dataclass(kind):
        return {}
    hints = typing.get_type_hints(kind, vars(sys.modules[kind.__module__]))
    found = {}
    for one in dataclasses.fields(kind):
        if one.metadata.get("type") == "Element":
            inner = hints[one.name]
            while arguments := [a for a in typing.get_args(inner) if a is not type(None)]:
                inner = arguments[0]
            found[one.metadata["name"]] = inner
    return found


def follows(kind: Any, path: str) -> bool:  # noqa: ANN401 - classes that are generated from schemas
    """Whether a path leads from a schema class to an element that holds text."""
    for name in path.split("/"):
        kind = children(kind).get(name)
        if kind is None:
            return False
    return not children(kind)


def test_oracle_is_complete() -> None:
    pytest.importorskip("pyiso20022", reason="pyiso20022 and xsdata are not installed: schemas can't be compared")
    assert {message.code for message, _ in EDITIONS} == {message.code for message in MESSAGES}


@pytest.mark.parametrize(("message", "module"), EDITIONS, ids=[name.rpartition(".")[2] for _, name in EDITIONS])
def test_every_field_has_a_path_in_every_edition(message: Message, module: str) -> None:
    pytest.importorskip("xsdata")
    root, body = next(iter(children(importlib.import_module(module).Document).items()))
    assert re.sub(r"V\d\d$", "", root) in message.elements
    group = children(body)[message.group] if message.group else body
    row = children(group)[message.row]
    head = children(body)["GrpHdr"]
    details = children(children(row).get("NtryDtls", row)).get("TxDtls")

    def there(path: str) -> bool:
        for mark, kind in (("^", group), ("GrpHdr/", head), ("TxDtls/", details)):
            if path.startswith(mark):
                return follows(kind, path.removeprefix(mark))
        return follows(row, path)

    absent = {name for name, paths in message.paths.items() if not any(map(there, paths))}
    allowed = NOT_THERE.get(message.code, set()) | NOT_THERE.get(module.rpartition(".")[2].replace("_", "."), set())
    assert absent <= allowed
    assert {name for name, paths in message.notes.items() if not any(map(there, paths))} <= NEWER
    assert any(map(there, STATEMENT_MEMO if message.kind == "statement" else PAYMENT_MEMO))
    if message.kind == "statement":
        assert all(any(map(there, group_of)) for group_of in (_FROM, _TO, DETAIL_AMOUNTS))
        assert all(any(there(codes[part]) for codes in KIND_CODES) for part in range(3))
        balance = children(group).get("Bal")
        assert balance is None or all(any(follows(balance, path) for path in paths) for paths in (_CODE, _DAY))
