"""人员信息, 账户信息, 子账户信息, 强制措施 and 任务信息, as they lie beside the transactions."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from duanka.records.vocabulary import RecordKind
from sources.reading import RefusedError, read_all

ID = "990101199001010010"
CARD, ACCOUNT = "9900000000000000017", "990000000000001"


def write(path: Path, header: str, *rows: str) -> Path:
    lines = [",".join(cell + "\t" for cell in line.split(",")) for line in (header, *rows)]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
    return path


def only(path: Path, name: str, kind: RecordKind) -> pl.DataFrame:
    result = read_all(path)
    assert result.format == name
    assert result.rejects.is_empty()
    assert result.entries.is_empty()
    return result.records[kind]


def test_persons(tmp_path: Path) -> None:
    path = write(
        tmp_path / "人员信息.csv",
        "客户名称,证照类型,证照号码,单位地址,联系电话,联系手机,单位电话,住宅地址,住宅电话,工作单位,邮箱地址,代办人姓名,法人代表,客户工商执照号码",
        f"测试甲,居民身份证,{ID},某路1号,01012345678,10000000001,,某里2号,,某厂,,,,",
        "测试商贸有限公司,统一社会信用代码,91990000MA00000000,某路1号,,,01000000000,,,,,,测试乙,",
        "测试丙,其他,X1,,,,,,,,,,,",
    )
    parties = only(path, "police_parties", RecordKind.PARTY)
    assert parties.select("source_row", "name", "id_kind", "id_number", "kind", "address", "employer").rows() == [
        (2, "测试甲", "id_card", ID, "person", "某里2号", "某厂"),
        (3, "测试商贸有限公司", "uscc", "91990000MA00000000", "firm", "某路1号", ""),
        (4, "测试丙", "other", "X1", "unknown", "", ""),
    ]
    assert parties["phone"].to_list() == ["+8610000000001", "+861000000000", ""]


@pytest.mark.parametrize(
    ("header", "row", "field", "value"),
    [
        ("开户名称,证照类型,证照号码,联系电话", f"测试甲,,{ID},10000000001", "phone", "+8610000000001"),
        ("开户名称,证照类型,证照号码,住宅地址,住宅电话", f"测试甲,身份证,{ID},某里2号,", "address", "某里2号"),
    ],
)
def test_telephones_and_homes_have_files_of_their_own(
    tmp_path: Path, header: str, row: str, field: str, value: str
) -> None:
    parties = only(write(tmp_path / "a.csv", header, row), "police_parties", RecordKind.PARTY)
    assert parties.select("id_kind", "id_number", field).rows() == [("id_card", ID, value)]


ACCOUNTS = (
    "账户开户名称,开户人证件号码,交易卡号,交易账号,账号开户时间,账户余额,可用余额,币种,开户网点代码,开户网点,账户状态,钞汇标志名称,"
    "销户日期,账户类型,备注,账号开户银行,销户网点,最后交易时间"
)


def test_accounts(tmp_path: Path) -> None:
    path = write(
        tmp_path / "账户信息.csv",
        ACCOUNTS,
        f"测试甲,{ID},{CARD}_1,{ACCOUNT},2020-02-03 00:00:00,1.00,1.00,CNY,0001,测试支行,正常,,20230405,个人Ⅱ类户,,"
        "测试银行,,20230404",
        "测试公司,91990000MA00000000,,990000000000002,20200203,,,,,测试支行,销户,,00000000,对公结算账户,,测试银行,,000000",
        f"测试乙,,{CARD[:-1]}8,,,,,,,,冻结,,,借记卡,,,,",
    )
    accounts = only(path, "police_accounts", RecordKind.ACCOUNT)
    assert accounts.select("account_id", "alias", "alias_kind", "holder_name", "holder_id", "state", "kind").rows() == [
        (ACCOUNT, CARD, "card", "测试甲", ID, "正常", "personal_ii"),
        ("990000000000002", None, "", "测试公司", "91990000MA00000000", "销户", "corporate"),
        (f"{CARD[:-1]}8", f"{CARD[:-1]}8", "card", "测试乙", "", "冻结", "personal"),
    ]
    assert accounts.select("opened_on", "closed_on", "outlet_id", "institution").rows() == [
        (date(2020, 2, 3), date(2023, 4, 5), "0001", "测试银行"),
        (date(2020, 2, 3), None, "测试支行", "测试银行"),
        (None, None, "", ""),
    ]


def test_sub_accounts_hang_on_their_account(tmp_path: Path) -> None:
    path = write(
        tmp_path / "子账户信息.csv",
        "银行名称,开户账号,子账户账号,余额,可用余额,子账户类别,子账户序号,币种,钞汇标识,账户状态,账户序号",
        f"测试银行,{ACCOUNT},990000000000777,1,1,活期,1,CNY,,正常,1",
        ",,990000000000778,1,1,定期,2,CNY,,正常,1",
    )
    accounts = only(path, "police_sub_accounts", RecordKind.ACCOUNT)
    assert accounts.select("account_id", "alias").rows() == [
        (ACCOUNT, "990000000000777"),
        ("990000000000778", "990000000000778"),
    ]


def test_a_row_about_no_account_is_rejected(tmp_path: Path) -> None:
    result = read_all(write(tmp_path / "a.csv", ACCOUNTS, f"测试甲,{ID}" + "," * 16))
    assert result.rejects.select("source_row", "code").rows() == [(2, "key_missing")]


@pytest.mark.parametrize(
    "header",
    [
        "银行名称,账号,冻结措施类型,冻结金额,冻结机关,冻结开始日期,冻结截止日期,措施序号,备注",
        "银行名称,账号,措施类型,冻结金额,冻结机关名称,冻结开始日,冻结截止日,措施序号,备注",
    ],
)
def test_measures(tmp_path: Path, header: str) -> None:
    path = write(
        tmp_path / "强制措施.csv",
        header,
        f"测试银行,{ACCOUNT},公安冻结,1000.00,某市公安局,20240301,20240901,9,",
        f"测试银行,{ACCOUNT},司法冻结,,某法院,2024-03-01 08:30:00,99991231,10,",
    )
    measures = only(path, "police_measures", RecordKind.MEASURE)
    assert measures.select("account_id", "kind", "amount", "currency", "authority", "reference").rows() == [
        (ACCOUNT, "公安冻结", 100_000, "CNY", "某市公安局", "9"),
        (ACCOUNT, "司法冻结", None, "CNY", "某法院", "10"),
    ]
    assert measures.select("start", "end").rows() == [
        (datetime(2024, 2, 29, 16, tzinfo=UTC), datetime(2024, 8, 31, 16, tzinfo=UTC)),
        (datetime(2024, 3, 1, 0, 30, tzinfo=UTC), None),
    ]


def test_task_lists_say_why_they_are_left_alone(tmp_path: Path) -> None:
    path = write(
        tmp_path / "任务信息.csv",
        "任务流水号,银行名称,主体类别,证账号码,账卡号,发送时间,反馈时间,反馈结果,反馈非明细结果,反馈明细结果,请求单号,查询结果",
        f"T1,测试银行,个人,{ID},{CARD},2024-03-01,2024-03-02,成功,,,R1,",
    )
    with pytest.raises(RefusedError, match="任务信息"):
        read_all(path)
