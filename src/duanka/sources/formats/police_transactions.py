"""公安查控 交易明细信息: a bank's answer to a police query, with 34 columns, with 32, or under other spellings."""

import polars as pl

from duanka.sources.spec import TableFormat

_OWN_ACCOUNT = ("交易账号", "交易帐号", "查询账号", "本方账号", "账号", "账户账号")
_OWN_CARD = ("交易卡号", "查询卡号", "本方卡号", "卡号")
_OTHER = (
    "交易对手账卡号", "交易对手卡号", "交易对手账号", "交易对手帐卡号", "交易对方账卡号", "交易对方帐卡号",
    "交易对方账号", "交易对方卡号", "对手账号", "对手卡号",
)  # fmt: skip
_DIRECTION = ("收付标志", "收付标识", "借贷标志", "借贷标记", "进出标志", "资金收付标志", "资金收付标识")
_STATUS = "交易是否成功"

_STATUSES = {
    "成功": "success", "交易成功": "success", "是": "success", "Y": "success", "1": "success", "00": "success",
    "失败": "failed", "交易失败": "failed", "否": "failed", "N": "failed", "02": "failed",
    "冲正": "reversal", "已冲正": "reversal",
}  # fmt: skip

FORMATS = (
    TableFormat(
        name="police_transactions",
        title_en="Police fund query: transactions (34 or 32 columns)",
        title_zh="公安查控 交易明细信息",
        required=(
            (*_OWN_ACCOUNT, *_OWN_CARD),
            ("交易时间", "交易日期"),
            "交易金额",
            _DIRECTION,
            _OTHER,
        ),
        columns={
            "own": _OWN_ACCOUNT,
            "own_alias": _OWN_CARD,
            "own_name": ("账户开户名称", "交易方户名", "交易户名", "开户名称"),
            "own_id": ("开户人证件号码", "交易方证件号码", "交易证件号码"),
            "own_bank": ("账号开户银行", "交易方开户行", "银行名称", "反馈单位"),
            "time": ("交易时间", "交易日期"),
            "amount": "交易金额",
            "balance": ("交易余额", "账户余额"),
            "direction": _DIRECTION,
            "other": _OTHER,
            "other_name": ("对手户名", "对手交易户名", "交易对手户名", "交易对方户名", "交易对方名称"),
            "other_id": ("对手身份证号", "对手证件号", "对手证件号码", "交易对方证件号码"),
            "other_bank": ("对手开户银行", "对手开户行", "交易对方开户行", "交易对方账号开户行"),
            "memo": ("摘要说明", "交易摘要", "摘要"),
            "memo_2": ("商户名称", "商户名"),
            "memo_3": ("备注", "交易备注"),
            "currency": ("交易币种", "币种"),
            "status": (_STATUS, "交易成功标识", "是否成功"),
            "channel": ("现金标志", "现金标识"),
            "device": ("终端号", "终端编号", "交易终端号"),
            "ip": ("IP地址", "IP"),
            "mac": ("MAC地址", "MAC", "MAC或IMEI地址"),
            "balance_other": ("对手交易余额", "交易对手余额"),
            "serial": ("交易流水号", "流水号"),
            "kind": ("交易类型", "交易种类"),
        },
        status=_STATUSES,
        documentation="Card and account are aliases of one account. A card alone, or an account alone, is enough. "
        "Direction words 进/出/借/贷/收/付/入/D/C are known; any other, such as O, is settled by the printed "
        "balances or rejected. A minus beside a word for paying is a reversal or just repeats the word: the "
        "balances decide. Banks answer 交易是否成功 with two lists of codes that contradict each other (00 "
        "success, 01 failed; or 01 success, 02 failed): 01 counts as failed only where the same file says 00 as "
        "well, else as unknown. The outlet, the place of the transaction, vouchers and log numbers stay in "
        "`extra`.",
    ),
)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Reads 01 as failed where the file also uses 00, the success of the list in which 01 means failure."""
    del spec
    if _STATUS not in frame.columns:
        return frame
    if not (frame[_STATUS].unique().str.strip_chars() == "00").any():
        return frame
    code = pl.col(_STATUS).str.strip_chars()
    meant = pl.when(code == "01").then(pl.lit("失败")).otherwise(pl.col(_STATUS))
    return frame.with_columns(meant.alias(_STATUS))
