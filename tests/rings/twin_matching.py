"""A slow and obvious twin of the matching of orders with bank rows: every step, every pair, by hand."""

from itertools import combinations, permutations

from duanka.rings.matching import MINUTE, Tolerance
from rings.made_orders import Record


def gap(order: Record, row: Record) -> int:
    end = row["time"] + row["width"] - 1
    return int(max(row["time"] - order["until"], order["time"] - end, 0))


def fee(order: Record, tolerance: Tolerance) -> int:
    return int(max(order["amount"] * tolerance.fee_ppm // 1_000_000, tolerance.fee_least))


def fits(how: str, order: Record, row: Record, tolerance: Tolerance) -> bool:
    """Whether a row may be an order's in a step."""
    if order["side"] != row["side"] or order["currency"] != row["currency"]:
        return False
    timed = gap(order, row) <= (tolerance.far_us if how == "later" else tolerance.within_us)
    known = row["width"] <= MINUTE or how == "later"
    same_amount = order["amount"] == row["amount"]
    same_account = order["account"] is not None and order["account"] == row["account"]
    if how == "counterparty":
        same_other = order["other"] is not None and order["other"] == row["other"]
        return timed and known and same_amount and same_account and same_other
    if how == "fee":
        return timed and known and same_account and abs(order["amount"] - row["amount"]) <= fee(order, tolerance)
    if how == "other_account":
        return timed and known and same_amount
    return timed and known and same_amount and same_account


def most_twin(how: str, orders: list[Record], rows: list[Record], tolerance: Tolerance) -> int:
    """How many pairs a step can have at most: every matching is tried."""
    for size in range(min(len(orders), len(rows)), 0, -1):
        for left in combinations(orders, size):
            for right in permutations(rows, size):
                pairs = zip(left, right, strict=True)
                if all(fits(how, order, row, tolerance) for order, row in pairs):
                    return size
    return 0
