"""Registrations: many cards at once, place, age, phones."""

from duanka.signals.definition import ANY_ROW, ASSUMPTION, Parameter, Signal

SIGNALS = (
    Signal(
        "TX19", "一人多卡集中开户", "many cards in short time", "most accounts that the holder opened within seven days",
        "three or more are looked at at counters; 3.8 % of mules against 0.2 % in a public data set",
        ("openings", "holders"),
        "WITH close AS (SELECT party_id, count(*) OVER (PARTITION BY party_id ORDER BY opened RANGE BETWEEN "
        "INTERVAL 6 DAY PRECEDING AND CURRENT ROW) AS cards FROM registered WHERE opened IS NOT NULL) "
        "SELECT a, max(cards)::DOUBLE AS value, max(cards) AS accounts FROM acc JOIN close USING (party_id) GROUP BY a "
        "HAVING max(cards) >= {least}",
        "", (Parameter("least", 3, "counters of banks"),),
    ),
    Signal(
        "TX20", "异地使用", "used elsewhere",
        "share of sessions from networks that no other account of the same outlet uses; neither origin nor identity "
        "number is looked at",
        "place mismatch is weak (38.8 % against 33.8 % in a public data set) and unfair alone",
        ("outlets", "sessions", "ips"),
        "WITH used AS (SELECT c.outlet_id, v.net, v.a, count(*) AS n FROM visits v JOIN acc c USING (a) "
        "WHERE v.net <> '' AND c.outlet_id IS NOT NULL GROUP BY ALL), "
        "known AS (SELECT outlet_id, net, count(*) AS users FROM used GROUP BY ALL) "
        "SELECT a, sum(n) FILTER (users = 1) / sum(n) AS value, sum(n) FILTER (users = 1) / sum(n) AS away_share "
        "FROM used JOIN known USING (outlet_id, net) GROUP BY a HAVING sum(n) >= {least}",
        "", (Parameter("least", 5, ASSUMPTION),), carries=False,
    ),
    Signal(
        "TX21", "未成年人/老年人账户异常", "minor or elderly holder with commercial flow",
        "turnover of a holder below 18 or from 65 years, among holders of that age",
        "published cases; the 2025 opinion on aiding offences", ("ages",),
        "SELECT a, (got + paid)::DOUBLE AS value, (got + paid)::DOUBLE AS amount, age FROM acc "
        "WHERE (age >= 0 AND age < {minor}) OR (age >= {elder} AND age < 120)",
        ANY_ROW, (Parameter("minor", 18, "age of majority"), Parameter("elder", 65, ASSUMPTION)),
    ),
    Signal(
        "TX22", "一号多户", "phone shared by holders",
        "different holders of accounts with the same reserved phone, and of its SIM",
        "银发〔2016〕261号 (7), with its exemptions", ("phones", "holders"),
        "SELECT a, h.holders::DOUBLE AS value, h.holders FROM acc JOIN (SELECT phone, count(DISTINCT party_id) "
        "AS holders FROM holders GROUP BY phone HAVING count(DISTINCT party_id) >= {least}) h USING (phone)",
        "", (Parameter("least", 2, "银发〔2016〕261号"),),
    ),
    Signal(
        "TX23", "换绑手机后激增", "spike after a phone change",
        "turnover of the 30 days from the last change of phone on, over that of the 30 days before",
        "public data set: change in 20.5 % of mules against 14.7 %", ("phone_changes",),
        "SELECT d.a, sum(got + paid) FILTER (d.day >= v.day)::DOUBLE / sum(got + paid) FILTER (d.day < v.day) AS value, "
        "sum(got + paid) FILTER (d.day >= v.day) AS amount_after FROM days d JOIN (SELECT a, max(day) AS day FROM visits "
        "WHERE rebound GROUP BY a) v USING (a) WHERE d.day >= v.day - {days} AND d.day < v.day + {days} GROUP BY d.a "
        "HAVING sum(got + paid) FILTER (d.day < v.day) > 0",
        "SELECT a, seq, moment AS weight FROM own", (Parameter("days", 30, ASSUMPTION),),
    ),
)  # fmt: skip
