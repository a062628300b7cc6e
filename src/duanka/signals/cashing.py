"""Ways out: crypto, cash, gold, e-CNY wallets."""

from duanka.signals.definition import ANY_ROW, ASSUMPTION, BY_PAYMENT, Parameter, Signal

_LEAST = Parameter("least", 2, ASSUMPTION)
_COIN = "(coin OR other IN (SELECT a FROM acc WHERE grp = 'institution'))"


def _way_out(code: str, zh: str, en: str, column: str, source: str) -> Signal:
    """Money that leaves on the day that it came, or on the next."""
    return Signal(
        code, zh, en, "of what was received, the share that left this way on the day it came or on the next", source,
        ("memos", "both_ways"),
        f"SELECT d.a, sum(least({column}, d.got + before))::DOUBLE / any_value(c.got) AS value, "
        f"sum(least({column}, d.got + before))::DOUBLE / any_value(c.got) AS out_share, "
        f"sum({column})::DOUBLE AS amount FROM days d JOIN acc c USING (a) "
        f"WHERE {column} > 0 AND c.got > 0 GROUP BY d.a HAVING count(*) >= {{least}}",
        f"{BY_PAYMENT} AND {column}", (_LEAST,),
    )  # fmt: skip


SIGNALS = (
    Signal(
        "CR01", "法币–虚拟币", "money to crypto",
        "share of what was paid that went to exchanges or says so in its words",
        "published case flows", ("both_ways",),
        f"SELECT s.a, sum(s.amount)::DOUBLE / any_value(c.paid) AS value, sum(s.amount)::DOUBLE / any_value(c.paid) "
        f"AS out_share, count(*) AS times FROM sides s JOIN acc c USING (a) WHERE s.way = -1 AND c.paid > 0 AND {_COIN} "
        "GROUP BY s.a",
        f"{BY_PAYMENT} AND {_COIN}",
    ),
    _way_out("CR02", "取现", "cash-out", "cash", "practitioners: 50 % and 70 %"),
    _way_out("CR03", "购金/贵重物", "gold and luxury goods", "gold", "published cases: gold, cigarettes"),
    Signal(
        "CR04", "数字人民币钱包", "e-CNY wallets", "different e-CNY wallets that it paid or received from",
        "published case: more than 900 wallets", ("wallets", "counterparties"),
        "SELECT a, count(DISTINCT other)::DOUBLE AS value, count(DISTINCT other) AS wallets FROM pairs WHERE other IN "
        "(SELECT a FROM acc WHERE grp = 'ecny') GROUP BY a HAVING count(DISTINCT other) >= {least}",
        f"{ANY_ROW} WHERE other IN (SELECT a FROM acc WHERE grp = 'ecny')", (Parameter("least", 3, ASSUMPTION),),
    ),
)  # fmt: skip
