"""Import of police 34-column files against Polars reading the same files as raw strings; both whole processes.

1,000,000 rows in 20 GB18030 files, dirty as files from banks are: trailing tabs and blanks, account suffixes, cards and
accounts side by side, several spellings of the direction, zero and negative amounts, blank holders, failed rows,
quoted memos with commas, overlapping rows between files. Each side runs in a process of its own, in turns.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

HEADER = (
    "交易卡号,交易账号,账户开户名称,开户人证件号码,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,现金标志,对手户名,"
    "对手身份证号,对手开户银行,摘要说明,交易币种,交易网点名称,交易网点代码,交易发生地,交易是否成功,传票号,终端号,IP地址,"
    "MAC地址,对手交易余额,交易流水号,日志号,凭证种类,凭证号,交易柜员号,商户名称,商户号,备注,交易类型,查询反馈结果原因"
)


def write_files(folder: Path, rows: int, files: int, seed: int = 20) -> list[Path]:
    """Seeded files; numbers that can't be anybody's (cards 9990…, ID region 990101)."""
    rng = np.random.default_rng(seed)
    paths = []
    per_file = rows // files
    for number in range(files):
        frame = _frame(rng, per_file, number)
        lines = frame.select(pl.concat_str(pl.all(), separator=",").alias("line"))["line"].to_list()
        path = folder / f"某银行_交易明细信息_{number:02d}.csv"
        path.write_bytes((HEADER + "\t\r\n" + "\r\n".join(lines) + "\r\n").encode("gb18030"))
        paths.append(path)
    return paths


def _frame(rng: np.random.Generator, rows: int, number: int) -> pl.DataFrame:
    own = rng.integers(0, 2_000, rows) + number * 2_000
    other = np.minimum(rng.zipf(1.4, rows), 200_000)
    seconds = np.sort(rng.integers(0, 180 * 86_400, rows))
    cents = np.round(np.exp(rng.normal(10.5, 1.8, rows))).astype(np.int64)
    cents[rng.random(rows) < 0.004] = 0
    cents[rng.random(rows) < 0.004] *= -1
    time_of = pl.Series(seconds).cast(pl.Int64) * 1_000_000 + 1_672_531_200_000_000

    def pick(values: list[str], weights: list[float]) -> pl.Series:
        return pl.Series(np.array(values)[rng.choice(len(values), rows, p=np.array(weights) / sum(weights))])

    words = pick(["进", "出", "借", "贷", "入", "付"], [4, 4, 1, 1, 0.3, 0.3])
    signs = np.where(words.is_in(["进", "贷", "入"]).to_numpy(), 1, -1)
    moves = pl.DataFrame({"own": own, "by": signs * cents})
    balance = moves.select(pl.col("by").cum_sum().over("own") + 10**9)["by"]  # as a bank's books run
    own_s, other_s, cents_s = pl.Series("o", own), pl.Series("c", other), pl.Series("a", cents)
    quoted = rng.random(rows) < 0.01
    memo = pick(["转账", "网银转账", "消费", "代发工资", "ATM取款", ""], [5, 3, 4, 1, 1, 2]).to_list()
    for index in np.flatnonzero(quoted):
        memo[index] = '"转账,往来款"'

    def money(series: pl.Series) -> pl.Series:
        sign = pl.select(pl.when(series < 0).then(pl.lit("-")).otherwise(pl.lit("")))
        whole, part = series.abs() // 100, series.abs() % 100
        return pl.select(sign.to_series() + whole.cast(pl.String) + "." + part.cast(pl.String).str.zfill(2)).to_series()

    def blank(width: int = 0) -> pl.Series:
        return pl.Series([" " * width]).new_from_index(0, rows)

    suffix = pick(["", "\t", "_1", "  "], [6, 3, 1, 1])
    return pl.DataFrame({
        "card": "9990" + own_s.cast(pl.String).str.zfill(12) + suffix,
        "account": "9990880" + own_s.cast(pl.String).str.zfill(10) + pick(["", "\t"], [3, 1]),
        "name": pick(["甲某", "乙某", "丙某", ""], [5, 3, 1, 1]),
        "id": "990101" + (19_700_101 + own_s % 300_000).cast(pl.String) + "0010",
        "time": time_of.cast(pl.Datetime("us")).dt.to_string("%Y-%m-%d %H:%M:%S"),
        "amount": money(cents_s),
        "balance": money(balance),
        "direction": words,
        "other": "9990" + (other_s + 30_000).cast(pl.String).str.zfill(12),
        "cash": pick(["其它", "现金"], [9, 1]),
        "other_name": pick(["丁某", "戊某", "某科技有限公司", ""], [4, 4, 1, 2]),
        "other_id": blank(),
        "other_bank": pick(["某某银行股份有限公司某市分行", "某农村商业银行", ""], [4, 2, 2]),
        "memo": pl.Series(memo),
        "currency": pick(["CNY", "人民币", ""], [8, 2, 1]),
        "outlet": pick(["某某支行", "某某路支行"], [1, 1]),
        "outlet_code": pick(["99001", "99002"], [1, 1]),
        "place": blank(),
        "ok": pick(["成功", "失败", ""], [30, 0.3, 2]),
        "voucher": blank(),
        "terminal": blank(),
        "ip": pick(["203.0.113.7", "198.51.100.23", ""], [2, 2, 6]),
        "mac": blank(),
        "other_balance": blank(),
        "serial": pl.Series("s", np.arange(rows) + number * 10**7).cast(pl.String).str.zfill(16),
        "log": blank(), "kind": blank(), "no": blank(), "teller": blank(), "shop": blank(), "shop_no": blank(),
        "note": blank(1),
        "type": pick(["网上银行", "手机银行", "柜面"], [3, 5, 1]),
        "reason": blank(),
    })  # fmt: skip


def read_raw(folder: Path) -> dict[str, float]:
    """Polars alone: every file, every column, as strings."""
    started = time.perf_counter()
    rows = 0
    for path in sorted(folder.glob("*.csv")):
        rows += pl.read_csv(path, encoding="gb18030", infer_schema=False, extra_columns="ignore").height
    return {"seconds": time.perf_counter() - started, "rows": rows}


def read_duanka(folder: Path) -> dict[str, float]:
    """The whole import: hash, copy, decode, map, check, store, resolve accounts, merge, order, coverage."""
    from duanka import pipeline  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as case:
        outcome = pipeline.import_paths(Path(case) / "case", [folder])
    total = sum(int(str(file["rows"])) for file in outcome.files)
    added = sum(int(str(file[name])) for file in outcome.files for name in ("kept", "merged", "rejected"))
    if total != added:
        raise AssertionError(f"{total} rows but {added} accounted for")
    return {"seconds": float(outcome.seconds["import"] or 0), "rows": total}


def _one(side: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--side", side, "--folder", str(folder)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--side", choices=["raw", "duanka"])
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    if arguments.side:
        facts = (read_raw if arguments.side == "raw" else read_duanka)(arguments.folder)
        print(json.dumps(facts | {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, arguments.rows, arguments.files)
        _one("duanka", folder)  # compiles the kernels
        pairs = [(_one("duanka", folder), _one("raw", folder)) for _ in range(arguments.runs)]
    ratio = median(ours["seconds"] / raw["seconds"] for ours, raw in pairs)
    ours, raw = median(o["seconds"] for o, _ in pairs), median(r["seconds"] for _, r in pairs)
    peak = max(o["peak_mb"] for o, _ in pairs)
    name = f"import of {arguments.rows:,} rows of police CSV in {arguments.files} files"
    print(f"| {name} | ≤ 3 × Polars raw | {ratio:.2f} × | {ours:.1f} s, {peak:,.0f} MB | {raw:.1f} s |")


if __name__ == "__main__":
    main()
