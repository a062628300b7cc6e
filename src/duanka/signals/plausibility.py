"""What does not fit: flow against balance, words of memos, mirrored amounts."""

from duanka.signals.definition import ANY_ROW, ASSUMPTION, Parameter, Signal

_BIN = "floor(ln(units) / 0.01)"

SIGNALS = (
    Signal(
        "KY01", "流量与余额不符", "flow against balance", "turnover over the mean printed balance",
        "public data set: 247.6 against 34.4", ("balances",),
        "SELECT a, (got + paid)::DOUBLE / mean AS value, (got + paid)::DOUBLE / mean AS times FROM acc JOIN ("
        "SELECT a, sum(balance)::HUGEINT / count(*) AS mean FROM sides WHERE own AND balance IS NOT NULL GROUP BY a "
        "HAVING count(*) >= {least} AND sum(balance) > 0) USING (a)",
        ANY_ROW, (Parameter("least", 5, ASSUMPTION), Parameter("known", 247.6, "public data set, median of mules")),
    ),
    Signal(
        "KY04", "收付摘要异常", "memo words", "rows whose words name points, orders, exchange or stablecoins",
        "practitioners: one, ten", ("memos",),
        "SELECT a, count(*)::DOUBLE AS value, count(*) AS times FROM sides WHERE coded GROUP BY a",
        f"{ANY_ROW} WHERE coded", (Parameter("many", 10, "practitioners"),),
    ),
    Signal(
        "UB01", "地下钱庄对敲", "mirror settlement",
        "receipts of 1,000 yuan or more that meet a payment of the same day and the same amount within 1 %, with payers and "
        "payees that never change sides",
        "background: two lists, the same amounts, nothing crosses the border", ("both_ways", "counterparties"),
        "SELECT a, sum(met)::DOUBLE AS value, sum(met)::BIGINT AS times FROM (SELECT s.a, day, "
        f"{_BIN} AS bin, least(count(*) FILTER (way = 1), count(*) FILTER (way = -1)) AS met "
        "FROM sides s SEMI JOIN (SELECT a, day FROM days WHERE got > 0 AND paid > 0) d USING (a, day) "
        "WHERE NOT mutual AND units >= {least} AND other IS NOT NULL GROUP BY s.a, day, bin) GROUP BY a HAVING sum(met) > 1",
        f"{ANY_ROW} WHERE units >= {{least}}", (Parameter("least", 1000, ASSUMPTION),), carries=False,
    ),
)  # fmt: skip
