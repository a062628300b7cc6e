"""Statements as each bank gives them to its own customer: one file an account, for the accounts of a few holders."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from duanka.synth.render.pages import Pages, header, line, names
from duanka.synth.render.source import PERSONAL, Source, bits, yuan
from duanka.synth.world import BANKS

FOLDER = "个人流水"
LOCAL = names("账号,卡号,户名,交易日期,交易时间,收入金额,支出金额,账户余额,对方账号,对方户名,对方行名,摘要,附言,流水号")
"""Layout of the banks that have no format of their own here; it needs the mapping."""


@dataclass(frozen=True, slots=True)
class Export:
    """How one bank writes the statement of one account."""

    columns: list[str]
    cells: Mapping[str, pl.Expr]
    above: Callable[[dict[str, str]], Sequence[str]] = lambda _account: ()  # lines before the header
    encoding: str = "utf-8"
    newest_first: bool = False
    blank: str = ""  # what stands in a cell without content
    quoted: bool = False


def _clock(pattern: str) -> pl.Expr:
    return pl.col("time").dt.strftime(pattern)


def _signed(plus: str = "") -> pl.Expr:
    return pl.when("out").then(pl.lit("-")).otherwise(pl.lit(plus)) + yuan("amount")


_IN, _OUT = pl.when(~pl.col("out")).then(yuan("amount")), pl.when("out").then(yuan("amount"))
_NAME, _NUMBER, _BALANCE = pl.col("other_name"), pl.col("other_printed"), yuan("balance")
_PARTY = pl.concat_str(_NAME, pl.lit(" "), _NUMBER)

_EXPORTS: dict[str, Export] = {
    "icbc": Export(
        names("交易日期,摘要,交易详情,交易场所,交易国家或地区简称,钞/汇,交易金额(收入),交易金额(支出),交易币种,记账金额(收入),记账金额(支出),"
              "记账币种,余额,对方户名,对方账户"),
        {"交易日期": _clock("%Y-%m-%d"), "摘要": pl.col("kind"), "交易详情": pl.col("memo"),
         "交易国家或地区简称": pl.lit("CHN"), "钞/汇": pl.lit("钞"), "记账币种": pl.lit("人民币"),
         "记账金额(收入)": _IN, "记账金额(支出)": _OUT, "余额": _BALANCE, "对方户名": _NAME, "对方账户": _NUMBER},
        lambda a: ("明细查询文件下载", "", f'卡号: {a["card"]},"卡别名: "', "",
                   '子账户序号: 00000,子账户类别: 活期,"子账户别名: "', ""),
        newest_first=True, quoted=True,
    ),
    "abc": Export(
        names("交易日期,交易时间,交易摘要,交易金额,本次余额,对手信息,日 志 号,交易渠道,交易附言"),
        {"交易日期": _clock("%Y%m%d"), "交易时间": _clock("%H%M%S"), "交易摘要": pl.col("kind"),
         "交易金额": _signed("+"), "本次余额": _BALANCE, "对手信息": _NUMBER,
         "日 志 号": pl.col("external_id").str.tail(9), "交易渠道": pl.col("channel"), "交易附言": pl.col("memo")},
        lambda a: (f"户名：{a['holder']}    账户：{a['card']}    币种：人民币", ""),
    ),
    "boc": Export(
        names("记账日期,记账时间,币别,金额,余额,交易名称,渠道,网点名称,附言,对方账户名,对方卡号/账号,对方开户行,借记卡号"),
        {"记账日期": _clock("%Y-%m-%d"), "记账时间": _clock("%H:%M:%S"), "币别": pl.lit("人民币"), "金额": _signed(),
         "余额": _BALANCE, "交易名称": pl.col("kind"), "渠道": pl.col("channel"), "附言": pl.col("memo"),
         "网点名称": pl.lit(""), "对方账户名": _NAME, "对方卡号/账号": _NUMBER, "对方开户行": pl.col("other_bank"),
         "借记卡号": pl.col("card")},
        lambda _account: ("中国银行交易流水明细单",), newest_first=True, blank="-------------------",
    ),
    "ccb": Export(
        names("记账日,交易日期,交易时间,支出,收入,账户余额,币种,摘要,对方账号,对方户名,交易地点"),
        {"记账日": _clock("%Y%m%d"), "交易日期": _clock("%Y%m%d"), "交易时间": _clock("%H:%M:%S"), "支出": _OUT,
         "收入": _IN, "账户余额": _BALANCE, "币种": pl.lit("人民币"), "摘要": pl.col("kind"), "对方账号": _NUMBER,
         "对方户名": _NAME, "交易地点": pl.col("memo")},
        lambda a: ("开户网点：示例支行", f"账　　号：{a['account']}"), "gb18030",
    ),
    "bocom": Export(
        names("序号,交易日期,交易时间,交易类型,借贷,交易金额,余额,对方账号,对方户名,交易地点,摘要"),
        {"序号": pl.int_range(1, pl.len() + 1).cast(pl.String), "交易日期": _clock("%Y-%m-%d"),
         "交易时间": _clock("%H:%M:%S"), "交易类型": pl.col("kind"), "交易金额": yuan("amount"), "余额": _BALANCE,
         "借贷": pl.when("out").then(pl.lit("借 Dr")).otherwise(pl.lit("贷 Cr")), "对方账号": _NUMBER,
         "对方户名": _NAME, "摘要": pl.col("memo")},
        lambda a: (f"卡号：{a['card']},户名：{a['holder']}",),
    ),
    "cmb": Export(
        names("记账日期,货币,交易金额,联机余额,交易摘要,对手信息,客户摘要"),
        {"记账日期": _clock("%Y-%m-%d"), "货币": pl.lit("CNY"), "交易金额": _signed(), "联机余额": _BALANCE,
         "交易摘要": pl.col("kind"), "对手信息": _PARTY, "客户摘要": pl.col("memo")},
        lambda a: (f"户名：{a['holder']}", f"账号：{a['card']}"),
    ),
    "spdb": Export(
        names("顺序号,交易日期,交易类型,存入金额,取出金额,余额,交易对手名称,交易对手账号,附言"),
        {"顺序号": pl.int_range(1, pl.len() + 1).cast(pl.String), "交易日期": _clock("%Y/%m/%d %H:%M:%S"),
         "交易类型": pl.col("kind"), "存入金额": _IN, "取出金额": _OUT, "余额": _BALANCE, "交易对手名称": _NAME,
         "交易对手账号": _NUMBER, "附言": pl.col("memo")},
        lambda a: (f"账号,{a['card']},账户类型,借记卡,日期范围,{a['first']}-{a['last']}",), "gb18030",
    ),
}  # fmt: skip
_LOCAL_CELLS: dict[str, pl.Expr] = {
    "账号": pl.col("account"), "卡号": pl.col("card"), "户名": pl.col("holder"), "交易日期": _clock("%Y%m%d"),
    "交易时间": _clock("%H%M%S"), "收入金额": _IN, "支出金额": _OUT, "账户余额": _BALANCE, "对方账号": _NUMBER,
    "对方户名": _NAME, "对方行名": pl.col("other_bank"), "摘要": pl.col("kind"), "附言": pl.col("memo"),
    "流水号": pl.col("external_id"),
}  # fmt: skip
LOCAL_MAPPING = (
    "local_bank", "transaction",
    dict(zip(("own", "own_alias", "own_name", "date", "clock", "amount_in", "amount_out", "balance", "other",
              "other_name", "other_bank", "kind", "memo", "serial"), LOCAL, strict=True)),
    "  midnight_is_day: false\n",
)  # fmt: skip
"""What `mapping.write_mapping` needs of that layout."""


def chosen(source: Source, seed: int, holders: int) -> pl.Series:
    """For each account whether it is a personal bank account of one of `holders` holders, drawn by number alone."""
    key = pl.col("row").min().over("holder_id")
    rank = (bits(key, seed, 11).cast(pl.Int64) * 1_000_003 + key * 7_919 % 1_000_003).rank("dense")
    personal = pl.col("kind").is_in(PERSONAL)
    frame = source.accounts.select(personal=personal, rank=pl.when(personal).then(rank.over(pl.lit(value=True))))
    ranks = frame["rank"].drop_nulls().unique().sort().head(holders)
    return frame.select(pl.col("personal") & pl.col("rank").is_in(ranks.implode())).to_series().fill_null(value=False)


class PersonalStatements:
    """The statements of the chosen accounts. They are few, so their rows are held until all parts are seen."""

    def __init__(self, source: Source, out: Path) -> None:
        self._source, self._out = source, out
        self._held: list[pl.DataFrame] = []
        self._keys = {bank.name: bank.key for bank in BANKS}

    def take(self, rows: pl.DataFrame) -> None:
        """Keep the rows that such a statement prints: those that moved money."""
        self._held.append(rows.filter(pl.col("status") != "failed"))

    def write(self) -> list[Path]:
        """Write all statements."""
        if not self._held:
            return []
        rows, of = pl.concat(self._held), self._source.of
        self._held = []
        shown = rows.with_columns(
            card=of(rows["own"], "alias"), account=of(rows["own"], "account_id"), holder=of(rows["own"], "holder_name"),
            bank=of(rows["own"], "institution"), other_name=of(rows["other"], "holder_name"),
            other_printed=of(rows["other"], "printed"), other_bank=of(rows["other"], "institution"),
        ).sort("bank", "own", "time", "n")  # fmt: skip
        days = shown.select(
            first=pl.col("time").min().dt.strftime("%Y%m%d"), last=pl.col("time").max().dt.strftime("%Y%m%d")
        )
        period = days.row(0, named=True)
        written = []
        for (bank,), mine in shown.group_by("bank", maintain_order=True):
            export = _EXPORTS.get(self._keys.get(str(bank), ""))
            folder = self._out / f"{FOLDER}_{bank}"
            if export is None:
                pages = Pages(folder, "交易流水_{}.csv", header(LOCAL), rows=200_000)
                pages.append(mine.select(line(LOCAL, _LOCAL_CELLS))["line"])
                written += pages.written
                continue
            for (_,), one in mine.group_by("own", maintain_order=True):
                written += _statement(folder, one, export, period)
        return written


def _statement(folder: Path, rows: pl.DataFrame, export: Export, period: dict[str, str]) -> list[Path]:
    account = rows.select("card", "account", "holder").row(0, named=True) | period
    rows = rows.reverse() if export.newest_first else rows
    cells = {name: cell.fill_null("").replace("", export.blank) for name, cell in export.cells.items()}
    columns = export.columns
    if export.quoted:
        cells = {name: pl.lit('"') + cells.get(name, pl.lit("")) + pl.lit('\t"') for name in columns}
    above = export.above(account)
    top = "\r\n".join([*above, header(columns)])
    pages = Pages(folder, f"{account['card']}.csv", top, export.encoding, rows=max(rows.height, 1))
    pages.append(rows.select(line(columns, cells))["line"])
    return pages.written
