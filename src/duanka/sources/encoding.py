"""Which encoding a text file is in: found by a vote, since detectors alone call short GBK files Korean."""

import codecs
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from duanka.sources.bytewise import gb18030_to_utf8

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAIN = {"utf-8", "utf-8-sig", "ascii"}
_PLAUSIBLE_SHARE = 0.85  # of the non-ASCII characters of a GB18030 reading that must look like Chinese text
_USUAL_SHARE = 0.95
_LONG = 30  # characters of another script from which on it is told apart by its own code points
MARK = "\ufffd"
"""Stands for what can't be decoded."""

_MAX_EXPANSION = 32 * 1024
_SHARE_SAMPLE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Encoding:
    """The winner of the vote; `strict` is False where no candidate read every byte."""

    name: str
    strict: bool
    votes: tuple[str, ...]


def detect(sample: bytes, *, complete: bool) -> Encoding:  # noqa: PLR0911 - one return a vote
    """Encoding of `sample`, by vote.

    A byte-order mark decides; then strict UTF-8; then strict GB18030 if it reads like Chinese; then
    charset-normalizer; at last whichever of UTF-8 and GB18030 leaves fewer bytes unread.

    Args:
        sample: the first bytes of a file.
        complete: False if the file goes on, so that a character cut at the end of the sample is no error.
    """
    if (shown := _shown_by_bytes(sample)) is not None:
        return shown
    votes: list[str] = []
    if _decodes(sample, "utf-8", complete=complete):
        return Encoding("utf-8", strict=True, votes=("utf-8",))
    gb_strict = _decodes(sample, "gb18030", complete=complete)
    if gb_strict:
        share = _chinese_share(sample)
        votes.append(f"gb18030:{share:.2f}")
        other = _other_script(sample, share)
        if other:
            return Encoding(other, strict=True, votes=(*votes, f"script:{other}"))
        if share >= _PLAUSIBLE_SHARE:
            return Encoding("gb18030", strict=True, votes=tuple(votes))
    best = from_bytes(sample[:_MAX_EXPANSION]).best()
    if best is not None:
        votes.append(f"charset-normalizer:{best.encoding}")
    broken_utf8 = _damage(sample, "utf-8")
    broken_gb = _damage(sample, "gb18030")
    if gb_strict and (best is None or best.encoding in {"gb18030", "gbk", "gb2312", "big5", "cp949", "johab"}):
        return Encoding("gb18030", strict=True, votes=tuple(votes))
    if min(broken_utf8, broken_gb) > 0.02 and best is not None and _decodes(sample, best.encoding, complete=complete):
        return Encoding(best.encoding, strict=True, votes=tuple(votes))
    name = "utf-8" if broken_utf8 < broken_gb else "gb18030"
    return Encoding(name, strict=_decodes(sample, name, complete=complete), votes=(*votes, f"fewest errors:{name}"))


class Utf8Decoder:
    """Bytes of a file, block after block, to UTF-8; what can't be decoded becomes marks, and `marked` is then True.

    Args:
        name: the encoding.
        given: whether the user named it. Else a file that was all ASCII so far is voted on again at its first byte
            that the encoding does not know.
    """

    def __init__(self, name: str, *, given: bool) -> None:
        self._name, self._given = name, given
        self._decoder = codecs.getincrementaldecoder(name)(errors="replace")
        self._quick = name == "gb18030"
        self._held = b""  # of a character that the next block completes
        self._foreign = False
        self.marked = False

    def decode(self, raw: bytes, *, final: bool) -> bytes:
        """The next block."""
        if not self._quick:
            return self._carefully(raw, final=final)
        raw, self._held = self._held + raw if self._held else raw, b""
        found = gb18030_to_utf8(raw)
        if found is None:  # Python's codec, which knows all of GB18030, reads on from here
            self._quick = False
            return self._carefully(raw, final=final)
        text, used = found
        self._foreign = self._foreign or len(text) > used
        self._held = raw[used:]
        return text + self._carefully(self._held, final=True) if final and self._held else text

    def _carefully(self, raw: bytes, *, final: bool) -> bytes:
        text = self._decoder.decode(raw, final=final)
        if not self._foreign and MARK in text and not self._given:
            self._name = detect(raw, complete=final).name
            self._decoder = codecs.getincrementaldecoder(self._name)(errors="replace")
            text = self._decoder.decode(raw, final=final)
        self._foreign = self._foreign or not text.isascii()
        marked = MARK in text
        self.marked = self.marked or marked
        as_it_is = self._name in _PLAIN and not marked and raw.isascii()
        return raw if as_it_is else text.encode("utf-8", errors="replace")


