"""Plain CSV templates, one for each kind of record: the header is the canonical names, so no mapping is needed."""

import polars as pl

from duanka.identifiers.bank_card import clean_account_expr
from duanka.records.vocabulary import RecordKind, Status
from duanka.sources.opened import SourceError
from duanka.sources.spec import TableFormat

_COLUMNS: dict[RecordKind, str] = {
    RecordKind.TRANSACTION: "external_id time payer payee amount currency amount_received currency_received "
    "payer_name payee_name payer_id payee_id payer_bank payee_bank kind channel status memo balance_payer "
    "balance_payee ip mac device",
    RecordKind.ACCOUNT: "account_id alias institution kind holder_name holder_id phone opened_on closed_on "
    "outlet_id state",
    RecordKind.PARTY: "id_number name id_kind kind phone address employer",
    RecordKind.SIM: "phone kind operator holder_name holder_id iccid imsi opened_on closed_on outlet_id state",
    RecordKind.DEVICE: "device_id kind model",
    RecordKind.SESSION: "account_id time ip mac device action",
    RecordKind.CALL: "phone other direction time seconds kind cell imei",
    RecordKind.REPORT: "report_id victim_name victim_account receiver_account time amount currency reported_at memo",
    RecordKind.MEASURE: "account_id kind start end amount currency authority reference",
    RecordKind.OUTLET: "outlet_id name institution address",
}
_REQUIRED: dict[RecordKind, tuple[str | tuple[str, ...], ...]] = {
    RecordKind.TRANSACTION: ("payer", "payee", "time", "amount"),
    RecordKind.ACCOUNT: ("account_id", ("holder_name", "holder_id", "opened_on")),
    RecordKind.PARTY: ("id_number", "name"),
    RecordKind.SIM: ("phone", ("iccid", "imsi", "operator", "holder_id")),
    RecordKind.DEVICE: ("device_id", "model"),
    RecordKind.SESSION: ("account_id", "time", ("ip", "mac", "device")),
    RecordKind.CALL: ("phone", "other", "time"),
    RecordKind.REPORT: ("report_id", ("victim_account", "receiver_account")),
    RecordKind.MEASURE: ("account_id", "kind", "start"),
    RecordKind.OUTLET: ("outlet_id", "name"),
}
_FIELD = {"external_id": "serial"}
_PLURALS = {RecordKind.PARTY: "parties"}
_ZH = {
    RecordKind.TRANSACTION: "交易", RecordKind.ACCOUNT: "账户", RecordKind.PARTY: "人员与单位",
    RecordKind.SIM: "电话卡", RecordKind.DEVICE: "设备", RecordKind.SESSION: "登录", RecordKind.CALL: "话单",
    RecordKind.REPORT: "报案", RecordKind.MEASURE: "措施", RecordKind.OUTLET: "网点",
}  # fmt: skip
_ACCOUNTS = ("payer", "payee", "account_id", "alias", "victim_account", "receiver_account")
_NOTES = {
    RecordKind.TRANSACTION: "The file counts as a complete book: every payment of every account in it, within its "
    "period. A list that leaves payments out is better read by a mapping with `book: message`. `status` is success, "
    "unknown, reversal, pending or failed; blank is unknown, which counts as booked.",
    RecordKind.CALL: "`direction` is in or out; `kind` is voice, sms or data.",
}


def columns(kind: RecordKind) -> tuple[str, ...]:
    """The template's header: names in the order in which they are offered; a file may leave out and reorder."""
    return tuple(_COLUMNS[kind].split())


def header_line(kind: RecordKind) -> str:
    """The header as the first line of a CSV file."""
    return ",".join(columns(kind))


def name_of(kind: RecordKind) -> str:
    """Name of the template's format, such as `duanka_transactions`."""
    return f"duanka_{_PLURALS.get(kind, kind + 's')}"


def _required_words(kind: RecordKind) -> str:
    words = [word if isinstance(word, str) else " or ".join(word) for word in _REQUIRED[kind]]
    return ", ".join(words)


def template(name: str) -> str:
    """The header line of a template, named by its format, by that without `duanka_`, or by its kind of record."""
    known = {name_of(kind): kind for kind in RecordKind}
    known |= {word.removeprefix("duanka_"): kind for word, kind in known.items()} | {
        str(kind): kind for kind in RecordKind
    }
    if name not in known:
        known_names = ", ".join(name_of(kind) for kind in RecordKind)
        raise SourceError("source.no_template", name=repr(name), known=known_names)
    return header_line(known[name])


def _documentation(kind: RecordKind) -> str:
    return (
        f"Header: `{header_line(kind)}`. Needed to recognise it: {_required_words(kind)}. Times are ISO 8601, "
        "Beijing time where they carry no offset; a date alone says the day only. Amounts are in yuan, currencies "
        f"ISO 4217, CNY where blank. {_NOTES.get(kind, '')}"
    ).rstrip()


FORMATS = tuple(
    TableFormat(
        name=name_of(kind),
        title_en=f"Template: {name_of(kind).removeprefix('duanka_')}",
        title_zh=f"模板：{_ZH[kind]}",
        record=kind,
        required=_REQUIRED[kind],
        columns={_FIELD.get(column, column): column for column in columns(kind)},
        book="full" if kind is RecordKind.TRANSACTION else "statement",
        status={str(status): str(status) for status in Status} if kind is RecordKind.TRANSACTION else {},
        midnight_is_day=False,
        ids="printed",
        priority=-10,
        documentation=_documentation(kind),
    )
    for kind in RecordKind
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Accounts without blanks and export marks; unlike elsewhere, short ones such as 7 are taken as they are."""
    del spec
    present = [name for name in _ACCOUNTS if name in frame.columns]
    return frame.with_columns(clean_account_expr(pl.col(name)) for name in present)
