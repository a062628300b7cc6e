"""Money passed on: rapid pass-through, transit accounts."""

from duanka.signals.definition import ANY_ROW, ASSUMPTION, BY_PAYMENT, Parameter, Signal

SIGNALS = (
    Signal(
        "TX01", "快进快出", "rapid pass-through",
        "share of the money received while covered that left again within 24 h, by first-in-first-out lineage",
        "public code: 24 h, present in 44.9 % of the mule accounts of a public data set", ("both_ways", "seconds"),
        "SELECT a, passed_24h / queued AS value, passed_24h / queued AS passed_share, queued AS amount_received FROM acc "
        "WHERE queued > 0 AND n_in >= {least}",
        BY_PAYMENT, (Parameter("least", 3, ASSUMPTION),),
    ),
    Signal(
        "TX02", "过渡账户/不留余额", "transit account, no retained balance",
        "-log10 of |in - out| / (in + out), which is at least one millionth",
        "practitioners: below 5 % abnormal, below 1 % highly so", ("both_ways",),
        "SELECT a, -log10(greatest(left_share, 1e-6)) AS value, left_share, got AS amount_in, paid AS amount_out FROM ("
        "SELECT a, got, paid, abs(got - paid)::DOUBLE / (got + paid) AS left_share FROM acc "
        "WHERE n_in >= {least} AND n_out >= {least} AND got + paid > 0)",
        ANY_ROW, (Parameter("least", 3, ASSUMPTION), Parameter("abnormal", 5, "practitioners, per cent")),
    ),
)  # fmt: skip