def read_text(path: Path) -> str:
    """A small text file that a user made with whatever editor; what can't be decoded becomes marks."""
    data = path.read_bytes()
    return data.decode(detect(data, complete=True).name, errors="replace").removeprefix("\ufeff")


def _shown_by_bytes(sample: bytes) -> Encoding | None:
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return Encoding(name, strict=True, votes=(f"bom:{name}",))
    wide = utf16_without_mark(sample)
    return None if wide is None else Encoding(wide, strict=True, votes=(f"zero bytes:{wide}",))


def _decodes(sample: bytes, name: str, *, complete: bool) -> bool:
    try:
        codecs.getincrementaldecoder(name)("strict").decode(sample, final=complete)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def utf16_without_mark(sample: bytes) -> str | None:
    """UTF-16 without a mark: zero bytes stand in every second place of its ASCII parts, the rest reads as Chinese."""
    head = sample[: min(len(sample), 2000) // 2 * 2]
    if len(head) < 8 or b"\x00" not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd >= even else "utf-16-be"
    if min(even, odd) > 0.02 * len(head):
        return None
    text = head.decode(name, errors="replace")
    usual = sum(1 for character in text if _usual(character))
    return name if usual >= _USUAL_SHARE * len(text) and any(character.isascii() for character in text) else None


def _usual(character: str) -> bool:
    """ASCII text, common ideographs, their punctuation, full-width forms, Latin letters."""
    code = ord(character)
    return (
        character in "\t\r\n"
        or 0x20 <= code < 0x7F
        or 0xA0 <= code < 0x250
        or 0x2010 <= code < 0x2030
        or 0x3000 <= code < 0x3040
        or 0x4E00 <= code < 0xA000
        or 0xFF00 <= code < 0xFFF0
    )


def _damage(sample: bytes, name: str) -> float:
    text = sample.decode(name, errors="replace")
    foreign = sum(1 for character in text if character > "\x7f") or 1
    return text.count("\ufffd") / foreign


def _other_script(sample: bytes, chinese: float) -> str:
    """`cp949` or `big5` for a long text that these read and that only then makes sense; else empty.

    Chinese read as Korean is a third Hanja, Korean is none; Big5 read as GB18030 is rare ideographs, and as itself
    nearly all in its first level, A440–C67E.
    """
    korean = _foreign(sample, "cp949")
    if len(korean) >= _LONG and sum("가" <= letter <= "힣" for letter in korean) >= _USUAL_SHARE * len(korean):
        return "cp949"
    taiwanese = _foreign(sample, "big5") if chinese < _PLAUSIBLE_SHARE else ""
    first_level = sum(b"\xa1\x40" <= letter.encode("big5") <= b"\xc6\x7e" for letter in taiwanese)
    return "big5" if len(taiwanese) >= _LONG and first_level >= _USUAL_SHARE * len(taiwanese) else ""


def _foreign(sample: bytes, name: str) -> str:
    """The characters beyond ASCII if the sample is in this encoding, else nothing."""
    try:
        text = codecs.getincrementaldecoder(name)("strict").decode(sample[:_SHARE_SAMPLE])
    except UnicodeDecodeError:
        return ""
    return "".join(letter for letter in text if letter > "\x7f")


def _chinese_share(sample: bytes) -> float:
    """Share of the non-ASCII characters that Chinese business text uses: common ideographs and its punctuation.

    A wrong reading of Latin or Korean bytes as GB18030 gives mostly rare ideographs outside GB 2312 level 1
    (U+4E00–9FFF in no order), so level 1 membership, bytes B0A1–D7F9, is what counts.
    """
    text = sample[:_SHARE_SAMPLE].decode("gb18030", errors="ignore")
    foreign = {character: n for character, n in Counter(text).items() if character > "\x7f"}
    if not foreign:
        return 1.0
    good = 0
    for character, n in foreign.items():
        raw = character.encode("gb18030", errors="replace")
        usual = len(raw) == 2 and (0xB0 <= raw[0] <= 0xD7 or 0xA1 <= raw[0] <= 0xA3) and raw[1] >= 0xA1
        good += n if usual else 0
    return good / sum(foreign.values())
