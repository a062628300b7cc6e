"""Where each field of a payment stands in each ISO 20022 message, for every version: one table of paths per message.

A path is made of local names, so that namespaces and national variants don't matter; of several, the first that is
filled counts. Paths that begin with `^` stand in the group around the row (statement, payment information), those
that begin with `GrpHdr` in the message's head, those that begin with `TxDtls` in one transaction of an entry.
"""

from dataclasses import dataclass, field
from typing import Literal

Paths = tuple[str, ...]

NOT_GIVEN = frozenset({"NOTPROVIDED", "NOT PROVIDED", "NOTAVAILABLE", "NONREF", "NOREF", "UNKNOWN", "N/A"})
"""What banks write into a mandatory reference or account when they have none."""

_ACCOUNT = ("Id/IBAN", "Id/Othr/Id", "Id/BBAN", "Id/PrtryAcct/Id", "Id/UPIC")
_NAME = ("Nm", "Pty/Nm", "FinInstnId/Nm", "Agt/FinInstnId/Nm", "FinInstnId/NmAndAdr/Nm", "FinInstnId/CmbndId/Nm")
_PARTY_ID = tuple(
    party + one
    for party in ("", "Pty/")
    for one in (
        "Id/PrvtId/Othr/Id", "Id/OrgId/Othr/Id", "Id/OrgId/LEI", "Id/OrgId/AnyBIC", "Id/OrgId/BICOrBEI", "Id/OrgId/BEI",
        "Id/PrvtId/OthrId/Id", "Id/PrvtId/IdntyCardNb", "Id/PrvtId/PsptNb", "Id/OrgId/PrtryId/Id",
    )
)  # fmt: skip
_BIC = ("FinInstnId/BICFI", "FinInstnId/BIC", "FinInstnId/CmbndId/BIC")
_AGENT = (*_BIC, "FinInstnId/ClrSysMmbId/MmbId", "FinInstnId/ClrSysMmbId/Id", "FinInstnId/LEI", "FinInstnId/Nm",
          "FinInstnId/NmAndAdr/Nm")  # fmt: skip


def _at(*stems: str, ends: Paths) -> Paths:
    return tuple(stem + "/" + end for stem in stems for end in ends)


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message: how it is recognised and where its fields stand."""

    code: str  # camt.053
    title_en: str
    title_zh: str
    elements: Paths  # local names of the message's own element, without the version that the first editions append
    row: str  # element of one row
    group: str  # element around rows, with what is common to them; empty: the message itself
    kind: Literal["statement", "payment"]
    status: str  # of every row, unless the row says
    periods: bool = False  # whether a statement of it is a complete account of its period
    paths: dict[str, Paths] = field(default_factory=dict)
    notes: dict[str, Paths] = field(default_factory=dict)  # kept beside the row under the name given
    documentation: str = ""


_MEMO_OF_DETAIL = ("TxDtls/RmtInf/Ustrd", "TxDtls/RmtInf/Strd/CdtrRefInf/Ref", "TxDtls/RmtInf/Strd/CdtrRefInf/CdtrRef",
                   "TxDtls/RmtInf/Strd/RfrdDocInf/Nb", "TxDtls/AddtlTxInf")  # fmt: skip

_STATEMENT: dict[str, Paths] = {
    "own": _at("^Acct", ends=_ACCOUNT),
    "own_name": ("^Acct/Ownr/Nm", "^Acct/Ownr/Pty/Nm", "^Acct/Nm"),
    "own_id": _at("^Acct/Ownr", ends=_PARTY_ID),
    "own_bank": _at("^Acct/Svcr", ends=_AGENT),
    "debtor": _at("TxDtls/RltdPties/DbtrAcct", ends=_ACCOUNT),
    "debtor_name": _at("TxDtls/RltdPties/Dbtr", ends=_NAME),
    "debtor_id": _at("TxDtls/RltdPties/Dbtr", ends=_PARTY_ID),
    "debtor_bank": _at("TxDtls/RltdAgts/DbtrAgt", ends=_AGENT),
    "creditor": _at("TxDtls/RltdPties/CdtrAcct", ends=_ACCOUNT),
    "creditor_name": _at("TxDtls/RltdPties/Cdtr", ends=_NAME),
    "creditor_id": _at("TxDtls/RltdPties/Cdtr", ends=_PARTY_ID),
    "creditor_bank": _at("TxDtls/RltdAgts/CdtrAgt", ends=_AGENT),
    "direction": ("CdtDbtInd",),
    "reversal": ("RvslInd",),
    "status": ("Sts/Cd", "Sts/Prtry", "Sts"),
    "amount": ("Amt",),
    "time": ("BookgDt/DtTm", "BookgDt/Dt", "BookgDt", "ValDt/DtTm", "ValDt/Dt", "ValDt",
             "TxDtls/RltdDts/IntrBkSttlmDt"),
    "serial": ("TxDtls/Refs/AcctSvcrRef", "TxDtls/Refs/TxId", "TxDtls/Refs/EndToEndId", "TxDtls/Refs/UETR",
               "AcctSvcrRef", "NtryRef"),
    "serial_of_whole": ("TxDtls/Refs/AcctSvcrRef", "AcctSvcrRef", "TxDtls/Refs/TxId", "TxDtls/Refs/EndToEndId",
                        "TxDtls/Refs/UETR", "NtryRef"),
    "kind": ("TxDtls/BkTxCd/Prtry/Cd", "BkTxCd/Prtry/Cd"),  # where there is no code in three parts
}  # fmt: skip

STATEMENT_MEMO: Paths = (*_MEMO_OF_DETAIL, "AddtlNtryInf")
"""All of these, joined; in each path, repeated elements are joined too."""

KIND_CODES: tuple[Paths, ...] = tuple(
    tuple(f"{stem}/Domn/{end}" for end in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")) for stem in ("TxDtls/BkTxCd", "BkTxCd")
)
"""The three parts of a bank transaction code (PMNT/RCDT/ESCT), of the transaction and of the entry."""

DETAIL_AMOUNTS: Paths = (
    "TxDtls/Amt",
    "TxDtls/AmtDtls/TxAmt/Amt",
    "TxDtls/AmtDtls/CntrValAmt/Amt",
    "TxDtls/AmtDtls/InstdAmt/Amt",
)
"""Amounts of one transaction of an entry; the first in the entry's currency is taken."""

