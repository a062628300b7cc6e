"""公安查控 交易明细信息: each bank's ledgers in 34 or 32 columns, with the bank's own habits and the usual dirt."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl

from duanka.synth.render.pages import Pages, header, line
from duanka.synth.render.source import Source, bits, share, yuan

COLUMNS = [
    "交易卡号",
    "交易账号",
    "账户开户名称",
    "开户人证件号码",
    "交易时间",
    "交易金额",
    "交易余额",
    "收付标志",
    "交易对手账卡号",
    "现金标志",
    "对手户名",
    "对手身份证号",
    "对手开户银行",
    "摘要说明",
    "交易币种",
    "交易网点名称",
    "交易网点代码",
    "交易发生地",
    "交易是否成功",
    "传票号",
    "终端号",
    "IP地址",
    "MAC地址",
    "对手交易余额",
    "交易流水号",
    "日志号",
    "凭证种类",
    "凭证号",
    "交易柜员号",
    "商户名称",
    "商户号",
    "备注",
    "交易类型",
    "查询反馈结果原因",
]
_SHORT = {"商户号", "对手交易余额"}  # what the form of 32 columns lacks
_SPELLINGS: tuple[dict[str, str], ...] = (
    {},
    {"账户开户名称": "交易方户名", "开户人证件号码": "交易方证件号码"},
    {"账户开户名称": "交易户名", "开户人证件号码": "交易证件号码"},
)
_WORDS = (("进", "出"), ("贷", "借"), ("收", "付"), ("入", "出"), ("C", "D"))
_RESULTS = (("成功", "失败"), ("00", "01"), ("交易成功", "交易失败"), ("是", "否"))
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.0", "%Y%m%d %H:%M:%S")
_CURRENCIES = ("人民币", "CNY", "", "RMB", "156")
_PADS = ("\t", "", "  ", "\t")

FOLDER = "查控反馈"
BLANK_HOLDER, BY_CARD, NOTED = 0.3, 0.02, 0.003
"""Parts of rows without a holder, of accounts that were also asked for by card, and of rows with a remark in quotes."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How one bank answers."""

    words: tuple[str, str]  # for in and out
    results: tuple[str, str]  # for success and failure
    time: str
    currency: str
    pad: str
    names: dict[str, str]  # other spellings of header names
    short: bool  # 32 columns
    suffix: bool  # cards end in _1
    by_card: bool  # counterparties are printed by card rather than by account
    newest_first: bool
    minus: bool  # a minus before what was paid, beside the word for paying
    own_serials: bool  # numbers what it receives from others by itself
    firms_by_name: bool  # prints no number of a firm that pays wages


