"""Arrow schemas of the canonical tables. Amounts are int64 minor units, times UTC microseconds, ids strings.

Each field carries its meaning in the metadata key `doc`; the reference pages are generated from it.
"""

import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")


def _field(name: str, kind: pa.DataType, doc: str, *, required: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=not required, metadata={"doc": doc})


TRANSACTION = pa.schema([
    _field("row_id", pa.string(), "12 characters drawn from the row's content; the same for the same content", required=True),
    _field("external_id", pa.string(), "the source's own serial, else empty", required=True),
    _field("time", TIME, "UTC; the start of the interval that `time_precision` leaves open", required=True),
    _field("zone", pa.string(), "IANA zone or offset in which the source wrote the time", required=True),
    _field("time_precision", pa.string(), "second, minute, hour or day", required=True),
    _field("payer", pa.string(), "account_id of who paid; null if the source does not say"),
    _field("payee", pa.string(), "account_id of who received; null if the source does not say"),
    _field("amount", pa.int64(), "minor units of `currency` that left the payer, >= 0", required=True),
    _field("currency", pa.string(), "ISO 4217 code or crypto ticker", required=True),
    _field("amount_received", pa.int64(), "minor units of `currency_received` that reached the payee", required=True),
    _field("currency_received", pa.string(), "as `currency`", required=True),
    _field("kind", pa.string(), "the source's own word for the type of transaction", required=True),
    _field("channel", pa.string(), "the source's own word for the channel or payment method", required=True),
    _field("status", pa.string(), "success, unknown, reversal, pending or failed", required=True),
    _field("memo", pa.string(), "summary, remarks and merchant, as printed", required=True),
    _field("balance_payer", pa.int64(), "payer's printed balance after the row, minor units of `currency`"),
    _field("balance_payee", pa.int64(), "payee's printed balance after the row, minor units of `currency_received`"),
    _field("ip", pa.string(), "as printed", required=True),
    _field("mac", pa.string(), "as printed", required=True),
    _field("device", pa.string(), "terminal or device id, as printed", required=True),
])  # fmt: skip

ACCOUNT = pa.schema([
    _field("account_id", pa.string(), "`institution:number` where a number alone is not unique, else the number", required=True),
    _field("institution", pa.string(), "bank or payment institution", required=True),
    _field("kind", pa.string(), "see AccountKind", required=True),
    _field("party_id", pa.string(), "holder"),
    _field("holder_name", pa.string(), "holder's name as printed", required=True),
    _field("phone", pa.string(), "phone number reserved with the institution (预留手机号)", required=True),
    _field("opened_on", pa.date32(), "opening date (开户日期)"),
    _field("closed_on", pa.date32(), "closing date (销户日期)"),
    _field("outlet_id", pa.string(), "opening outlet (开户网点)"),
    _field("state", pa.string(), "state as printed (账户状态)", required=True),
])  # fmt: skip

PARTY = pa.schema([
    _field("party_id", pa.string(), "`idkind:number`, e.g. `id:…` for an ID card, `uscc:…` for a firm", required=True),
    _field("name", pa.string(), "as printed", required=True),
    _field("id_kind", pa.string(), "id_card, uscc, passport, other or unknown", required=True),
    _field("id_number", pa.string(), "normalised", required=True),
    _field("kind", pa.string(), "person, firm or unknown", required=True),
    _field("phone", pa.string(), "contact phone", required=True),
    _field("address", pa.string(), "address as printed", required=True),
    _field("employer", pa.string(), "employer as printed", required=True),
])  # fmt: skip

SIM = pa.schema([
    _field("phone", pa.string(), "number, normalised to E.164", required=True),
    _field("kind", pa.string(), "operator, mvno, iot or unknown", required=True),
    _field("operator", pa.string(), "operator as printed", required=True),
    _field("party_id", pa.string(), "registered holder"),
    _field("iccid", pa.string(), "card serial", required=True),
    _field("imsi", pa.string(), "subscriber id", required=True),
    _field("opened_on", pa.date32(), "registration date"),
    _field("closed_on", pa.date32(), "closing date"),
    _field("outlet_id", pa.string(), "telecom outlet"),
    _field("state", pa.string(), "state as printed", required=True),
])  # fmt: skip

DEVICE = pa.schema([
    _field("device_id", pa.string(), "IMEI, MAC or the source's id", required=True),
    _field("kind", pa.string(), "imei, mac or other", required=True),
    _field("model", pa.string(), "as printed", required=True),
])  # fmt: skip

SESSION = pa.schema([
    _field("account_id", pa.string(), "account that logged in", required=True),
    _field("time", TIME, "UTC", required=True),
    _field("zone", pa.string(), "zone of the source", required=True),
    _field("ip", pa.string(), "as printed", required=True),
    _field("mac", pa.string(), "as printed", required=True),
    _field("device", pa.string(), "device id", required=True),
    _field("action", pa.string(), "login, payment … as printed", required=True),
])  # fmt: skip

CALL = pa.schema([
    _field("phone", pa.string(), "number whose record it is", required=True),
    _field("other", pa.string(), "other side", required=True),
    _field("direction", pa.string(), "in (被叫) or out (主叫)", required=True),
    _field("time", TIME, "start, UTC", required=True),
    _field("zone", pa.string(), "zone of the source", required=True),
    _field("seconds", pa.int64(), "duration; null for a message"),
    _field("kind", pa.string(), "voice, sms or data", required=True),
    _field("cell", pa.string(), "base station as printed", required=True),
    _field("imei", pa.string(), "device", required=True),
])  # fmt: skip

REPORT = pa.schema([
    _field("report_id", pa.string(), "case or report number (案件编号)", required=True),
    _field("victim_name", pa.string(), "as printed", required=True),
    _field("victim_account", pa.string(), "account_id that paid"),
    _field("receiver_account", pa.string(), "account_id that received"),
    _field("time", TIME, "time of the payment, UTC"),
    _field("zone", pa.string(), "zone of the source", required=True),
    _field("amount", pa.int64(), "minor units"),
    _field("currency", pa.string(), "ISO 4217", required=True),
    _field("reported_at", TIME, "time of the report, UTC"),
    _field("memo", pa.string(), "description as printed", required=True),
])  # fmt: skip

MEASURE = pa.schema([
    _field("account_id", pa.string(), "account or number under the measure", required=True),
    _field("kind", pa.string(), "stop (止付), freeze (冻结), limit … as printed", required=True),
    _field("start", TIME, "UTC"),
    _field("end", TIME, "UTC"),
    _field("amount", pa.int64(), "minor units, where the measure names an amount"),
    _field("currency", pa.string(), "ISO 4217", required=True),
    _field("authority", pa.string(), "who ordered it, as printed", required=True),
    _field("reference", pa.string(), "document number", required=True),
])  # fmt: skip

OUTLET = pa.schema([
    _field("outlet_id", pa.string(), "code, or name where there is no code", required=True),
    _field("name", pa.string(), "as printed", required=True),
    _field("institution", pa.string(), "bank or operator", required=True),
    _field("address", pa.string(), "as printed", required=True),
])  # fmt: skip

TABLES: dict[str, pa.Schema] = {
    "transaction": TRANSACTION, "account": ACCOUNT, "party": PARTY, "sim": SIM, "device": DEVICE, "session": SESSION,
    "call": CALL, "report": REPORT, "measure": MEASURE, "outlet": OUTLET,
}  # fmt: skip
