"""What is neither a bank's nor a wallet's ledger: calls, SIM cards, logins, reports, outlets, devices, people."""

from pathlib import Path

import polars as pl

from duanka.records.vocabulary import RecordKind
from duanka.sources.formats.templates import columns
from duanka.synth.render.pages import Pages, header, line, write_table
from duanka.synth.render.police_files import national
from duanka.synth.render.source import ZONE, Source, yuan
from duanka.synth.render.wallets import alipay_logins

CALLS = ["本机号码", "对方号码", "呼叫类型", "通话开始时间", "通话时长(秒)", "业务类型", "基站小区", "终端IMEI"]
SIMS = [
    "号码",
    "用户类别",
    "运营商",
    "机主姓名",
    "机主证件号码",
    "ICCID",
    "IMSI",
    "入网日期",
    "销户日期",
    "办理网点",
    "号码状态",
]
"""How the first operator answers; the others fill the project's own templates."""

OPERATOR_FOLDER, POLICE_FOLDER = "运营商反馈", "办案资料"
_DIRECTIONS = {"in": "被叫", "out": "主叫"}


def iso(time: str) -> pl.Expr:
    """A moment in Beijing time as the templates want it."""
    return pl.col(time).dt.convert_time_zone(ZONE).dt.strftime("%Y-%m-%dT%H:%M:%S")


def template(path: Path, frame: pl.DataFrame, kind: RecordKind, **other: pl.Expr) -> list[Path]:
    """A table in one of the project's CSV templates; `other` gives columns that are not printed as they are."""
    names = columns(kind)
    cells = {name: pl.col(name).cast(pl.String) for name in names if name in frame.columns} | other
    return write_table(path, frame, names, cells)


def papers(source: Source, out: Path) -> list[Path]:
    """What the police have themselves: victims' reports, measures on wallets, outlets, devices, and the register."""
    folder = out / POLICE_FOLDER
    accounts = source.accounts.select("account_id", "printed", "wallet", "holder_id")
    measures = source.table("measures", "measure").join(accounts, on="account_id", maintain_order="left")
    reports = source.table("reports", "report")
    receiver = reports.select(account_id="receiver_account").join(
        accounts, on="account_id", how="left", maintain_order="left"
    )
    parties = source.table("parties", "party")
    customers = accounts.filter(wallet="").select(id_number="holder_id").unique()
    rest = parties.join(customers, on="id_number", how="anti", maintain_order="left")
    return [
        *template(
            folder / "报案登记.csv", reports.with_columns(receiver["printed"]), RecordKind.REPORT, time=iso("time"),
            receiver_account=pl.col("printed"), reported_at=iso("reported_at"), amount=yuan("amount"),
        ),
        *template(
            folder / "支付账户措施.csv", measures.filter(pl.col("wallet") != ""), RecordKind.MEASURE,
            start=iso("start"),
            end=iso("end"), amount=yuan("amount"),
        ),
        *template(folder / "网点.csv", source.table("outlets", "outlet"), RecordKind.OUTLET),
        *template(folder / "设备.csv", source.table("devices", "device"), RecordKind.DEVICE),
        *template(folder / "人口信息.csv", rest, RecordKind.PARTY),
    ]  # fmt: skip


def sim_registers(source: Source, out: Path) -> list[Path]:
    """Each operator's list of SIM cards with their holders."""
    sims = source.table("sims", "sim")
    written = []
    for place, operator in enumerate(sorted(sims["operator"].unique())):
        mine = sims.filter(pl.col("operator") == operator)
        path = out / f"{OPERATOR_FOLDER}_{operator}" / "入网登记.csv"
        if place:
            written += template(path, mine, RecordKind.SIM, phone=national("phone"))
            continue
        cells = {
            "号码": national("phone"), "用户类别": pl.col("kind"), "运营商": pl.col("operator"),
            "机主姓名": pl.col("holder_name"), "机主证件号码": pl.col("holder_id"), "ICCID": pl.col("iccid"),
            "IMSI": pl.col("imsi"), "入网日期": pl.col("opened_on").dt.strftime("%Y%m%d"),
            "销户日期": pl.col("closed_on").dt.strftime("%Y%m%d"), "办理网点": pl.col("outlet_id"),
            "号码状态": pl.col("state"),
        }  # fmt: skip
        written += write_table(path, mine, SIMS, cells, encoding="gb18030", end="\r\n")
    return written


