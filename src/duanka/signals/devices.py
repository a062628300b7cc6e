"""Sessions and devices: shared devices, card switching, jumps of network, machines, proxy face checks."""

from duanka.signals.definition import ASSUMPTION, Parameter, Signal

_HUB = Parameter("hub", 50, ASSUMPTION)
_SHARED = "users > 1 AND users <= {hub}"

SIGNALS = (
    Signal(
        "DV01", "同设备", "shared device",
        "most accounts of different holders on one device that the account used; devices of more than 50 accounts are "
        "gateways and left out",
        "practitioners: two cards on one device", ("devices",),
        "WITH held AS (SELECT DISTINCT u.device, u.a, coalesce(c.party_id, c.account_id) AS holder FROM uses u "
        f"JOIN acc c USING (a) WHERE {_SHARED}), "
        "counted AS (SELECT device, count(DISTINCT holder) AS holders FROM held GROUP BY device) "
        "SELECT a, max(holders)::DOUBLE AS value, max(holders) AS holders FROM held JOIN counted USING (device) "
        "GROUP BY a HAVING max(holders) > 1",
        "", (_HUB,),
    ),
    Signal(
        "DV02", "一机多卡切换", "one device, many cards", "most accounts on one of the account's devices within one day",
        "assumption; a published case had 2.5 cards a phone", ("devices",),
        "SELECT a, max(cards)::DOUBLE AS value, max(cards) AS cards FROM (SELECT a, count(*) OVER (PARTITION BY device, day) "
        f"AS cards FROM uses WHERE {_SHARED}) GROUP BY a HAVING max(cards) >= {{least}}",
        "", (_HUB, Parameter("least", 3, ASSUMPTION)),
    ),
    Signal(
        "DV03", "网络跳变", "jumping networks",
        "sessions within an hour of the one before that come from another network (first two numbers of the address); "
        "countries are not known offline",
        "a published case: 13 changes of country within an hour, 21 addresses in 17 days", ("sessions", "ips"),
        "SELECT a, count(*)::DOUBLE AS value, count(*) AS times FROM (SELECT a, net, moment, lag(net) OVER own AS before, "
        "lag(moment) OVER own AS since FROM visits WHERE net <> '' WINDOW own AS (PARTITION BY a ORDER BY moment, net)) "
        "WHERE net <> before AND moment - since <= {minutes} * 60000000::BIGINT GROUP BY a",
        "", (Parameter("minutes", 60, "a published case"),), carries=False,
    ),
    Signal(
        "DV04", "机器操作", "scripted sessions", "share of sessions at the two commonest seconds of the minute",
        "a published case: 368 sessions at :16 and :46", ("sessions",),
        "SELECT a, sum(n) FILTER (place <= 2) / sum(n) AS value, sum(n) FILTER (place <= 2) / sum(n) AS same_share, "
        "sum(n)::BIGINT AS sessions FROM (SELECT a, moment // 1000000 % 60 AS s, count(*) AS n, row_number() OVER "
        "(PARTITION BY a ORDER BY count(*) DESC, s) AS place FROM visits GROUP BY a, s) GROUP BY a HAVING sum(n) >= {least}",
        "", (Parameter("least", 20, ASSUMPTION),),
    ),
    Signal(
        "DV05", "代刷人脸", "proxy face check", "accounts that passed a face check on one device of the account's",
        "published cases", ("face_checks",),
        "WITH seen AS (SELECT DISTINCT device, a FROM visits WHERE face AND device <> ''), counted AS ("
        "SELECT device, count(*) AS n FROM seen GROUP BY device) SELECT a, max(n)::DOUBLE AS value, max(n) AS accounts "
        "FROM seen JOIN counted USING (device) GROUP BY a HAVING max(n) > 1",
    ),
)  # fmt: skip
