"""Writes the case that ships: `python -m duanka.demo.make OUT`. The same bytes every time, but for ZIP compression.

Everything that files from the field do to an importer is planted here on purpose, and `Planted` says how often, so
that a test can hold what is found against it.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from duanka.demo import FOLDER, LABELS, SEEDS, cast, papers, story
from duanka.demo.book import Account, Book, Line
from duanka.records.vocabulary import RecordKind
from duanka.sources.formats.templates import columns

OVERLAP = 36
"""Rows that both part files of the first bank have."""

TWICE = slice(6, 18)
"""Rows of one account that its bank gives again under the card alone."""

README = """{bank} 协助查询反馈说明（虚构示例）

一、本目录为示例数据，所有姓名、证件号码、卡号、账号、电话均为虚构。
二、交易明细分批导出，相邻批次之间可能有重复。
三、“交易是否成功”为“失败”的记录未入账。
四、如有疑问请联系示例支行。
"""


@dataclass
class Planted:
    """What an import of the folder must find."""

    rows: dict[str, int] = field(default_factory=dict)  # file -> rows, header and totals aside
    formats: dict[str, str] = field(default_factory=dict)  # file -> format
    rejects: Counter[tuple[str, str]] = field(default_factory=Counter)  # (file, code) -> rows
    statuses: Counter[str] = field(default_factory=Counter)  # of transactions, but for success and unknown
    same_row: int = 0
    two_sides: int = 0
    transactions: int = 0
    zero: int = 0
    breaks: tuple[str, ...] = ()  # accounts, once for each break
    unknown: tuple[str, ...] = ()


@dataclass
class Made:
    """The files of the case by path, and what is planted in them."""

    files: dict[str, bytes] = field(default_factory=dict)
    planted: Planted = field(default_factory=Planted)


def make() -> Made:
    """The whole case in memory."""
    book, made = story.tell(), Made()
    _bank_a(book, made)
    _bank_b(book, made)
    _alipay(book, made)
    salary = book.handed_over(cast.SALARY.number)
    _add(made, "工商银行/hisdetail.csv", papers.icbc_file(cast.SALARY.card, salary), "icbc_debit", len(salary))
    wallet = _numbered("W", [cast.WALLET], book)
    _add(made, "财付通/TenpayTrades.txt", papers.tenpay_file(wallet), "tenpay_trades", len(wallet))
    _reports(made)
    _sum_up(book, made.planted)
    made.files[SEEDS] = papers.table(
        ("kind", "value"), [("account", victim.printed or victim.number) for victim in story.victims()]
    )
    made.files[LABELS] = papers.table(
        ("account_id", "label", "ring_id", "tier", "role"),
        [(t.account.number or t.account.card, str(t.label), t.ring, t.tier, t.role) for t in cast.TRUTHS],
    )
    return made


def _add(made: Made, name: str, content: bytes, format_: str, rows: int) -> None:
    made.files[f"{FOLDER}/{name}"] = content
    _note(made, name, format_, rows)


def _note(made: Made, name: str, format_: str, rows: int) -> None:
    made.planted.formats[name] = format_
    made.planted.rows[name] = rows


def _numbered(letter: str, accounts: Sequence[Account], book: Book) -> list[tuple[Line, str]]:
    """The accounts' printed rows, account by account, with serials that count by time over all of them."""
    lines = [line for account in accounts for line in book.handed_over(account.number)]
    places = {id(line): place for place, line in enumerate(sorted(lines, key=lambda one: one.time))}
    return [(line, f"{letter}{line.time:%y%m%d}{places[id(line)]:05d}") for line in lines]


def _bank_a(book: Book, made: Made) -> None:
    """Two part files that overlap, one account under its card alone again, and rows that no one can read."""
    rows = [
        papers.police_row(line, serial, words=("进", "出"), success="成功", time="%Y-%m-%d %H:%M:%S", currency="人民币")
        for line, serial in _numbered("A", cast.AT_BANK_A, book)
    ]
    rows = [row | {"账户开户名称": ""} if place % 9 == 4 else row for place, row in enumerate(rows)]
    twice = [row for row in rows if row["交易账号"] == cast.TRANSIT[0].number][TWICE]
    again = [row | {"交易账号": "", "交易卡号": cast.TRANSIT[0].card} for row in twice]
    bad: list[tuple[str, dict[str, str]]] = [
        ("time_impossible", rows[3] | {"交易时间": "2023-02-30 11:20:00", "交易流水号": "A999990001"}),
        ("amount_unreadable", rows[9] | {"交易金额": "1,234.5.6", "交易流水号": "A999990002"}),
        ("amount_missing", rows[14] | {"交易金额": "", "交易流水号": "A999990003"}),
        ("direction_unknown", rows[21] | {"收付标志": "?", "交易余额": "", "交易流水号": "A999990004"}),
        ("too_many_fields", rows[30] | {papers.SPARE: "溢出", "交易流水号": "A999990005"}),
    ]
    middle = len(rows) * 11 // 20
    parts = {1: rows[:middle], 2: [*rows[middle - OVERLAP :], *again, *(row for _, row in bad)]}
    for number, part in parts.items():
        name = f"{cast.BANK_A}/交易明细信息_{number}.csv"
        _add(made, name, papers.police_file(papers.POLICE, part), "police_transactions", len(part))
    made.planted.rejects.update((f"{cast.BANK_A}/交易明细信息_2.csv", code) for code, _ in bad)
    made.planted.same_row += OVERLAP + len(again)
    for name, (content, format_) in _siblings(cast.BANK_A, cast.AT_BANK_A, book).items():
        _add(made, f"{cast.BANK_A}/{name}", content, format_, len(cast.AT_BANK_A))
    made.files[f"{FOLDER}/{cast.BANK_A}/README.txt"] = README.format(bank=cast.BANK_A).encode("gb18030")
    made.planted.unknown = (f"{cast.BANK_A}/README.txt",)