def habits(place: int, seed: int) -> Habits:
    """The habits of the bank at this place; all banks together have every habit at least once."""
    start = Random(f"police {seed}").randrange(60)  # noqa: S311 - nothing secret
    turn = place + start
    return Habits(
        words=_WORDS[turn % len(_WORDS)], results=_RESULTS[turn % len(_RESULTS)],
        time=_TIMES[(turn // 2) % len(_TIMES)],
        currency=_CURRENCIES[(turn * 2) % len(_CURRENCIES)], pad=_PADS[turn % len(_PADS)],
        names=_SPELLINGS[turn % len(_SPELLINGS)], short=turn % 4 == 3, suffix=turn % 2 == 0, by_card=turn % 3 != 0,
        newest_first=turn % 5 == 1, minus=turn % 5 == 2, own_serials=turn % 3 == 1, firms_by_name=turn % 4 == 1,
    )  # fmt: skip


class BankAnswers:
    """Writes the ledgers of every bank, part by part."""

    def __init__(self, source: Source, out: Path, seed: int, *, rows: int) -> None:
        self._source, self._seed = source, seed
        self._files: dict[int, Pages] = {}
        self._by_card: dict[int, Pages] = {}
        self._habits = {place: habits(place, seed) for place in range(len(source.institutions))}
        for place, name in enumerate(source.institutions):
            here = self._habits[place]
            columns = self._columns(here)
            top = header([here.names.get(column, column) for column in columns], pad=here.pad)
            folder = out / f"{FOLDER}_{name}"
            self._files[place] = Pages(folder, "交易明细信息_{}.csv", top, rows=rows, overlap=min(40, rows // 10))
            self._by_card[place] = Pages(folder, "交易明细信息_卡号查询_{}.csv", top, rows=rows)

    def take(self, rows: pl.DataFrame) -> None:
        """Write the rows of `source.ledger` that are banks'; wallets' must not be among them."""
        for (place,), mine in rows.group_by("house", maintain_order=True):
            here = self._habits[int(str(place))]
            shown = self._shown(mine.sort("own", "time", "n", descending=[False, here.newest_first, False]), here)
            written = shown.select(line(self._columns(here), self._cells(here), pad=here.pad), "own", "asked_by_card")
            self._files[int(str(place))].append(written["line"])
            asked = shown.filter("asked_by_card").with_columns(account=pl.lit(""))
            if asked.height:
                self._by_card[int(str(place))].append(
                    asked.select(line(self._columns(here), self._cells(here), pad=here.pad))["line"]
                )

    @property
    def written(self) -> list[Path]:
        """Files so far."""
        return [path for pages in (*self._files.values(), *self._by_card.values()) for path in pages.written]

    def _columns(self, here: Habits) -> list[str]:
        return [name for name in COLUMNS if not (here.short and name in _SHORT)]

    def _shown(self, rows: pl.DataFrame, here: Habits) -> pl.DataFrame:
        """The rows with what is known of both sides."""
        of, own, other = self._source.of, rows["own"], rows["other"]
        firm = (of(other, "kind") == "corporate").fill_null(value=False)
        return rows.with_columns(
            card=of(own, "alias"), account=of(own, "account_id"), holder=of(own, "holder_name"),
            identity=of(own, "holder_id"), outlet=of(own, "outlet_id"), personal=of(own, "kind") != "corporate",
            number=of(other, "printed" if here.by_card else "number"), other_name=of(other, "holder_name"),
            other_bank=of(other, "institution"), foreign=(of(other, "house") != rows["house"]).fill_null(value=False),
            unnumbered=firm & (rows["kind"] == "代发工资") & ~rows["out"] & here.firms_by_name & self._unique(other),
        ).with_columns(
            asked_by_card=pl.col("card").is_not_null() & share(pl.col("own"), self._seed, 1, BY_CARD),
        )  # fmt: skip

    def _unique(self, rows: pl.Series) -> pl.Series:
        """Whether a holder's name is that of one account only, so that the name alone says who it is."""
        counts = self._source.accounts.select(pl.len().over("holder_name") == 1).to_series()
        return counts.gather(rows).fill_null(value=False)

    def _cells(self, here: Habits) -> dict[str, pl.Expr]:
        seed, n, out, failed = self._seed, pl.col("n"), pl.col("out"), pl.col("status") == "failed"
        blank = pl.col("personal") & share(pl.col("own"), seed, 2, BLANK_HOLDER)
        sign = pl.when(out & here.minus).then(pl.lit("-")).otherwise(pl.lit(""))
        serial = pl.col("external_id")
        if here.own_serials:
            serial = pl.when(~out & pl.col("foreign")).then(pl.lit("R") + serial.str.reverse()).otherwise(serial)
        return {
            "交易卡号": pl.col("card") + "_1" if here.suffix else pl.col("card"),
            "交易账号": pl.col("account"),
            "账户开户名称": pl.when(~blank).then("holder"),
            "开户人证件号码": pl.col("identity"),
            "交易时间": pl.col("time").dt.strftime(here.time),
            "交易金额": pl.concat_str(sign, yuan("amount")),
            "交易余额": yuan("balance"),
            "收付标志": pl.when(out).then(pl.lit(here.words[1])).otherwise(pl.lit(here.words[0])),
            "交易对手账卡号": pl.when(~pl.col("unnumbered")).then("number"),
            "现金标志": pl.when(pl.col("other").is_null()).then(pl.lit("现金")).otherwise(pl.lit("转账")),
            "对手户名": pl.col("other_name"),
            "对手开户银行": pl.col("other_bank"),
            "摘要说明": pl.col("memo"),
            "交易币种": pl.lit(here.currency),
            "交易网点代码": pl.col("outlet"),
            "交易发生地": pl.when(share(n, seed, 3, NOTED)).then(pl.lit('"示例省,示例市"')),
            "交易是否成功": pl.when(failed).then(pl.lit(here.results[1])).otherwise(pl.lit(here.results[0])),
            "终端号": pl.col("device"),
            "IP地址": pl.col("ip"),
            "MAC地址": pl.col("mac"),
            "交易流水号": serial,
            "日志号": bits(n, seed, 4).cast(pl.String).str.zfill(6),
            "备注": pl.when(share(n, seed, 5, NOTED)).then(pl.lit('"经办,复核"')),
            "交易类型": pl.col("kind"),
        }