class CallRecords:
    """话单 of every operator, part by part."""

    def __init__(self, source: Source, out: Path, *, rows: int) -> None:
        sims = source.table("sims", "sim")
        self._operators = sims.select("phone", "operator").unique("phone", keep="first", maintain_order=True)
        names = sorted(sims["operator"].unique())
        self._own_layout = names[0] if names else ""
        tops = {name: header(CALLS if name == self._own_layout else columns(RecordKind.CALL)) for name in names}
        self._pages = {
            name: Pages(out / f"{OPERATOR_FOLDER}_{name}", "话单_{}.csv", tops[name],
                        "gb18030" if name == self._own_layout else "utf-8", rows)
            for name in names
        }  # fmt: skip

    def take(self, calls: pl.DataFrame) -> None:
        """Write a part of the calls."""
        known = calls.join(self._operators, on="phone", how="left", maintain_order="left").with_columns(
            pl.col("operator").fill_null(self._own_layout)
        )
        for (operator,), mine in known.group_by("operator", maintain_order=True):
            name = str(operator)
            names = CALLS if name == self._own_layout else columns(RecordKind.CALL)
            cells = self._answer() if name == self._own_layout else self._template()
            self._pages[name].append(mine.select(line(names, cells))["line"])

    @staticmethod
    def _answer() -> dict[str, pl.Expr]:
        return {
            "本机号码": national("phone"), "对方号码": national("other"),
            "呼叫类型": pl.col("direction").replace_strict(_DIRECTIONS, default="", return_dtype=pl.String),
            "通话开始时间": pl.col("time").dt.convert_time_zone(ZONE).dt.strftime("%Y%m%d%H%M%S"),
            "通话时长(秒)": pl.col("seconds").cast(pl.String), "业务类型": pl.col("kind"), "基站小区": pl.col("cell"),
            "终端IMEI": pl.col("imei"),
        }  # fmt: skip

    @staticmethod
    def _template() -> dict[str, pl.Expr]:
        plain = {name: pl.col(name) for name in ("direction", "kind", "cell", "imei")}
        return plain | {
            "phone": national("phone"), "other": national("other"), "time": iso("time"),
            "seconds": pl.col("seconds").cast(pl.String),
        }  # fmt: skip

    @property
    def written(self) -> list[Path]:
        """Files so far."""
        return [path for pages in self._pages.values() for path in pages.written]


class Logins:
    """Logins, part by part: Alipay's in its own format, all others' in the template."""

    def __init__(self, source: Source, out: Path, *, rows: int) -> None:
        self._source = source
        top = header(columns(RecordKind.SESSION))
        self._alipay, self._line = alipay_logins(out, rows=rows)
        self._pages = {
            place: Pages(out / f"登录日志_{name}", "登录日志_{}.csv", top, "utf-8", rows, end="\n")
            for place, name in enumerate(source.institutions)
        }

    def take(self, sessions: pl.DataFrame) -> None:
        """Write a part of the sessions."""
        rows = self._source.rows_of(sessions["account_id"])
        known = sessions.with_columns(
            self._source.of(rows, name) for name in ("wallet", "number", "phone", "holder_name", "house")
        )
        self._alipay.append(known.filter(wallet="alipay").select(self._line)["line"])
        names = columns(RecordKind.SESSION)
        cells = {name: pl.col(name) for name in names} | {"time": iso("time")}
        for (place,), mine in known.filter(pl.col("wallet") != "alipay").group_by("house", maintain_order=True):
            self._pages[int(str(place))].append(mine.select(line(names, cells))["line"])

    @property
    def written(self) -> list[Path]:
        """Files so far."""
        return self._alipay.written + [path for pages in self._pages.values() for path in pages.written]
