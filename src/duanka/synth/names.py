"""The numbers and names that people would see, made from row numbers; none of them can be anybody's.

Numbers are drawn from the ranges of `identifiers.synthetic` through one-to-one scrambles, so that neither their order
nor their digits say anything of who was made first, or for what.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from duanka.identifiers.uscc import check_character, organisation_check_character
from duanka.synth.chance import Array, Ints, below, scatter, share
from duanka.synth.world import (
    ACCOUNT_KINDS,
    CITIES_OF_A_PROVINCE,
    INSTITUTIONS,
    OPERATORS,
    OUTLETS_OF_A_CITY,
    REGIONS,
    A,
    N,
    World,
)

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志红春梅海燕文斌晓东宇浩欣怡子涵梓轩雨桐思远"
    "佳慧嘉豪俊凯雪莹立新永福德胜"
)
_CITY_NAMES = "甲乙丙丁戊己庚辛壬癸"
_FIRM_WORDS = (
    "商行", "批发部", "网络科技有限公司", "制造有限公司", "信息咨询有限公司", "物流有限公司", "学校",
    "水务有限公司", "通信有限公司", "小额贷款有限公司", "旅行社有限公司", "物业服务有限公司", "集团有限公司",
    "贸易有限公司", "财政局",
)  # fmt: skip
"""What firms call themselves, by `world.FIRM_KINDS`."""

_HEADS = {"payment_alipay": "alipay:9990", "payment_wechat": "tenpay:9990"}
_MIDDLES = {"payment_alipay": "", "payment_wechat": "", "ecny_wallet": "0", "corporate": "20"}
"""What stands before and after the institution's code in an account's id, by kind; `9990` and `10` for all others."""

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])  # GB 11643-1999
_TEN = 10**10


_Printer = Callable[[Array], pl.Series]


@dataclass(frozen=True, slots=True)
class Scramble:
    """A one-to-one map of [0, size) to itself that looks like none: multiplication by a number prime to the size."""

    size: int
    factor: int
    shift: int

    def __call__(self, rows: Array) -> Ints:
        """The number of each row."""
        return (rows.astype(np.int64) * self.factor + self.shift) % self.size


def _scramble(seed: int, what: int, size: int) -> Scramble:
    """Sizes are powers of ten, so a factor that ends in 1, 3, 7 or 9 is prime to them; it stays under 2**63 / size."""
    bits = int(scatter(np.array([seed]), 900 + what)[0])
    factor = (bits % 90_000_000 + 10_000_000) * 10 + (1, 3, 7, 9)[bits >> 62]
    factor %= 2**62 // size
    return Scramble(size, factor // 10 * 10 + (1, 3, 7, 9)[bits >> 62], (bits >> 8) % size)


def _digits(numbers: Ints, width: int) -> pl.Series:
    return pl.Series(numbers).cast(pl.String).str.zfill(width)


class Names:
    """Printed names and numbers of a world; each method gives one string for each of the rows asked for. O(rows).

    Rows are those of the table that the method is named after: Accounts, People, Firms, Sims or Devices.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    def accounts(self, rows: Array) -> pl.Series:
        """Account ids as the importer has them: the number, with `alipay:` or `tenpay:` before a wallet's."""
        accounts = self.world.accounts
        kind, institution = accounts.kind[rows].astype(np.int64), accounts.institution[rows].astype(np.int64)
        number = _digits(_scramble(self.world.seed, 1, _TEN)(rows), 10)
        head = pl.Series([_HEADS.get(k.value, "9990") + i.code + _MIDDLES.get(k.value, "10")
                          for k in ACCOUNT_KINDS for i in INSTITUTIONS])  # fmt: skip
        return (head[kind * len(INSTITUTIONS) + institution] + number).alias("account_id")

    def cards(self, rows: Array) -> pl.Series:
        """Number on the card of each personal bank account (19 digits); null for all others."""
        accounts = self.world.accounts
        number = _digits(_scramble(self.world.seed, 2, _TEN)(rows), 10)
        code = pl.Series([i.code for i in INSTITUTIONS])[accounts.institution[rows].astype(np.int64)]
        has = pl.Series(accounts.kind[rows] <= A["personal_iii"])
        frame = pl.DataFrame({"c": code, "n": number, "has": has})
        return frame.select(pl.when("has").then(pl.concat_str(pl.lit("9990"), "c", pl.lit("888"), "n")).alias("card"))[
            "card"
        ]

    def persons(self, rows: Array) -> pl.Series:
        """Family and given name; many share one."""
        first = pl.Series(list(_SURNAMES))[(len(_SURNAMES) * share(rows, 301) ** 1.6).astype(np.int64)]
        given = pl.Series(list(_GIVEN))
        second, third = given[below(rows, 302, len(_GIVEN))], given[below(rows, 303, len(_GIVEN))]
        short = pl.Series(share(rows, 304) < 0.15)
        frame = pl.DataFrame({"a": first, "b": second, "c": third, "short": short})
        return frame.select(pl.concat_str("a", "b", pl.when("short").then(pl.lit("")).otherwise("c")).alias("name"))[
            "name"
        ]

    def identities(self, rows: Array) -> pl.Series:
        """ID numbers of 18 characters with a right checksum, under provinces that don't exist (99xxxx)."""
        people = self.world.people
        origin = people.origin[rows].astype(np.int64)
        region = 990_000 + (origin // CITIES_OF_A_PROVINCE) * 10 + origin % CITIES_OF_A_PROVINCE + 1
        dates = people.birth[rows].astype("datetime64[D]")
        year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
        month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
        day = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1
        serial = below(rows, 305, 500) * 2 + np.where(people.female[rows], 0, 1)
        number = ((region * 10_000 + year) * 10_000 + month * 100 + day) * 1_000 + serial
        digits = (number[:, None] // 10 ** np.arange(16, -1, -1)) % 10
        check = pl.Series(list("10X98765432"))[(digits @ _WEIGHTS) % 11]
        return pl.DataFrame({"n": pl.Series(number).cast(pl.String), "c": check}).select(
            pl.concat_str("n", "c").alias("id_number")
        )["id_number"]

    def firms(self, rows: Array) -> pl.Series:
        """Names of firms."""
        firms = self.world.firms
        given = pl.Series(list(_GIVEN))
        city = pl.Series([self.city(c) for c in range(REGIONS)])[firms.region[rows].astype(np.int64)]
        frame = pl.DataFrame({
            "city": city, "a": given[below(rows, 306, len(_GIVEN))], "b": given[below(rows, 307, len(_GIVEN))],
            "n": _digits(rows, 1), "kind": pl.Series(_FIRM_WORDS)[firms.kind[rows].astype(np.int64)],
        })  # fmt: skip
        return frame.select(pl.concat_str("city", "a", "b", "n", "kind").alias("name"))["name"]

    def credit_codes(self, rows: Array) -> pl.Series:
        """统一社会信用代码 of firms under a region that doesn't exist, with a right check character."""
        codes = [f"{n:08d}" for n in _scramble(self.world.seed, 3, 10**6)(rows).tolist()]
        bodies = [f"91990000{code}{organisation_check_character(code)}" for code in codes]
        return pl.Series("uscc", [body + check_character(body) for body in bodies], dtype=pl.String)

    def holders(self, rows: Array) -> pl.Series:
        """Names of persons and of firms, whose rows follow those of the persons."""
        return self._of_both(rows, self.persons, self.firms)

    def holder_numbers(self, rows: Array) -> pl.Series:
        """ID numbers of persons, credit codes of firms, whose rows follow those of the persons."""
        return self._of_both(rows, self.identities, self.credit_codes)

    def parties(self, rows: Array) -> pl.Series:
        """Party ids of persons and of firms, whose rows follow those of the persons."""
        return self._of_both(
            rows, lambda persons: "id:" + self.identities(persons), lambda firms: "uscc:" + self.credit_codes(firms)
        )

    def _of_both(self, rows: Array, persons: _Printer, firms: _Printer) -> pl.Series:
        firm = rows >= len(self.world.people)
        order = np.argsort(np.argsort(firm, kind="stable"), kind="stable")
        parts = persons(rows[~firm]), firms(rows[firm] - len(self.world.people))
        return pl.concat([part.alias("holder") for part in parts])[order]

    def city(self, number: int) -> str:
        """A made-up city."""
        province, city = divmod(number, CITIES_OF_A_PROVINCE)
        return f"{_CITY_NAMES[province]}省{_CITY_NAMES[city]}市"

    def phones(self, rows: Array) -> pl.Series:
        """Numbers of SIMs, E.164, in ranges that no network has (100, 120)."""
        number = _scramble(self.world.seed, 4, 10**8)(rows)
        prefix = np.where(share(rows, 308) < 0.5, "+86100", "+86120")
        return pl.DataFrame({"p": prefix, "n": _digits(number, 8)}).select(pl.concat_str("p", "n").alias("phone"))[
            "phone"
        ]

    def iccids(self, rows: Array) -> pl.Series:
        """Card serials: 898699 is no operator's."""
        number = _scramble(self.world.seed, 5, _TEN)(rows)
        return ("8986990000" + _digits(number, 10)).alias("iccid")

    def imsis(self, rows: Array) -> pl.Series:
        """Subscriber numbers under network 001 01, which is for tests (ITU-T E.212)."""
        number = _scramble(self.world.seed, 6, _TEN)(rows)
        return ("00101" + _digits(number, 10)).alias("imsi")

    def imeis(self, rows: Array) -> pl.Series:
        """Device numbers with a right check digit under the types from 00100100 on, which are for tests."""
        serial = _scramble(self.world.seed, 7, 10**6)(rows % 10**6)
        body = (100_100 + rows // 10**6) * 10**6 + serial
        digits = (body[:, None] // 10 ** np.arange(13, -1, -1)) % 10
        doubled = digits[:, 1::2] * 2
        total = digits[:, ::2].sum(axis=1) + (doubled // 10 + doubled % 10).sum(axis=1)
        return _digits(body * 10 + (-total) % 10, 15).alias("imei")

    def macs(self, rows: Array) -> pl.Series:
        """Network cards of devices: locally administered addresses (02-…), which no maker gives out."""
        bits = scatter(rows, 309) >> np.uint64(24)
        table = pl.Series([f"{n:02X}" for n in range(256)])
        pairs = [table[((bits >> np.uint64(8 * k)) & np.uint64(255)).astype(np.int64)].alias(str(k)) for k in range(5)]
        return pl.DataFrame(pairs).select(pl.concat_str(pl.lit("02"), *"01234", separator="-").alias("mac"))["mac"]

    def outlets(self) -> pl.DataFrame:
        """Branches and telecom outlets: outlet_id, name, institution, address."""
        holders = [i.name for i in INSTITUTIONS] + list(OPERATORS)
        rows = np.arange(len(holders) * REGIONS * OUTLETS_OF_A_CITY)
        holder, place = rows // (REGIONS * OUTLETS_OF_A_CITY), rows // OUTLETS_OF_A_CITY % REGIONS
        cities = pl.Series([self.city(c) for c in range(REGIONS)])[place]
        word = pl.Series(np.where(holder < len(INSTITUTIONS), "支行", "营业厅"))
        frame = pl.DataFrame(
            {"i": pl.Series(holders)[holder], "city": cities, "word": word, "n": rows % OUTLETS_OF_A_CITY}
        )
        return frame.select(
            outlet_id=_digits(990_000 + rows, 6),
            name=pl.concat_str("i", "city", (pl.col("n") + 1).cast(pl.String), "word"),
            institution=pl.col("i"),
            address=pl.concat_str("city", pl.lit("示例路"), (pl.col("n") * 17 + 3).cast(pl.String), pl.lit("号")),
        )

    def addresses(self, rows: Array, leases: int) -> pl.Series:
        """IP addresses, row `network * leases + lease`: CGNATs in 100.64.0.0/10 (RFC 6598), others in 240.0.0.0/4."""
        networks = self.world.networks
        network, lease = rows // leases, rows % leases
        kind = networks.kind[network]
        fixed = np.isin(kind, [N["campus"], N["office"], N["gateway"]])
        bits = scatter(network * 4_096 + np.where(fixed, 0, lease), 310)
        shared = np.isin(kind, [N["mobile"]])
        number = np.where(shared, (100 << 24) + (64 << 16) + (bits % np.uint64(1 << 22)).astype(np.int64),
                          (240 << 24) + (bits % np.uint64(15 << 24)).astype(np.int64))  # fmt: skip
        table = pl.Series([str(n) for n in range(256)])
        parts = [table[(number >> shift) & 255].alias(str(shift)) for shift in (24, 16, 8, 0)]
        return pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=".").alias("ip"))["ip"]
