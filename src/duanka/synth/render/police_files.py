"""What comes beside the ledgers of a police query: 人员信息, 账户信息, 子账户信息, 强制措施, 任务信息."""

from pathlib import Path

import polars as pl

from duanka.synth.render.pages import write_table
from duanka.synth.render.police_bank import FOLDER
from duanka.synth.render.source import ZONE, Source, yuan

_PERSONS = [
    "客户名称",
    "证照类型",
    "证照号码",
    "单位地址",
    "联系电话",
    "联系手机",
    "单位电话",
    "住宅电话",
    "工作单位",
    "邮箱地址",
    "住宅地址",
]
_ACCOUNTS = [
    "账户开户名称",
    "开户人证件号码",
    "交易卡号",
    "交易账号",
    "账号开户时间",
    "账户余额",
    "可用余额",
    "币种",
    "开户网点代码",
    "开户网点",
    "账户状态",
    "账户类型",
    "开户联系方式",
    "账号开户银行",
    "销户网点",
    "销户日期",
    "最后交易时间",
]
_SUB_ACCOUNTS = ["账卡号", "子账户序号", "子账户账号", "子账户类别", "币种", "账户状态"]
_MEASURES = [
    "账号",
    "措施序号",
    "冻结开始日",
    "冻结截止日",
    "冻结措施类型",
    "冻结金额",
    "币种",
    "冻结机关名称",
    "文书号",
]
_TASKS = ["任务流水号", "查询类别", "查询内容", "反馈结果", "反馈时间"]
_KINDS = {
    "personal_i": "个人I类户", "personal_ii": "个人Ⅱ类户", "personal_iii": "个人三类户", "personal": "个人借记卡",
    "credit": "信用卡", "corporate": "对公基本户", "settlement": "内部过渡账户", "ecny_wallet": "数字人民币钱包",
}  # fmt: skip


def national(phone: str) -> pl.Expr:
    """A number as it is printed at home: without +86."""
    return pl.col(phone).str.strip_prefix("+86")


def day(date: str) -> pl.Expr:
    """A date as banks print it."""
    return pl.col(date).dt.strftime("%Y%m%d")


def clock(time: str) -> pl.Expr:
    """A moment in Beijing time."""
    return pl.col(time).dt.convert_time_zone(ZONE).dt.strftime("%Y-%m-%d %H:%M:%S")


def siblings(source: Source, out: Path) -> list[Path]:
    """Every bank's accounts, holders and measures. Holders of several banks are in the answer of each."""
    accounts = source.accounts.filter(pl.col("wallet") == "")
    parties = source.table("parties", "party")
    outlets = source.table("outlets", "outlet").select("outlet_id", outlet="name")
    measures = source.table("measures", "measure").join(
        accounts.select("account_id", "printed", "institution"), on="account_id", maintain_order="left"
    )
    written = []
    for place, name in enumerate(source.institutions):
        mine = accounts.filter(pl.col("institution") == name).join(
            outlets, on="outlet_id", how="left", maintain_order="left"
        )
        if not mine.height:
            continue
        folder = out / f"{FOLDER}_{name}"
        written += _accounts(folder / "账户信息.csv", mine)
        holders = parties.join(
            mine.select(id_number="holder_id").unique(), on="id_number", how="semi", maintain_order="left"
        )
        written += _persons(folder / "人员信息.csv", holders)
        if place % 3 == 0:
            written += _sub_accounts(folder / "子账户信息.csv", mine.filter(pl.col("alias").is_not_null()))
        written += _measures(folder / "强制措施.csv", measures.filter(pl.col("institution") == name))
        task = pl.DataFrame({"n": [f"99{place + 1:08d}"]})
        cells = {"任务流水号": pl.col("n"), "查询类别": pl.lit("账户信息及交易明细"), "反馈结果": pl.lit("成功")}
        written += write_table(folder / "任务信息.csv", task, _TASKS, cells, encoding="gb18030", end="\r\n", pad="\t")
    return written


def _accounts(path: Path, mine: pl.DataFrame) -> list[Path]:
    kind = pl.col("kind").replace_strict(_KINDS, default="", return_dtype=pl.String)
    cells = {
        "账户开户名称": pl.col("holder_name"), "开户人证件号码": pl.col("holder_id"), "交易卡号": pl.col("alias"),
        "交易账号": pl.col("account_id"), "账号开户时间": day("opened_on"), "币种": pl.lit("人民币"),
        "开户网点代码": pl.col("outlet_id"), "开户网点": pl.col("outlet"), "账户状态": pl.col("state"),
        "账户类型": kind,
        "开户联系方式": national("phone"), "账号开户银行": pl.col("institution"), "销户日期": day("closed_on"),
    }  # fmt: skip
    return write_table(path, mine, _ACCOUNTS, cells, encoding="gb18030", end="\r\n", pad="\t")


def _persons(path: Path, holders: pl.DataFrame) -> list[Path]:
    person = pl.col("kind") == "person"
    cells = {
        "客户名称": pl.col("name"), "证照号码": pl.col("id_number"),
        "证照类型": pl.when(person).then(pl.lit("居民身份证")).otherwise(pl.lit("统一社会信用代码证")),
        "联系手机": pl.when(person).then(national("phone")), "单位电话": pl.when(~person).then(national("phone")),
        "住宅地址": pl.when(person).then("address"), "单位地址": pl.when(~person).then("address"),
        "工作单位": pl.col("employer"),
    }  # fmt: skip
    return write_table(path, holders, _PERSONS, cells, encoding="gb18030", end="\r\n", pad="\t")


def _sub_accounts(path: Path, mine: pl.DataFrame) -> list[Path]:
    cells = {
        "账卡号": pl.col("account_id"), "子账户序号": pl.lit("00001"), "子账户账号": pl.col("alias") + "_1",
        "子账户类别": pl.lit("活期"), "币种": pl.lit("人民币"), "账户状态": pl.col("state"),
    }  # fmt: skip
    return write_table(path, mine, _SUB_ACCOUNTS, cells, encoding="gb18030", end="\r\n", pad="\t")


def _measures(path: Path, measures: pl.DataFrame) -> list[Path]:
    cells = {
        "账号": pl.col("printed"), "冻结开始日": clock("start"), "冻结截止日": clock("end"),
        "冻结措施类型": pl.col("kind"),
        "冻结金额": yuan("amount"), "币种": pl.col("currency"), "冻结机关名称": pl.col("authority"),
        "文书号": pl.col("reference"),
    }  # fmt: skip
    return write_table(path, measures, _MEASURES, cells, encoding="gb18030", end="\r\n", pad="\t")
