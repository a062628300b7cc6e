"""What is looked at byte by byte agrees with Python's own codec, and with a slow reader of lines."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from duanka.sources.bytewise import gb18030_to_utf8, has_lone_return, lines_of
from duanka.sources.encoding import Utf8Decoder

TEXT = st.text(
    st.sampled_from('甲乙转账，。　①€ａ\u00b7𠮷㐀ab1,"\n\r\t \x00') | st.characters(codec="utf-8"), max_size=40
)
WELL = re.compile(r'(?:"[^"]*"|[^",]*)(?:,(?:"[^"]*"|[^",]*))*')
BLANKS = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
PIECES = st.sampled_from(
    [*'甲ab,,,""\n\n\r ', "\t", "\u3000", "\u2003", "\u00a0", "\x1f", '"x,y",', '" z",', '"",', "\r\n"]
)


@settings(deadline=None)  # the first call compiles
@given(TEXT)
def test_two_byte_characters_read_as_pythons_codec_reads_them(text: str) -> None:
    raw = text.encode("gb18030")
    found = gb18030_to_utf8(raw)
    if found is None:  # some character has four bytes
        assert any(len(letter.encode("gb18030")) == 4 for letter in text)
    else:
        assert found == (text.encode(), len(raw))


@settings(deadline=None)
@given(st.binary(max_size=30))
@example(b"\x81")
@example(b"a\xff\xfe")
@example(b"\x80\x41")
def test_whatever_the_bytes_are_nothing_is_read_otherwise_than_by_the_codec(raw: bytes) -> None:
    found = gb18030_to_utf8(raw)
    if found is not None:
        text, used = found
        assert text == raw[:used].decode("gb18030").encode()
        assert len(raw) - used <= 1


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40) | TEXT.map(lambda text: text.encode("gb18030")), st.lists(st.integers(1, 9), min_size=1))
@example(b"\xb9\xa4\x81\x30\x81\x30\xb9", [1])
@example(b"a\xb9", [2])
def test_a_file_in_blocks_decodes_as_a_whole(raw: bytes, sizes: list[int]) -> None:
    decoder, at, found = Utf8Decoder("gb18030", given=True), 0, b""
    for size in sizes * (len(raw) + 1):
        block = raw[at : at + size]
        at += size
        found += decoder.decode(block, final=at >= len(raw))
        if at >= len(raw):
            break
    text = raw.decode("gb18030", errors="replace")
    assert found == text.encode()
    assert decoder.marked == ("\ufffd" in text)


def cells_of(line: str) -> list[str]:
    """Cells of a line whose quotes enclose whole cells, quotes and all."""
    cells, inside = [""], False
    for letter in line:
        inside ^= letter == '"'
        if letter == "," and not inside:
            cells.append("")
        else:
            cells[-1] += letter
    return cells


def is_padded(cell: str) -> bool:
    """Whether a cell would not be what it is once quotes and blanks are taken off, or is an empty text in quotes."""
    text = cell[1:-1] if cell.startswith('"') else cell
    return cell == '""' or (bool(text) and (text[0] in BLANKS_AND_CONTROLS or text[-1] in BLANKS_AND_CONTROLS))


BLANKS_AND_CONTROLS = {*BLANKS, *map(chr, range(33))}


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=20).map("".join), st.integers(1, 5))
@example('"a"b,c\n', 2)
@example('a"b",c\n', 2)
@example('"a,b\nc"\n', 2)
@example('"",x\n', 2)
@example('" a",x\r\n', 2)
def test_lines_and_their_delimiters(text: str, width: int) -> None:
    text += "\n"
    found = lines_of(text.encode(), ord(","), width)
    assert found.ends.tolist() == [place for place, byte in enumerate(text.encode()) if byte == ord("\n")]
    padded = set()
    for number, line in enumerate(line.removesuffix("\r") for line in text.split("\n")[:-1]):
        well = WELL.fullmatch(line) is not None
        assert found.odd[number] == (not well)
        assert found.quoted[number] == ('"' in line)
        if well:
            cells = cells_of(line)
            assert found.delimiters[number] == len(cells) - 1
            padded |= {column for column, cell in enumerate(cells[:width]) if is_padded(cell)}
    assert padded <= set(np.flatnonzero(found.padded).tolist())


@pytest.mark.parametrize("blank", sorted(BLANKS_AND_CONTROLS - {"\n", "\r"}))
@pytest.mark.parametrize("cell", ["{0}x", "x{0}", "{0}", "中{0}", "{0}中", '"{0}x"', '"x{0}"'])
def test_every_blank_around_a_cell_is_seen(blank: str, cell: str) -> None:
    body = f"1,{cell.format(blank)},3\n1,2,3\r\n".encode()
    assert lines_of(body, ord(","), 3).padded.tolist() == [False, True, False]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters=',"'), min_size=1))
def test_other_cells_are_known_to_be_trimmed(cell: str) -> None:
    assert not lines_of(f"1,{cell},3\r\n".encode(), ord(","), 3).padded.any()


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n"])).map(b"".join))
def test_a_lone_return_is_found(data: bytes) -> None:
    assert has_lone_return(data) == (b"\r" in data.replace(b"\r\n", b""))
