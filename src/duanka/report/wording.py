"""Facts in words: times, durations, places, reasons, in both languages at once."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup, escape

from duanka.messages.catalogue import Language, known, languages, say
from duanka.report.facts import Flow, Moment, Place, Seeds

SHOWN_ZONE = ZoneInfo("Asia/Shanghai")
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d{1,2}):?(\d{2})?$")


@dataclass(frozen=True, slots=True)
class Words:
    """The same in every language."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        """In one language."""
        return self.zh if language == "zh" else self.en

    def __html__(self) -> str:
        """Both, as marked-up text of which the style sheet shows one."""
        return self.marked("span")

    def marked(self, element: str) -> Markup:
        """Both, each in an element with its language; once, where they are the same."""
        if self.zh == self.en:
            return escape(self.en)
        return Markup("").join(  # the element is ours, the words are escaped
            Markup('<{0} lang="{1}">{2}</{0}>').format(element, language, self.of(language))
            for language in ("zh", "en")
        )

    @property
    def plain(self) -> str:
        """Both in one line, where no markup is possible."""
        return self.en if self.zh == self.en else f"{self.zh} · {self.en}"


def words(key: str, **values: object) -> Words:
    """A message in both languages; values that are `Words` or times are put in in each language."""
    said = {
        language: say(key, language, **{k: _value(v, language) for k, v in values.items()}) for language in languages
    }
    return Words(said["zh"], said["en"])


def same(text: str) -> Words:
    """A name, number or code: the same in every language."""
    return Words(text, text)


def _value(value: object, language: Language) -> object:
    if isinstance(value, Words):
        return value.of(language)
    return f"{value:,}" if isinstance(value, int) else value


def duration(seconds: int | None) -> Words:
    """A duration with two or three figures in the unit that suits it."""
    if seconds is None:
        return same("–")
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            count = seconds / size
            return words(f"unit.{unit}", count=f"{count:,.0f}" if count >= 100 else f"{count:.1f}".removesuffix(".0"))
    return words("unit.seconds", count=seconds)


def clock(moment: datetime | None) -> str:
    """A time in the zone of the report, to the second."""
    return "–" if moment is None else moment.astimezone(SHOWN_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def row_time(moment: Moment) -> Words:
    """A row's time as finely as its source gives it; a date stays the date that the source wrote, in its own zone."""
    if moment.precision == "day":
        zone = zone_of(moment.zone)
        local = moment.time.astimezone(zone)
        foreign = local.utcoffset() != moment.time.astimezone(SHOWN_ZONE).utcoffset()
        return same(local.strftime("%Y-%m-%d") + (f" ({moment.zone})" if foreign else ""))
    pattern = {"hour": "%Y-%m-%d %H:--", "minute": "%Y-%m-%d %H:%M"}.get(moment.precision, "%Y-%m-%d %H:%M:%S")
    return same(moment.time.astimezone(SHOWN_ZONE).strftime(pattern))


def zone_of(name: str) -> tzinfo:
    """A zone by its name or its offset; UTC where it is neither."""
    if match := _OFFSET.match(name):
        sign = -1 if match[1] == "-" else 1
        return timezone(sign * timedelta(hours=int(match[2]), minutes=int(match[3] or 0)))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def percent(share: float | None) -> str:
    """A share as a percentage; 100 % and 0 % only where it is so to the last digit shown."""
    if share is None:
        return "–"
    shown = f"{100 * share:.1f}"
    if shown == "100.0" and share < 1:
        shown = ">99.9"
    elif shown == "0.0" and share > 0:
        shown = "<0.1"
    return shown.removesuffix(".0") + "%"


def score(value: float | None) -> str:
    """A score with three digits; 1 and 0 only where it is so to the last digit shown."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return "–"
    shown = f"{value:.3f}"
    if shown == "1.000" and value < 1:
        return ">0.999"
    return "<0.001" if shown == "0.000" and value > 0 else shown


def place(where: Place) -> Words:
    """The line of a file, or the row of a workbook's table."""
    if where.sheet:
        return words("unit.sheet_row", sheet=where.sheet, row=str(where.row))
    return words("unit.row", row=str(where.row))


def reason(code: str) -> Words:
    """Why a file was not recognised: in words where the catalogue has them."""
    kind, _, rest = code.partition(": ")
    if rest == "no known header":
        return words("unknown.no_known_header", kind=kind)
    return words(f"unknown.{code}") if known(f"unknown.{code}") else same(code)


def warning(code: str) -> Words:
    """A warning that a reader gave: in words where the catalogue has them."""
    name, *parts = code.split(":")
    if name == "undecodable" and len(parts) == 2:
        return words("warning.undecodable", count=parts[0], encoding=parts[1])
    return same(code)


def coded(prefix: str, code: str) -> Words:
    """The words of a code, or the code where there are none."""
    key = f"{prefix}.{code}"
    return words(key) if known(key) else same(code)


def box_name(flow: Flow, index: int) -> Words:
    """What a box of the flow stands for."""
    box = flow.boxes[index]
    if box.kind == "account":
        return same(f"{box.account_id} {box.holder}".strip())
    return words(f"flow.{box.kind}", count=box.members)


def seed_names(seeds: Seeds, shown: int = 5) -> str:
    """The starting points as the user would name them; the first ones."""
    names = [*seeds.accounts] if not seeds.chosen else [*seeds.accounts, *(f"row:{row}" for row in seeds.rows)]
    rest = f" … (+{len(names) - shown:,})" if len(names) > shown else ""
    return ", ".join(names[:shown]) + rest
