"""Who takes part in the made-up case. No number here can be anybody's: see `duanka.identifiers.synthetic`."""

from dataclasses import dataclass, replace

from stdnum import luhn

from duanka.demo.book import Account
from duanka.identifiers.id_card import with_check_character

BANK_A, BANK_B, BANK_C = "甲银行", "乙银行", "丙银行"
_BRANCH = {BANK_A: "10", BANK_B: "20", BANK_C: "30"}


def card(bank: str, number: int) -> str:
    """A 19-digit card of a bank that does not exist."""
    body = f"9990{_BRANCH[bank]}{number:012d}"
    return f"{body}{luhn.calc_check_digit(body)}"


def person(number: int) -> tuple[str, str]:
    """ID number and phone of somebody who does not exist: region 990101, mobile range 100."""
    born = f"{1975 + number % 28}{1 + number % 12:02d}{1 + number % 28:02d}"
    return with_check_character(f"990101{born}{number:03d}"), f"100{number:08d}"


def _produced(bank: str, number: int, holder: str, opening: int, *, device: int = 0) -> Account:
    identity, phone = person(number)
    network = (f"192.0.2.{device}", f"00-00-5E-00-53-{device:02X}") if device else ("", "")
    return Account(
        number=f"9990{_BRANCH[bank]}8{number:09d}", holder=holder, card=card(bank, number), keeper=bank,
        opening=opening, identity=identity, phone=phone, network=network,
    )  # fmt: skip


def outsider(number: int, holder: str) -> Account:
    """Somebody at a bank that was not asked."""
    return Account(number="", holder=holder, card=card(BANK_C, number))


_VICTIMS = zip((100, 101, 102, 103, 105), "甲乙丙丁己", strict=True)
VICTIMS = tuple(outsider(number, f"{stem}某") for number, stem in _VICTIMS)
ALIPAY_VICTIM = Account(
    number="alipay:wumou@example.com", holder="戊某", keeper="alipay", opening=9_000_000, phone=person(104)[1]
)

COLLECTORS = (
    _produced(BANK_A, 201, "子某", 312_450, device=11),
    _produced(BANK_A, 202, "丑某", 184_020, device=11),
    _produced(BANK_B, 203, "寅某", 95_600, device=12),
)
TRANSIT = (
    _produced(BANK_A, 211, "卯某", 120_000, device=13),
    _produced(BANK_A, 212, "辰某", 66_310, device=13),
    _produced(BANK_B, 213, "巳某", 43_275, device=13),
)
CASHERS = (
    _produced(BANK_A, 221, "午某", 238_900, device=14),
    _produced(BANK_B, 222, "未某", 561_080, device=14),
    _produced(BANK_B, 223, "申某", 487_040, device=15),
)
DEALER = outsider(231, "酉某")
PARTNER = outsider(232, "戌某")

BETTING = _produced(BANK_B, 301, "亥某", 500_000, device=21)
POOL = _produced(BANK_A, 302, "庚某", 100_000, device=21)
WALLET = Account(number="tenpay:wx_demo_pool01", holder="辛某", card=card(BANK_C, 303), keeper="tenpay", opening=20_000)
WALLET_CARD = replace(WALLET, number="", keeper="", opening=0)
BETTORS = tuple(outsider(400 + place, f"客甲{place:02d}") for place in range(60))
WALLET_BETTORS = tuple(Account(number=f"tenpay:wx_demo_{place:03d}", holder=f"客乙{place:02d}") for place in range(50))

SHOP = _produced(BANK_B, 501, "壬某小卖部", 640_000)
SHOPPERS = tuple(outsider(520 + place, f"邻{place:02d}") for place in range(40))
WHOLESALER = outsider(502, "示例批发部")
SALARY = Account(number=card(BANK_C, 511), holder="癸某", card=card(BANK_C, 511), keeper="icbc", opening=735_018)
SAVINGS = replace(_produced(BANK_B, 512, "癸某", 1_250_000), identity=person(511)[0], phone=person(511)[1])
EMPLOYER = outsider(513, "示例机械厂")

CASH = Account(number="", holder="")
STRANGER = outsider(601, "示例旅行社")
_SHOPS = ("示例超市", "示例面馆", "示例加油站", "示例药店", "示例水站")
MERCHANTS = tuple(Account(number="", holder=name) for name in _SHOPS)
"""Known by name only."""

AT_BANK_A = (COLLECTORS[0], COLLECTORS[1], TRANSIT[0], TRANSIT[1], CASHERS[0], POOL)
AT_BANK_B = (COLLECTORS[2], TRANSIT[2], CASHERS[1], CASHERS[2], BETTING, SHOP, SAVINGS)


@dataclass(frozen=True, slots=True)
class Truth:
    """One line of the labels: an account, or its membership of a ring."""

    account: Account
    label: int
    ring: str = ""
    tier: str = ""
    role: str = ""


FRAUD, GAMBLING = "R1", "R2"
TRUTHS = (
    *(Truth(one, 0, FRAUD, "0", "victim") for one in (*VICTIMS, ALIPAY_VICTIM)),
    *(Truth(one, 1, FRAUD, "1", "collector") for one in COLLECTORS),
    *(Truth(one, 1, FRAUD, "2", "transit") for one in TRANSIT),
    *(Truth(one, 1, FRAUD, "3", "cash_out") for one in CASHERS),
    Truth(DEALER, 1, FRAUD, "4", "dealer"),
    *(Truth(one, 0, GAMBLING, "0", "bettor") for one in (*BETTORS, *WALLET_BETTORS)),
    Truth(BETTING, 1, GAMBLING, "1", "collector"),
    Truth(WALLET, 1, GAMBLING, "1", "collector"),
    Truth(WALLET_CARD, 1, GAMBLING, "2", "transit"),
    Truth(POOL, 1, GAMBLING, "2", "pool"),
    Truth(PARTNER, 1, GAMBLING, "3", "dealer"),
    Truth(DEALER, 1, GAMBLING, "3", "dealer"),
    *(Truth(one, 0) for one in (SHOP, SALARY, SAVINGS, EMPLOYER, WHOLESALER, STRANGER, *SHOPPERS)),
)
