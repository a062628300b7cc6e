"""Money: integer minor units with a currency. A currency's exponent says how many decimals a minor unit holds.

The exponent is 2 unless listed, also where ISO 4217 says 0: exports do print fractions of a yen (AMLworld, card
statements), and nothing may be rounded away. See docs/decisions/0003-minor-units.md.
"""

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),  # ISO 4217
    **dict.fromkeys(("BTC", "ETH"), 8),  # satoshi; wei would not fit int64
    **dict.fromkeys(("USDT", "USDC"), 6),  # token decimals on their main chains
}
DEFAULT_EXPONENT = 2

MAX_MINOR = 10**17
"""Largest accepted amount in minor units: 10^15 yuan. Sums of 90 such rows still fit int64."""

NAMES: dict[str, str] = {
    # Chinese statements
    "人民币": "CNY", "人民币元": "CNY", "元": "CNY", "人民币CNY": "CNY", "RMB": "CNY", "CNH": "CNY", "156": "CNY",
    "1": "CNY", "01": "CNY", "001": "CNY", "YUAN": "CNY", "¥": "CNY", "￥": "CNY", "本币": "CNY",
    "美元": "USD", "840": "USD", "港币": "HKD", "港元": "HKD", "344": "HKD", "欧元": "EUR", "978": "EUR",
    "日元": "JPY", "日圆": "JPY", "392": "JPY", "英镑": "GBP", "826": "GBP", "澳元": "AUD", "澳大利亚元": "AUD",
    "加元": "CAD", "加拿大元": "CAD", "新加坡元": "SGD", "新元": "SGD", "瑞士法郎": "CHF", "韩元": "KRW",
    "泰铢": "THB", "卢布": "RUB", "澳门元": "MOP", "澳门币": "MOP", "新台币": "TWD", "林吉特": "MYR",
    "菲律宾比索": "PHP",
    # AMLworld
    "AUSTRALIAN DOLLAR": "AUD", "BITCOIN": "BTC", "BRAZIL REAL": "BRL", "CANADIAN DOLLAR": "CAD", "EURO": "EUR",
    "MEXICAN PESO": "MXN", "RUBLE": "RUB", "RUPEE": "INR", "SAUDI RIYAL": "SAR", "SHEKEL": "ILS",
    "SWISS FRANC": "CHF", "UK POUND": "GBP", "US DOLLAR": "USD", "YEN": "JPY",
    # SAML-D
    "UK POUNDS": "GBP", "DIRHAM": "AED", "TURKISH LIRA": "TRY", "NAIRA": "NGN", "PAKISTANI RUPEE": "PKR",
    "INDIAN RUPEE": "INR", "MOROCCAN DIRHAM": "MAD", "ALBANIAN LEK": "ALL",
}  # fmt: skip
"""Spellings met in exports -> ISO 4217 code (or a crypto ticker). Looked up after trimming and upper-casing."""


def exponent(currency: str) -> int:
    """Decimals of a minor unit of `currency`: 2 for CNY, so 1.23 yuan is 123."""
    return EXPONENTS.get(currency, DEFAULT_EXPONENT)


def format_minor(amount: int, currency: str) -> str:
    """`amount` minor units as a decimal with thousands separators: 123456, CNY -> '1,234.56'. Exact."""
    places = exponent(currency)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**places)
    return f"{sign}{whole:,}.{part:0{places}d}"
