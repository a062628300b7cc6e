"""公安查控, the files beside the transactions: 人员信息, 账户信息, 子账户信息, 强制措施; 任务信息 holds no record."""

import polars as pl

from duanka.records.vocabulary import AccountKind, RecordKind
from duanka.sources.adapting import account_cell, cell
from duanka.sources.spec import TableFormat

_ACCOUNT = ("交易账号", "账号", "账户账号", "交易帐号", "帐号")
_CARD = ("交易卡号", "卡号", "账卡号")
_MAIN = ("开户账号", "主账户账号", "主账号", "账卡号", "账号", "交易账号", "卡号", "交易卡号")
_SUB = ("子账户账号", "子账号", "子账户号")
_HOLDER = ("账户开户名称", "开户名称", "户名", "账户名称", "客户名称")
_HOLDER_ID = ("开户人证件号码", "证件号码", "证照号码")
_PARTY_ID = ("证照号码", "证件号码")
_PHONES = ("联系手机", "手机号码", "预留手机号", "联系电话", "开户联系方式", "住宅电话", "单位电话")
_ADDRESSES = ("住宅地址", "通信地址", "户籍地址", "单位地址")
_OPENED = ("账号开户时间", "账号开户日期", "开户日期", "开户时间")
_STATE = ("账户状态", "账号状态")

_ENDLESS = r"^(?:9999|0{8}|长期|永久|无限期|无)"

_KINDS = (
    (AccountKind.ECNY_WALLET, "数字人民币|数币钱包"),
    (AccountKind.SETTLEMENT, "过渡|内部账"),
    (AccountKind.PERSONAL_III, "三类|III类|Ⅲ类|3类"),
    (AccountKind.PERSONAL_II, "二类|II类|Ⅱ类|2类"),
    (AccountKind.PERSONAL_I, "一类|I类|Ⅰ类|1类"),
    (AccountKind.CREDIT, "信用|贷记卡"),
    (AccountKind.CORPORATE, "对公|单位|企业|公司|基本户|一般户"),
    (AccountKind.PERSONAL, "个人|对私|储蓄|借记|活期"),
)
"""Words in 账户类型, tried in this order."""

_ID_KINDS = (("id_card", "身份证|户口"), ("passport", "护照"), ("uscc", "信用代码|营业执照|组织机构|工商"))
_FIRM = "公司|企业|厂|商行|经营部|合作社|工作室|事务所|中心|个体|单位|学校|医院|银行|协会"

FORMATS = (
    TableFormat(
        name="police_parties",
        title_en="Police fund query: persons (and their telephones and homes)",
        title_zh="公安查控 人员信息（人员联系方式、人员住址）",
        record=RecordKind.PARTY,
        required=(("客户名称", "客户姓名", "开户名称"), _PARTY_ID, (*_PHONES, *_ADDRESSES)),
        absent=("交易时间", "交易金额", *_STATE, *_OPENED),
        columns={
            "name": ("客户名称", "客户姓名", "开户名称"),
            "id_kind": "@证照",
            "id_number": _PARTY_ID,
            "kind": "@主体",
            "phone": "@电话",
            "address": "@地址",
            "employer": ("工作单位", "单位名称"),
        },
        documentation="Of several telephones and addresses in a row the first filled one is taken: mobile before "
        "landline, home before office. The agent (代办人) and the legal representative stay in the original.",
    ),
    TableFormat(
        name="police_accounts",
        title_en="Police fund query: accounts",
        title_zh="公安查控 账户信息",
        record=RecordKind.ACCOUNT,
        required=((*_ACCOUNT, *_CARD), _HOLDER, (*_HOLDER_ID, *_OPENED), (*_OPENED, *_STATE)),
        absent=("交易时间", "交易金额", *_SUB),
        columns={
            "account_id": "@账号",
            "alias": _CARD,
            "alias_kind": "@别名",
            "holder_name": _HOLDER,
            "holder_id": _HOLDER_ID,
            "phone": "@电话",
            "opened_on": _OPENED,
            "closed_on": ("销户日期", "销户时间"),
            "outlet_id": "@网点",
            "institution": ("账号开户银行", "开户银行", "开户行", "银行名称"),
            "kind": "@类型",
            "state": _STATE,
        },
        documentation="Card and account are aliases. Balances are not kept: they are true on the day of the answer "
        "only.",
    ),
    TableFormat(
        name="police_sub_accounts",
        title_en="Police fund query: sub-accounts",
        title_zh="公安查控 子账户信息",
        record=RecordKind.ACCOUNT,
        required=(_SUB,),
        absent=("交易时间", "交易金额"),
        columns={
            "account_id": "@账号",
            "alias": _SUB,
            "alias_kind": "@别名",
            "holder_name": ("账户人姓名", "账户开户名称", "开户名称", "户名"),
            "institution": ("银行名称", "账号开户银行", "开户银行"),
        },
        priority=1,
        documentation="A sub-account is an alias of the account or card that it hangs on, as banks book it. Where "
        "no column names that account, the sub-account stands for itself.",
    ),
    TableFormat(
        name="police_measures",
        title_en="Police fund query: measures in force",
        title_zh="公安查控 强制措施信息",
        record=RecordKind.MEASURE,
        required=(
            (*_ACCOUNT, *_CARD),
            ("冻结措施类型", "措施类型", "冻结措施类型名称"),
            ("冻结开始日", "冻结开始日期", "冻结截止日", "冻结截止日期", "冻结机关", "冻结机关名称"),
        ),
        columns={
            "account_id": "@账号",
            "kind": ("冻结措施类型名称", "冻结措施类型", "措施类型"),
            "start": ("冻结开始日", "冻结开始日期"),
            "end": "@截止",
            "amount": "冻结金额",
            "currency": ("币种", "冻结币种"),
            "authority": ("冻结机关名称", "冻结机关"),
            "reference": ("文书号", "法律文书号", "措施序号"),
        },
        documentation="An end such as 99991231 or 长期 is no date: the measure has none.",
    ),
)

