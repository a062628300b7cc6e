"""What detection found as sheets of the overview workbook: what the page shows of it, in cells."""

from collections.abc import Sequence

from duanka.messages.catalogue import Language, say
from duanka.report import wording
from duanka.report.cells import Cell, Money, Sheet
from duanka.report.findings import Behind, Findings, Member, Standing, Suspect


def found_sheets(found: Findings, language: Language) -> list[Sheet]:
    """Scores, rings, ring members, ordinary life, and the rows behind the reasons."""
    return [
        _scores(found, language), _rings(found), _members(found, language), _everyday(found, language),
        _behind(found),
    ]  # fmt: skip


def _scores(found: Findings, language: Language) -> Sheet:
    """A line for each ring that an account stands in, or one without."""
    head = (
        "findings.rank", "transit.account", "sheet.holder", "sheet.institution", "findings.score", "findings.produced",
        "ring.ring", "ring.tier", "ring.role", "findings.why", "sheet.rows_behind",
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            one.rank, one.account_id, one.holder, one.institution, round(one.score, 6),
            say("findings.is_produced" if one.produced else "findings.not_produced", language),
            *_place(standing, language), _reasons(one, language),
            " ".join(row for reason in one.reasons for row in reason.rows),
        )
        for one in found.suspects
        for standing in one.standings or (None,)
    ]  # fmt: skip
    return "sheet.scores", head, rows


def _place(standing: Standing | None, language: Language) -> tuple[Cell, Cell, Cell]:
    if standing is None:
        return None, None, None
    return standing.ring_id, standing.tier, wording.coded("role", standing.role).of(language)


def _reasons(one: Suspect, language: Language) -> str:
    return "; ".join(reason.zh if language == "zh" else reason.en for reason in one.reasons)


def _rings(found: Findings) -> Sheet:
    """A line for each ring and currency."""
    head = (
        "ring.ring", "findings.score", "ring.workers", "ring.members", "sheet.from", "sheet.to", "sheet.commission_low",
        "sheet.commission", "sheet.commission_high", "totals.currency", "ring.inflow", "ring.outflow", "ring.within",
        "flow.rows_behind",
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            ring.ring_id, round(ring.score, 6), ring.workers, ring.members, ring.first, ring.last,
            *(ring.commission or (None, None, None)), money.currency,
            *(Money(amount, money.currency) for amount in (money.inflow, money.outflow, money.within)), money.rows,
        )
        for ring in (*(part.ring for part in found.rings), *found.others)
        for money in ring.money
    ]  # fmt: skip
    return "sheet.rings", head, rows


def _members(found: Findings, language: Language) -> Sheet:
    """A line for each member that the page names, and currency."""
    head = (
        "ring.ring", "transit.account", "sheet.holder", "ring.tier", "sheet.tier_confidence", "ring.role",
        "sheet.role_confidence", "ring.works", "findings.score", "totals.currency", "ring.came", "ring.went",
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            part.ring.ring_id, member.account_id, member.holder, member.standing.tier, member.standing.tier_confidence,
            wording.coded("role", member.standing.role).of(language), member.standing.role_confidence,
            say("ring.yes", language) if member.standing.works else None, member.score, *money,
        )
        for part in found.rings
        for member in part.members
        for money in _came_and_went(member)
    ]  # fmt: skip
    return "sheet.ring_members", head, rows


def _came_and_went(member: Member) -> list[tuple[Cell, Cell, Cell]]:
    """Currency, what came and what went; empty cells for a member that no row of the ring names."""
    sums: list[tuple[Cell, Cell, Cell]] = [
        (one.currency, Money(one.came, one.currency), Money(one.went, one.currency)) for one in member.money
    ]
    return sums or [(None, None, None)]


def _everyday(found: Findings, language: Language) -> Sheet:
    head = (
        "transit.account", "sheet.what", "sheet.count", "row.amount", "totals.currency", "everyday.parties",
        "sheet.from", "sheet.to",
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            key.suspect.account_id, wording.coded("everyday", fact.kind).of(language), fact.count,
            Money(fact.amount, fact.currency), fact.currency, fact.counterparties, fact.first, fact.last,
        )
        for key in found.keys
        for fact in key.everyday
    ]  # fmt: skip
    return "sheet.everyday", head, rows


def _behind(found: Findings) -> Sheet:
    head = ("row.id", "row.time", "flow.from", "flow.to", "row.amount", "totals.currency", "row.memo", "row.source")
    rows: list[Sequence[Cell]] = [
        (
            row.row_id, row.moment.time, row.payer, row.payee, Money(row.amount, row.currency), row.currency, row.memo,
            _where(row),
        )
        for row in found.behind
    ]  # fmt: skip
    return "sheet.behind", head, rows


def _where(row: Behind) -> str:
    """File and line of every input row, or file, table and row of a workbook."""
    return "; ".join(":".join(map(str, (one.path, *([one.sheet] if one.sheet else ()), one.row))) for one in row.places)
