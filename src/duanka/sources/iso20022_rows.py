"""From the parts of an ISO 20022 message to entries: which row pays whom, how much, when."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import msgspec
import polars as pl

from duanka.identifiers.bank_card import normalise_account_expr
from duanka.records.vocabulary import RejectCode, Status
from duanka.sources import amounts, times
from duanka.sources.batch import ENTRY_SCHEMA, NOBODY, PAYEE, PAYER, RAW_LIMIT, REJECT_SCHEMA, Batch
from duanka.sources.iso20022_paths import (
    DETAIL_AMOUNTS,
    KIND_CODES,
    NOT_GIVEN,
    PAYMENT_MEMO,
    STATEMENT_MEMO,
    Message,
    Paths,
)

Facts = dict[str, str]
"""Path -> text of a part of a message; the currency of an amount stands at its path with `@Ccy`."""

Cells = dict[str, str | None]
"""Columns of a row as text."""

LISTED_TRANSACTIONS = 200
"""Transactions of an entry that stays one row are listed beside it, as far as this."""

_STATUS = {"BOOK": Status.SUCCESS, "PDNG": Status.PENDING, "INFO": Status.PENDING, "FUTR": Status.PENDING}
_ROW_COLUMNS = (
    "payer", "payee", "payer_name", "payee_name", "payer_idno", "payee_idno", "payer_bank", "payee_bank", "own",
    "direction", "time", "amount", "currency", "external_id", "kind", "channel", "status", "memo", "extra",
)  # fmt: skip
_LONGEST_WORD = max(map(len, NOT_GIVEN))
_DATE_WITH_ZONE = r"^(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})$"
_ZONE = r"T.*?(Z|[+-]\d{2}:?\d{2})$"


@dataclass(slots=True)
class Row:
    """A row before its amounts and times are read in bulk, with what its source says of it."""

    cells: Cells
    facts: Facts
    number: int = 0  # ordinal in the file


def first(facts: Facts, paths: Paths) -> str | None:
    """The first of `paths` that says something; a bank's word for "none" says nothing."""
    for path in paths:
        text = facts.get(path)
        if text and (len(text) > _LONGEST_WORD or text.upper() not in NOT_GIVEN):
            return text
    return None


def payment_row(message: Message, facts: Facts) -> Row:
    """The row of one payment between two parties."""
    paths = message.paths
    cells: Cells = {
        "time": _time_of_payment(facts, paths),
        "external_id": first(facts, paths["serial"]),
        "kind": first(facts, paths.get("kind", ())),
        "channel": first(facts, paths["channel"]),
        "status": message.status,
        "direction": "DBIT",
        "memo": _joined(facts, PAYMENT_MEMO),
        "extra": _notes(facts, message.notes),
    } | _amount(facts, paths["amount"])
    for side, party in (("payer", "debtor"), ("payee", "creditor")):
        cells[side] = first(facts, paths[party]) or _institution(facts, paths, party)
        cells |= {
            f"{side}_name": first(facts, paths[f"{party}_name"]),
            f"{side}_idno": first(facts, paths[f"{party}_id"]),
            f"{side}_bank": first(facts, paths[f"{party}_bank"]),
        }
    return Row(cells, facts)


def _institution(facts: Facts, paths: dict[str, Paths], party: str) -> str | None:
    """An institution is its own account: known by its BIC, else by its number in the clearing system."""
    if bic := first(facts, paths.get(f"{party}_bic", ())):
        return "bic:" + (bic[:8] if len(bic) == 11 and bic.endswith("XXX") else bic)
    member = first(facts, paths.get(f"{party}_member", ()))
    return member and f"member:{member}"


def _time_of_payment(facts: Facts, paths: dict[str, Paths]) -> str | None:
    if "time" in paths:
        return first(facts, paths["time"])
    settled, created = first(facts, paths["settled"]), first(facts, paths["created"])
    if exact := first(facts, paths["exact"]):
        return exact
    return created if created and (settled is None or created[:10] == settled[:10]) else settled