_TASKS = (
    "police task list (任务信息): what was asked of which bank, and when; it names no payment and says nothing of any "
    "account. It stays with the originals"
)

WITHOUT_RECORDS = ((frozenset({"任务流水号", "反馈结果"}), _TASKS),)


def adapt(frame: pl.DataFrame, spec: TableFormat) -> pl.DataFrame:
    """Adds the columns that stand for several of the file's, such as `@账号` and `@电话`."""
    if spec.record is RecordKind.PARTY:
        return _party(frame)
    if spec.record is RecordKind.MEASURE:
        end = cell(frame, "冻结截止日", "冻结截止日期")
        return frame.with_columns(
            account_cell(frame, *_ACCOUNT, *_CARD).alias("@账号"),
            pl.when(~end.str.contains(_ENDLESS)).then(end).alias("@截止"),
        )
    if spec.name == "police_sub_accounts":
        return frame.with_columns(account_cell(frame, *_MAIN, *_SUB).alias("@账号"), pl.lit("account").alias("@别名"))
    return frame.with_columns(
        account_cell(frame, *_ACCOUNT, *_CARD).alias("@账号"),
        pl.when(account_cell(frame, *_CARD).is_not_null()).then(pl.lit("card")).alias("@别名"),
        cell(frame, *_PHONES).alias("@电话"),
        cell(frame, "开户网点代码", "开户网点", "开户机构").alias("@网点"),
        _account_kind(frame).alias("@类型"),
    )


def _party(frame: pl.DataFrame) -> pl.DataFrame:
    printed = cell(frame, "证照类型", "证件类型")
    number = cell(frame, *_PARTY_ID)
    word = pl.when(number.str.contains(r"^[0-9]{17}[0-9Xx]$")).then(pl.lit("id_card")).otherwise(pl.lit("unknown"))
    id_kind = pl.when(printed.is_not_null()).then(_worded(printed, _ID_KINDS, "other")).otherwise(word)
    firm = cell(frame, "客户名称", "客户姓名", "开户名称").str.contains(_FIRM) | (id_kind == "uscc")
    person = id_kind.is_in(["id_card", "passport"])
    return frame.with_columns(
        id_kind.alias("@证照"),
        pl.when(person)
        .then(pl.lit("person"))
        .when(firm)
        .then(pl.lit("firm"))
        .otherwise(pl.lit("unknown"))
        .alias("@主体"),
        cell(frame, *_PHONES).alias("@电话"),
        cell(frame, *_ADDRESSES).alias("@地址"),
    )


def _worded(text: pl.Expr, words: tuple[tuple[str, str], ...], default: str) -> pl.Expr:
    found = [pl.when(text.str.contains(pattern)).then(pl.lit(str(name))) for name, pattern in words]
    return pl.coalesce(*found, pl.lit(default))


def _account_kind(frame: pl.DataFrame) -> pl.Expr:
    return _worded(cell(frame, "账户类型", "账户类别", "账户性质"), _KINDS, AccountKind.UNKNOWN)
