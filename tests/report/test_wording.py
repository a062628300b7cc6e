from datetime import UTC, datetime

import pytest

from duanka.report.facts import Moment, Place
from duanka.report.wording import Words, duration, percent, place, reason, row_time, same, warning, words

NOON = datetime(2025, 3, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (Moment(NOON, "Asia/Shanghai", "second"), "2025-03-03 12:05:06"),
        (Moment(NOON, "America/New_York", "minute"), "2025-03-03 12:05"),
        (Moment(NOON, "Asia/Shanghai", "hour"), "2025-03-03 12:--"),
        (Moment(datetime(2025, 3, 2, 16, tzinfo=UTC), "Asia/Shanghai", "day"), "2025-03-03"),
        (Moment(datetime(2025, 3, 2, 16, tzinfo=UTC), "+08:00", "day"), "2025-03-03"),
        (Moment(datetime(2025, 3, 3, 5, tzinfo=UTC), "America/New_York", "day"), "2025-03-03 (America/New_York)"),
        (Moment(datetime(2025, 3, 3, tzinfo=UTC), "no/such zone", "day"), "2025-03-03 (no/such zone)"),
    ],
)
def test_times_are_as_fine_as_their_source(moment: Moment, text: str) -> None:
    assert row_time(moment).en == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (5400, "90 min"), (8000, "2.2 h"), (10**7, "116 d")],
)
def test_durations(seconds: int | None, text: str) -> None:
    assert duration(seconds).en == text


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.0, "0%"), (1.0, "100%"), (0.9999, ">99.9%"), (1e-9, "<0.1%"), (0.384, "38.4%")]
)
def test_percent_rounds_nothing_away(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_places() -> None:
    assert place(Place("a.csv", 12_345)).en == "line 12345"
    assert place(Place("a.xlsx", 7, 3)).zh == "第 3 个表第 7 行"


def test_codes_from_outside() -> None:
    assert reason("binary").zh == "既非文本，也非可识别的表格文件"
    assert reason("text: no known header").en == "No line looks like a known header (text)"
    assert reason("can't be opened: x") == same("can't be opened: x")
    assert warning("odd:thing") == same("odd:thing")


def test_words_escape_what_they_carry() -> None:
    assert str(words("wanted.lead", count="<b>").marked("span")).count("&lt;b&gt;") == 2
    assert same("<b>").__html__() == "&lt;b&gt;"
    assert Words("甲", "A").plain == "甲 · A"
