"""The neighbourhood: relays of cards, shared downstream, round-tripping, victims upstream."""

from duanka.signals.definition import ASSUMPTION, Parameter, Signal

RARE = 20
"""Payers of a rare payee at most (assumption)."""

_RARE = Parameter("rare", RARE, ASSUMPTION)
_TO_RARE = (
    "SELECT o.a, o.seq, o.amount AS weight FROM own o SEMI JOIN (SELECT other FROM pairs WHERE way = -1 AND payers > 1 "
    "AND payers <= {rare}) r USING (other) WHERE o.way = -1"
)

_LINKED = (
    "FROM sides s JOIN (SELECT victim AS other, moment - {hours} * 3600000000::BIGINT AS since, "
    "moment + {hours} * 3600000000::BIGINT AS until FROM reported "
    "UNION SELECT receiver, moment, moment + {hours} * 3600000000::BIGINT FROM reported) r "
    "ON s.other = r.other AND s.way = 1 AND s.moment BETWEEN r.since AND r.until"
)

SIGNALS = (
    Signal(
        "NW01", "收款卡轮换/接力", "relay of cards",
        "accounts whose payees overlap with the account's (Jaccard 0.3 or more) and whose first payment comes within a day "
        "of its last, or the other way round",
        "assumption; sequential fleets are reported in the press", ("counterparties",),
        "SELECT a, count(*)::DOUBLE AS value, count(*) AS accounts FROM (SELECT k.a FROM alike k "
        "JOIN acc c ON k.a = c.a JOIN acc d ON k.b = d.a WHERE shared >= {jaccard} * (c.u_out + d.u_out - shared) "
        "AND (abs(d.first - c.last) <= 86400000000 OR abs(c.first - d.last) <= 86400000000)) GROUP BY a",
        _TO_RARE, (_RARE, Parameter("jaccard", 0.3, ASSUMPTION)),
    ),
    Signal(
        "NW03", "共享下游", "shared downstream", "accounts that share two or more rare payees (of at most 20 payers) with it",
        "public data set: 99.5 % of predicted mules share", ("counterparties",),
        "SELECT a, count(*)::DOUBLE AS value, count(*) AS accounts FROM alike WHERE shared >= {least} GROUP BY a",
        _TO_RARE, (_RARE, Parameter("least", 2, "public data set")),
    ),
    Signal(
        "NW04", "资金回流", "round-tripping",
        "rows of cycles of three to six accounts, in the order of time, with at most 5 % lost at each hand-over",
        "public code", ("both_ways", "counterparties"),
        "SELECT a, count(*)::DOUBLE AS value, count(*) AS count, min(length) AS length FROM turns GROUP BY a",
        "SELECT o.a, o.seq, o.amount AS weight FROM own o SEMI JOIN turns t ON o.a = t.a AND o.seq = t.seq",
        (Parameter("kept", 0.95, "public code"),),
    ),
    Signal(
        "NW07", "同涉案上游", "victim-linked inflow",
        "what came from a reported victim within a day of the payment that the report names, or from an account that a "
        "report names as receiving within a day after it; an account so named counts itself",
        "decisive in the field", ("reports", "counterparties"),
        f"WITH got AS (SELECT a, sum(amount) AS total FROM (SELECT DISTINCT s.a, s.seq, s.amount {_LINKED}) GROUP BY a), "
        "named AS (SELECT DISTINCT receiver AS a FROM reported WHERE receiver IS NOT NULL) "
        "SELECT a, coalesce(total, 0)::DOUBLE + 1 AS value, coalesce(total, 0)::DOUBLE AS amount FROM got "
        "FULL JOIN named USING (a)",
        f"SELECT s.a, s.seq, s.amount AS weight {_LINKED.replace('sides s', 'own s')}",
        (Parameter("hours", 24, ASSUMPTION),),
    ),
)  # fmt: skip
