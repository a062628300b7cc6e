"""What happens in the made-up case: fraud money through three tiers, a gambling till, and innocents beside them."""

import random
from datetime import datetime, timedelta

from duanka.demo import cast
from duanka.demo.book import Account, Book, Transfer

SEED = 20240301
FIRST_DAY, DAYS = datetime(2024, 3, 1), 31  # noqa: DTZ001 - Beijing time, as printed
REPORTS = (
    (0, 0, 4, "10:12:31", 4_980_000, "冒充客服退款"),
    (0, 0, 4, "10:31:07", 3_000_000, "冒充客服退款"),
    (1, 1, 6, "15:40:52", 5_000_000, "刷单返利"),
    (2, 0, 11, "09:25:18", 2_800_000, "虚假贷款"),
    (2, 0, 12, "09:58:44", 2_000_000, "虚假贷款"),
    (3, 2, 13, "20:05:09", 5_000_000, "虚假投资理财"),
    (3, 2, 14, "14:17:33", 5_000_000, "虚假投资理财"),
    (5, 2, 18, "11:02:26", 3_000_000, "冒充领导"),
    (5, 2, 19, "16:45:11", 2_000_000, "冒充领导"),
    (4, 1, 24, "13:30:57", 3_650_000, "刷单返利"),
)
"""Victim, collector, day, clock, amount in fen, and what the victim was told."""

MENU = (10_000, 20_000, 30_000, 50_000, 100_000, 200_000, 300_000, 500_000)
"""Stakes of the gambling till, in fen."""


def clock(day: int, text: str) -> datetime:
    """A moment of the story's month."""
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return FIRST_DAY + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds)


def victims() -> tuple[Account, ...]:
    """The victims by their number in REPORTS."""
    return (*cast.VICTIMS, cast.ALIPAY_VICTIM)


def tell() -> Book:
    """The whole story; the same every time."""
    rng = random.Random(SEED)  # noqa: S311 - a story, not a secret
    book = Book()
    for report in REPORTS:
        _fraud(book, rng, *report[:5])
    _gambling(book, rng)
    _wallet(book, rng)
    _shop(book, rng)
    _salary(book, rng)
    for account in (*cast.COLLECTORS, *cast.TRANSIT, *cast.CASHERS, cast.POOL):
        _life(book, rng, account, 14)
    _life(book, rng, cast.ALIPAY_VICTIM, 34)
    _oddities(book)
    return book


def _skew(payer: Account, payee: Account) -> int:
    """Another bank books some seconds later; where only one ledger is handed over it makes no difference."""
    apart = payer.keeper and payee.keeper and payer.keeper != payee.keeper
    return 3 + int(payee.printed[-2:]) % 40 if apart else 0


def _pay(book: Book, time: datetime, payer: Account, payee: Account, amount: int, **words: object) -> datetime:
    given = {"skew": _skew(payer, payee)} | words
    return book.put(Transfer(time, payer, payee, amount, **given))  # type: ignore[arg-type]  # fields by name


