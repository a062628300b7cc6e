"""Small cases: forty ordinary accounts, and one that is odd in one way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from cases import Row, police, row, take_in
from duanka import derive
from duanka.signals.measuring import Measured, measured
from duanka.store.case import Case

ODD = "990000000007777"
FELLOWS = tuple(f"99000000000{1000 + number}" for number in range(40))
MOVED = ("day", "minute")
Setup = Callable[[Case], None]


def at(day: int, minute: int = 0) -> str:
    """`minute` minutes after nine on a day from the first of March 2024 on."""
    return f"{datetime(2024, 3, 1, 9) + timedelta(days=day, minutes=minute):%Y-%m-%d %H:%M:%S}"  # noqa: DTZ001 - printed


def got(other: str, amount: float, day: int, minute: int = 0, own: str = ODD, memo: str = "", **more: str) -> Row:
    return row(own, "进", _number(other), f"{amount:.2f}", at(day, minute), 摘要说明=memo, **more)


def paid(other: str, amount: float, day: int, minute: int = 0, own: str = ODD, memo: str = "", **more: str) -> Row:
    return row(own, "出", _number(other), f"{amount:.2f}", at(day, minute), 摘要说明=memo, **more)


def _number(other: str) -> str:
    return other if other.startswith("99") else f"98000000000{other:0>4}"


def ordinary(own: str, **more: str) -> Iterator[Row]:
    """Twelve receipts and twelve payments in a month, half of the money kept, four partners each way, by day."""
    shift = int(own[-3:])
    for turn in range(12):
        yield got(f"{shift}{turn % 4}", 317.4 + shift + 7 * turn, 2 * turn, 3 * turn + shift, own, **more)
        yield paid(f"{shift}{turn % 4 + 4}", 151.3 + shift / 2 + 3 * turn, 2 * turn + 1, 90 + shift, own, **more)


def quiet(turns: int = 6) -> list[Row]:
    """What an odd account does beside: a few rows."""
    return [
        *(got("7001", 411.2 + turn, 2 * turn, 7) for turn in range(turns)),
        *(paid("7002", 203.6 + turn, 2 * turn + 1, 9) for turn in range(turns)),
    ]


@contextmanager
def case_of(folder: Path, rows: list[Row], setup: Setup | None = None) -> Iterator[Case]:
    take_in(folder / "case", police(folder / "in" / "all.csv", rows))
    with Case(folder / "case") as case:
        if setup:
            setup(case)
        yield case


def fired(folder: Path, rows: list[Row], setup: Setup | None = None, as_of: datetime | None = None) -> Measured:
    with case_of(folder, rows, setup) as case:
        return measured(case, derive.ordered(case), as_of, whole=True)


def everyone(**more: str) -> list[Row]:
    return [one for own in FELLOWS for one in ordinary(own, **more)]


def sql(*statements: str) -> Setup:
    def run(case: Case) -> None:
        for statement in statements:
            case.db.run("set up", statement)

    return run


def session(own: str, device: str = "", ip: str = "", action: str = "login", day: int = 3, second: int = 0) -> str:
    moment = datetime(2024, 3, 1, 9) + timedelta(days=day, seconds=second)  # noqa: DTZ001 - as SQL
    return (
        "INSERT INTO raw_session (source_id, source_row, account_id, time, zone, ip, mac, device, action) "
        "VALUES ('x', 1, "
        f"'{own}', TIMESTAMPTZ '{moment:%Y-%m-%d %H:%M:%S}+08', 'Asia/Shanghai', '{ip}', '', '{device}', '{action}')"
    )
