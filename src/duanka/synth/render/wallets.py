"""Answers of the two large wallets to production orders: Tenpay 调证, Alipay 协查."""

from pathlib import Path

import polars as pl

from duanka.synth.render.pages import Pages, header, line, write_table
from duanka.synth.render.police_files import clock, national
from duanka.synth.render.source import Source, yuan

TENPAY = [
    "用户ID",
    "交易单号",
    "大单号",
    "用户侧账号名称",
    "借贷类型",
    "交易业务类型",
    "交易用途类型",
    "交易时间",
    "交易金额(分)",
    "账户余额(分)",
    "用户银行卡号",
    "用户侧网银联单号",
    "网联/银联",
    "第三方账户名称",
    "对手方ID",
    "对手侧账户名称",
    "对手方银行卡号",
    "对手侧银行名称",
    "对手侧网银联单号",
    "网联/银联",
    "基金公司信息",
    "间联/非间联交易",
    "第三方账户名称",
    "对手方接收时间",
    "对手方接收金额(分)",
    "备注1",
    "备注2",
]
TENPAY_FAILED = [
    "用户ID",
    "交易单号",
    "交易时间",
    "交易金额(分)",
    "借贷类型",
    "对手方",
    "交易业务类型",
    "交易用途类型",
    "交易结果",
    "失败原因",
]
_TENPAY_REG = [
    "账户状态",
    "账号",
    "注册姓名",
    "注册时间",
    "注册身份证号",
    "绑定手机",
    "绑定状态",
    "开户行信息",
    "银行账号",
]
ALIPAY = [
    "交易号",
    "商户订单号",
    "交易创建时间",
    "付款时间",
    "最近修改时间",
    "交易来源地",
    "类型",
    "用户信息",
    "交易对方信息",
    "消费名称",
    "金额（元）",
    "收/支",
    "交易状态",
    "支付方式",
    "充值流水号",
    "备注",
    "对应的协查数据",
]
_ALIPAY_REG = [
    "用户ID",
    "登录邮箱",
    "登录手机",
    "账户名称",
    "证件类型",
    "证件号",
    "可用余额",
    "绑定手机",
    "注册时间",
    "注册时IP",
    "绑定银行卡",
    "关联账户",
    "账户状态",
    "备注",
    "对应的协查数据",
]
_ALIPAY_LOGINS = [
    "登陆账号",
    "支付宝用户ID",
    "账户名",
    "客户端ip",
    "操作发生时间",
    "设备号",
    "mac地址",
    "对应的协查数据",
]

_TIME = "%Y-%m-%d %H:%M:%S"
FAILED_NAME = "未成功交易补充反馈"
TENPAY_FOLDER, ALIPAY_FOLDER = "财付通调证", "支付宝协查"


