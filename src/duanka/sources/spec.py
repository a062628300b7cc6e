"""What a tabular format is: the declaration shared by the built-in formats and by users' mapping files (YAML)."""

from typing import Literal

import msgspec

from duanka.records.vocabulary import RecordKind

IN_WORDS = (
    "进", "贷", "收", "入", "收入", "贷方", "贷Cr", "C", "CR", "CRDT", "CREDIT", "IN", "转入", "存入", "来账", "入账",
    "+", "贷记", "收款", "转进", "进账", "被叫", "呼入", "来电",
)  # fmt: skip
OUT_WORDS = (
    "出", "借", "付", "支", "支出", "借方", "借Dr", "D", "DR", "DBIT", "DEBIT", "OUT", "转出", "取出", "往账", "出账",
    "-", "借记", "付款", "支取", "主叫", "呼出", "去电",
)  # fmt: skip


class Direction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a row says whether money came in or went out, seen from the statement's own account.

    With `sign`, the sign of `amount` decides; otherwise the words of the column `direction` (upper-cased, spaces
    removed). Two columns `amount_in` and `amount_out` need no rule. A word in neither list is unknown; such a row
    is settled by the printed balances, or rejected.
    """

    sign: Literal["", "positive_in", "positive_out"] = ""
    into: tuple[str, ...] = IN_WORDS
    out: tuple[str, ...] = OUT_WORDS


class TableFormat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tabular format: how to recognise it, and where each field of a record stands.

    `columns` maps a field to the header's name, or to several spellings of which the first found is taken. A field
    may also come from `constants`, from the text above the header (`preamble`: a regular expression with one group)
    or from the file's name (`filename`: likewise). Header names are compared after removal of all spaces.
    """

    name: str
    title_en: str
    title_zh: str
    record: RecordKind = RecordKind.TRANSACTION
    institution: str = ""

    # --- recognition -------------------------------------------------------------------------------------------
    required: tuple[str | tuple[str, ...], ...] = ()  # header names that must all be there; a tuple lists spellings
    absent: tuple[str, ...] = ()  # header names that must not be there
    preamble_has: str = ""  # regular expression that must be found above the header
    filename_has: str = ""  # regular expression that must be found in the file's name
    headerless: tuple[str, ...] = ()  # names for the columns of a file that has no header row
    priority: int = 0  # breaks ties between formats that both match

    # --- reading -----------------------------------------------------------------------------------------------
    encoding: str = ""  # empty: found by vote
    delimiter: str = ""  # empty: found among , tab ; |
    sheet: str = ""  # regular expression; empty: every sheet that has the header
    footer: str = ""  # regular expression: rows whose first filled cell matches are totals or notes, not records

    # --- fields ------------------------------------------------------------------------------------------------
    columns: dict[str, str | tuple[str, ...]] = {}
    constants: dict[str, str] = {}
    preamble: dict[str, str] = {}
    filename: dict[str, str] = {}
    ignored: tuple[str, ...] = ()  # header names that are known and left in the original on purpose
    labels: dict[str, str] = {}  # name of a truth label -> column; goes to `labels` and nowhere else
    label_subject: Literal["transaction", "account"] = "transaction"

    # --- meaning -----------------------------------------------------------------------------------------------
    book: Literal["statement", "full", "message"] = "statement"  # one account's ledger, a whole book, or neither
    direction: Direction = Direction()
    time_format: tuple[str, ...] = ()  # strptime patterns; empty: the usual year-first ones
    zone: str = "Asia/Shanghai"
    midnight_is_day: bool = True  # 00:00:00 means that the source gave no time
    epoch: str = ""  # with `step`: the moment of step 0, ISO 8601
    step: Literal["", "hour", "day"] = ""  # `time` holds a whole number of steps since `epoch`
    unit: Literal["major", "minor"] = "major"  # 元 or 分
    currency: str = "CNY"  # where no column says it
    own_prefix: str = ""  # put before the own account, e.g. "alipay:"
    other_prefix: str = ""  # put before the counterparty
    ids: Literal["number", "printed"] = "number"  # printed: ids may be short (0, 1, 2) and are taken as they stand
    status: dict[str, str] = {}  # the source's word -> success, failed, pending, reversal; "*" for any other
    account_kind: str = ""  # kind of the own accounts, where the format implies it
    documentation: str = ""  # one paragraph for `docs/reference/formats.md`


TRANSACTION_FIELDS: dict[str, str] = {
    "own": "account whose statement it is",
    "own_alias": "second number of the same account (card beside account)",
    "own_name": "its holder",
    "own_id": "the holder's identity number",
    "own_bank": "its institution",
    "other": "counterparty's account",
    "other_name": "counterparty's name",
    "other_id": "counterparty's identity number",
    "other_bank": "counterparty's institution",
    "payer": "account that paid (two-sided sources)",
    "payer_name": "its holder",
    "payer_id": "the holder's identity number",
    "payer_bank": "its institution",
    "payer_prefix": "what goes before the payer's number, with a colon, where a number alone is not unique",
    "payee": "account that received (two-sided sources)",
    "payee_name": "its holder",
    "payee_id": "the holder's identity number",
    "payee_bank": "its institution",
    "payee_prefix": "as `payer_prefix`, for the payee",
    "time": "date and time in one column, or a step",
    "date": "date",
    "clock": "time of day",
    "amount": "amount, signed or not",
    "amount_in": "amount received",
    "amount_out": "amount paid",
    "amount_received": "amount that reached the payee, where it differs",
    "currency": "currency",
    "currency_received": "currency that reached the payee",
    "direction": "word for in or out",
    "balance": "own balance after the row",
    "balance_other": "counterparty's balance after the row",
    "balance_payer": "payer's balance after the row (two-sided sources)",
    "balance_payee": "payee's balance after the row (two-sided sources)",
    "serial": "the source's own serial number",
    "kind": "type of transaction",
    "channel": "channel or payment method",
    "status": "what became of it",
    "memo": "summary",
    "memo_2": "more remarks",
    "memo_3": "more remarks",
    "memo_4": "more remarks",
    "ip": "IP address",
    "mac": "network card address",
    "device": "terminal or device",
    "period_from": "start of the statement's period (preamble)",
    "period_to": "end of the statement's period (preamble)",
}
"""Fields of a transaction that `columns`, `constants`, `preamble` and `filename` may fill."""
