"""The overview as a workbook: what the HTML shows, in cells that one can sort and add up."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from duanka.messages.catalogue import Language, say
from duanka.records.money import exponent, format_minor
from duanka.report import judged, wording
from duanka.report.cells import EXACT_INTEGER, Cell, Money, Sheet, Workbook, put_text
from duanka.report.facts import Facts
from duanka.report.found_sheets import found_sheets

_ABOUT = ("report.is", "report.is_text", "report.is_not", "report.is_not_text", "report.zone")


def write_overview(facts: Facts, path: Path, language: Language) -> None:
    """Write the workbook. Amounts are numbers in units of the currency, exact up to 2^53 minor units (else text)."""
    with Workbook(path) as book:
        _about(book, facts, language)
        for name, head, rows in _sheets(facts, language):
            keys = [say(key, language) for key in head]
            sheet = book.sheet(say(name, language), keys, [max(14, 2 * len(key)) for key in keys])
            for line, row in enumerate(rows, start=1):
                _put_row(book, sheet, line, row)


def _about(book: Workbook, facts: Facts, language: Language) -> None:
    sheet = book.book.add_worksheet(say("sheet.about", language))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    lines: list[tuple[str, str]] = [
        (say("report.title", language), facts.case),
        (say("report.made", language), wording.clock(facts.made)),
        (say("report.tool", language), f"Duanka {facts.version}"),
    ]
    lines += [(say(head, language), say(text, language)) for head, text in (_ABOUT[:2], _ABOUT[2:4])]
    lines += [
        ("", say("report.zone", language)),
        (say("totals.deduplicated", language), say("totals.deduplicated_how", language)),
        ("", say("totals.note", language)),
        (say("method.heading", language), say("method.fifo", language)),
    ]
    if facts.findings:
        lines.append((say("findings.heading", language), say("findings.guilt", language)))
        lines += [("", told.of(language)) for told in judged.whole(facts.findings.detection)]
    else:
        why = "findings.outdated" if facts.outdated else "findings.not_run"
        lines.append((say("findings.heading", language), say(why, language)))
    for line, (left, right) in enumerate(lines):
        sheet.write_string(line, 0, left, book.head)
        put_text(sheet, line, 1, right)


def _sheets(facts: Facts, language: Language) -> list[Sheet]:
    return [
        _files(facts),
        _totals(facts),
        _transits(facts),
        _flows(facts, language),
        _wanted(facts, language),
        _coverage(facts),
        _rejects(facts, language),
        *(found_sheets(facts.findings, language) if facts.findings else ()),
    ]


def _files(facts: Facts) -> Sheet:
    head = (
        "sources.file",
        "sources.format",
        "sources.encoding",
        "sources.rows",
        "sources.kept",
        "sources.merged",
        "sources.rejected",
        "sources.sha256",
    )
    rows = [(f.path, f.format, f.encoding, f.rows, f.kept, f.merged, f.rejected, f.sha256) for f in facts.files]
    return "sheet.files", head, rows


def _totals(facts: Facts) -> Sheet:
    head = ("totals.currency", "totals.turnover", "totals.inflow", "totals.net", "totals.deduplicated")
    rows: list[Sequence[Cell]] = [
        (t.currency, *(Money(a, t.currency) for a in (t.turnover, t.inflow, t.net, t.deduplicated)))
        for t in facts.totals
    ]
    return "sheet.totals", head, rows


def _transits(facts: Facts) -> Sheet:
    head = (
        "transit.account", "sheet.holder", "sheet.institution", "totals.currency", "transit.received", "transit.paid",
        "transit.stayed", "sheet.median_seconds", "sheet.within_1h", "sheet.within_24h", "sheet.within_7d",
        "sheet.payers", "sheet.payees", "sheet.breaks",
    )  # fmt: skip
    rows = [
        (
            t.account_id, t.holder, t.institution, t.currency,
            Money(t.in_sum, t.currency), Money(t.out_sum, t.currency),
            Money(t.retained, t.currency), t.dwell[1], *t.passed, t.payers, t.payees,
            t.coverage.break_count if t.coverage else None,
        )
        for t in facts.transits
    ]  # fmt: skip
    return "sheet.transit", head, rows


def _flows(facts: Facts, language: Language) -> Sheet:
    head = ("totals.currency", "sheet.tier", "flow.from", "flow.to", "flow.amount", "flow.rows_behind")
    rows: list[Sequence[Cell]] = []
    for flow in facts.flows:
        for ribbon in flow.ribbons:
            source, target = (wording.box_name(flow, i).of(language) for i in (ribbon.source, ribbon.target))
            tier = flow.boxes[ribbon.target].column
            rows.append((flow.currency, tier, source, target, Money(ribbon.amount, flow.currency), ribbon.rows or None))
    return "sheet.flow", head, rows


def _wanted(facts: Facts, language: Language) -> Sheet:
    head = (
        "wanted.rank", "wanted.account", "sheet.holder", "sheet.institution", "wanted.why", "wanted.amount",
        "totals.currency", "wanted.rows",
    )  # fmt: skip
    rows = [
        (
            w.rank, w.account_id, w.holder, w.institution, wording.coded("wanted", w.why).of(language),
            Money(w.amount, w.currency), w.currency, w.rows,
        )
        for w in facts.wanted
    ]  # fmt: skip
    return "sheet.wanted", head, rows


def _coverage(facts: Facts) -> Sheet:
    head = ("coverage.account", "sheet.holder", "sheet.from", "sheet.to", "sheet.breaks")
    rows = [(c.account_id, c.holder, c.start, c.stop, c.break_count) for c in facts.coverage]
    return "sheet.coverage", head, rows


def _rejects(facts: Facts, language: Language) -> Sheet:
    head = ("sheet.code", "sheet.reason", "sheet.count")
    rows = [(g.code, wording.coded("reject", g.code).of(language), g.count) for g in facts.rejects]
    return "sheet.rejects", head, rows


def _put_row(book: Workbook, sheet: Any, line: int, row: Sequence[Cell]) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    for position, value in enumerate(row):
        if isinstance(value, Money):
            _put_money(book, sheet, line, position, value)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, position, value.replace(tzinfo=None), book.time)
        elif isinstance(value, str):
            put_text(sheet, line, position, value)
        elif value is not None:
            sheet.write_number(line, position, value)


def _put_money(book: Workbook, sheet: Any, line: int, position: int, value: Money) -> None:  # noqa: ANN401 - as above
    places = exponent(value.currency)
    if abs(value.amount) < EXACT_INTEGER:
        sheet.write_number(line, position, value.amount / 10**places, book.money(places))
    else:
        sheet.write_string(line, position, format_minor(value.amount, value.currency))
