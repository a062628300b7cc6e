"""Money gathered and spread: fan-in, fan-out, many counterparties."""

from duanka.signals.definition import ANY_ROW, ASSUMPTION, BY_PAYMENT, BY_RECEIPT, Parameter, Signal

_LEAST = Parameter("least", 10, ASSUMPTION)

SIGNALS = (
    Signal(
        "TX03", "分散转入集中转出", "fan-in, concentrated out",
        "payers per payee, times the share of what was paid that the largest payee got",
        "the pre-2017 list of suspicious dealings, art. 11(1); practitioners: top payees 40 % and 60 %",
        ("both_ways", "counterparties"),
        "SELECT a, u_in / u_out * (top_out::DOUBLE / paid) AS value, u_in AS payers, u_out AS payees, "
        "top_out::DOUBLE / paid AS top_share FROM acc WHERE n_in >= {least} AND u_in >= 3 AND u_out > 0 AND paid > 0",
        BY_PAYMENT, (_LEAST,),
    ),
    Signal(
        "TX04", "集中转入分散转出", "concentrated in, fan-out",
        "payees per payer, times the share of what was received that the largest payer gave",
        "the same list; median out-degree of mules 21 against 8 in a public data set", ("both_ways", "counterparties"),
        "SELECT a, u_out / u_in * (top_in::DOUBLE / got) AS value, u_in AS payers, u_out AS payees, "
        "top_in::DOUBLE / got AS top_share FROM acc WHERE n_out >= {least} AND u_out >= 3 AND u_in > 0 AND got > 0",
        BY_RECEIPT, (_LEAST,),
    ),
    Signal(
        "TX05", "对手众多", "many counterparties", "different payers and payees",
        "median 30.5 of mules against 10 in a public data set", ("counterparties",),
        "SELECT a, (u_in + u_out)::DOUBLE AS value, u_in AS payers, u_out AS payees FROM acc WHERE u_in + u_out > 0",
        ANY_ROW,
    ),
)  # fmt: skip
