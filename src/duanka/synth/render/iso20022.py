"""The style `iso20022`: camt.053 statements of every account, some pacs.008 between banks, pain.001 of wages.

The text is put together in bulk; what stands in it is escaped, and a test reads every message with lxml.
"""

from pathlib import Path

import polars as pl

from duanka.records.vocabulary import RecordKind
from duanka.synth.render.field import POLICE_FOLDER, iso, template
from duanka.synth.render.mapping import NAME, write_mapping
from duanka.synth.render.police import around
from duanka.synth.render.police_files import national
from duanka.synth.render.source import Source, ledger, share, yuan

_NS = "urn:iso:std:iso:20022:tech:xsd:"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="' + _NS
_MESSAGES = {
    "statements": ("camt.053.001.08", "BkToCstmrStmt"),
    "settlements": ("pacs.008.001.08", "FIToFICstmrCdtTrf"),
    "instructions": ("pain.001.001.09", "CstmrCdtTrfInitn"),
}
_WAGES = "代发工资"
SETTLED = 0.05
"""Part of the payments between two banks whose pacs.008 is handed over, too."""


def iso20022(source: Source, out: Path, seed: int, *, rows: int) -> list[Path]:
    """Write everything; returns the files. Memory holds one part of the payments at a time."""
    written: list[Path] = []
    first = 0
    names = _escaped(source.accounts.select("account_id", "printed", "holder_name", "institution", "house"))
    for number, part in enumerate(source.parts("transactions")):
        moved = part.filter(pl.col("status") != "failed")
        entries = _escaped(ledger(source, moved, first))
        written += _statements(entries, names, out, number, rows)
        written += _payments(source, _escaped(moved), names, out, number, first, seed)
        first += part.height
    return [*written, *_registers(source, out), *around(source, out, rows=rows), write_mapping(out / NAME)]


def _escaped(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.String).str.replace_many(["&", "<", ">"], ["&amp;", "&lt;", "&gt;"]))


def _tag(name: str, *inside: pl.Expr | str) -> pl.Expr:
    """An element; null, and so left out, if anything in it is null."""
    parts = [pl.lit(one) if isinstance(one, str) else one for one in inside]
    return pl.concat_str(pl.lit(f"<{name}>"), *parts, pl.lit(f"</{name.split(maxsplit=1)[0]}>"))


def _some(*elements: pl.Expr) -> pl.Expr:
    """Elements one after the other, those that are null left out."""
    return pl.concat_str(element.fill_null("") for element in elements)


def _money(name: str, column: str = "amount") -> pl.Expr:
    return _tag(f'{name} Ccy="CNY"', yuan(column))


def _moment(column: str = "time") -> pl.Expr:
    return pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%S+08:00")


def _account(name: str, column: str) -> pl.Expr:
    return _tag(name, "<Id><Othr><Id>", pl.col(column), "</Id></Othr></Id>")


def _agent(name: str, column: str) -> pl.Expr:
    return _tag(name, "<FinInstnId><Nm>", pl.col(column), "</Nm></FinInstnId>")


def _memo() -> pl.Expr:
    return pl.when(pl.col("memo") != "").then(_tag("RmtInf", _tag("Ustrd", pl.col("memo"))))


def _document(path: Path, what: str, body: pl.Series, head: str = "") -> Path:
    version, element = _MESSAGES[what]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f'{_HEAD}{version}">\n<{element}>\n{head}')
        stream.write(str(body.str.join("\n").item()))
        stream.write(f"\n</{element}>\n</Document>\n")
    return path


def _entry() -> pl.Expr:
    party, account, agent = (
        pl.when("out").then(one).otherwise(other)
        for one, other in (
            (_tag("Cdtr", "<Pty>", _tag("Nm", pl.col("other_name")), "</Pty>"),
             _tag("Dbtr", "<Pty>", _tag("Nm", pl.col("other_name")), "</Pty>")),
            (_account("CdtrAcct", "other_id"), _account("DbtrAcct", "other_id")),
            (_agent("CdtrAgt", "other_bank"), _agent("DbtrAgt", "other_bank")),
        )
    )  # fmt: skip
    known = pl.col("other_id").is_not_null()
    details = _some(
        _tag("Refs", "<EndToEndId>NOTPROVIDED</EndToEndId>", _tag("TxId", pl.col("external_id"))),
        pl.when(known).then(_tag("RltdPties", _some(party, account))),
        pl.when(known).then(_tag("RltdAgts", agent)),
        _memo(),
    )
    return _tag(
        "Ntry", _money("Amt"),
        _tag("CdtDbtInd", pl.when("out").then(pl.lit("DBIT")).otherwise(pl.lit("CRDT"))),
        "<Sts><Cd>BOOK</Cd></Sts>", _tag("BookgDt", _tag("DtTm", _moment())),
        _tag("BkTxCd", _tag("Prtry", _tag("Cd", pl.col("kind")))), _tag("NtryDtls", _tag("TxDtls", details)),
    )  # fmt: skip


