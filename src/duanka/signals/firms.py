"""Firms: corporate money to persons, shell firms."""

from duanka.signals.definition import ASSUMPTION, Parameter, Signal

SIGNALS = (
    Signal(
        "TX17", "公转私", "corporate to personal",
        "of a corporate account: share of what it paid that went to persons' accounts and is neither pay, tax nor dues, "
        "times the share of its receipts that left within a day",
        "judicial interpretation 法释〔2019〕1号 art. 1(2); the pre-2017 list, art. 11(3)", ("corporate", "both_ways"),
        "SELECT c.a, sum(s.amount)::DOUBLE / c.paid * (c.passed_24h / c.queued) AS value, count(DISTINCT s.other) "
        "AS persons, sum(s.amount)::DOUBLE / c.paid AS out_share FROM acc c JOIN sides s USING (a) JOIN acc o "
        "ON s.other = o.a WHERE c.grp = 'corporate' AND c.queued > 0 AND c.paid > 0 AND s.way = -1 AND NOT s.usual "
        "AND o.grp IN ('personal', 'payment') GROUP BY c.a, c.paid, c.passed_24h, c.queued "
        "HAVING count(DISTINCT s.other) >= {least}",
        "SELECT o.a, o.seq, o.amount AS weight FROM own o JOIN acc p ON o.other = p.a "
        "WHERE o.way = -1 AND NOT o.usual AND p.grp IN ('personal', 'payment')",
        (Parameter("least", 3, ASSUMPTION),),
    ),
    Signal(
        "TX18", "空壳对公", "shell corporate account",
        "firms with the same reserved phone, of a corporate account that pays neither wages, tax nor dues",
        "published cases: one person with 20 to 30 firms", ("corporate", "phones", "holders"),
        "SELECT c.a, f.firms::DOUBLE AS value, f.firms FROM acc c JOIN (SELECT phone, count(DISTINCT party_id) AS firms "
        "FROM holders WHERE corporate GROUP BY phone HAVING count(DISTINCT party_id) >= {least}) f "
        "USING (phone) WHERE c.grp = 'corporate' AND c.a NOT IN (SELECT a FROM sides WHERE way = -1 AND usual)",
        "SELECT a, seq, amount AS weight FROM own", (Parameter("least", 2, ASSUMPTION),),
    ),
)  # fmt: skip
