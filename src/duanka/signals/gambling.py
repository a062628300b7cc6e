"""Gambling and run-points: stakes, deposits, merchant codes."""

from duanka.signals.definition import ASSUMPTION, BY_RECEIPT, SMALL, Parameter, Signal

_SMALL = Parameter("small", SMALL, ASSUMPTION)

SIGNALS = (
    Signal(
        "GB01", "赌资收款", "gambling collection",
        "payers that it also pays, of an account with many receipts most of which are small",
        "assumption; winners among the payers tell gambling from fraud", ("both_ways", "counterparties"),
        "SELECT c.a, count(*)::DOUBLE AS value, count(*) AS both, any_value(c.u_in) AS payers FROM acc c "
        "JOIN pairs p ON c.a = p.a AND p.way = 1 AND p.mutual "
        "WHERE c.n_in >= {least} AND c.n_small * 2 >= c.n_in GROUP BY c.a",
        "SELECT o.a, o.seq, o.amount AS weight FROM own o SEMI JOIN pairs p ON o.a = p.a AND o.other = p.other "
        "AND p.way = 1 WHERE o.way = -1",
        (Parameter("least", 20, ASSUMPTION), _SMALL),
    ),
    Signal(
        "PL01", "跑分平台保证金", "deposit-coupled flow",
        "times that, between two payments to the same payee, what came in is half of the first or more and no more than it",
        "press: an order of 1,000 takes 1,000 off the deposit", ("both_ways", "counterparties", "seconds"),
        "SELECT a, max(refilled)::DOUBLE AS value, max(refilled) AS times FROM pairs WHERE way = -1 AND n >= {least} "
        "GROUP BY a HAVING max(refilled) >= {least} - 1",
        "SELECT o.a, o.seq, o.amount AS weight FROM own o SEMI JOIN pairs p ON o.a = p.a AND o.other = p.other "
        "AND p.way = -1 AND p.n >= {least} WHERE o.way = -1",
        (Parameter("least", 4, ASSUMPTION),),
    ),
    Signal(
        "KY03", "经营异常收款码", "merchant code abuse",
        "most first-time payers of small receipts on one day, of an account that is not a firm's",
        "a vendor's claim: 50 a day", ("counterparties", "kinds"),
        "SELECT a, max(payers)::DOUBLE AS value, max(payers) AS payers FROM (SELECT p.a, p.first_day, count(*) AS payers "
        "FROM pairs p JOIN acc c ON p.a = c.a WHERE p.way = 1 AND p.first_least <= {small} AND c.grp <> 'corporate' "
        "GROUP BY p.a, p.first_day) GROUP BY a HAVING max(payers) >= {least}",
        f"{BY_RECEIPT} AND units <= {{small}}",
        (_SMALL, Parameter("least", 3, ASSUMPTION), Parameter("day", 50, "a vendor's claim")),
    ),
)  # fmt: skip