_STATEMENT_NOTES: dict[str, Paths] = {
    "value_date": ("ValDt/DtTm", "ValDt/Dt"),
    "end_to_end_id": ("TxDtls/Refs/EndToEndId",),
    "transaction_id": ("TxDtls/Refs/TxId",),
    "uetr": ("TxDtls/Refs/UETR",),
    "ultimate_debtor": _at("TxDtls/RltdPties/UltmtDbtr", ends=_NAME),
    "ultimate_creditor": _at("TxDtls/RltdPties/UltmtCdtr", ends=_NAME),
    "instructed_amount": ("TxDtls/AmtDtls/InstdAmt/Amt", "AmtDtls/InstdAmt/Amt"),
    "return_reason": ("TxDtls/RtrInf/Rsn/Cd", "TxDtls/RtrInf/Rsn/Prtry"),
    "proxy": ("TxDtls/RltdPties/CdtrAcct/Prxy/Id", "TxDtls/RltdPties/DbtrAcct/Prxy/Id"),
}

_PARTIES: dict[str, Paths] = {
    "debtor": _at("DbtrAcct", "^DbtrAcct", ends=_ACCOUNT),
    "debtor_name": _at("Dbtr", "^Dbtr", ends=_NAME),
    "debtor_id": _at("Dbtr", "^Dbtr", ends=_PARTY_ID),
    "debtor_bank": _at("DbtrAgt", "^DbtrAgt", ends=_AGENT),
    "creditor": _at("CdtrAcct", ends=_ACCOUNT),
    "creditor_name": _at("Cdtr", ends=_NAME),
    "creditor_id": _at("Cdtr", ends=_PARTY_ID),
    "creditor_bank": _at("CdtrAgt", ends=_AGENT),
    "channel": ("PmtTpInf/SvcLvl/Cd", "^PmtTpInf/SvcLvl/Cd", "GrpHdr/PmtTpInf/SvcLvl/Cd", "PmtTpInf/LclInstrm/Cd",
                "PmtTpInf/LclInstrm/Prtry", "^PmtTpInf/LclInstrm/Cd", "GrpHdr/PmtTpInf/LclInstrm/Cd"),
}  # fmt: skip

PAYMENT_MEMO: Paths = (
    "RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef", "RmtInf/Strd/RfrdDocInf/Nb",
    "InstrForNxtAgt/InstrInf",
)  # fmt: skip

_PAYMENT_NOTES: dict[str, Paths] = {
    "end_to_end_id": ("PmtId/EndToEndId",),
    "instruction_id": ("PmtId/InstrId",),
    "transaction_id": ("PmtId/TxId",),
    "uetr": ("PmtId/UETR",),
    "message_id": ("GrpHdr/MsgId",),
    "ultimate_debtor": _at("UltmtDbtr", "^UltmtDbtr", ends=_NAME),
    "ultimate_creditor": _at("UltmtCdtr", ends=_NAME),
    "proxy": ("CdtrAcct/Prxy/Id",),
}

_SETTLED: dict[str, Paths] = {
    **_PARTIES,
    "amount": ("IntrBkSttlmAmt",),
    "settled": ("IntrBkSttlmDt", "GrpHdr/IntrBkSttlmDt"),
    "exact": ("SttlmTmIndctn/DbtDtTm", "SttlmTmIndctn/CdtDtTm"),
    "created": ("GrpHdr/CreDtTm",),
    "serial": ("PmtId/TxId", "PmtId/EndToEndId", "PmtId/UETR", "PmtId/InstrId"),
}

