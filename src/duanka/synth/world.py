"""A whole small country at rest: who lives there, which firms, accounts, SIMs, devices and outlets there are.

Everything is an array with one row per thing; a thing is named by its row number, -1 is none. Days are days since 1970.
The numbers and names that people would see are made from the row numbers when they are written: see `names`.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from duanka.records.vocabulary import AccountKind, SimKind
from duanka.synth.parameters import Parameters
from duanka.synth.scales import Scale

I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
I16 = NDArray[np.int16]
I8 = NDArray[np.int8]
F32 = NDArray[np.float32]

PROVINCES, CITIES_OF_A_PROVINCE = 10, 5
REGIONS = PROVINCES * CITIES_OF_A_PROVINCE
"""The reference case reached 10 provinces and 50 cities (domain.md §0)."""

JOBS = ("child", "student", "worker", "office", "driver", "merchant", "farmer", "carer", "retired", "none")
J = {job: number for number, job in enumerate(JOBS)}

FIRM_KINDS = (
    "shop", "wholesale", "online", "factory", "office", "freight", "school", "utility", "telecom", "lender", "travel",
    "estate", "group", "small", "state",
)  # fmt: skip
F = {kind: number for number, kind in enumerate(FIRM_KINDS)}

ACCOUNT_KINDS = (
    AccountKind.PERSONAL_I, AccountKind.PERSONAL_II, AccountKind.PERSONAL_III, AccountKind.CORPORATE,
    AccountKind.PAYMENT_ALIPAY, AccountKind.PAYMENT_WECHAT, AccountKind.ECNY_WALLET, AccountKind.SETTLEMENT,
)  # fmt: skip
A = {kind.value: number for number, kind in enumerate(ACCOUNT_KINDS)}

SIM_KINDS = (SimKind.OPERATOR, SimKind.MVNO, SimKind.IOT)

NETWORKS = ("home", "mobile", "campus", "office", "gateway", "studio")
N = {kind: number for number, kind in enumerate(NETWORKS)}
"""Networks: a household's line, an operator's CGNAT, a campus, a firm's line, a bank's gateway, a rented line."""

DEVICE_KINDS = ("phone", "computer", "modem")
D = {kind: number for number, kind in enumerate(DEVICE_KINDS)}


@dataclass(frozen=True, slots=True)
class Institution:
    """A bank, payment institution or operator. The names are made up; `key` names the export formats that it uses."""

    key: str
    name: str
    code: str  # two digits in the numbers that it gives


BANKS = (
    Institution("icbc", "示例工商银行", "01"),
    Institution("abc", "示例农业银行", "02"),
    Institution("boc", "示例中国银行", "03"),
    Institution("ccb", "示例建设银行", "04"),
    Institution("bocom", "示例交通银行", "05"),
    Institution("cmb", "示例招商银行", "06"),
    Institution("spdb", "示例浦发银行", "07"),
    Institution("rural", "示例农村商业银行", "08"),
    Institution("city", "示例城市商业银行", "09"),
    Institution("postal", "示例储蓄银行", "10"),
)
ALIPAY = Institution("alipay", "示例宝支付", "61")
TENPAY = Institution("tenpay", "示例通支付", "62")
INSTITUTIONS = (*BANKS, ALIPAY, TENPAY)
OPERATORS = ("示例移动", "示例联通", "示例电信", "示例虚商甲", "示例虚商乙", "示例物联")
OPERATOR_IS_MVNO, OPERATOR_IS_IOT = (3, 4), 5
OUTLETS_OF_A_CITY = 4
"""Outlets of one bank or operator in one city."""


@dataclass(slots=True)
class People:
    """One row a person."""

    region: I16  # city of residence, 0 … REGIONS-1
    origin: I16  # city of the ID number
    birth: I32
    female: NDArray[np.bool_]
    household: I32
    job: I8
    employer: I32  # row of Firms
    pay: I64  # 分 a month, from the employer
    activity: F32  # how much more or less than the average one pays; mean about 1
    wealth: I64  # 分 at hand on the first day
    bank: I32  # main account
    second: I32  # another bank account
    alipay: I32
    wechat: I32
    ecny: I32
    sim: I32
    device: I32
    next_device: I32  # from `change_day` on
    change_day: I32

    def __len__(self) -> int:
        return len(self.region)


@dataclass(slots=True)
class Firms:
    """One row a firm (企业、个体户、学校、机关)."""

    kind: I8
    region: I16
    founded: I32
    owner: I32  # person who stands in the register (法定代表人)
    account: I32  # basic account (基本户)
    payday: I8
    size: F32  # turnover against the average of its kind
    device: I32  # on which its payments are made

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(slots=True)
class Accounts:
    """One row an account (账户、钱包)."""

    person: I32
    firm: I32
    institution: I16  # row of INSTITUTIONS
    kind: I8
    opened: I32
    closed: I32  # day, or a day far away
    outlet: I32
    sim: I32  # reserved phone (预留手机号)
    balance: I64  # opening balance on the first day, 分
    blocked_from: I64  # seconds; outflow is refused in [from, to)
    blocked_to: I64

    def __len__(self) -> int:
        return len(self.person)


@dataclass(slots=True)
class Sims:
    """One row a SIM card (电话卡)."""

    person: I32
    kind: I8
    operator: I8
    opened: I32
    outlet: I32
    device: I32  # in which it sits

    def __len__(self) -> int:
        return len(self.person)


@dataclass(slots=True)
class Devices:
    """One row a phone, computer or modem pool."""

    kind: I8
    network: I32
    mobile: I32  # the CGNAT that it uses on the road; -1: never leaves its line

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(slots=True)
class Networks:
    """One row a line or an address pool."""

    kind: I8
    region: I16

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(slots=True)
class Innocents:
    """Who is a hard innocent: parallel lists."""

    kind: list[str] = field(default_factory=list)
    account: list[int] = field(default_factory=list)

    def add(self, kind: str, accounts: NDArray[np.integer]) -> None:
        """Label accounts."""
        self.kind += [kind] * len(accounts)
        self.account += accounts.tolist()


@dataclass(slots=True)
class World:
    """The country before anything happens, and the rules that it lives by."""

    seed: int
    scale: Scale
    parameters: Parameters
    people: People
    firms: Firms
    accounts: Accounts
    sims: Sims
    devices: Devices
    networks: Networks
    innocents: Innocents = field(default_factory=Innocents)

    @property
    def start(self) -> int:
        """First second of the world, UTC."""
        return moment(self.scale.first_day)

    @property
    def end(self) -> int:
        """The second after the last, UTC."""
        return moment(self.scale.last_day)


FAR = 2**31 - 1
BEIJING = 8 * 3600


def moment(day: int) -> int:
    """The first second of a Beijing day, UTC."""
    return day * 86_400 - BEIJING


def more_devices(devices: Devices, kind: str, networks: NDArray[np.integer], mobile: NDArray[np.integer]) -> I32:
    """Add devices; returns their rows. `mobile` is the CGNAT of each, -1 for none."""
    first, size = len(devices), len(networks)
    devices.kind = np.append(devices.kind, np.full(size, D[kind], dtype=np.int8))
    devices.network = np.append(devices.network, networks.astype(np.int32))
    devices.mobile = np.append(devices.mobile, mobile.astype(np.int32))
    return np.arange(first, first + size, dtype=np.int32)


def more_networks(networks: Networks, kind: str, regions: NDArray[np.integer]) -> I32:
    """Add lines; returns their rows."""
    first, size = len(networks), len(regions)
    networks.kind = np.append(networks.kind, np.full(size, N[kind], dtype=np.int8))
    networks.region = np.append(networks.region, regions.astype(np.int16))
    return np.arange(first, first + size, dtype=np.int32)


def more_sims(
    sims: Sims,
    persons: NDArray[np.integer],
    *,
    kind: int,
    operators: NDArray[np.integer],
    opened: NDArray[np.integer],
    outlets: NDArray[np.integer],
    devices: NDArray[np.integer],
) -> I32:
    """Add SIM cards; returns their rows."""
    first, size = len(sims), len(persons)
    sims.person = np.append(sims.person, persons.astype(np.int32))
    sims.kind = np.append(sims.kind, np.full(size, kind, dtype=np.int8))
    sims.operator = np.append(sims.operator, operators.astype(np.int8))
    sims.opened = np.append(sims.opened, opened.astype(np.int32))
    sims.outlet = np.append(sims.outlet, outlets.astype(np.int32))
    sims.device = np.append(sims.device, devices.astype(np.int32))
    return np.arange(first, first + size, dtype=np.int32)


def more_accounts(
    accounts: Accounts,
    persons: NDArray[np.integer],
    *,
    kind: str,
    institution: NDArray[np.integer],
    opened: NDArray[np.integer],
    outlet: NDArray[np.integer],
    sim: NDArray[np.integer],
) -> I32:
    """Add empty accounts of persons, of one of `ACCOUNT_KINDS`; returns their rows."""
    first, size = len(accounts), len(persons)
    accounts.person = np.append(accounts.person, persons.astype(np.int32))
    accounts.firm = np.append(accounts.firm, np.full(size, -1, dtype=np.int32))
    accounts.institution = np.append(accounts.institution, institution.astype(np.int16))
    accounts.kind = np.append(accounts.kind, np.full(size, A[kind], dtype=np.int8))
    accounts.opened = np.append(accounts.opened, opened.astype(np.int32))
    accounts.closed = np.append(accounts.closed, np.full(size, FAR, dtype=np.int32))
    accounts.outlet = np.append(accounts.outlet, outlet.astype(np.int32))
    accounts.sim = np.append(accounts.sim, sim.astype(np.int32))
    for column in ("balance", "blocked_from", "blocked_to"):
        setattr(accounts, column, np.append(getattr(accounts, column), np.zeros(size, dtype=np.int64)))
    return np.arange(first, first + size, dtype=np.int32)


def bank_outlet(institution: NDArray[np.integer], region: NDArray[np.integer], pick: NDArray[np.integer]) -> I32:
    """Row of a bank's outlet in a city; `pick` is 0 … OUTLETS_OF_A_CITY-1."""
    row: I32 = ((institution.astype(np.int64) * REGIONS + region) * OUTLETS_OF_A_CITY + pick).astype(np.int32)
    return row


def telecom_outlet(operator: NDArray[np.integer], region: NDArray[np.integer], pick: NDArray[np.integer]) -> I32:
    """Row of an operator's outlet (营业厅、代理点) in a city; they follow the banks' in the table of outlets."""
    first = len(INSTITUTIONS) * REGIONS * OUTLETS_OF_A_CITY
    row: I32 = (first + (operator.astype(np.int64) * REGIONS + region) * OUTLETS_OF_A_CITY + pick).astype(np.int32)
    return row