def _split(rng: random.Random, amount: int, parts: int) -> list[int]:
    """An amount in uneven parts of whole yuan, but for the last."""
    weights = [rng.randint(60, 140) for _ in range(parts)]
    sizes = [amount * weight // sum(weights) // 100 * 100 for weight in weights[:-1]]
    return [*sizes, amount - sum(sizes)]


def _keep(rng: random.Random, amount: int) -> int:
    """What goes on once a tier has taken its 0.6 to 1.2 %."""
    return amount - amount * rng.randint(60, 120) // 10_000


def _soon(rng: random.Random, time: datetime, minutes: tuple[int, int]) -> datetime:
    return time + timedelta(seconds=rng.randint(minutes[0] * 60, minutes[1] * 60))


def _fraud(book: Book, rng: random.Random, victim: int, collector: int, day: int, at: str, amount: int) -> None:
    """One victim's payment, and where it goes within two hours: three cards, three more, cash and the dealer."""
    payer, first = victims()[victim], cast.COLLECTORS[collector]
    by_name = payer is cast.ALIPAY_VICTIM
    time = _pay(book, clock(day, at), payer, first, amount, memo="转账", by_name=by_name)
    for second, part in zip(cast.TRANSIT, _split(rng, _keep(rng, amount), 3), strict=True):
        arrived = _pay(book, _soon(rng, time, (2, 6)), first, second, part, memo="货款")
        thirds = rng.sample(cast.CASHERS, 2)
        for third, share in zip(thirds, _split(rng, _keep(rng, part), 2), strict=True):
            there = _pay(book, _soon(rng, arrived, (3, 10)), second, third, share, memo="往来")
            _cash_out(book, rng, third, _keep(rng, share), there)


def _cash_out(book: Book, rng: random.Random, account: Account, amount: int, time: datetime) -> None:
    cash = min(amount * rng.randint(20, 45) // 100, 1_000_000) // 10_000 * 10_000
    if cash:
        _pay(book, _soon(rng, time, (15, 40)), account, cast.CASH, cash, memo="ATM取款", kind="取现", cash=True)
    _pay(book, _soon(rng, time, (20, 70)), account, cast.DEALER, amount - cash, memo="U")


def _gambling(book: Book, rng: random.Random) -> None:
    """A till on a card: stakes of the menu in the evening, prizes to some who staked, the rest to the pool."""
    for day in range(1, DAYS - 3):
        till = 0
        stakers = rng.sample(cast.BETTORS, 11)
        for bettor in stakers:
            stake = rng.choice(MENU[:6]) - rng.randint(1, 99)
            start = clock(day, f"{rng.randint(18, 22)}:{rng.randint(0, 59)}:{rng.randint(0, 59)}")
            _pay(book, start, bettor, cast.BETTING, stake, memo=rng.choice(("上分", "充值", "")))
            till += stake
        if day % 2 == 0:
            prize = till // 8 // 100 * 100
            _pay(book, clock(day, "23:02:00"), cast.BETTING, stakers[0], prize, memo="下分")
            till -= prize
        flushed = _pay(book, clock(day, "23:20:00"), cast.BETTING, cast.POOL, _keep(rng, till), memo="归集")
        if day % 3 == 0:
            payee = cast.DEALER if day % 6 == 0 else cast.PARTNER
            _pay(book, flushed + timedelta(minutes=9), cast.POOL, payee, till * 2, memo="结算")
    _pay(book, clock(21, "12:10:00"), cast.DEALER, cast.POOL, 1_200_000, memo="退")


def _wallet(book: Book, rng: random.Random) -> None:
    """The same trade in a wallet, which its holder empties to a card of another bank."""
    _pay(book, clock(0, "09:00:00"), cast.WALLET_CARD, cast.WALLET, 300_000, kind="充值", memo="零钱充值")
    for day in range(1, DAYS - 3):
        till = 0
        stakers = rng.sample(cast.WALLET_BETTORS, 10)
        for bettor in stakers:
            stake = rng.choice(MENU[:5]) - rng.randint(1, 99)
            start = clock(day, f"{rng.randint(19, 22)}:{rng.randint(0, 59)}:{rng.randint(0, 59)}")
            _pay(book, start, bettor, cast.WALLET, stake, memo="微信转账")
            till += stake
        if day % 2:
            _pay(book, clock(day, "23:05:00"), cast.WALLET, stakers[1], till // 9, memo="微信转账")
            till -= till // 9
        _pay(book, clock(day, "23:40:00"), cast.WALLET, cast.WALLET_CARD, till, kind="提现", memo="零钱提现")


def _shop(book: Book, rng: random.Random) -> None:
    """A village shop: small receipts from neighbours all day, goods twice a week; busy, and innocent."""
    for day in range(DAYS):
        for _ in range(8):
            start = clock(day, f"{rng.randint(7, 20)}:{rng.randint(0, 59)}:{rng.randint(0, 59)}")
            amount = rng.randint(3, 180) * 100 + rng.choice((0, 0, 50, 80))
            _pay(book, start, rng.choice(cast.SHOPPERS), cast.SHOP, amount, memo="收款码", kind="消费")
        if day % 4 == 2:
            amount = rng.randint(900, 2_400) * 100
            _pay(book, clock(day, "06:30:00"), cast.SHOP, cast.WHOLESALER, amount, memo="进货")
    _pay(book, clock(14, "19:12:40"), cast.CASHERS[1], cast.SHOP, 268_000, memo="烟酒", kind="消费")


def _salary(book: Book, rng: random.Random) -> None:
    """A salary that its earner moves to a second card of their own the next day: fast in, fast out, and innocent."""
    for month_start in (-60, -29, 0):
        day = month_start + 9
        _pay(book, clock(day, "09:00:00"), cast.EMPLOYER, cast.SALARY, 862_000, kind="工资", memo="代发工资")
        _pay(book, clock(day + 1, "12:30:00"), cast.SALARY, cast.SAVINGS, 800_000, kind="转账", memo="存款")
        for _ in range(13):
            start = clock(month_start + rng.randint(0, 27), f"{rng.randint(8, 20)}:{rng.randint(0, 59)}:07")
            spent = rng.randint(6, 90) * 100 + rng.randint(0, 99)
            _pay(book, start, cast.SALARY, rng.choice(cast.MERCHANTS), spent, kind="消费", memo="扫码")
    _pay(book, clock(20, "15:02:10"), cast.CASHERS[2], cast.SAVINGS, 320_000, memo="二手车款")
    _life(book, rng, cast.SAVINGS, 12)


def _life(book: Book, rng: random.Random, account: Account, count: int) -> None:
    for _ in range(count):
        start = clock(rng.randint(0, DAYS - 1), f"{rng.randint(8, 21)}:{rng.randint(0, 59)}:{rng.randint(0, 59)}")
        spent = rng.randint(5, 60) * 100 + rng.randint(0, 99)
        _pay(book, start, account, rng.choice(cast.MERCHANTS), spent, kind="消费", memo="扫码付款")


def _oddities(book: Book) -> None:
    """What files from the field have: see `make` for how each is printed."""
    subject = cast.COLLECTORS[1]
    book.put(Transfer(clock(7, "08:30:00"), subject, cast.CASH, 50_000, "ATM取款", "取现", cash=True, missing=True))
    book.put(Transfer(clock(2, "10:00:00"), cast.TRANSIT[0], cast.STRANGER, 0, "账户验证"))
    book.put(Transfer(clock(5, "16:20:00"), cast.TRANSIT[2], cast.STRANGER, 500_000, "余额不足", failed=True))
    book.put(Transfer(clock(26, "10:05:00"), cast.CASHERS[0], cast.STRANGER, 90_000, "旅游"))
    book.put(Transfer(clock(26, "10:09:00"), cast.STRANGER, cast.CASHERS[0], 90_000, "冲正", undone=True))
    book.put(Transfer(clock(16, "06:40:00"), cast.SHOP, cast.WHOLESALER, 30_000, "进货", word="O"))