def entry_rows(message: Message, entry: Facts, details: list[Facts]) -> list[Row]:
    """The rows of one entry of a statement: one for each of its transactions if they add up to it, else one."""
    parts = _parts(entry, details) if len(details) > 1 else None
    if parts is not None:
        rows = []
        for detail, amount, direction in parts:
            facts = entry | detail
            rows.append(Row(_entry_cells(message, facts, direction) | {"amount": amount}, facts))
        return rows
    facts = entry | _common(details) if details else entry
    cells = _entry_cells(message, facts, entry.get("CdtDbtInd", ""))
    cells["external_id"] = first(facts, message.paths["serial_of_whole"])
    if len(details) > 1:
        cells["extra"] = _notes(facts, message.notes, transactions=[_listed(detail) for detail in details])
    return [Row(cells, facts)]


def _entry_cells(message: Message, facts: Facts, direction: str) -> Cells:
    paths = message.paths
    credit = direction == "CRDT"
    reversal = first(facts, paths["reversal"]) in {"true", "1"}
    booked = _STATUS.get((first(facts, paths["status"]) or "").upper(), Status(message.status))
    own, other = ("payee", "payer") if credit else ("payer", "payee")
    party = _counterparty(facts, paths, credit=credit, reversal=reversal)
    return {
        "own": first(facts, paths["own"]),
        "direction": direction,
        "time": first(facts, paths["time"]),
        "external_id": first(facts, paths["serial"]),
        "kind": _kind(facts, paths),
        "channel": None,
        "status": Status.REVERSAL if reversal and booked is not Status.PENDING else booked,
        "memo": _joined(facts, STATEMENT_MEMO),
        "extra": _notes(facts, message.notes),
        own: None,
        f"{own}_name": first(facts, paths["own_name"]),
        f"{own}_idno": first(facts, paths["own_id"]),
        f"{own}_bank": first(facts, paths["own_bank"]),
        other: first(facts, paths[party]),
        f"{other}_name": first(facts, paths[f"{party}_name"]),
        f"{other}_idno": first(facts, paths[f"{party}_id"]),
        f"{other}_bank": first(facts, paths[f"{party}_bank"]),
    } | _amount(facts, paths["amount"])


def _counterparty(facts: Facts, paths: dict[str, Paths], *, credit: bool, reversal: bool) -> str:
    """Which of debtor and creditor the counterparty is.

    A reversal keeps the roles of the payment that it undoes, but not with every bank: where that leaves nobody, the
    roles are taken as those of the reversal itself. The statement's own account is never its own counterparty, unless
    both sides are it.
    """
    party, opposite = ("debtor", "creditor") if credit != reversal else ("creditor", "debtor")
    own = first(facts, paths["own"])
    near, far = first(facts, paths[party]), first(facts, paths[opposite])
    if own is not None and own in {near, far} and near != far:
        return opposite if near == own else party
    named = near or first(facts, paths[f"{party}_name"])
    return opposite if reversal and not named else party


def _parts(entry: Facts, details: list[Facts]) -> list[tuple[Facts, str, str]] | None:
    """Amount and direction of each transaction of an entry, if all together are just the entry; else None."""
    currency, direction = entry.get("Amt@Ccy"), entry.get("CdtDbtInd", "")
    found = []
    for detail in details:
        path = next((path for path in DETAIL_AMOUNTS if path in detail and detail.get(path + "@Ccy") == currency), None)
        if path is None:
            return None
        found.append((detail, detail[path], detail.get("TxDtls/CdtDbtInd", direction)))
    try:
        whole = Decimal(entry.get("Amt", ""))
        signed = sum(Decimal(amount) if way == direction else -Decimal(amount) for _, amount, way in found)
        plain = sum(Decimal(amount) for _, amount, _ in found)
    except InvalidOperation:
        return None
    if signed == whole:
        return found
    return [(detail, amount, direction) for detail, amount, _ in found] if plain == whole else None


