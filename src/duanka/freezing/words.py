"""Amounts, times and reasons of orders in words."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from duanka.messages.catalogue import Language, say
from duanka.records.money import format_minor


def reason(one: Mapping[str, object], minutes: float, language: Language) -> str:
    """Why this order: the payment that it states, what is expected of it, how sure the account is.

    `one` is a line of a proposal; `minutes` is how long it takes until its order is in effect.
    """
    time, currency = one["row_time"], str(one["currency"])
    assert isinstance(time, datetime)  # noqa: S101 - the column is one of times
    return say(
        "freeze.reason", language, amount=money(one["row_amount"], currency), time=moment(time, language),
        payer=one["payer"] or say("common.not_named", language), row=one["row_id"], hop=one["hop"],
        gone=f"{one['gone']:.0%}", minutes=f"{minutes:g}", arriving=money(one["arriving"], currency),
        expected=money(one["expected"], currency), risk=f"{one['risk']:.2f}", innocence=f"{one['innocence']:.2f}",
        harm=money(one["harm"], currency),
    )  # fmt: skip


def money(amount: object, currency: str) -> str:
    """Minor units in units, with their currency."""
    return f"{format_minor(round(float(str(amount))), currency)} {currency}"


def moment(when: datetime, language: Language) -> str:
    """In China's time for Chinese readers, else in the zone that it has."""
    zone = ZoneInfo("Asia/Shanghai") if language == "zh" else when.tzinfo
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M:%S%z}"
