"""Where to start from: what a user names (an account, a row, a report, a person …) in the case's ids."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from duanka.identifiers import mobile
from duanka.messages.catalogue import Language
from duanka.messages.told import Message, ToldError
from duanka.sources.encoding import read_text
from duanka.store.case import Case

SeedKind = Literal["account", "row", "report", "party", "phone", "device"]
KINDS: tuple[str, ...] = get_args(SeedKind)


class SeedError(ToldError, ValueError):
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
        raise SeedError("seed.columns", path=path)
    return [
        _seed(row["kind"] or "", row["value"] or "", Message("common.line_of", path=path, line=reader.line_num))
        for row in reader
    ]


def parse_seed(text: str) -> Seed:
    """`account:ID`, `row:ID`, `report:ID`, `party:ID`, `phone:NO` or `device:ID`."""
    kind, _, value = text.partition(":")
    return _seed(kind, value, repr(text))


def _seed(kind: str, value: str, place: object) -> Seed:
    kind, value = kind.strip(), value.strip()
    if kind not in KINDS or not value:
        raise SeedError("seed.shape", place=place, kinds=", ".join(KINDS))
    return Seed(cast("SeedKind", kind), value)


_QUERIES: dict[str, str] = {
    "account": "SELECT account_id FROM aliases WHERE alias = $1",
    "party": "SELECT account_id FROM accounts WHERE party_id = $1 OR party_id = 'id:' || $1",
    "phone": """
        SELECT account_id FROM accounts WHERE phone = $1
            OR party_id IN (SELECT party_id FROM parties WHERE phone = $1)
            OR party_id IN (SELECT coalesce(nullif(party_id, ''), 'id:' || holder_id) FROM raw_sim WHERE phone = $1)""",
    "device": """
        SELECT coalesce(a.account_id, s.account_id) FROM raw_session s LEFT JOIN aliases a ON s.account_id = a.alias
        WHERE $1 IN (s.device, s.mac, s.ip)
        UNION SELECT payer FROM transactions WHERE $1 IN (device, mac, ip) AND payer IS NOT NULL""",
    "report": """
        SELECT coalesce(a.account_id, r.receiver_account) FROM raw_report r
        LEFT JOIN aliases a ON r.receiver_account = a.alias WHERE r.report_id = $1 AND r.receiver_account <> ''""",
    "row": "SELECT row_id FROM row_sources WHERE row_id = $1 OR entry_key = $1",
}


_THERE: dict[str, str] = {
    "account": "SELECT alias FROM aliases",
    "party": "SELECT party_id FROM parties UNION SELECT id_number FROM parties",
    "phone": "SELECT phone FROM accounts UNION SELECT phone FROM parties UNION SELECT phone FROM raw_sim",
    "device": "SELECT device FROM raw_session UNION SELECT device FROM transactions",
    "report": "SELECT report_id FROM raw_report",
    "row": "SELECT row_id FROM heads",
}
"""What the case has of each kind: `_nearest` names the values that look most alike."""

NAMED = 3
"""So many values that the case has are named where it does not have the one asked for."""


def reported(case: Case) -> list[Seed]:
    """The victims' reports of the case whose receiving account is known to it: where an investigation starts."""
    found = case.db.rows("""
        SELECT DISTINCT r.report_id FROM raw_report r JOIN aliases a ON r.receiver_account = a.alias
        WHERE r.report_id <> '' ORDER BY r.report_id
    """)
    return [Seed("report", str(row[0])) for row in found]


def resolve_seeds(case: Case, seeds: list[Seed], language: Language = "en") -> Starts:
    """The accounts and rows that the seeds stand for; SeedError names the first that the case does not have."""
    accounts: set[str] = set()
    rows: set[str] = set()
    for seed in seeds:
        (rows if seed.kind == "row" else accounts).update(resolve(case, seed, language))
    return Starts(tuple(sorted(accounts)), tuple(sorted(rows)))


def resolve(case: Case, seed: Seed, language: Language = "en") -> tuple[str, ...]:
    """The accounts of one seed, sorted; of `row` the payment. For a report: the accounts that were paid.

    A phone is that of an account, of its holder, or a card registered to its holder; a device is one, a MAC or an IP
    address, at sessions and at the payer's side of payments. SeedError names what looks most alike where the case does
    not have it.
    """
    full = mobile.normalise(seed.value) if seed.kind == "phone" else None
    spellings = [seed.value, full] if full else [seed.value]
    found = {str(row[0]) for spelling in spellings for row in case.db.rows(_QUERIES[seed.kind], [spelling])}
    if not found:
        raise missing(case, seed, language)
    return tuple(sorted(found))


def missing(case: Case, seed: Seed, language: Language = "en") -> SeedError:
    """The error for a seed that the case does not have: its words name what it does have."""
    kind = Message(f"seed.{seed.kind}")
    near = case.db.rows(
        f"SELECT v FROM ({_THERE[seed.kind]}) AS there(v) WHERE v <> '' GROUP BY v ORDER BY levenshtein(v, $1), v LIMIT $2",
        [seed.value, NAMED],
    )
    if not near:
        return SeedError("seed.none", language=language, kind=kind, value=repr(seed.value))
    names = ", ".join(str(one[0]) for one in near)
    return SeedError("seed.missing", language=language, kind=kind, value=repr(seed.value), names=names)