def _common(details: list[Facts]) -> Facts:
    """What all transactions of an entry say alike."""
    shared = dict(details[0])
    for detail in details[1:]:
        shared = {path: text for path, text in shared.items() if detail.get(path) == text}
    return shared


def _listed(detail: Facts) -> Facts:
    """A transaction of an entry that stays one row, in short."""
    amount = next((path for path in DETAIL_AMOUNTS if path in detail), "")
    names = ("TxDtls/RltdPties/Dbtr", "TxDtls/RltdPties/Cdtr")
    found = {
        "amount": " ".join(filter(None, (detail.get(amount), detail.get(amount + "@Ccy")))),
        "serial": first(detail, ("TxDtls/Refs/AcctSvcrRef", "TxDtls/Refs/TxId", "TxDtls/Refs/EndToEndId")),
        "name": " / ".join(filter(None, (first(detail, (f"{n}/Nm", f"{n}/Pty/Nm")) for n in names))),
        "account": " / ".join(
            filter(None, (first(detail, (f"{n}Acct/Id/IBAN", f"{n}Acct/Id/Othr/Id")) for n in names))
        ),
        "memo": _joined(detail, STATEMENT_MEMO),
    }
    return {name: text for name, text in found.items() if text}


def _kind(facts: Facts, paths: dict[str, Paths]) -> str | None:
    for parts in KIND_CODES:
        if codes := [facts[path] for path in parts if path in facts]:
            return "/".join(codes)
    return first(facts, paths["kind"])


def _amount(facts: Facts, paths: Paths) -> Cells:
    path = next((path for path in paths if path in facts), paths[0])
    return {"amount": facts.get(path), "currency": facts.get(path + "@Ccy")}


def _joined(facts: Facts, paths: Paths) -> str:
    return " | ".join(dict.fromkeys(facts[path] for path in paths if facts.get(path)))


def _notes(facts: Facts, notes: dict[str, Paths], *, transactions: list[Facts] | None = None) -> str:
    """What is kept beside a row, as JSON; empty where there is nothing."""
    found: dict[str, object] = {}
    for name, paths in notes.items():
        if text := first(facts, paths):
            currency = next((facts[p + "@Ccy"] for p in paths if facts.get(p) == text and p + "@Ccy" in facts), "")
            found[name] = f"{text} {currency}".strip()
    if transactions:
        found["transactions"] = transactions[:LISTED_TRANSACTIONS]
        found["transactions_of_entry"] = len(transactions)
    return msgspec.json.encode(found).decode() if found else ""


def _shown(facts: Facts) -> str:
    """The row as its source has it, for the list of rejects."""
    return " ".join(f"{path.removeprefix('^')}={text}" for path, text in facts.items())[:RAW_LIMIT]


def batch_of(rows: list[Row], message: Message, own_account: str) -> Batch:
    """Entries and rejects; every row ends in one of the two. O(rows)."""
    frame = pl.DataFrame([row.cells for row in rows], schema=dict.fromkeys(_ROW_COLUMNS, pl.String)).with_columns(
        pl.Series("source_row", [row.number for row in rows], dtype=pl.Int64),
        pl.int_range(pl.len()).alias("place"),
        *(normalise_account_expr(pl.col(name)).alias(name) for name in ("payer", "payee", "own")),
    )
    moment = _moments(frame["time"])
    currency = amounts.currency_codes(frame["currency"], "")
    currency = currency.set((currency == "").fill_null(value=False), None)
    minor, problem = amounts.minor_units(frame["amount"], amounts.exponents_of(currency))
    frame = frame.with_columns(
        moment, currency=currency, minor=minor, amount_code=problem, own=pl.col("own").fill_null(own_account)
    )
    if message.kind == "statement":
        out = pl.col("direction") == "DBIT"
        frame = frame.with_columns(
            payer=pl.when(out).then("own").otherwise("payer"),
            payee=pl.when(out).then("payee").otherwise("own"),
            side=pl.when(out).then(PAYER).otherwise(PAYEE),
        )
    else:
        frame = frame.with_columns(side=pl.lit(NOBODY))
    frame = frame.with_columns(code=_verdict())
    good, bad = frame.filter(pl.col("code").is_null()), frame.filter(pl.col("code").is_not_null())
    return Batch(entries=_entries(good), rejects=_rejects(bad, rows))


