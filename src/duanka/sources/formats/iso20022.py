"""ISO 20022 payment messages, streamed: nothing outside a file is ever fetched, and memory doesn't grow with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

import polars as pl
from lxml import etree

from duanka.sources.batch import Batch
from duanka.sources.iso20022_paths import MESSAGES, Message
from duanka.sources.iso20022_rows import Facts, Row, batch_of, entry_rows, payment_row
from duanka.sources.iso20022_statement import Statement, periods
from duanka.sources.opened import Opened, SourceError

BATCH_ROWS = 5_000
HEAD_BYTES = 1 << 16
"""Bytes in which a message must begin to be recognised; envelopes and signatures before it are short."""

_JOINED = frozenset({"Ustrd", "AddtlNtryInf", "AddtlTxInf", "InstrInf"})
_APART = frozenset({"Ntry", "TxDtls", "CdtTrfTxInf", "Bal", "TxsSummry", "PstlAdr", "CtctDtls", "SplmtryData"})
"""Elements that are read by themselves, or not at all."""
_BY_ELEMENT = {name: message for message in MESSAGES for name in message.elements}
_EDITION = re.compile(r"V\d\d?$")
_ROWS = frozenset(message.row for message in MESSAGES)
_GROUPS = frozenset(message.group for message in MESSAGES if message.group)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_START_TAG = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)(?=[\s/>])")


class Iso20022Reader:
    """Reads every ISO 20022 message of a file; recognises files whose first message is of its own kind."""

    full_book = False

    def __init__(self, message: Message) -> None:
        self.message = message
        self.name = "iso20022_" + message.code.replace(".", "")
        self.title_en, self.title_zh = message.title_en, message.title_zh
        self.documentation = message.documentation

    def recognises(self, opened: Opened) -> bool:
        """Whether the first message that begins in the file's first bytes is this reader's."""
        if opened.kind != "xml":
            return False
        found = (_message(tag.group(1)) for tag in _START_TAG.finditer(_head(opened)))
        return next((message for message in found if message is not None), None) is self.message

    def read(self, opened: Opened, *, own_account: str) -> Iterator[Batch]:
        """Batches of about 5,000 rows. A fault anywhere makes a SourceError: batches read before it are void."""
        head = _head(opened)
        start = _START_TAG.search(head)
        if "<!DOCTYPE" in head[: start.start() if start else None]:
            raise SourceError("source.dtd")
        with opened.path.open("rb") as stream:
            stream.seek(_blanks_before(opened.start))
            try:
                yield from _Reading(own_account).batches(stream)
            except etree.XMLSyntaxError as error:
                raise SourceError("source.xml", line=error.lineno, problem=error.msg) from error


def _head(opened: Opened) -> str:
    """The file's first bytes as text, without comments."""
    start = opened.start[:HEAD_BYTES]
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16"
    else:
        encoding = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(start[:2], "utf-8")
    return _COMMENT.sub("", start.decode(encoding, errors="ignore"))


def _blanks_before(start: bytes) -> int:
    """Blank bytes before the XML declaration, which the standard forbids and exports have; a mark before them too."""
    found = re.match(rb"(?:\xef\xbb\xbf)?[ \t\r\n]+(?=<[^\x00])", start)
    return found.end() if found else 0


def _message(name: str) -> Message | None:
    return _BY_ELEMENT.get(_EDITION.sub("", name))


def _local(element: etree._Element) -> str:
    return _local_name(element.tag)


@lru_cache(maxsize=4096)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def leaves(element: etree._Element, prefix: str) -> Facts:
    """Texts of an element's descendants by path, without the parts that stand apart. O(descendants)."""
    found: Facts = {}
    _collect(element, prefix, found)
    return found


def _collect(element: etree._Element, prefix: str, found: Facts) -> None:
    for child in element:
        name = _local(child)
        if name in _APART:
            continue
        path = prefix + name
        if len(child):
            _collect(child, path + "/", found)
        elif (text := child.text) and (text := " ".join(text.split())):
            if path not in found:
                found[path] = text
                if currency := child.get("Ccy"):
                    found[path + "@Ccy"] = currency
            elif name in _JOINED:
                found[path] += " " + text


def _forget(element: etree._Element) -> None:
    """Free what an element held, and the empty shell of the one before it."""
    element.clear()
    before, parent = element.getprevious(), element.getparent()
    if before is not None and parent is not None and before.tag == element.tag:
        parent.remove(before)


