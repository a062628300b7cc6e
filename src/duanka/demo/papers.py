"""What institutions hand over, written as they write it: encodings, padding, tabs, suffixes, preambles, units."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from duanka.demo.book import Account, Line
from duanka.records.money import format_minor


def _header(names: str) -> list[str]:
    return names.split(",")


POLICE = _header(
    "交易卡号,交易账号,账户开户名称,开户人证件号码,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,现金标志,对手户名,"
    "对手身份证号,对手开户银行,摘要说明,交易币种,交易网点名称,交易网点代码,交易发生地,交易是否成功,传票号,终端号,IP地址,MAC地址,"
    "对手交易余额,交易流水号,日志号,凭证种类,凭证号,交易柜员号,商户名称,商户号,备注,交易类型,查询反馈结果原因"
)
ACCOUNTS = _header(
    "账户开户名称,开户人证件号码,交易卡号,交易账号,账号开户时间,账户余额,可用余额,币种,开户网点,账户状态,账户类型,"
    "开户联系方式,账号开户银行,销户日期,最后交易时间"
)
PERSONS = _header("客户名称,证照类型,证照号码,单位地址,联系电话,联系手机,工作单位,住宅地址")
ALIPAY = [
    "交易时间",
    "交易分类",
    "交易对方",
    "对方账号",
    "商品说明",
    "收/支",
    "金额",
    "收/付款方式",
    "交易状态",
    "交易订单号",
    "商家订单号",
    "备注",
]
ICBC = _header(
    "交易日期,摘要,交易详情,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),"
    "记账金额(支出),记账币种,余额,对方户名,对方账户"
)
TENPAY = _header(
    "用户ID,交易单号,大单号,用户侧账号名称,借贷类型,交易业务类型,交易用途类型,交易时间,交易金额(分),账户余额(分),用户银行卡号,"
    "用户侧网银联单号,网联/银联,第三方账户名称,对手方ID,对手侧账户名称,对手方银行卡号,对手侧银行名称,对手侧网银联单号,网联/银联,"
    "基金公司信息,间联/非间联交易,第三方账户名称,对手方接收时间,对手方接收金额(分),备注1,备注2"
)

Cells = Mapping[str, str]

SPARE = "多余"
"""Key of a cell that the header has no column for."""


def yuan(fen: int) -> str:
    """12345 -> 123.45."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def police_row(
    line: Line, serial: str, *, words: tuple[str, str], success: str, time: str, currency: str
) -> dict[str, str]:
    """A ledger line in the 34 columns. `words` are the bank's own for in and out, `time` its pattern."""
    transfer, own, other = line.transfer, line.own, line.other
    named = transfer.by_name and not line.paid
    address = own.network if line.paid and not transfer.cash else ("", "")
    return {
        "交易卡号": own.card and own.card + "_1",
        "交易账号": own.number,
        "账户开户名称": own.holder,
        "开户人证件号码": own.identity,
        "交易时间": line.time.strftime(time),
        "交易金额": yuan(line.amount),
        "交易余额": "" if transfer.failed else yuan(line.balance),
        "收付标志": transfer.word or words[line.paid],
        "交易对手账卡号": "" if named else other.printed,
        "现金标志": "现金" if transfer.cash else "转账",
        "对手户名": other.holder,
        "摘要说明": transfer.memo,
        "交易币种": currency,
        "交易是否成功": success,
        "IP地址": address[0],
        "MAC地址": address[1],
        "交易流水号": serial,
        "交易类型": transfer.kind,
    }