def _bank_b(book: Book, made: Made) -> None:
    """Everything in an archive, the transactions in an archive in it; other words, times and codes than the first."""
    rows = [
        papers.police_row(
            line, serial, words=("贷", "借"), success="01" if line.transfer.failed else "00", time="%Y%m%d%H%M%S",
            currency="CNY",
        )
        for line, serial in _numbered("B", cast.AT_BANK_B, book)
    ]  # fmt: skip
    inner = {"交易明细信息.csv": papers.police_file(papers.POLICE, rows)}
    outer = {"明细.zip": papers.archive(inner)}
    siblings = _siblings(cast.BANK_B, cast.AT_BANK_B, book)
    outer |= {name: content for name, (content, _) in siblings.items()}
    name = f"{cast.BANK_B}反馈.zip"
    made.files[f"{FOLDER}/{name}"] = papers.archive(outer)
    _note(made, f"{name}/明细.zip/交易明细信息.csv", "police_transactions", len(rows))
    for member, (_, format_) in siblings.items():
        _note(made, f"{name}/{member}", format_, len(cast.AT_BANK_B))


def _siblings(bank: str, accounts: Sequence[Account], book: Book) -> dict[str, tuple[bytes, str]]:
    listed = [
        papers.account_row(
            account, story.FIRST_DAY - timedelta(days=40 + 23 * place), bank, book.lines[account.number][-1].balance
        )
        for place, account in enumerate(accounts)
    ]
    persons = [papers.person_row(account) for account in accounts]
    return {
        "账户信息.csv": (papers.police_file(papers.ACCOUNTS, listed), "police_accounts"),
        "人员信息.csv": (papers.police_file(papers.PERSONS, persons), "police_parties"),
    }


def _alipay(book: Book, made: Made) -> None:
    """A victim's own export, newest first: payments, a refund, an order never paid, a row that says nothing."""
    victim = cast.ALIPAY_VICTIM
    rows: list[dict[str, str]] = []
    for line, serial in _numbered("2024", [victim], book):
        to_card = bool(line.other.card)
        rows.append({
            "交易时间": f"{line.time:%Y-%m-%d %H:%M:%S}", "交易分类": "转账红包" if to_card else "日用百货",
            "交易对方": line.other.holder, "对方账号": line.other.card or "dem***@example.com",
            "商品说明": "转账到银行卡" if to_card else line.transfer.memo, "收/支": "支出",
            "金额": papers.yuan(line.amount), "收/付款方式": "余额", "交易状态": "交易成功", "交易订单号": serial,
        })  # fmt: skip
    paid = next(row for row in rows if row["交易分类"] == "日用百货")
    back = {"收/支": "不计收支", "交易分类": "退款", "商品说明": "退款", "交易状态": "退款成功"}
    unpaid = {"收/支": "不计收支", "交易状态": "交易关闭", "收/付款方式": "", "交易订单号": "202499990001"}
    silent = {"收/支": "不计收支", "交易分类": "其他", "商品说明": "其他", "交易订单号": "202499990002"}
    late = {"交易时间": "2024-03-31 08:15:30"}
    rows += [paid | late | back | {"交易订单号": paid["交易订单号"] + "_1"}, paid | late | unpaid, paid | late | silent]
    rows.sort(key=lambda row: row["交易时间"], reverse=True)
    name = "支付宝/alipay_record.csv"
    start, end = "2024-03-01 00:00:00", "2024-03-31 23:59:59"
    login = victim.number.removeprefix("alipay:")
    _add(made, name, papers.alipay_file(login, victim.holder, start, end, rows), "alipay_app", len(rows))
    made.planted.rejects[name, "direction_unknown"] += 1
    made.planted.statuses["failed"] += 1


def _reports(made: Made) -> None:
    """The victims' reports in the project's own template."""
    rows = []
    for number, (victim, collector, day, at, amount, told) in enumerate(story.REPORTS, start=1):
        payer, moment = story.victims()[victim], story.clock(day, at)
        cells = {
            "report_id": f"示例{number:03d}", "victim_name": payer.holder,
            "victim_account": payer.printed or payer.number, "receiver_account": cast.COLLECTORS[collector].card,
            "time": f"{moment:%Y-%m-%d %H:%M:%S}", "amount": papers.yuan(amount), "currency": "CNY",
            "reported_at": f"{moment + timedelta(hours=5):%Y-%m-%d %H:%M:%S}", "memo": told,
        }  # fmt: skip
        rows.append([cells[name] for name in columns(RecordKind.REPORT)])
    _add(made, "被害人报案.csv", papers.table(columns(RecordKind.REPORT), rows), "duanka_reports", len(rows))


def _sum_up(book: Book, planted: Planted) -> None:
    """Counts that follow from the story: what is booked twice, what is missing, what moved no money."""
    printed = Counter(id(line.transfer) for lines in book.lines.values() for line in lines if not line.transfer.missing)
    planted.two_sides = sum(count - 1 for count in printed.values())
    planted.transactions = len(printed) + 2  # and in the Alipay export a refund and an order that was never paid
    planted.statuses["failed"] += sum(transfer.failed for transfer in book.transfers)
    planted.statuses["reversal"] += sum(transfer.undone for transfer in book.transfers)
    planted.zero = sum(transfer.amount == 0 for transfer in book.transfers)
    planted.breaks = tuple(transfer.payer.number for transfer in book.transfers if transfer.missing)


def write(out: Path, files: Mapping[str, bytes]) -> None:
    """Write the files below `out`."""
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python -m duanka.demo.make OUT: give the folder to write into")
    write(Path(sys.argv[1]), make().files)
