"""The vote on an encoding: marks, strictness, plausibility, and what detectors get wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from duanka.sources.encoding import detect, utf16_without_mark

CHINESE = (
    "交易卡号,交易账号,交易方户名,交易时间,交易金额,收付标志,对手户名,摘要说明\n"
    "9900000000000000017,990000000000001,测试甲,2024-03-01 10:20:30,100.00,进,测试乙,转账汇款工资\n"
)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("times", [1, 40])
def test_chinese_text(name: str, found: str, times: int) -> None:
    encoding = detect((CHINESE * times).encode(name), complete=True)
    assert encoding.name == found
    assert encoding.strict
    assert encoding.votes


@pytest.mark.parametrize("word", ["交易", "户名,金额\n", "张三", "支付宝", "1,进\n", "姓名,王五,备注,转账"])
def test_short_gbk_is_not_called_korean(word: str) -> None:
    assert detect(word.encode("gbk"), complete=True).name == "gb18030"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("big5", "交易日期,摘要,支出,存入,餘額,備註\n二零二四年一月,轉帳給陳先生的貨款與訂金,一百元,零元,五百元,無\n"),
        (
            "cp949",
            "거래일자,적요,출금액,입금액,잔액,비고\n이천이십사년,급여 이체를 받았습니다,영원,백만원,없음\n",
        ),
        ("euc_kr", "거래일자,적요,출금액,입금액,잔액,비고\n이천이십사년,물건 값을 보냈습니다,천원,영원,구천원,없음\n"),
    ],
)
def test_long_text_of_other_scripts_is_not_read_as_simplified_chinese(name: str, text: str) -> None:
    sample = (text * 60).encode(name)
    found = detect(sample, complete=True)
    assert sample.decode(found.name, errors="replace") == text * 60


def test_a_character_cut_at_the_end_of_the_sample_is_no_error() -> None:
    for name, found in (("utf-8", "utf-8"), ("gb18030", "gb18030")):
        sample = CHINESE.encode(name)[:-1]
        cut = sample[: sample.rindex("资".encode(name)[:1]) + 1]
        assert detect(cut, complete=False).name == found


@pytest.mark.parametrize("name", ["utf-8", "gb18030"])
def test_a_few_broken_bytes_do_not_change_the_winner(name: str) -> None:
    sample = (CHINESE * 50).encode(name)
    broken = sample[:5000] + b"\xff" + sample[5000:]
    found = detect(broken, complete=True)
    assert found.name == name
    assert not found.strict


def test_plain_ascii_is_utf8() -> None:
    assert detect(b"a,b,c\n1,2,3\n", complete=True).name == "utf-8"


@pytest.mark.parametrize("sample", [b"", b"\x00", b"\xff", b"\x80\x81", b"\x00\x00\x00\x00\x00\x00\x00\x00"])
def test_next_to_nothing_has_some_encoding(sample: bytes) -> None:
    sample.decode(detect(sample, complete=True).name, errors="replace")


@settings(max_examples=60, deadline=None)
@given(sample=st.binary(max_size=400), complete=st.booleans())
def test_any_bytes_get_an_encoding_that_python_knows(*, sample: bytes, complete: bool) -> None:
    sample.decode(detect(sample, complete=complete).name, errors="replace")


def test_zero_bytes_alone_are_no_utf16() -> None:
    assert utf16_without_mark(bytes(range(256)) * 8) is None
    assert utf16_without_mark(b"a\x00b" * 100) is None