def police_file(header: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """GB18030, a tab after every cell, Windows line ends. What a row has under SPARE stands after its last column."""
    lines = [",".join(name + "\t" for name in header)]
    lines += [
        ",".join(_cell(row[name]) if name in row else "\t" for name in (*header, *row.keys() & {SPARE})) for row in rows
    ]
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text + "\t"


def account_row(account: Account, opened: datetime, bank: str, balance: int) -> Cells:
    """A line of 账户信息."""
    return {
        "账户开户名称": account.holder, "开户人证件号码": account.identity, "交易卡号": account.card,
        "交易账号": account.number, "账号开户时间": opened.strftime("%Y-%m-%d %H:%M:%S"),
        "账户余额": yuan(balance), "可用余额": yuan(balance), "币种": "人民币", "开户网点": f"{bank}示例支行",
        "账户状态": "正常", "账户类型": "个人I类户", "开户联系方式": account.phone, "账号开户银行": bank,
    }  # fmt: skip


def person_row(account: Account) -> Cells:
    """A line of 人员信息."""
    return {
        "客户名称": account.holder, "证照类型": "居民身份证", "证照号码": account.identity, "联系手机": account.phone,
        "住宅地址": "示例省示例市示例路1号",
    }  # fmt: skip


def alipay_file(login: str, holder: str, start: str, end: str, rows: Sequence[Cells]) -> bytes:
    """The app's export: GB18030, a preamble, padded cells, a comma at the end of each line."""
    rule = "-" * 60
    above = [
        rule, "导出信息：", f"姓名：{holder}", f"支付宝账户：{login}", f"起始时间：[{start}]    终止时间：[{end}]",
        "导出交易类型：[全部]", f"导出时间：[{end}]", f"共{len(rows)}笔记录", "", "特别提示：",
        "1.本文件为虚构示例，其中的账户、姓名与金额均不对应任何真实主体；", "2.同一笔订单的付款与退款各占一行。", "",
        rule, "支付宝交易明细（虚构示例）", rule,
    ]  # fmt: skip
    body = [",".join(name.ljust(8) for name in ALIPAY) + ","]
    body += [
        ",".join(row.get(name, "").ljust(8) + "\t" * name.endswith("订单号") for name in ALIPAY) + "," for row in rows
    ]
    return ("\r\n".join([*above, *body]) + "\r\n").encode("gb18030")


def icbc_file(card: str, lines: Sequence[Line]) -> bytes:
    """The debit card's download, second version: days only, newest first, quoted cells with tabs, totals below."""
    above = f'明细查询文件下载\n\n卡号: {card},"卡别名: "\n\n子账户序号: 00000,子账户类别: 活期,"子账户别名: "\n\n'
    rows = [",".join(ICBC)]
    for line in reversed(lines):
        money = yuan(line.amount)
        cells = {
            "交易日期": line.time.strftime("%Y-%m-%d"), "摘要": line.transfer.kind, "交易详情": line.transfer.memo,
            "交易国家或地区简称": "CHN", "钞/汇": "钞", "记账币种": "人民币", "余额": format_minor(line.balance, "CNY"),
            "记账金额(支出)" if line.paid else "记账金额(收入)": money, "对方户名": line.other.holder,
            "对方账户": line.other.printed,
        }  # fmt: skip
        rows.append(",".join(f'"{cells.get(name, "").ljust(6)}\t"' for name in ICBC) + ",")
    sums = (sum(one.amount for one in lines if one.paid is paid) for paid in (False, True))
    into, out = (format_minor(total, "CNY") for total in sums)
    rows.append(f'人民币合计,,,,,,,,,"{into}\t","{out}\t",')
    return (above + "\n".join(rows) + "\n").encode("gb18030")


def tenpay_file(lines: Sequence[tuple[Line, str]]) -> bytes:
    """TenpayTrades: tab-separated, in fen, two columns of one name. Lines come with their serials."""
    rows = ["\t".join(TENPAY)]
    for line, serial in lines:
        own, other, transfer = line.own, line.other, line.transfer
        to_card = transfer.kind in {"提现", "充值"}
        cells = {
            "用户ID": own.number.removeprefix("tenpay:"), "交易单号": serial, "用户侧账号名称": own.holder,
            "借贷类型": "出" if line.paid else "入", "交易业务类型": transfer.kind, "交易用途类型": transfer.memo,
            "交易时间": line.time.strftime("%Y-%m-%d %H:%M:%S"), "交易金额(分)": str(line.amount),
            "账户余额(分)": str(line.balance), "用户银行卡号": other.card if to_card else "",
            "对手方ID": "" if to_card else other.number.removeprefix("tenpay:"),
            "对手侧账户名称": "" if to_card else other.holder,
        }  # fmt: skip
        rows.append("\t".join(cells.get(name, "") for name in TENPAY))
    return ("\r\n".join(rows) + "\r\n").encode()


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A plain CSV in UTF-8, for our own templates."""
    return "".join(",".join(row) + "\n" for row in (header, *rows)).encode()


def archive(members: Mapping[str, bytes]) -> bytes:
    """A ZIP without a password; its members all bear one date, so that the same members give the same archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, (2024, 4, 3, 9, 0, 0))
            member.create_system = 3  # else it names the system that it was made on
            packed.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
