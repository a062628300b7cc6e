"""What the three tables of a run-points platform (跑分平台) may say, and which words are known without a mapping."""

from typing import Literal

import msgspec

from duanka.sources.spec import TableFormat

Role = Literal["orders", "points", "users"]

ORDERS: dict[str, str] = {
    "order": "the platform's number of the order",
    "time": "when the order was made",
    "date": "its date, where date and time of day stand apart",
    "clock": "its time of day",
    "confirmed": "when the platform took it for paid",
    "kind": "代收 (collect: the platform's card receives) or 代付 (payout: it pays)",
    "amount": "amount of the order",
    "card": "the platform's own card, account or code: payee of a 代收, payer of a 代付",
    "payee": "account that receives",
    "payer": "account that pays",
    "user": "the platform's user whose card serves the order (码商)",
    "merchant": "the user who ordered it (商户)",
    "status": "what became of it",
    "commission": "commission that the platform books with the order",
}
"""Fields of an order."""

POINTS: dict[str, str] = {
    "time": ORDERS["time"].replace("the order was made", "it was booked"),
    "date": ORDERS["date"],
    "clock": ORDERS["clock"],
    "user": "whose points change",
    "kind": "保证金 (deposit), 上分 (up), 下分 (down) or 佣金 (commission)",
    "amount": "amount of the booking; what it does to the points follows from its kind",
    "delta": "signed change of the points, instead of `amount`",
    "order": "the order that it belongs to",
    "balance": "the user's points after it",
}
"""Fields of a booking of points."""

USERS: dict[str, str] = {
    "user": "the platform's number of the user",
    "role": "what the user is: member, studio, agent, merchant, or the platform's own words",
    "card": "card, account or code; a user with several has several rows",
    "deposit": "margin that the platform holds of the user (保证金)",
    "points": "points as the platform states them",
}
"""Fields of a user."""

FIELDS: dict[Role, dict[str, str]] = {"orders": ORDERS, "points": POINTS, "users": USERS}

NEEDED: dict[Role, tuple[tuple[str, ...], ...]] = {
    "orders": (("time", "date"), ("amount",), ("kind",), ("card", "payee", "payer", "user", "order")),
    "points": (("time", "date"), ("amount", "delta"), ("kind",), ("user",)),
    "users": (("user",),),
}
"""One field of each of these must be mapped."""

KINDS: dict[Role, dict[str, str]] = {
    "orders": {
        **dict.fromkeys(("collect", "代收", "收款", "充值", "上分", "入款"), "collect"),
        **dict.fromkeys(("payout", "代付", "付款", "提现", "下分", "出款"), "payout"),
    },
    "points": {
        **dict.fromkeys(("deposit", "保证金", "押金"), "deposit"),
        **dict.fromkeys(("up", "上分"), "up"),
        **dict.fromkeys(("down", "下分"), "down"),
        **dict.fromkeys(("commission", "佣金", "返佣"), "commission"),
    },
    "users": {},
}
"""Words that need no mapping. In orders, 上分 and 下分 are the bettor's: he pays in, and is paid out."""

STATUSES: dict[str, str] = {
    **dict.fromkeys(("paid", "success", "已支付", "支付成功", "成功", "已完成", "完成"), "paid"),
    **dict.fromkeys(
        ("unpaid", "expired", "cancelled", "canceled", "failed", "超时", "已超时", "已过期", "取消", "已取消", "未支付",
         "待支付", "失败", "支付失败", "关闭", "已关闭"),
        "unpaid",
    ),
}  # fmt: skip
"""Words that need no mapping; any other is `unknown`, which may have been paid."""

MEANINGS: dict[str, tuple[str, ...]] = {
    "orders": ("collect", "payout"),
    "points": ("deposit", "up", "down", "commission"),
    "users": (),
    "status": ("paid", "unpaid", "unknown"),
}
"""What the words of `kind` and `status` may be mapped to."""


class PlatformTable(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a platform: how to recognise and read it, and what its words mean."""

    role: Role
    format: TableFormat
    platform: str = ""  # name of the platform; users and orders of two platforms are never mixed
    kind: dict[str, str] = {}
    status: dict[str, str] = {}
    commission: Literal["charged", "earned"] = "charged"  # what a positive commission is to the user
    prefix: str = ""  # goes before account numbers


_NAME = r"platform_(.+)_(?:orders|points|users)\.\w+$"


def _ours(role: Role, *columns: str) -> PlatformTable:
    """A table that `duanka synth` writes, as Parquet or exported to CSV or XLSX."""
    chosen = TableFormat(
        name=f"duanka_platform_{role}", title_en=f"platform {role}", title_zh=f"platform {role}", required=columns,
        columns={name: name for name in columns if name in FIELDS[role]}, unit="minor", zone="UTC",
        filename={"platform": _NAME},
    )  # fmt: skip
    return PlatformTable(role=role, format=chosen)


OURS: tuple[PlatformTable, ...] = (
    _ours("orders", "order", "time", "kind", "amount", "card", "user", "merchant", "status", "confirmed"),
    _ours("points", "time", "user", "kind", "amount", "order"),
    _ours("users", "user", "role", "card", "joined", "deposit", "points"),
)
"""What is read without a mapping: the databases of our own made-up platforms."""
