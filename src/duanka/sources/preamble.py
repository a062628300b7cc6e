"""What institutions print above the header, as patterns with one group for `TableFormat.preamble`."""

ACCOUNT = r"(?:[账帐卡]\s*[号户])\s*[:：,]\s*\[?[^\]\d*\n]{0,20}?(\d[\d*]{11,22})(?![\d*])"
"""`卡号: 1234****9876`, `账    号: [一卡通:6214********9876   招商银行]`, `账号` in one cell, its number in the next.

A number of which only the tail is printed is not found: it does not say whose the statement is.
"""

HOLDER = r"(?:户\s*名|姓\s*名|客户名称)\s*[:：,]\s*\[?\s*([^\s,\]]+)"
"""`户名：…`, `姓名：…`."""

CURRENCY = r"币\s*种\s*[:：]\s*\[?\s*([^\s,\]]+)"
"""`币    种: [    人民币]`."""

_DAY = r"(\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?(?:\s\d{1,2}:\d{2}:\d{2})?)"
PERIOD_FROM = r"起始(?:日期|时间)\s*[:：]\s*\[?\s*" + _DAY
PERIOD_TO = r"(?:终止|结束|截止)(?:日期|时间)\s*[:：]\s*\[?\s*" + _DAY
"""`起始时间：[2024-01-01 00:00:00]    终止时间：[2024-01-31 23:59:59]`, `起始日期: [20240101]`."""

STATEMENT_MONTH = r"(\d{4}年\d{1,2}月)"
"""The month of a credit card's bill, in its title."""