def _moments(text: pl.Series) -> pl.DataFrame:
    """Columns `moment`, `zone`, `time_precision`, `time_code`. A date may carry an offset; without one it is UTC."""
    frame = text.to_frame("t")
    dated = pl.col("t").str.contains(_DATE_WITH_ZONE)
    frame = frame.select(
        dated=dated.fill_null(value=False),
        t=pl.when(dated).then(pl.col("t").str.replace(_DATE_WITH_ZONE, "${1}T00:00:00${2}")).otherwise("t"),
    )
    parsed = times.parse(frame["t"], zone="UTC", midnight_is_day=False)
    offset = pl.col("t").str.extract(_ZONE)
    return frame.select(
        moment=parsed["time"],
        time_code=parsed["code"],
        time_precision=pl.when("dated").then(pl.lit("day")).otherwise(parsed["time_precision"]),
        zone=pl.when(offset.is_null() | offset.is_in(["Z", "+00:00", "-00:00"])).then(pl.lit("UTC")).otherwise(offset),
    )


def _verdict() -> pl.Expr:
    def code(word: RejectCode) -> pl.Expr:
        return pl.lit(word.value)

    return (
        pl.when(pl.col("time_code").is_not_null())
        .then(pl.col("time_code"))
        .when(pl.col("amount_code").is_not_null())
        .then(pl.col("amount_code"))
        .when(pl.col("minor").is_null())
        .then(code(RejectCode.AMOUNT_MISSING))
        .when(pl.col("minor") < 0)
        .then(code(RejectCode.AMOUNT_UNREADABLE))
        .when(pl.col("currency").is_null())
        .then(code(RejectCode.CURRENCY_UNKNOWN))
        .when(~pl.col("direction").is_in(["DBIT", "CRDT"]))
        .then(code(RejectCode.DIRECTION_UNKNOWN))
        .when(pl.col("payer").is_null() & pl.col("payee").is_null())
        .then(code(RejectCode.ACCOUNT_MISSING))
        .otherwise(None)
    )


def _entries(good: pl.DataFrame) -> pl.DataFrame:
    absent = ("own_alias", "balance_payer", "balance_payee")
    frame = good.with_columns(
        time=pl.col("moment"),
        amount=pl.col("minor"),
        amount_received=pl.col("minor"),
        currency_received=pl.col("currency"),
        **dict.fromkeys(absent, pl.lit(None)),
        **dict.fromkeys(("ip", "mac", "device"), pl.lit("")),
    )
    filled = [
        name for name, kind in ENTRY_SCHEMA.items() if kind == pl.String and name not in {"payer", "payee", "own_alias"}
    ]
    frame = frame.with_columns(pl.col(filled).fill_null(""))
    return frame.select(*ENTRY_SCHEMA).cast(ENTRY_SCHEMA)  # type: ignore[arg-type]  # polars takes a mapping


def _rejects(bad: pl.DataFrame, rows: list[Row]) -> pl.DataFrame:
    shown = ("time", "amount", "currency", "direction", "payer_name", "payee_name")
    detail = pl.concat_str([pl.lit(f"{name}=") + pl.col(name).fill_null("") for name in shown], separator=" ")
    raw = pl.Series("raw", [_shown(rows[place].facts) for place in bad["place"]], dtype=pl.String)
    frame = bad.select("source_row", "code", detail.str.slice(0, 300).alias("detail"), raw)
    return frame.cast(REJECT_SCHEMA)  # type: ignore[arg-type]  # polars takes a mapping