_CAMT_TEXT = (
    "Rows are numbered in the order of the file from 1: an entry is one row, or one row for each of its transactions "
    "where their amounts add up to the entry's. The booking date is the time; a date has no zone and is taken as UTC, "
    "as is a time without offset. BOOK is booked; PDNG, INFO and FUTR did not move money (pending); RvslInd marks a "
    "reversal. The counterparty is the debtor of a credit and the creditor of a debit, or whichever of the two isn't "
    "the account itself. A serial that comes again with the same money on the same day gets #2, #3 and so on"
)
_PACS_TEXT = (
    "A settlement between banks, in neither customer's ledger. The amount is the interbank settlement amount. The time "
    "is the settlement's own time if given, the message's time if that falls on the settlement date, else the "
    "settlement date. "
)


def _statement(code: str, title_en: str, title_zh: str, elements: Paths, group: str, documentation: str) -> Message:
    return Message(
        code, title_en, title_zh, elements, "Ntry", group, "statement", "unknown", code == "camt.053", _STATEMENT,
        _STATEMENT_NOTES, documentation,
    )  # fmt: skip


MESSAGES: tuple[Message, ...] = (
    Message(
        "pain.001", "ISO 20022 pain.001 customer credit transfer", "ISO 20022 pain.001 客户转账指令",
        ("CstmrCdtTrfInitn", "pain.001.001.02"), "CdtTrfTxInf", "PmtInf", "payment", "pending",
        paths={
            **_PARTIES,
            "amount": ("Amt/InstdAmt", "Amt/EqvtAmt/Amt"),
            "time": ("^ReqdExctnDt/DtTm", "^ReqdExctnDt/Dt", "^ReqdExctnDt", "GrpHdr/CreDtTm"),
            "serial": ("PmtId/EndToEndId", "PmtId/UETR", "PmtId/InstrId"),
            "kind": ("^PmtMtd",),
        },
        notes=_PAYMENT_NOTES | {"currency_of_transfer": ("Amt/EqvtAmt/CcyOfTrf",)},
        documentation="Instructions, not bookings: every row is pending and moves no money. The time is the requested "
        "execution date, else the message's time.",
    ),
    Message(
        "pacs.008", "ISO 20022 pacs.008 interbank customer credit transfer", "ISO 20022 pacs.008 客户贷记转账",
        ("FIToFICstmrCdtTrf", "pacs.008.001.01"), "CdtTrfTxInf", "", "payment", "success", paths=_SETTLED,
        notes=_PAYMENT_NOTES | {"instructed_amount": ("InstdAmt",)},
        documentation=_PACS_TEXT + "A payment that names neither account is rejected.",
    ),
    Message(
        "pacs.009", "ISO 20022 pacs.009 financial institution credit transfer", "ISO 20022 pacs.009 金融机构贷记转账",
        ("FICdtTrf", "FinInstnCdtTrf", "pacs.009.001.01"), "CdtTrfTxInf", "", "payment", "success",
        paths=_SETTLED | {
            "debtor_bic": _at("Dbtr", ends=_BIC),
            "debtor_member": ("Dbtr/FinInstnId/ClrSysMmbId/MmbId", "Dbtr/FinInstnId/ClrSysMmbId/Id"),
            "creditor_bic": _at("Cdtr", ends=_BIC),
            "creditor_member": ("Cdtr/FinInstnId/ClrSysMmbId/MmbId", "Cdtr/FinInstnId/ClrSysMmbId/Id"),
            "debtor_bank": _at("Dbtr", "DbtrAgt", ends=_AGENT),
            "creditor_bank": _at("Cdtr", "CdtrAgt", ends=_AGENT),
        },
        notes=_PAYMENT_NOTES,
        documentation=_PACS_TEXT + "The parties are institutions: one without an account is known by its BIC (`bic:`, "
        "a final XXX dropped), else by its number in the clearing system (`member:`).",
    ),
    _statement(
        "camt.053", "ISO 20022 camt.053 statement", "ISO 20022 camt.053 对账单", ("BkToCstmrStmt",), "Stmt",
        _CAMT_TEXT + ". The statement covers its FrToDt, or the dates of its balances where those fit the entries "
        "better; OPBD or PRCD opens it, CLBD or ITBD closes it.",
    ),
    _statement(
        "camt.054", "ISO 20022 camt.054 debit credit notification", "ISO 20022 camt.054 借贷记通知",
        ("BkToCstmrDbtCdtNtfctn",), "Ntfctn", _CAMT_TEXT + ". A notification isn't the whole ledger of any period.",
    ),
    _statement(
        "camt.052", "ISO 20022 camt.052 account report", "ISO 20022 camt.052 账户报告", ("BkToCstmrAcctRpt",), "Rpt",
        _CAMT_TEXT + ". A report within the day isn't the whole ledger of any period.",
    ),
)  # fmt: skip