@dataclass
class _Reading:
    """One pass over a file: what was met and not yet handed on."""

    own_account: str
    rows: dict[str, list[Row]] = field(default_factory=dict)  # by code of the message
    waiting: int = 0
    number: int = 0
    details: list[Facts] = field(default_factory=list)  # transactions of the entry that is being read
    group: etree._Element | None = None
    common: Facts = field(default_factory=dict)  # what the group and the message's head say of each row
    statement: Statement | None = None
    day: str = ""
    met: dict[int, int] = field(default_factory=dict)  # how often each serial of the day came with the same money
    periods: list[pl.DataFrame] = field(default_factory=list)
    warnings: tuple[str, ...] = ()

    def batches(self, stream: BinaryIO) -> Iterator[Batch]:
        """Every row of the stream."""
        names = ("TxDtls", *_ROWS, *_GROUPS)
        events = etree.iterparse(
            stream, events=("end",), tag=[f"{{*}}{name}" for name in names], resolve_entities=False, no_network=True,
            load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True, remove_blank_text=True,
        )  # fmt: skip
        for order, (_, element) in enumerate(events):
            if order == 0 and element.getroottree().docinfo.internalDTD is not None:
                raise SourceError("source.dtd")
            self._take(element, _local(element))
            if self.waiting >= BATCH_ROWS:
                yield from self._handed_on()
        yield from self._handed_on()

    def _take(self, element: etree._Element, name: str) -> None:
        if name == "TxDtls":
            self.details.append(leaves(element, "TxDtls/"))
        elif name in _ROWS:
            self._take_row(element, name)
        else:
            self._end_group(element)
        _forget(element)

    def _take_row(self, element: etree._Element, name: str) -> None:
        group = element.getparent()
        message = self._enter(group) if group is not None else None
        details, self.details = self.details, []
        if message is None or message.row != name:
            return
        facts = self.common | leaves(element, "")
        rows = entry_rows(message, facts, details) if message.kind == "statement" else [payment_row(message, facts)]
        for row in rows:
            self.number += 1
            row.number = self.number
            self._tell_apart(row)
            if self.statement is not None:
                self.statement.meet(row.cells["time"], row.cells["currency"])
        self.rows.setdefault(message.code, []).extend(rows)
        self.waiting += len(rows)

    def _tell_apart(self, row: Row) -> None:
        """A serial that comes again with the same money between the same accounts on the same day gets `#2`, `#3`.

        A message lists no booking twice: banks repeat a batch's reference for each part of it. Days are looked at one
        by one, so that memory is bounded by the busiest.
        """
        cells = row.cells
        day = (cells["time"] or "")[:10]
        if day != self.day:
            self.day, self.met = day, {}
        if serial := cells["external_id"]:
            names = ("amount", "direction", "own", "payer", "payee", "payer_name", "payee_name")
            key = hash((serial, *(cells.get(name) for name in names)))
            count = self.met[key] = self.met.get(key, 0) + 1
            if count > 1:
                cells["external_id"] = f"{serial}#{count}"

    def _enter(self, group: etree._Element) -> Message | None:
        """The message to which a group of rows belongs; what it says of all its rows is read when it is new."""
        name = _local(group)
        holder = group.getparent() if name in _GROUPS else group
        message = _message(_local(holder)) if holder is not None else None
        if message is None or holder is None or (message.group or _local(holder)) != name:
            return None
        if group is not self.group:
            self.group = group
            self.common = leaves(group, "^") if message.group else {}
            self.statement = None
            if message.kind == "statement":
                self.statement = Statement(self.common, [leaves(one, "") for one in group if _local(one) == "Bal"])
            else:
                head = next((child for child in holder if _local(child) == "GrpHdr"), None)
                self.common |= leaves(head, "GrpHdr/") if head is not None else {}
        return message

    def _end_group(self, group: etree._Element) -> None:
        message = self._enter(group)
        if message is not None and message.periods and self.statement is not None:
            frame, warnings = periods(self.statement, message, self.own_account)
            self.periods.append(frame)
            self.warnings += warnings
        self.group, self.statement = None, None

    def _handed_on(self) -> Iterator[Batch]:
        for message in MESSAGES:
            if rows := self.rows.pop(message.code, None):
                yield batch_of(rows, message, self.own_account)
        if self.periods:
            yield Batch(periods=pl.concat(self.periods), warnings=self.warnings)
        self.waiting, self.periods, self.warnings = 0, [], ()


READERS = tuple(Iso20022Reader(message) for message in MESSAGES)
