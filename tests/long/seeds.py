"""Small genuine-looking files of every container and reader, for fuzzers to start from."""

import io
import zipfile
from pathlib import Path

import polars as pl
import xlsxwriter
import xlwt

from cases import aes, police, relay

STATEMENT = [
    ["交易日期", "交易类型", "存入金额", "取出金额", "余额", "交易对手名称", "交易对手账号"],
    ["20240301", "转账", "100.50", "", "200.50", "乙", "9900000000000000017"],
    ["20240302", "取现", "", "50.00", "150.50", "", ""],
]
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>1</Id>
<Acct><Id><Othr><Id>990000000000001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Ntry><NtryRef>R1</NtryRef><Amt Ccy="CNY">12.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2024-03-01</Dt></BookgDt><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>甲</Nm></Pty></Dbtr></RltdPties>
</TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>
"""
DTD = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
PATTERNS = """BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 2-degree Fan-Out
2022/09/01 00:06,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1
END LAUNDERING ATTEMPT - FAN-OUT
"""
AMLWORLD = """Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,\
Amount Paid,Payment Currency,Payment Format,Is Laundering
2022/09/01 00:20,010,8000EBD30,010,8000EBD30,3697.34,US Dollar,3697.34,US Dollar,Reinvestment,0
"""


def text_seeds(folder: Path) -> dict[str, bytes]:
    """What the byte-level readers get: delimited text and XML."""
    gb18030 = police(folder / "p.csv", [*relay()["甲.csv"], *relay()["乙.csv"]]).read_bytes()
    text = gb18030.decode("gb18030")
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.split("\r\n"))
    return {
        "gb18030": gb18030,
        "utf16": text.encode("utf-16"),
        "utf16_plain": text.encode("utf-16-le"),
        "quoted": quoted.replace("进", "进\n次行").encode(),
        "tabs": text.replace(",", "\t").encode("utf-8-sig"),
        "amlworld": AMLWORLD.encode(),
        "patterns": PATTERNS.encode(),
        "camt": CAMT.encode(),
        "dtd": CAMT.replace("<Doc", DTD + "<Doc", 1).replace("R1", "&x;").encode(),
        "template": b"time,payer,payee,amount\n2024-03-01T10:20:30+09:00,7,8,1.50\n",
    }


def container_seeds(folder: Path) -> dict[str, bytes]:
    """Workbooks, archives and Parquet."""
    with xlsxwriter.Workbook(str(folder / "a.xlsx")) as book:
        for name in ("一", "二"):
            page = book.add_worksheet(name)
            for number, cells in enumerate(STATEMENT):
                page.write_row(number, 0, cells)
    old = xlwt.Workbook()
    sheet = old.add_sheet("明细")
    for number, cells in enumerate(STATEMENT):
        for column, value in enumerate(cells):
            sheet.write(number, column, value)
    old.save(str(folder / "a.xls"))
    frame = pl.DataFrame([dict(zip(STATEMENT[0], cells, strict=True)) for cells in STATEMENT[1:]])
    frame.write_parquet(folder / "a.parquet")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("甲.csv", police(folder / "p.csv", relay()["甲.csv"]).read_bytes())
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("空/", b"")
        archive.writestr("b.xlsx", (folder / "a.xlsx").read_bytes())
    secret = aes(folder / "secret.zip", {"甲.csv": (folder / "p.csv").read_bytes()}, b"secret")
    return {path.name: path.read_bytes() for path in sorted(folder.glob("a.*"))} | {"secret.zip": secret.read_bytes()}
