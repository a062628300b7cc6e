"""TenpayTrades.txt: tab-separated, 分, two columns of one name; and TenpayRegInfo."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from duanka.records.vocabulary import RecordKind
from sources.reading import ReadAll, read_all

_FIRST = (
    "用户ID,交易单号,大单号,用户侧账号名称,借贷类型,交易业务类型,交易用途类型,交易时间,交易金额(分),账户余额(分),用户银行卡号,"
    "用户侧网银联单号,网联/银联,第三方账户名称,对手方ID,对手侧账户名称,对手方银行卡号,对手侧银行名称,对手侧网银联单号,网联/银联,"
    "基金公司信息,间联/非间联交易,第三方账户名称,对手方接收时间,对手方接收金额(分),备注1,备注2"
)
FIRST = _FIRST.split(",")
SECOND = [
    *FIRST[: FIRST.index("用户银行卡号") + 1],
    "用户侧银行名称",
    *[n for n in FIRST[FIRST.index("用户侧网银联单号") :] if n not in {"基金公司信息", "间联/非间联交易"}],
]
USER, PEER, CARD, PEER_CARD = "test_user_1", "test_peer_2", "9900000000000000017", "9900000000000000025"


def write(path: Path, header: list[str], rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    lines = ["\t".join(header)]
    for cells in rows:
        line = [cells.get(name, "") for name in header]
        line[header.index("网联/银联")] = cells.get("网联/银联", "")
        lines.append("\t".join(line))
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def row(**cells: str) -> dict[str, str]:
    return {
        "用户ID": USER, "交易单号": "T1", "用户侧账号名称": "测试甲", "借贷类型": "入", "交易业务类型": "转账",
        "交易用途类型": "微信转账", "交易时间": "2024-03-01 10:20:30", "账户余额(分)": "20050",
        "交易金额(分)": "12345", "对手方ID": PEER, "对手侧账户名称": "测试乙",
    } | cells  # fmt: skip


@pytest.mark.parametrize("header", [FIRST, SECOND, FIRST[::-1]])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_trades_in_every_form(tmp_path: Path, header: list[str], encoding: str) -> None:
    rows = [row(备注1="生日", 备注2="快乐", 用户银行卡号=CARD), row(交易单号="T2", 借贷类型="出", 大单号="B2")]
    result = read_all(write(tmp_path / "TenpayTrades.txt", header, rows, encoding))
    assert result.format == "tenpay_trades"
    assert result.rows == 2
    columns = ["side", "payer", "payee", "payer_name", "payee_name", "amount", "balance_payer", "balance_payee", "memo"]
    own, peer = f"tenpay:{USER}", f"tenpay:{PEER}"
    assert result.entries.select(columns).rows() == [
        (2, peer, own, "测试乙", "测试甲", 12_345, None, 20_050, "生日 | 快乐"),
        (1, own, peer, "测试甲", "测试乙", 12_345, 20_050, None, ""),
    ]
    assert result.entries["time"][0] == datetime(2024, 3, 1, 2, 20, 30, tzinfo=UTC)
    assert result.entries.select("currency", "kind", "channel", "external_id").row(1) == (
        "CNY",
        "转账",
        "微信转账",
        "T2",
    )
    assert json.loads(result.entries["extra"][0])["用户银行卡号"] == CARD
    assert json.loads(result.entries["extra"][1])["大单号"] == "B2"


def read_rows(tmp_path: Path, *rows: dict[str, str]) -> ReadAll:
    return read_all(write(tmp_path / "TenpayTrades.txt", FIRST, list(rows)))


def test_whom_the_money_went_to(tmp_path: Path) -> None:
    result = read_rows(
        tmp_path,
        row(借贷类型="出", 对手方ID="", 对手方银行卡号=f"{PEER_CARD}\t"[:-1]),
        row(借贷类型="出", 对手方ID="", 交易业务类型="提现", 用户银行卡号=CARD),
        row(借贷类型="入", 对手方ID=USER, 交易业务类型="充值", 用户银行卡号=CARD),
        row(借贷类型="出", 对手方ID="", 交易业务类型="商户消费", 用户银行卡号=CARD),
        row(借贷类型="出", 对手方ID="null"),
    )
    own = f"tenpay:{USER}"
    assert result.entries.select("payer", "payee").rows() == [
        (own, PEER_CARD),
        (own, CARD),
        (CARD, own),
        (own, None),
        (own, None),
    ]


@pytest.mark.parametrize(("word", "side"), [("入", 2), ("贷", 2), ("出", 1), ("借", 1)])
def test_words_for_the_direction(tmp_path: Path, word: str, side: int) -> None:
    assert read_rows(tmp_path, row(借贷类型=word)).entries["side"].to_list() == [side]


def test_codes_are_no_words(tmp_path: Path) -> None:
    result = read_rows(tmp_path, row(借贷类型="1", **{"账户余额(分)": ""}))
    assert result.rejects["code"].to_list() == ["direction_unknown"]


def test_fractions_of_a_fen_are_rejected(tmp_path: Path) -> None:
    result = read_rows(tmp_path, row(**{"交易金额(分)": "0.5"}), row(**{"交易金额(分)": "0"}))
    assert result.rejects["code"].to_list() == ["amount_too_fine"]
    assert result.entries["amount"].to_list() == [0]


def test_registration(tmp_path: Path) -> None:
    header = [
        "账户状态",
        "账号",
        "注册姓名",
        "注册时间",
        "注册身份证号",
        "绑定手机",
        "绑定状态",
        "开户行信息",
        "银行账号",
    ]
    lines = [
        header,
        [
            "正常",
            USER,
            "测试甲",
            "2020-01-02 03:04:05",
            "990101199001010010",
            "10000000001",
            "已绑定",
            "测试银行",
            CARD,
        ],
    ]
    path = tmp_path / "TenpayRegInfo.txt"
    path.write_text("\n".join("\t".join(line) for line in lines), encoding="utf-8")
    result = read_all(path)
    assert result.format == "tenpay_accounts"
    account = result.records[RecordKind.ACCOUNT].row(0, named=True)
    assert account["account_id"] == f"tenpay:{USER}"
    assert account["alias"] is None
    assert (account["holder_name"], account["holder_id"]) == ("测试甲", "990101199001010010")
    assert (account["phone"], account["opened_on"]) == ("+8610000000001", date(2020, 1, 2))
    assert (account["institution"], account["kind"], account["state"]) == ("tenpay", "payment_wechat", "正常")
