"""A condition of the rules language, compiled twice from one tree: to SQL for many accounts, to a closure for one.

Semantics are SQL's: a signal that an account does not show is NULL, what is computed or compared with NULL is NULL, and
only true is true. Numbers are doubles. Division by zero, and what overflows, is NULL. `least` and `greatest` pass over
NULL. No text of the user's gets into the SQL: it is written anew from the nodes that are known here.
"""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

from duanka.store.database import quoted
from duanka.typologies.errors import TypologyError
from duanka.typologies.tokens import DIALECT, MAX_DEPTH, check, name_of, place_of

Row = Mapping[str, float | None]
"""Signals of one account by name, `TX01` (strength) and `TX01.value`; what is absent is NULL."""

LARGEST = 1e15
"""No number of a condition may be larger."""

_COMPARED: dict[type[exp.Expr], tuple[str, Callable[[float, float], bool]]] = {
    exp.EQ: ("=", operator.eq), exp.NEQ: ("<>", operator.ne), exp.LT: ("<", operator.lt), exp.LTE: ("<=", operator.le),
    exp.GT: (">", operator.gt), exp.GTE: (">=", operator.ge),
}  # fmt: skip
_COMPUTED: dict[type[exp.Expr], tuple[str, Callable[[float, float], float]]] = {
    exp.Add: ("+", operator.add), exp.Sub: ("-", operator.sub), exp.Mul: ("*", operator.mul),
    exp.Div: ("/", operator.truediv),
}  # fmt: skip
_CHOSEN: dict[type[exp.Expr], tuple[str, Callable[[list[float]], float]]] = {
    exp.Coalesce: ("coalesce", operator.itemgetter(0)), exp.Least: ("least", min), exp.Greatest: ("greatest", max),
}  # fmt: skip
"""Functions of what is not NULL among their arguments."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: its text, the signals that it names (sorted), its SQL over columns of these names, its closure."""

    text: str
    names: tuple[str, ...]
    sql: str
    of: Callable[[Row], bool | None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A node: a condition or a number."""

    sql: str
    of: Callable[[Row], Any]


def compiled(text: str) -> Condition:
    """Compile a condition. O(characters).

    Raises:
        TypologyError: something in it is not part of the rules language; the place is "line:column" of the condition.
    """
    check(text)
    try:
        tree = sqlglot.parse_one(text, into=exp.Condition, dialect=DIALECT, error_level=ErrorLevel.IMMEDIATE)
    except ParseError as error:
        where = error.errors[0] if error.errors else {}
        column = int(where.get("col") or 1) - len(str(where.get("highlight") or " ")) + 1
        place = f"{where['line']}:{column}" if where.get("line") else ""
        raise TypologyError("grammar", place=place) from error
    except RecursionError as error:
        raise TypologyError("deep", most=MAX_DEPTH) from error
    except SqlglotError as error:
        raise TypologyError("unreadable") from error
    compiler = _Compiler(text)
    part = compiler.truth(tree, 0)
    return Condition(text, tuple(sorted(compiler.names)), part.sql, part.of)


class _Compiler:
    """Walks the tree; what it has no rule for is refused."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()

    def truth(self, node: exp.Expr, depth: int) -> _Part:
        """A condition: true, false or NULL."""
        self._deep(node, depth)
        node = node.unnest()  # of its parentheses, which were counted before
        kind = type(node)
        if kind in {exp.And, exp.Or}:
            parts = [self.truth(one, depth + 1) for one in node.flatten()]
            return _joined(parts, any_=kind is exp.Or)
        if kind is exp.Not:
            return _negated(self.truth(node.this, depth + 1))
        if kind in _COMPARED:
            return _compared(*_COMPARED[kind], self.number(node.this, depth + 1), self.number(_right(node), depth + 1))
        if kind is exp.Between:
            ends = [self.number(node.args[name], depth + 1) for name in ("low", "high")]
            return _between(self.number(node.this, depth + 1), *ends)
        if kind is exp.In and node.expressions:
            parts = [self.number(one, depth + 1) for one in node.expressions]
            return _among(self.number(node.this, depth + 1), parts)
        if kind is exp.Is and type(_right(node)) is exp.Null:
            return _absent(self.number(node.this, depth + 1))
        raise self._error("no_condition", node)

    def number(self, node: exp.Expr, depth: int) -> _Part:
        """A number or NULL."""
        self._deep(node, depth)
        node = node.unnest()  # of its parentheses, which were counted before
        kind = type(node)
        if kind is exp.Column:
            return self._signal(node)
        if kind is exp.Literal and not node.is_string:
            return self._literal(node)
        if kind is exp.Neg:
            return _applied("-", operator.neg, self.number(node.this, depth + 1))
        if kind is exp.Abs:
            return _applied("abs", abs, self.number(node.this, depth + 1))
        if kind in _COMPUTED:
            return _computed(*_COMPUTED[kind], self.number(node.this, depth + 1), self.number(_right(node), depth + 1))
        if kind in _CHOSEN:
            parts = [self.number(one, depth + 1) for one in (node.this, *node.expressions)]
            return _chosen(*_CHOSEN[kind], parts)
        raise self._error("no_number", node)

    def _signal(self, node: exp.Expr) -> _Part:
        words = [str(one.name) for one in node.parts]  # type: ignore[attr-defined]
        if len(words) > 2:
            raise self._error("no_number", node)
        name = name_of(*words)
        self.names.add(name)
        return _Part(quoted(name), lambda row: row.get(name))

    def _literal(self, node: exp.Expr) -> _Part:
        number = float(node.this)
        if not number <= LARGEST:
            raise self._error("large", node, most=f"{LARGEST:g}")
        return _Part(f"CAST('{number!r}' AS DOUBLE)", lambda _: number)

    def _deep(self, node: exp.Expr, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._error("deep", node, most=MAX_DEPTH)

    def _error(self, key: str, node: exp.Expr, **values: object) -> TypologyError:
        starts = [int(one.meta["start"]) for one in node.walk() if "start" in one.meta]
        return TypologyError(key, place=place_of(self.text, min(starts)) if starts else "", **values)


def _right(node: exp.Expr) -> exp.Expr:
    right: exp.Expr = node.args["expression"]
    return right


def _any(answers: list[bool | None]) -> bool | None:
    """SQL's OR."""
    return True if True in answers else None if None in answers else False


def _joined(parts: list[_Part], *, any_: bool) -> _Part:
    of = [one.of for one in parts]
    if any_:
        return _Part(f"({' OR '.join(one.sql for one in parts)})", lambda row: _any([one(row) for one in of]))
    return _Part(
        f"({' AND '.join(one.sql for one in parts)})", lambda row: _not(_any([_not(one(row)) for one in of]))
    )  # fmt: skip


def _not(answer: bool | None) -> bool | None:  # noqa: FBT001 - a truth value
    return None if answer is None else not answer


def _negated(part: _Part) -> _Part:
    return _Part(f"(NOT {part.sql})", lambda row: _not(part.of(row)))


def _compared(sign: str, compare: Callable[[float, float], bool], left: _Part, right: _Part) -> _Part:
    def of(row: Row) -> bool | None:
        a, b = left.of(row), right.of(row)
        return None if a is None or b is None else compare(a, b)

    return _Part(f"({left.sql} {sign} {right.sql})", of)


def _between(part: _Part, low: _Part, high: _Part) -> _Part:
    both = _joined([_compared(">=", operator.ge, part, low), _compared("<=", operator.le, part, high)], any_=False)
    return _Part(f"({part.sql} BETWEEN {low.sql} AND {high.sql})", both.of)


def _among(part: _Part, parts: list[_Part]) -> _Part:
    one_of = _joined([_compared("=", operator.eq, part, one) for one in parts], any_=True)
    return _Part(f"({part.sql} IN ({', '.join(one.sql for one in parts)}))", one_of.of)


def _absent(part: _Part) -> _Part:
    return _Part(f"({part.sql} IS NULL)", lambda row: part.of(row) is None)


def _applied(name: str, change: Callable[[float], float], part: _Part) -> _Part:
    def of(row: Row) -> float | None:
        number = part.of(row)
        return None if number is None else change(number)

    return _Part(f"({name}({part.sql}))", of)


def _computed(sign: str, compute: Callable[[float, float], float], left: _Part, right: _Part) -> _Part:
    divides = sign == "/"

    def of(row: Row) -> float | None:
        a, b = left.of(row), right.of(row)
        if a is None or b is None or (divides and b == 0):
            return None
        number = compute(a, b)
        return number if math.isfinite(number) else None

    below = f"nullif({right.sql}, 0)" if divides else right.sql
    finite = f"nullif(nullif({left.sql} {sign} {below}, CAST('inf' AS DOUBLE)), CAST('-inf' AS DOUBLE))"
    return _Part(finite, of)


def _chosen(name: str, choose: Callable[[list[float]], float], parts: list[_Part]) -> _Part:
    def of(row: Row) -> float | None:
        numbers = [number for one in parts if (number := one.of(row)) is not None]
        return choose(numbers) if numbers else None

    return _Part(f"{name}({', '.join(one.sql for one in parts)})", of)
