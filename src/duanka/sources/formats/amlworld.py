"""IBM AMLworld: the CSV of all payments, and the text file of the labelled laundering attempts."""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec
import polars as pl

from duanka.records.vocabulary import RejectCode
from duanka.sources.batch import RAW_LIMIT, REJECT_SCHEMA, Batch
from duanka.sources.opened import Head, Opened, Part
from duanka.sources.spec import TableFormat
from duanka.sources.table_reader import Match, read

PAYMENTS = TableFormat(
    name="amlworld",
    title_en="AMLworld payments",
    title_zh="AMLworld 交易",
    required=("Timestamp", "From Bank", "Account", "To Bank", "Amount Received", "Amount Paid", "Payment Format"),
    columns={
        "time": "Timestamp",
        "payer_bank": "From Bank",
        "payer_prefix": "From Bank",
        "payer": "Account",
        "payee_bank": "To Bank",
        "payee_prefix": "To Bank",
        "payee": ("Account_2", "Account.1"),
        "amount_received": "Amount Received",
        "currency_received": "Receiving Currency",
        "amount": "Amount Paid",
        "currency": "Payment Currency",
        "channel": "Payment Format",
    },
    labels={"is_laundering": "Is Laundering"},
    book="full",
    ids="printed",
    time_format=("%Y/%m/%d %H:%M",),
    zone="UTC",
    midnight_is_day=False,
    currency="USD",
    status={"*": "success"},
    documentation="Accounts are `bank:account`, with the bank's zeros as printed. Times have minutes and are taken as "
    "UTC. Rows that repeat exactly within one file are separate payments. Is Laundering is a label.",
)
FORMATS = (PAYMENTS,)

_COLUMNS = (
    "Timestamp", "FromBank", "Account", "ToBank", "Account_2", "AmountReceived", "ReceivingCurrency", "AmountPaid",
    "PaymentCurrency", "PaymentFormat", "IsLaundering",
)  # fmt: skip
_OF_ATTEMPT = ("laundering_type", "attempt")
_BEGIN = re.compile(r"\s*BEGIN LAUNDERING ATTEMPT\s*-\s*([^:\r\n]*)")
_END = re.compile(r"\s*END LAUNDERING ATTEMPT")
_PART_LINES = 200_000
_ATTEMPTS = msgspec.structs.replace(
    PAYMENTS,
    name="amlworld_attempts",
    labels=PAYMENTS.labels | {name: name for name in _OF_ATTEMPT},
)


class _Attempts:
    """The attempts of a file as a table: rows as in the CSV, with type and number of the attempt beside them."""

    label = ""
    head = Head((), ())

    def __init__(self, opened: Opened) -> None:
        self._path = opened.path

    def parts(self, header: int | None, names: tuple[str, ...]) -> Iterator[Part]:
        """The rows, in order; lines that begin and end an attempt are furniture."""
        del header
        kind, attempt = "", 0
        with self._path.open(encoding="utf-8-sig", errors="replace") as stream:
            numbered = enumerate(stream, start=1)
            while lines := list(islice(numbered, _PART_LINES)):
                rows: list[tuple[object, ...]] = []
                rejects, furniture = [], []
                for number, line in lines:
                    if begin := _BEGIN.match(line):
                        kind, attempt = begin.group(1).strip(), attempt + 1
                        furniture.append((number, line.strip()))
                    elif _END.match(line):
                        kind = ""
                        furniture.append((number, line.strip()))
                    elif line.strip():
                        cells = line.rstrip("\r\n").split(",")
                        if len(cells) == len(_COLUMNS):
                            rows.append((number, *cells, kind, str(attempt) if kind else ""))
                        else:
                            rejects.append((number, *_misfit(cells), line.strip()[:RAW_LIMIT]))
                schema = {"line": pl.Int64} | dict.fromkeys(names, pl.String)
                yield Part(
                    pl.DataFrame(rows, schema=schema, orient="row"),
                    pl.DataFrame(rejects, schema=REJECT_SCHEMA, orient="row"),
                    tuple(furniture),
                )


def _misfit(cells: list[str]) -> tuple[str, str]:
    short = len(cells) < len(_COLUMNS)
    code = RejectCode.TOO_FEW_FIELDS if short else RejectCode.TOO_MANY_FIELDS
    return code.value, f"{len(cells)} {'<' if short else '>'} {len(_COLUMNS)}"


class AttemptsReader:
    """Reads the pattern file: `BEGIN LAUNDERING ATTEMPT - TYPE`, rows as in the CSV, `END LAUNDERING ATTEMPT`."""

    name = _ATTEMPTS.name
    title_en = "AMLworld laundering attempts (patterns)"
    title_zh = "AMLworld 洗钱模式文件"
    documentation = (
        "The laundering payments alone, grouped by attempt; rows are read as those of the CSV, so that importing both "
        "merges them. Labels: is_laundering, laundering_type, attempt (ordinal in the file). It counts as a whole "
        "book, as both sides of each payment are the simulation's truth; yet what these accounts did otherwise is "
        "missing, so figures that need an account's whole ledger say little when only this file was imported."
    )
    full_book = True

    def recognises(self, opened: Opened) -> bool:
        """Whether the first line that is not blank begins an attempt."""
        return (
            opened.kind == "text"
            and _BEGIN.match(opened.start[:4096].decode("utf-8-sig", errors="replace")) is not None
        )

    def read(self, opened: Opened, *, own_account: str) -> Iterator[Batch]:
        """Batches of at most 200,000 lines."""
        match = Match(_ATTEMPTS, None, None, _COLUMNS + _OF_ATTEMPT, 0)
        yield from read(_Attempts(opened), match, file_name=opened.name, own_account=own_account)


READERS = (AttemptsReader(),)
