"""公安查控 查询账号流水: the short form of a bank's answer, ten columns, one account after another."""

from duanka.sources.spec import TableFormat

_STATUSES = {
    "成功": "success", "交易成功": "success", "正常": "success", "失败": "failed", "交易失败": "failed",
    "冲正": "reversal", "已冲正": "reversal", "处理中": "pending",
}  # fmt: skip

FORMATS = (
    TableFormat(
        name="police_account_flow",
        title_en="Police fund query: flow of the account asked for",
        title_zh="公安查控 查询账号流水",
        required=(
            ("查询账号", "查询帐号", "查询卡号"),
            ("对方账号卡号", "对方帐号卡号", "对方账卡号"),
            ("金额", "交易金额"),
            ("借贷标志", "借贷标识"),
            "交易时间",
        ),
        columns={
            "own": ("查询账号", "查询帐号", "查询卡号"),
            "other": ("对方账号卡号", "对方帐号卡号", "对方账卡号"),
            "other_name": ("对方账号姓名", "对方姓名", "对方户名"),
            "amount": ("金额", "交易金额"),
            "balance": ("余额", "交易余额"),
            "direction": ("借贷标志", "借贷标识"),
            "kind": "交易类型",
            "status": "交易结果",
            "time": "交易时间",
            "serial": "交易流水号",
            "currency": ("币种", "交易币种"),
        },
        status=_STATUSES,
        documentation="借 is money paid, 贷 money received, as in every bank's view of a customer's account.",
    ),
)