def _balance(code: str, column: str, day: str) -> pl.Expr:
    return _tag(
        "Bal",
        f"<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>",
        _tag('Amt Ccy="CNY"', yuan(column).str.strip_chars_start("-")),
        _tag("CdtDbtInd", pl.when(pl.col(column) < 0).then(pl.lit("DBIT")).otherwise(pl.lit("CRDT"))),
        _tag("Dt", _tag("Dt", pl.col(day).dt.strftime("%Y-%m-%d"))),
    )  # fmt: skip


def _statements(entries: pl.DataFrame, names: pl.DataFrame, out: Path, number: int, rows: int) -> list[Path]:
    """One statement an account over the days of the part, in files of at most about `rows` entries a bank."""
    period = entries.select(pl.col("time").min().alias("start"), pl.col("time").max().alias("end"))
    shown = entries.with_columns(
        other_id=names["account_id"].gather(entries["other"]), other_name=names["holder_name"].gather(entries["other"]),
        other_bank=names["institution"].gather(entries["other"]),
    ).sort("house", "own", "time", "n")  # fmt: skip
    change = pl.when("out").then(-pl.col("amount")).otherwise("amount")
    shown = shown.with_columns(entry=_entry(), before=pl.col("balance") - change)
    accounts = shown.group_by("own", maintain_order=True).agg(
        pl.col("house").first(), pl.len().alias("size"), pl.col("entry").str.join("\n"),
        opening=pl.col("before").first(), closing=pl.col("balance").last(),
    )  # fmt: skip
    accounts = accounts.with_columns(
        pl.lit(period["start"][0]).alias("start"), pl.lit(period["end"][0]).alias("end"),
        id=names["account_id"].gather(accounts["own"]), holder=names["holder_name"].gather(accounts["own"]),
        bank=names["institution"].gather(accounts["own"]),
        file=(pl.col("size").cum_sum() - pl.col("size")).over("house") // rows,
    )  # fmt: skip
    statement = _tag(
        "Stmt", _tag("Id", f"S{number + 1:04d}-", pl.col("id")), _tag("CreDtTm", _moment("end")),
        _tag("FrToDt", _tag("FrDtTm", pl.col("start").dt.strftime("%Y-%m-%dT00:00:00+08:00")),
             _tag("ToDtTm", pl.col("end").dt.strftime("%Y-%m-%dT23:59:59+08:00"))),
        _tag("Acct", "<Id><Othr><Id>", pl.col("id"), "</Id></Othr></Id><Ccy>CNY</Ccy>",
             _tag("Ownr", _tag("Nm", pl.col("holder"))), _agent("Svcr", "bank")),
        _some(_balance("OPBD", "opening", "start"), _balance("CLBD", "closing", "end")), "\n", pl.col("entry"),
    )  # fmt: skip
    created = period["end"][0].strftime("%Y-%m-%dT%H:%M:%S+08:00") if entries.height else ""
    written = []
    for (bank, file), mine in accounts.group_by("bank", "file", maintain_order=True):
        name = f"camt.053_{number + 1:04d}_{int(str(file)) + 1}.xml"
        head = f"<GrpHdr><MsgId>{number + 1:04d}-{file}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>\n"
        written.append(_document(out / str(bank) / name, "statements", mine.select(statement.alias("s"))["s"], head))
    return written