class TenpayAnswers:
    """TenpayTrades, part by part. It lists no failed trades: those come in a table of the officer's own request."""

    def __init__(self, source: Source, out: Path, *, rows: int) -> None:
        self._source = source
        folder = out / TENPAY_FOLDER
        top = header(TENPAY, separator="\t")
        self._trades = Pages(folder, "TenpayTrades{}.txt", top, "utf-8", rows=rows, overlap=min(20, rows // 10))
        self._failed = Pages(folder, FAILED_NAME + "_{}.csv", header(TENPAY_FAILED), rows=rows)

    def take(self, rows: pl.DataFrame) -> None:
        """Write the rows of `source.ledger` that are Tenpay's."""
        of, other = self._source.of, rows["other"]
        shown = rows.with_columns(
            number=of(rows["own"], "number"), holder=of(rows["own"], "holder_name"), other_id=of(other, "account_id"),
            party=of(other, "number"), card=of(other, "printed"), other_name=of(other, "holder_name"),
            other_bank=of(other, "institution"), inside=of(other, "wallet") == "tenpay",
        ).sort("own", "time", "n")  # fmt: skip
        failed = pl.col("status") == "failed"
        self._trades.append(shown.filter(~failed).select(line(TENPAY, _trade(), separator="\t"))["line"])
        self._failed.append(shown.filter(failed).select(line(TENPAY_FAILED, _failed_trade()))["line"])

    @property
    def written(self) -> list[Path]:
        """Files so far."""
        return self._trades.written + self._failed.written


def _trade() -> dict[str, pl.Expr]:
    inside = pl.col("inside")
    return {
        "用户ID": pl.col("number"), "交易单号": pl.col("external_id"), "用户侧账号名称": pl.col("holder"),
        "借贷类型": pl.when("out").then(pl.lit("出")).otherwise(pl.lit("入")), "交易业务类型": pl.col("kind"),
        "交易用途类型": pl.col("channel"), "交易时间": pl.col("time").dt.strftime(_TIME),
        "交易金额(分)": pl.col("amount").cast(pl.String), "账户余额(分)": pl.col("balance").cast(pl.String),
        "对手方ID": pl.when(inside).then("party"), "对手侧账户名称": pl.col("other_name"),
        "对手方银行卡号": pl.when(~inside).then("card"), "对手侧银行名称": pl.when(~inside).then("other_bank"),
        "对手方接收时间": pl.col("time").dt.strftime(_TIME), "对手方接收金额(分)": pl.col("amount").cast(pl.String),
        "备注1": pl.col("memo"),
    }  # fmt: skip


def _failed_trade() -> dict[str, pl.Expr]:
    return {
        "用户ID": pl.col("number"), "交易单号": pl.col("external_id"), "交易时间": pl.col("time").dt.strftime(_TIME),
        "交易金额(分)": pl.col("amount").cast(pl.String), "借贷类型": pl.lit("出"), "对手方": pl.col("other_id"),
        "交易业务类型": pl.col("kind"), "交易用途类型": pl.col("channel"), "交易结果": pl.lit("失败"),
        "失败原因": pl.col("memo"),
    }  # fmt: skip


class AlipayAnswers:
    """账户明细, part by part. It prints no balances and no devices."""

    def __init__(self, source: Source, out: Path, *, rows: int) -> None:
        self._source = source
        top = header(ALIPAY)
        self._pages = Pages(out / ALIPAY_FOLDER, "账户明细_{}.csv", top, rows=rows, overlap=min(20, rows // 10))

    def take(self, rows: pl.DataFrame) -> None:
        """Write the rows of `source.ledger` that are Alipay's."""
        of, other = self._source.of, rows["other"]
        shown = rows.with_columns(
            number=of(rows["own"], "number"), holder=of(rows["own"], "holder_name"),
            party=pl.select(
                pl.when(of(other, "wallet") == "tenpay").then(of(other, "account_id")).otherwise(of(other, "printed"))
            ).to_series(), other_name=of(other, "holder_name"),
        ).sort("own", "time", "n")  # fmt: skip
        self._pages.append(shown.select(line(ALIPAY, _entry(), pad="\t"))["line"])

    @property
    def written(self) -> list[Path]:
        """Files so far."""
        return self._pages.written


def _entry() -> dict[str, pl.Expr]:
    time, failed = pl.col("time").dt.strftime(_TIME), pl.col("status") == "failed"
    return {
        "交易号": pl.col("external_id"), "交易创建时间": time, "付款时间": pl.when(~failed).then(time),
        "最近修改时间": time,
        "类型": pl.col("kind"), "用户信息": pl.col("number") + "(" + pl.col("holder") + ")",
        "交易对方信息": pl.col("party") + "(" + pl.col("other_name") + ")", "消费名称": pl.col("memo"),
        "金额（元）": yuan("amount"), "收/支": pl.when("out").then(pl.lit("支出")).otherwise(pl.lit("收入")),
        "交易状态": pl.when(failed).then(pl.lit("交易失败")).otherwise(pl.lit("交易成功")),
        "支付方式": pl.col("channel"),
        "对应的协查数据": pl.col("number"),
    }  # fmt: skip


def registrations(source: Source, out: Path) -> list[Path]:
    """Whose wallet each is, of both."""
    accounts = source.accounts
    opened = pl.col("opened_on").dt.strftime("%Y-%m-%d 00:00:00")
    tenpay = {
        "账户状态": pl.col("state"), "账号": pl.col("number"), "注册姓名": pl.col("holder_name"), "注册时间": opened,
        "注册身份证号": pl.col("holder_id"), "绑定手机": national("phone"),
    }  # fmt: skip
    alipay = {
        "用户ID": pl.col("number"), "账户名称": pl.col("holder_name"), "证件类型": pl.lit("身份证"),
        "证件号": pl.col("holder_id"), "绑定手机": national("phone"), "注册时间": opened, "账户状态": pl.col("state"),
        "对应的协查数据": pl.col("number"),
    }  # fmt: skip
    return [
        *write_table(out / TENPAY_FOLDER / "TenpayRegInfo.csv", accounts.filter(wallet="tenpay"), _TENPAY_REG, tenpay),
        *write_table(
            out / ALIPAY_FOLDER / "注册信息.csv", accounts.filter(wallet="alipay"), _ALIPAY_REG, alipay,
            encoding="gb18030", end="\r\n", pad="\t",
        ),
    ]  # fmt: skip


def alipay_logins(out: Path, *, rows: int) -> tuple[Pages, pl.Expr]:
    """登陆日志, and the line of one login: a frame with the columns of a session, `number`, `phone`, `holder_name`."""
    cells = {
        "登陆账号": national("phone"), "支付宝用户ID": pl.col("number"), "账户名": pl.col("holder_name"),
        "客户端ip": pl.col("ip"), "操作发生时间": clock("time"), "设备号": pl.col("device"), "mac地址": pl.col("mac"),
        "对应的协查数据": pl.col("number"),
    }  # fmt: skip
    pages = Pages(out / ALIPAY_FOLDER, "登陆日志_{}.csv", header(_ALIPAY_LOGINS), rows=rows)
    return pages, line(_ALIPAY_LOGINS, cells, pad="\t")
