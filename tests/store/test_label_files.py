from pathlib import Path

import pytest

from duanka.store.label_files import LabelError, read_account_labels, read_transaction_labels


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "标签.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_all_columns(tmp_path: Path) -> None:
    text = 'account_id,label,ring_id,tier,role\n1,1,R1,2,transit\n2,0,"",,""\n\n3,1,R1,-1,dealer\n'
    assert read_account_labels(written(tmp_path, text)).rows() == [
        ("1", 1, "R1", 2, "transit"),
        ("2", 0, "", None, ""),
        ("3", 1, "R1", None, "dealer"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_what_an_editor_makes_of_it(tmp_path: Path, encoding: str) -> None:
    """Other order, blanks, further columns, a tab before a long number, any encoding, Windows lines."""
    text = "label, account_id ,备注\r\n1,\t9900000000000000017,团伙头目的银行卡\r\n 0 ,9900000000000000025,普通商户\r\n"
    frame = read_account_labels(written(tmp_path, text, encoding))
    assert frame.rows() == [("9900000000000000017", 1, "", None, ""), ("9900000000000000025", 0, "", None, "")]


def test_of_transactions(tmp_path: Path) -> None:
    assert read_transaction_labels(written(tmp_path, "external_id,label\n007,1\nx,0\n")).rows() == [
        ("007", 1),
        ("x", 0),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "header"),
        ("\n\n", "header"),
        ("account_id\n1\n", "must name the columns account_id,label"),
        ("1,1\n2,0\n", "must name the columns account_id,label"),
        ("account_id,label\n", "no label below"),
        ("account_id,label\n,\n\n", "no label below"),
        ("account_id,label\na,1\nb,2\n", "line 3: label must be 1 or 0, not '2'"),
        ("account_id,label\na,1\n\nb\n", "line 4: label must be 1 or 0, not ''"),
        ("account_id,label\n,1\n", "line 2: account_id must be not empty"),
        ("account_id,label\na,1\nb,0,R1\n", "line 3: 3 fields, but the header names 2"),
        ("account_id,label,tier\na,1,2\nb,1,first\n", "line 3: tier must be a whole number, or empty, not 'first'"),
        ("account_id,label,tier\na,1,1.5\n", "line 2: tier"),
    ],
)
def test_what_is_bad_is_said_with_file_and_line(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(LabelError) as caught:
        read_account_labels(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def test_a_transaction_file_names_its_own_columns(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="external_id,label"):
        read_transaction_labels(written(tmp_path, "account_id,label\na,1\n"))
