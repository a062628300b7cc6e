"""What amounts tell: probes, round and fixed amounts, tails, limits."""

import numpy as np

from duanka.flow.tally import Kinds
from duanka.signals.definition import ANY_ROW, ASSUMPTION, BY_PAYMENT, BY_RECEIPT, SMALL, Parameter, Signal

_LIMITS = (5000, 10000, 20000, 50000)
_REPORTED = (50000, 200000, 500000)
_DAILY = (5000, 10000, 20000, 50000, 100000, 200000, 500000)
_MENU = (100, 200, 300, 500, 1000, 2000, 3000, 5000, 10000, 20000, 50000)


def _just_below(lines: tuple[int, ...], share: float) -> list[tuple[float, float]]:
    """Less than one of these (open), and at least that share of it (closed)."""
    return [(float(f"{share * one:g}"), one) for one in lines]


def _below(lines: tuple[int, ...], share: float, amount: str = "units") -> str:
    """The amount is just below one of these."""
    ranges = _just_below(lines, share)
    return "(" + " OR ".join(f"{amount} >= {low:g} AND {amount} < {high:g}" for low, high in ranges) + ")"


KINDS = Kinds(np.array(_just_below(_MENU, 0.99)), np.array(_just_below(_LIMITS, 0.9)), float(SMALL))
"""What `signals.tables` counts for the signals here, and for others."""

_BELOW_LIMIT, _BELOW_REPORT = _below(_LIMITS, 0.9), _below(_REPORTED, 0.9)
_TAILED = f"({_below(_MENU, 0.99)} AND units <> floor(units))"
_LEAST = Parameter("least", 10, ASSUMPTION)
_LEAST_IN = Parameter("least", 20, ASSUMPTION)
_PROBES = (
    "SELECT *, lag(units) OVER pair AS before, lag(moment) OVER pair AS since, row_number() OVER pair AS place FROM {from_} "
    "WINDOW pair AS (PARTITION BY a, other, way ORDER BY seq) "
    "QUALIFY place = 2 AND before > 0 AND before <= {most} AND units >= 100 * before "
    "AND moment - since <= {minutes} * 60000000::BIGINT"
)

SIGNALS = (
    Signal(
        "TX06", "小额测试", "small probe, then large",
        "partners whose first row is at most 10 yuan and the next, within an hour and the same way, 100 times as much",
        "small-then-large is a published indicator; its numbers are ours", ("seconds", "counterparties"),
        "SELECT a, count(*)::DOUBLE AS value, count(*) AS times FROM ("
        + _PROBES.replace("{from_}", "(SELECT s.* FROM sides s SEMI JOIN (SELECT * FROM pairs "
        "WHERE n > 1 AND least <= {most}) p USING (a, other, way) WHERE fine)") + ") GROUP BY a",
        "SELECT a, seq, amount AS weight FROM (" + _PROBES.replace("{from_}", "own WHERE other IS NOT NULL") + ")",
        (Parameter("most", 10, ASSUMPTION), Parameter("minutes", 60, ASSUMPTION)),
    ),
    Signal(
        "TX11", "整数金额", "round amounts", "share of rows whose amount is a multiple of 1,000 yuan",
        "practitioners: 30 % and 45 %; no lift in a public data set (8.95 % against 8.79 %)", (),
        "SELECT a, n_round / n AS value, n_round / n AS round_share FROM acc WHERE n >= {least}",
        f"{ANY_ROW} WHERE units > 0 AND units % 1000 = 0", (_LEAST,), carries=False,
    ),
    Signal(
        "TX12", "定额/固定面额", "fixed denominations", "share of receipts that have one of the five commonest amounts",
        "assumption (top-ups of gamblers)", (),
        "SELECT a, list_sum(max(n, 5)) / sum(n) AS value, list_sum(max(n, 5)) / sum(n) AS fixed_share FROM ("
        "SELECT a, amount, count(*) AS n FROM sides SEMI JOIN (SELECT a FROM acc WHERE n_in >= {least}) k USING (a) "
        "WHERE way = 1 GROUP BY a, amount) GROUP BY a",
        "SELECT a, seq, count(*) OVER (PARTITION BY a, amount) AS weight FROM own WHERE way = 1", (_LEAST_IN,),
    ),
    Signal(
        "TX13", "带尾数随机金额", "de-collision tails",
        "share of receipts that are at most 1 % below a menu value and not whole yuan",
        "order matching by unique amounts; 60 % is ours", (),
        "SELECT a, n_tailed / n_in AS value, n_tailed / n_in AS tail_share FROM acc WHERE n_in >= {least}",
        f"{BY_RECEIPT} AND {_TAILED}", (_LEAST_IN, Parameter("menu", _MENU, ASSUMPTION)),
    ),
    Signal(
        "TX14", "接近限额/拆分", "structuring near a limit", "share of rows within 10 % below a limit",
        "public data set: 45-50 thousand 2.609 % of the rows of mules against 0.721 %", (),
        "SELECT a, n_near / n AS value, n_near / n AS near_share, n_near AS times FROM acc WHERE n >= {least}",
        f"{ANY_ROW} WHERE {_BELOW_LIMIT}", (_LEAST, Parameter("lines", _LIMITS, "limits of class II and III accounts, cash report")),
    ),
    Signal(
        "TX15", "累计额接近日限额", "day total hugging a limit", "days on which what was paid is within 5 % below a limit",
        "assumption; three days are worth a look", (),
        "SELECT d.a, count(*)::DOUBLE AS value, count(*) AS days FROM days d JOIN acc USING (a) WHERE "
        f"{_below(_DAILY, 0.95, '(d.paid / unit - 0.005)')} GROUP BY d.a",
        BY_PAYMENT, (Parameter("limits", _DAILY, ASSUMPTION),),
    ),
    Signal(
        "TX16", "与同一对手频繁接近大额标准", "repeated pair near the large-value line",
        "most rows with one partner within ten days whose amount is within 10 % below a reporting line",
        "the pre-2017 list, art. 11(2)", ("counterparties",),
        "SELECT a, max(n)::DOUBLE AS value, max(n) AS times FROM (SELECT a, count(*) OVER (PARTITION BY a, other "
        "ORDER BY moment RANGE BETWEEN 864000000000 PRECEDING AND CURRENT ROW) AS n FROM sides "
        f"WHERE other IS NOT NULL AND {_BELOW_REPORT}) GROUP BY a HAVING max(n) > 1",
        f"{ANY_ROW} WHERE other IS NOT NULL AND {_BELOW_REPORT}",
        (Parameter("lines", _REPORTED, "reporting lines in force"),),
    ),
)  # fmt: skip
