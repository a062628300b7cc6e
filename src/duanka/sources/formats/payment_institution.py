"""支付机构 支付流水汇总: a payment institution's answer to a police query, both sides in every row."""

import polars as pl

from duanka.sources.adapting import account_cell, cell
from duanka.sources.spec import IN_WORDS, OUT_WORDS, Direction, TableFormat

_PREFIX = "payment:"
_PAYER_WALLET = ("付款方的支付帐号", "付款方的支付账号", "付款支付帐号", "付款支付账号", "付款方支付帐号")
_PAYER_CARD = ("付款方银行卡所属银行卡号", "付款银行卡号", "付款方银行卡号")
_PAYEE_WALLET = ("收款方的支付帐号", "收款方的支付账号", "收款支付帐号", "收款支付账号", "收款方支付帐号")
_PAYEE_CARD = ("收款方银行卡所属银行卡号", "收款银行卡号", "收款方银行卡号")
_PAYER_BANK = ("付款方银行卡所属银行名称", "付款银行卡银行名称")
_PAYEE_BANK = ("收款方银行卡所属银行名称", "收款银行卡银行名称")
_DIRECTION = ("交易主体的出入账标识", "交易主体的出入帐标识")

FORMATS = (
    TableFormat(
        name="payment_institution_flow",
        title_en="Police query to a payment institution: payment flow",
        title_zh="支付机构 支付流水汇总",
        required=(_DIRECTION, "交易时间", "交易金额", (*_PAYER_WALLET, *_PAYER_CARD), (*_PAYEE_WALLET, *_PAYEE_CARD)),
        columns={
            "payer": "@付款",
            "payer_bank": "@付款银行",
            "payee": "@收款",
            "payee_bank": "@收款银行",
            "payee_name": "收款方的商户名称",
            "direction": _DIRECTION,
            "time": "交易时间",
            "currency": "币种",
            "amount": "交易金额",
            "balance": "交易余额",
            "serial": "交易流水号",
            "kind": "交易类型",
            "channel": "支付类型",
            "ip": ("交易支付设备ip", "交易支付设备IP", "交易设备IP"),
            "mac": ("mac地址", "MAC地址"),
            "device": "交易设备号",
            "memo": "备注",
        },
        ignored=("序号", *_PAYER_WALLET, *_PAYEE_WALLET),
        direction=Direction(into=(*IN_WORDS, "1"), out=(*OUT_WORDS, "0")),
        documentation="Each side is its payment account (prefix `payment:`, since the file doesn't say which "
        "institution gave the number), else its bank card. 交易主体的出入账标识 says whose ledger the row stands "
        "in and whose balance is printed; where it says neither 出 nor 入 the row is kept as a payment in nobody's "
        "ledger. A card beside a payment account is the means of payment and stays in `extra`.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Adds both sides: the payment account with its prefix, else the bare card number with its bank.

    Money that a wallet draws from its own card, or pays out to it, has the same wallet on both sides: there the side
    that names a card is the card.
    """
    del spec
    wallets = account_cell(frame, *_PAYER_WALLET, prefix=_PREFIX), account_cell(frame, *_PAYEE_WALLET, prefix=_PREFIX)
    cards = account_cell(frame, *_PAYER_CARD), account_cell(frame, *_PAYEE_CARD)
    sides = frame.select(w1=wallets[0], w2=wallets[1], c1=cards[0], c2=cards[1])
    same = (pl.col("w1") == pl.col("w2")).fill_null(value=False)
    draws, pays_out = same & pl.col("c2").is_null(), same & pl.col("c1").is_null()
    sides = sides.with_columns(
        payer=pl.when(draws).then(pl.coalesce("c1", "w1")).otherwise(pl.coalesce("w1", "c1")),
        payee=pl.when(pays_out).then(pl.coalesce("c2", "w2")).otherwise(pl.coalesce("w2", "c2")),
    )
    return frame.with_columns(
        sides["payer"].alias("@付款"),
        sides["payee"].alias("@收款"),
        pl.when(sides["payer"] == sides["c1"]).then(cell(frame, *_PAYER_BANK)).alias("@付款银行"),
        pl.when(sides["payee"] == sides["c2"]).then(cell(frame, *_PAYEE_BANK)).alias("@收款银行"),
    )
