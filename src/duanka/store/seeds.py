"""Where to start from: what a user names (an account, a row, a report, a person …) in the case's ids."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from duanka.identifiers import mobile
from duanka.sources.encoding import read_text
from duanka.store.case import Case

SeedKind = Literal["account", "row", "report", "party", "phone", "device"]
KINDS: tuple[str, ...] = get_args(SeedKind)


class SeedError(ValueError):
    """A seed that can't be read or is not in the case; the message says which."""


@dataclass(frozen=True, slots=True)
class Seed:
    """One starting point, as the user names it."""

    kind: SeedKind
    value: str


@dataclass(frozen=True, slots=True)
class Starts:
    """Starting points in the case's own ids, sorted."""

    accounts: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


def read_seeds(path: Path) -> list[Seed]:
    """A CSV file with the columns `kind,value`."""
    reader = csv.DictReader(io.StringIO(read_text(path)))
    if not {"kind", "value"} <= set(reader.fieldnames or ()):
        raise SeedError(f"{path}: the first line must name the columns kind,value")
    return [_seed(row["kind"] or "", row["value"] or "", f"{path}, line {reader.line_num}") for row in reader]


def parse_seed(text: str) -> Seed:
    """`account:ID`, `row:ID`, `report:ID`, `party:ID`, `phone:NO` or `device:ID`."""
    kind, _, value = text.partition(":")
    return _seed(kind, value, repr(text))


def _seed(kind: str, value: str, place: str) -> Seed:
    kind, value = kind.strip(), value.strip()
    if kind not in KINDS or not value:
        raise SeedError(f"{place}: a seed is KIND:VALUE with one of {', '.join(KINDS)}")
    return Seed(cast("SeedKind", kind), value)


_QUERIES: dict[str, str] = {
    "account": "SELECT account_id FROM aliases WHERE alias = $1",
    "party": "SELECT account_id FROM accounts WHERE party_id = $1 OR party_id = 'id:' || $1",
    "phone": "SELECT account_id FROM accounts WHERE phone = $1",
    "device": """
        SELECT coalesce(a.account_id, s.account_id) FROM raw_session s LEFT JOIN aliases a ON s.account_id = a.alias
        WHERE $1 IN (s.device, s.mac) UNION SELECT payer FROM transactions WHERE $1 IN (device, mac) AND payer IS NOT NULL""",
    "report": """
        SELECT coalesce(a.account_id, r.receiver_account) FROM raw_report r
        LEFT JOIN aliases a ON r.receiver_account = a.alias WHERE r.report_id = $1 AND r.receiver_account <> ''""",
    "row": "SELECT row_id FROM row_sources WHERE row_id = $1 OR entry_key = $1",
}


def reported(case: Case) -> list[Seed]:
    """The victims' reports of the case whose receiving account is known to it: where an investigation starts."""
    found = case.db.rows("""
        SELECT DISTINCT r.report_id FROM raw_report r JOIN aliases a ON r.receiver_account = a.alias
        WHERE r.report_id <> '' ORDER BY r.report_id
    """)
    return [Seed("report", str(row[0])) for row in found]


def resolve_seeds(case: Case, seeds: list[Seed]) -> Starts:
    """The accounts and rows that the seeds stand for; SeedError names the first that the case does not have."""
    accounts: set[str] = set()
    rows: set[str] = set()
    for seed in seeds:
        full = mobile.normalise(seed.value) if seed.kind == "phone" else None
        spellings = [seed.value, full] if full else [seed.value]
        found = {str(row[0]) for spelling in spellings for row in case.db.rows(_QUERIES[seed.kind], [spelling])}
        if not found:
            raise SeedError(f"the case has no {seed.kind} {seed.value!r}")
        (rows if seed.kind == "row" else accounts).update(found)
    return Starts(tuple(sorted(accounts)), tuple(sorted(rows)))