def _payments(
    source: Source, moved: pl.DataFrame, names: pl.DataFrame, out: Path, number: int, first: int, seed: int
) -> list[Path]:
    """pacs.008 of some payments between banks, pain.001 of all wages: one file of each a part."""
    payer, payee = source.rows_of(moved["payer"]), source.rows_of(moved["payee"])
    both = moved.with_columns(
        pl.int_range(first, first + moved.height, dtype=pl.Int64).alias("n"),
        time=pl.col("time").dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None),
        payer_name=names["holder_name"].gather(payer), payee_name=names["holder_name"].gather(payee),
        payer_bank=names["institution"].gather(payer), payee_bank=names["institution"].gather(payee),
    ).filter(pl.col("payer").is_not_null() & pl.col("payee").is_not_null())  # fmt: skip
    between = both.filter((pl.col("payer_bank") != pl.col("payee_bank")) & share(pl.col("n"), seed, 21, SETTLED))
    wages = both.filter(pl.col("kind") == _WAGES).sort("payer", pl.col("time").dt.date(), "n")
    written = []
    if between.height:
        created = between["time"].max().strftime("%Y-%m-%dT%H:%M:%S+08:00")  # type: ignore[union-attr]  # a moment
        head = (f"<GrpHdr><MsgId>P{number + 1:04d}</MsgId><CreDtTm>{created}</CreDtTm>"
                f"<NbOfTxs>{between.height}</NbOfTxs>"
                "<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>\n")  # fmt: skip
        body = between.select(_settlement().alias("s"))["s"]
        written.append(_document(out / "跨行清算" / f"pacs.008_{number + 1:04d}.xml", "settlements", body, head))
    if wages.height:
        created = wages["time"].min().strftime("%Y-%m-%dT%H:%M:%S+08:00")  # type: ignore[union-attr]  # a moment
        head = (f"<GrpHdr><MsgId>W{number + 1:04d}</MsgId><CreDtTm>{created}</CreDtTm>"
                f"<NbOfTxs>{wages.height}</NbOfTxs><InitgPty><Nm>示例代发平台</Nm></InitgPty></GrpHdr>\n")  # fmt: skip
        written.append(
            _document(out / "代发指令" / f"pain.001_{number + 1:04d}.xml", "instructions", _orders(wages), head)
        )
    return written


def _settlement() -> pl.Expr:
    return _tag(
        "CdtTrfTxInf", _tag("PmtId", "<EndToEndId>NOTPROVIDED</EndToEndId>", _tag("TxId", pl.col("external_id"))),
        _money("IntrBkSttlmAmt"), _tag("IntrBkSttlmDt", pl.col("time").dt.strftime("%Y-%m-%d")),
        _tag("SttlmTmIndctn", _tag("DbtDtTm", _moment())), "<ChrgBr>SLEV</ChrgBr>", *_debtor(), *_creditor(),
        _memo().fill_null(""),
    )  # fmt: skip


def _debtor() -> tuple[pl.Expr, ...]:
    return (
        _tag("Dbtr", _tag("Nm", pl.col("payer_name"))),
        _account("DbtrAcct", "payer"),
        _agent("DbtrAgt", "payer_bank"),
    )


def _creditor() -> tuple[pl.Expr, ...]:
    return (
        _agent("CdtrAgt", "payee_bank"),
        _tag("Cdtr", _tag("Nm", pl.col("payee_name"))),
        _account("CdtrAcct", "payee"),
    )


def _orders(wages: pl.DataFrame) -> pl.Series:
    """One batch a firm and day."""
    one = _tag(
        "CdtTrfTxInf", _tag("PmtId", _tag("EndToEndId", pl.col("external_id"))), _tag("Amt", _money("InstdAmt")),
        *_creditor(), _memo().fill_null(""),
    )  # fmt: skip
    batches = (
        wages.with_columns(order=one, day=pl.col("time").dt.strftime("%Y-%m-%d"))
        .group_by("payer", "day", maintain_order=True)
        .agg(pl.col("order").str.join("\n"), pl.len().alias("size"), pl.col("payer_name", "payer_bank").first())
    )
    batch = _tag(
        "PmtInf", _tag("PmtInfId", pl.col("payer"), "-", pl.col("day")), "<PmtMtd>TRF</PmtMtd>",
        _tag("NbOfTxs", pl.col("size").cast(pl.String)), _tag("ReqdExctnDt", _tag("Dt", pl.col("day"))), *_debtor(),
        "\n", pl.col("order"),
    )  # fmt: skip
    return batches.select(batch.alias("b"))["b"]


def _registers(source: Source, out: Path) -> list[Path]:
    """Messages say nothing of cards, classes and identities: accounts and their holders come in the templates."""
    folder = out / POLICE_FOLDER
    banks = source.accounts.filter(wallet="").select("account_id")
    measures = source.table("measures", "measure").join(banks, on="account_id", how="semi", maintain_order="left")
    return [
        *template(folder / "账户登记.csv", source.accounts, RecordKind.ACCOUNT, phone=national("phone")),
        *template(folder / "人员登记.csv", source.table("parties", "party"), RecordKind.PARTY),
        *template(
            folder / "银行账户措施.csv", measures, RecordKind.MEASURE, start=iso("start"), end=iso("end"),
            amount=yuan("amount"),
        ),
    ]  # fmt: skip
