"""The vocabulary of a condition, checked word by word before anything parses it: what is not listed here is refused."""

import difflib
from collections.abc import Sequence

import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import SqlglotError

from duanka.signals.registry import CODES
from duanka.typologies.errors import TypologyError

DIALECT = "duckdb"
MAX_CHARACTERS = 4_000
MAX_DEPTH = 40
"""Parentheses in parentheses, and operators in operators."""

FUNCTIONS = ("abs", "coalesce", "greatest", "least")
PARTS = ("strength", "value")
"""What may stand behind the dot of a signal's code; a code alone is its strength."""

_WORDS = frozenset({
    TokenType.AND, TokenType.OR, TokenType.NOT, TokenType.BETWEEN, TokenType.IN, TokenType.IS, TokenType.NULL,
    TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT, TokenType.GTE, TokenType.PLUS,
    TokenType.DASH, TokenType.STAR, TokenType.SLASH, TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA,
    TokenType.DOT, TokenType.NUMBER,
})  # fmt: skip


def check(text: str) -> None:
    """TypologyError at the first word of a condition that the rules language does not have. O(characters)."""
    if len(text) > MAX_CHARACTERS:
        raise TypologyError("long", most=f"{MAX_CHARACTERS:,}", count=f"{len(text):,}")
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
    except SqlglotError as error:
        raise TypologyError("unreadable") from error
    if not tokens:
        raise TypologyError("empty")
    depth = chain = 0
    for place, token in enumerate(tokens):
        kind = token.token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        chain = chain + 1 if kind in {TokenType.NOT, TokenType.DASH, TokenType.PLUS} else 0
        if max(depth, chain) > MAX_DEPTH:
            raise TypologyError("deep", place=place_of(text, token.start), most=MAX_DEPTH)
        _check(text, tokens, place)


def _check(text: str, tokens: Sequence[Token], place: int) -> None:
    token = tokens[place]
    behind_dot = place > 0 and tokens[place - 1].token_type is TokenType.DOT
    before_list = place + 1 < len(tokens) and tokens[place + 1].token_type is TokenType.L_PAREN
    word, where = token.text, place_of(text, token.start)
    if behind_dot:
        if word.lower() not in PARTS:
            raise TypologyError("part", place=where, word=word, known=", ".join(PARTS))
    elif token.token_type is not TokenType.VAR:
        if token.token_type not in _WORDS:
            raise TypologyError("word", place=where, word=text[token.start : token.end + 1])
    elif before_list:
        if word.lower() not in FUNCTIONS:
            raise TypologyError("function", place=where, word=word, known=", ".join(FUNCTIONS))
    elif word.upper() not in CODES:
        near = ", ".join(difflib.get_close_matches(word.upper(), CODES, n=3)) or "docs/reference/signals.md"
        raise TypologyError("signal", place=where, word=word, near=near)


def place_of(text: str, start: int) -> str:
    """Line and column of a character, from 1: "1:9"."""
    before = text[:start]
    return f"{before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"


def name_of(code: str, part: str = "strength") -> str:
    """A signal's name in rows and words: `TX01` its strength, `TX01.value` its value."""
    return code.upper() if part.lower() == "strength" else f"{code.upper()}.{part.lower()}"
