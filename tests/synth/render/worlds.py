"""A very small world, its imports in several styles, and what cases hold in a form that can be compared."""

from datetime import date
from pathlib import Path

import polars as pl

from cases import check_sums
from duanka.importing import Options
from duanka.pipeline import Outcome, import_paths
from duanka.store.case import Case
from duanka.synth.parameters import defaults
from duanka.synth.render import render
from duanka.synth.scales import Scale
from duanka.synth.write import write_world

SMALL = Scale("render", 400, 40, date(2020, 8, 1), 12, 4_000, {"fraud": 1}, 0.05, 1.0, 6)
SAME = ["payer", "payee", "time", "amount", "currency", "status"]


def make_world(folder: Path) -> Path:
    """A world in two parts, with calls of a few phones; returns its canonical tables."""
    write_world(SMALL, 3, defaults(), SMALL.rings, folder)
    records = folder / "records"
    if not (records / "calls").exists():
        _calls(records)
    return records


def _calls(records: Path) -> None:
    phones = pl.read_parquet(records / "sims.parquet").select("phone").head(40)
    start = pl.lit(pl.read_parquet(records / "transactions" / "part-0000.parquet")["time"][0])
    number = pl.int_range(pl.len())
    calls = phones.select(
        "phone", other=pl.col("phone").reverse(), time=start + pl.duration(seconds=number * 61),
        direction=pl.when(number % 2 == 0).then(pl.lit("in")).otherwise(pl.lit("out")), zone=pl.lit("Asia/Shanghai"),
        seconds=pl.when(number % 5 > 0).then(number),
        kind=pl.when(number % 5 > 0).then(pl.lit("voice")).otherwise(pl.lit("sms")),
        cell=pl.lit("460-01-1"), imei=pl.lit("001001000000008"),
    )  # fmt: skip
    (records / "calls").mkdir()
    calls.write_parquet(records / "calls" / "part-0000.parquet")


def take(folder: Path, paths: list[Path], mapping: Path | None = None) -> Outcome:
    """Import, and check that every input row is accounted for and none is rejected."""
    outcome = import_paths(folder, paths, options=Options(mapping=mapping))
    for file in outcome.files:
        rows, kept, merged = (int(str(file[name])) for name in ("rows", "kept", "merged"))
        assert rows == kept + merged, file
        assert file["rejected"] == 0, file
    with Case(folder) as case:
        check_sums(case)
    return outcome


def rendered(records: Path, folder: Path, style: str, *, rows: int) -> Path:
    """The case of the world as institutions would hand it over in this style."""
    files = render(records, folder / "files", style, 1, rows=rows, holders=40)
    assert sorted(files) == sorted(path for path in (folder / "files").rglob("*") if path.is_file())
    outcome = take(folder / "case", [folder / "files"], folder / "files" / "mapping.yaml")
    strange = {Path(str(one["path"])).name for one in outcome.unknown}
    assert strange <= {"任务信息.csv"}
    return folder / "case"


def table(case: Path, sql: str) -> pl.DataFrame:
    """The result of a query."""
    with Case(case) as opened:
        found = pl.from_arrow(opened.db.arrow(sql))
    assert isinstance(found, pl.DataFrame)
    return found


def payments(case: Path) -> pl.DataFrame:
    """Payments; a status that the source does not say counts as booked, as everywhere."""
    words = (
        "external_id, time, time_precision, payer, payee, amount, currency, kind, memo, balance_payer, balance_payee"
    )
    status = "CASE status WHEN 'unknown' THEN 'success' ELSE status END AS status"
    return table(case, f"SELECT {words}, {status}, sides FROM transactions")


def counted(rows: pl.DataFrame) -> pl.DataFrame:
    """How often each (payer, payee, time, amount, currency, status) comes."""
    return rows.group_by(SAME).len().sort(SAME)


def named(case: Path, kind: str, *accounts: str) -> pl.DataFrame:
    """Imported records of a kind, each once, with account numbers resolved and what no CSV carries left out."""
    left = f"SELECT * EXCLUDE (source_id, source_row) FROM raw_{kind}"
    frame = table(case, left)
    aliases = table(case, "SELECT alias, account_id FROM aliases")
    known = dict(zip(aliases["alias"], aliases["account_id"], strict=True))
    dropped = {"party_id", "action", "alias", "alias_kind", "holder_name"} if kind in {"session", "sim"} else set()
    frame = frame.with_columns(pl.col(name).replace(known) for name in accounts)
    frame = frame.with_columns(pl.col(pl.String).fill_null("")).drop(dropped, strict=False).unique()
    return frame.sort(frame.columns)
