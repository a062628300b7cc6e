"""HSBC Hong Kong: days first, tabs after quoted amounts."""

from pathlib import Path

import pytest

from sources.reading import read_all
from sources.statements import Line, check_sample, lines, sample, utc


def test_debit(tmp_path: Path) -> None:
    path = tmp_path / "hsbc.csv"
    path.write_text(
        "Date,Description,Billing amount,Billing currency,Balance,Balance currency\n"
        ' 20/03/2024,FUND TRANSFER FROM       99-000000-1 TEST NAME,"500.00"\t,HKD,"3,713.17"\t,HKD\n'
        '05/03/2024,ONLINE TRANSFER          TO 99-000000-2,"-2000.00"\t\t,HKD,"8,561.33"\t,HKD\n'
        '12/03/2024,"SALARY, TEST",12.00,CNY,12500.00,CNY',
        encoding="utf-8",
    )
    result = read_all(path)
    assert result.format == "hsbchk_debit"
    assert lines(result.entries) == [
        Line(2, "in", 50_000, 371_317, "hsbchk:99-000000-1", "TEST NAME"),
        Line(3, "out", 200_000, 856_133, "hsbchk:99-000000-2", ""),
        Line(4, "in", 1_200, 1_250_000, None, ""),
    ]
    assert result.entries["currency"].to_list() == ["HKD", "HKD", "CNY"]
    assert result.entries["zone"].unique().to_list() == ["Asia/Hong_Kong"]
    assert result.entries["time"].to_list() == [utc(2024, 3, 19, 16), utc(2024, 3, 4, 16), utc(2024, 3, 11, 16)]


def test_credit(tmp_path: Path) -> None:
    path = tmp_path / "hsbc.csv"
    path.write_text(
        "Transaction date,Post date,Description,Billing amount,Billing currency,Transaction status,Merchant name,"
        "Country / region,Area / district,Credit / Debit\n"
        '08/04/2024,09/04/2024,"QR       TEST CO.,LTD.",  "-18.00"\t\t,CNY,POSTED,"TEST CO.,LTD.",CHINA,CHN,DEBIT\n'
        '24/03/2024,24/03/2024,PAYMENT - THANK YOU,"3,266.16"\t,HKD,POSTED,,,,CREDIT\n'
        "31/02/2024,24/03/2024,SALES,-1.00,HKD,PENDING,,,,DEBIT\n",
        encoding="utf-8",
    )
    result = read_all(path)
    assert result.format == "hsbchk_credit"
    assert lines(result.entries) == [
        Line(2, "out", 1_800, None, None, "TEST CO.,LTD."),
        Line(3, "in", 326_616, None, None, ""),
    ]
    assert result.entries["status"].to_list() == ["success", "success"]
    assert result.rejects.select("source_row", "code").rows() == [(4, "time_impossible")]
    assert result.rows == 3


@pytest.mark.parametrize(("kind", "rows"), [("debit", 10), ("credit", 11)])
def test_samples(kind: str, rows: int) -> None:
    check_sample(read_all(sample("hsbchk", kind, f"example-hsbchk-{kind}-records.csv")), f"hsbchk_{kind}", rows)
