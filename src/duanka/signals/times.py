"""What times tell: dormancy, new accounts, nights, shifts."""

from duanka.flow.tally import EVENING, MORNING
from duanka.signals.definition import ANY_ROW, ASSUMPTION, Parameter, Signal

_NIGHT = f"(hour >= {EVENING} OR hour < {MORNING})"

SIGNALS = (
    Signal(
        "TX07", "休眠突然启用", "dormant activation",
        "turnover of the seven days after the last gap of 90 days or more, over that of the mean active day before it",
        "the pre-2017 list, art. 11(4); weak alone (gap in 48.6 % of legitimate accounts, 45.0 % of mules)", (),
        "SELECT a, after::DOUBLE / before_mean AS value, gap, after AS amount_after FROM ("
        "SELECT d.a, max(g.gap) AS gap, sum(got + paid) FILTER (d.day >= g.day AND d.day < g.day + 7) AS after, "
        "sum(got + paid) FILTER (d.day < g.day) / count(*) FILTER (d.day < g.day) AS before_mean FROM days d JOIN ("
        "SELECT a, max(day) AS day, max_by(gap, day) AS gap FROM days WHERE gap >= {gap} GROUP BY a) g "
        "ON d.a = g.a GROUP BY d.a) "
        "WHERE before_mean > 0",
        "SELECT a, seq, moment AS weight FROM own", (Parameter("gap", 90, "published, days"),), carries=False,
    ),
    Signal(
        "TX08", "新开户大额", "new account, high value", "turnover of the first 30 days after opening",
        "public data set: median volume of accounts below one year 3.4 times as high for mules", ("openings",),
        "SELECT d.a, sum(d.got + d.paid)::DOUBLE AS value, sum(d.got + d.paid)::DOUBLE AS amount FROM days d JOIN acc USING (a) "
        "WHERE d.day >= opened AND d.day < opened + {days} GROUP BY d.a",
        "SELECT o.a, seq, amount AS weight FROM own o JOIN acc c USING (a) WHERE o.day < c.opened + {days}",
        (Parameter("days", 30, ASSUMPTION),),
    ),
    Signal(
        "TX09", "夜间交易", "night activity", "share of rows between 22:00 and 06:00",
        "named in verdicts; no lift in a public data set (9.1 % against 9.3 %)", ("seconds",),
        "SELECT a, n_night / n_timed AS value, n_night / n_timed AS night_share FROM acc WHERE n_timed >= {least}",
        f"{ANY_ROW} WHERE fine AND {_NIGHT}", (Parameter("least", 20, ASSUMPTION),), carries=False,
    ),
    Signal(
        "TX10", "24小时轮班操作", "round-the-clock operation",
        "different hours of the day with rows in the busiest calendar week; 22 of them leave no gap for sleep",
        "assumption; a published case had three shifts", ("seconds",),
        "SELECT a, week_hours::DOUBLE AS value, week_hours AS hours FROM acc WHERE week_hours >= {least}",
        ANY_ROW, (Parameter("least", 8, ASSUMPTION),),
    ),
)  # fmt: skip
