"""What the page of a freeze plan shows, from the plan and the case: words in both languages, files and lines."""

from collections.abc import Callable
from datetime import UTC, datetime

from duanka.freezing.plan import Proposal
from duanka.freezing.text import head, lies, measure, resting, scored, under_measure_lines
from duanka.messages.catalogue import Language
from duanka.report.evidence import places
from duanka.report.freeze_html import Choice, FreezePage, Order
from duanka.report.wording import Words, same
from duanka.store.case import Case
from duanka.store.detection import tool_version
from duanka.tracing.text import claim_lines, left_out_lines


def plan_page(case: Case, found: Proposal, *, made: datetime | None = None) -> FreezePage:
    """What the page shows. O(lines)."""
    where = places(case.db, found.lines["row_id"].to_list())
    return FreezePage(
        case=case.folder.resolve().name,
        made=made or datetime.now(UTC),
        version=tool_version(),
        currency=found.currency,
        price=found.wish.price,
        head=_both(lambda language: head(found, language)),
        scored=_both(lambda language: scored(found, language)),
        claims=_each(lambda language: claim_lines(found.claims, language)),
        left_out=_each(lambda language: left_out_lines(found.left_out, language)),
        orders=tuple(
            Order(
                one["rank"], one["account_id"], one["holder"] or "", one["institution"] or "",
                Words(measure(one, "zh"), measure(one, "en")), one["amount"], one["expected"], one["risk"],
                one["innocence"], one["harm"], Words(resting(one, "zh"), resting(one, "en")),
                Words(lies(one, found, "zh"), lies(one, found, "en")), Words(one["reason_zh"], one["reason_en"]),
                one["row_id"], where.get(one["row_id"], ()),
            )
            for one in found.lines.iter_rows(named=True)
        ),
        under_measure=tuple(same(one.strip()) for one in under_measure_lines(found)),
        frontier=tuple(
            Choice(one["price"], round(one["recovered"]), one["innocents"], round(one["harm"]), one["orders"],
                   one["verified"])
            for one in found.frontier.iter_rows(named=True)
        ),
    )  # fmt: skip


def _both(say_it: Callable[[Language], str]) -> Words:
    return Words(say_it("zh").strip(), say_it("en").strip())


def _each(say_them: Callable[[Language], list[str]]) -> tuple[Words, ...]:
    zh, en = say_them("zh"), say_them("en")
    return tuple(Words(one.strip(), other.strip()) for one, other in zip(zh, en, strict=True))
