"""What statements call a payment, and what a payment is in a ring.

The words of a statement are the same for members and for innocents: a ring writes 货款 or 退款 like everybody else.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A kind of payment as institutions print it."""

    name: str
    kind: str  # 交易类型
    channel: str
    memos: tuple[str, ...]
    online: bool = True  # made on a phone or a computer, so that a device and an address are known


WORDS: tuple[Word, ...] = (
    Word("transfer", "转账", "手机银行", ("转账", "", "往来款", "还款", "借款", "生活费", "代付")),
    Word("salary", "代发工资", "批量", ("工资", "代发工资", "工资奖金"), online=False),
    Word("purchase", "快捷支付", "快捷支付", ("消费", "网上购物", "商品", "订单")),
    Word("code", "扫码支付", "二维码", ("扫码付款", "二维码收款", "付款", "")),
    Word("red_packet", "红包", "红包", ("红包", "微信红包", "恭喜发财")),
    Word("rent", "转账", "手机银行", ("房租", "租金", "房租水电")),
    Word("utility", "代扣", "代扣", ("水费", "电费", "燃气费", "宽带费", "物业费"), online=False),
    Word("top_up_phone", "缴费", "手机银行", ("话费充值", "手机充值")),
    Word("cash_out", "ATM取款", "ATM", ("取款", "ATM取款", "现金支取"), online=False),
    Word("cash_in", "现金存入", "柜面", ("存款", "现存", "ATM存款"), online=False),
    Word("top_up", "充值", "快捷支付", ("充值", "余额充值", "钱包充值")),
    Word("withdraw", "提现", "提现", ("提现", "余额提现")),
    Word("refund", "退款", "快捷支付", ("退款", "退货退款", "订单退款"), online=False),
    Word("school", "缴费", "手机银行", ("学费", "住宿费", "培训费")),
    Word("loan", "放款", "批量", ("贷款发放", "放款"), online=False),
    Word("repayment", "还款", "代扣", ("贷款还款", "信用卡还款", "按揭还款"), online=False),
    Word("goods", "转账", "网上银行", ("货款", "采购款", "材料款", "进货", "预付款", "尾款")),
    Word("tax", "缴税", "批量", ("税费", "增值税", "社保费"), online=False),
    Word("settlement", "结算", "批量", ("T+1结算", "收单结算", "商户结算"), online=False),
    Word("sweep", "转账", "手机银行", ("归集", "资金归集", "转存", "")),
    Word("freight", "转账", "网上银行", ("运费", "运输费", "货运结算")),
    Word("fees", "扫码支付", "二维码", ("物业费", "停车费", "代收款", "班费")),
    Word("interest", "结息", "批量", ("结息", "利息"), online=False),
    Word("gift", "转账", "红包", ("礼金", "新婚快乐", "份子钱", "贺礼")),
    Word("insurance", "代扣", "代扣", ("保险费", "保费"), online=False),
    Word("ecny", "数字人民币", "数字人民币", ("数字人民币兑出", "数字人民币支付", "钱包转账")),
    Word("virtual", "快捷支付", "快捷支付", ("游戏充值", "会员费", "点卡", "虚拟商品")),
    Word("travel", "转账", "网上银行", ("机票款", "团款", "酒店款", "旅游费")),
    Word("counter", "转账", "柜面", ("转账", "往来款", "借款"), online=False),
)

W: dict[str, int] = {word.name: number for number, word in enumerate(WORDS)}
"""Number of each word, by name."""

PARTS: tuple[str, ...] = (
    "",  # ordinary life
    "deposit",  # a bettor's or victim's money reaches a collection card
    "payout",  # winnings, or bait, back to bettors
    "forward",  # a tier hands on to the next
    "settlement",  # what the merchant of the platform receives
    "commission",  # pay of holders, studios, dealers, agents
    "margin",  # 保证金 between members and the platform
    "cash_out",  # leaves the accounts: notes, goods, tokens
    "cover",  # made to look like a life: purchases, small transfers
    "test",  # a small probe before use
    "purchase",  # of cards, SIMs, shells
    "taint",  # reaches somebody who gave goods for it in good faith
)
P: dict[str, int] = {part: number for number, part in enumerate(PARTS)}
"""Number of each part, by name."""

ROLES: tuple[str, ...] = (
    "victim", "bettor", "farmer", "collection", "transit", "payout", "dealer", "studio", "agent", "operator",
    "merchant", "cash_out", "good_faith", "recruiter", "settlement", "customer",
)  # fmt: skip
"""Roles in the truth, after domain.md §3.1. `farmer` (卡农) is a holder whose accounts a ring uses; a
`customer` (客户) has his own money exchanged, or made private, by a ring."""

INNOCENT_KINDS: tuple[str, ...] = (
    "village_shop", "group_buy", "wholesaler", "payroll", "freight_platform", "wedding", "online_seller", "second_hand",
    "migrant", "student", "shared_phone", "campus", "treasury_sweep", "fee_agent", "travel_agent", "till_sweeper",
    "salary_mover",
)  # fmt: skip
"""Hard innocents (domain.md §3.3 and the complaints of §6), each labelled in the truth."""
