"""Who shares what: devices of sessions and payments, phones, holders; never too many, never from the future."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from duanka.store import arrays
from duanka.store.case import Case
from duanka.store.sharing import MOST, sharing

EARLY, LATE = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 9, tzinfo=UTC)
CROWD = [f"C{number:03}" for number in range(MOST + 1)]
PEOPLE = ["A", "B", "D", "E", "F", "G", "H"]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with Case(tmp_path_factory.mktemp("sharing"), create=True) as made:
        everybody = [*PEOPLE, *CROWD]
        phones = {"B": "+861", "D": "+861"}
        holders = {"E": "id:1", "F": "id:1"}
        made.replace_table("accounts", pa.table({
            "account_id": everybody, "phone": [phones.get(one, "") for one in everybody],
            "party_id": pa.array([holders.get(one) for one in everybody], pa.string()),
        }))  # fmt: skip
        made.replace_table("aliases", pa.table({"alias": ["card of B"], "account_id": ["B"]}))
        made.replace_table("transactions", pa.table({
            "payer": ["G", "H", "A", None], "device": ["till", "till", "", "till"], "time": [EARLY, LATE, EARLY, EARLY],
            "time_precision": ["second", "day", "second", "second"], "sides": [3] * 4, "payee": ["A"] * 4,
            "currency": ["CNY"] * 4, "currency_received": ["CNY"] * 4,
        }))  # fmt: skip
        sessions = [("A", "phone", EARLY), ("card of B", "phone", LATE), *((one, "gateway", EARLY) for one in CROWD)]
        made.replace_table("raw_session", pa.table({
            "account_id": [one for one, _, _ in sessions], "device": [device for _, device, _ in sessions],
            "time": [time for _, _, time in sessions],
        }))  # fmt: skip
        arrays.prepare(made.db)
        yield made


def pairs(case: Case, accounts: list[str], as_of: datetime | None = None) -> list[tuple[str, str]]:
    found = sharing(case.db, pa.array(accounts), as_of)
    return list(zip(found["one"].to_pylist(), found["other"].to_pylist(), strict=True))


def test_devices_phones_and_holders(case: Case) -> None:
    assert pairs(case, [*PEOPLE, *CROWD]) == [("A", "B"), ("B", "D"), ("E", "F"), ("G", "H")]


def test_only_those_asked_for(case: Case) -> None:
    assert pairs(case, ["A", "D", "E", "F"]) == [("E", "F")]
    assert pairs(case, []) == []


def test_nothing_from_the_future(case: Case) -> None:
    assert pairs(case, PEOPLE, EARLY) == [("B", "D"), ("E", "F")]
    assert ("A", "B") in pairs(case, PEOPLE, LATE)
    assert ("G", "H") not in pairs(case, PEOPLE, LATE)  # a day is over only at its end


def test_what_very_many_share_says_nothing(case: Case) -> None:
    assert pairs(case, CROWD) == []
    assert len(pairs(case, CROWD[:3])) == 0, "it is not how many are asked for that counts"
