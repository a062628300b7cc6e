import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from duanka import pipeline
from duanka.demo import FOLDER, LABELS, cast, files, make
from duanka.identifiers.synthetic import is_synthetic_card, is_synthetic_id_card, is_synthetic_mobile
from duanka.pipeline import Outcome
from duanka.store.case import Case
from duanka.store.seeds import resolve_seeds

LARGEST = 300_000
"""Bytes that the case may weigh."""


@pytest.fixture(scope="module")
def made() -> make.Made:
    return make.make()


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    case = tmp_path_factory.mktemp("demo") / "case"
    with files() as (folder, seeds):
        return pipeline.investigate(case, [folder], seeds=seeds, language="en")


def relative(path: object) -> str:
    """A path as `Planted` names it."""
    return str(path).partition(f"/{FOLDER}/")[2]


def unpacked(name: str, content: bytes) -> dict[str, bytes]:
    """The file itself, or what its archive holds, archives in it too: another zlib packs the same bytes differently."""
    if not name.endswith(".zip"):
        return {name: content}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [unpacked(f"{name}/{member}", archive.read(member)) for member in archive.namelist()]
    return {key: value for member in members for key, value in member.items()}


def contents(all_files: dict[str, bytes]) -> dict[str, bytes]:
    return {key: value for name, content in all_files.items() for key, value in unpacked(name, content).items()}


def test_the_shipped_files_are_what_make_writes(made: make.Made) -> None:
    with files() as (folder, _):
        case = folder.parent
        shipped = {path.relative_to(case).as_posix(): path.read_bytes() for path in case.rglob("*") if path.is_file()}
    assert contents(shipped) == contents(made.files)
    assert sum(len(content) for content in shipped.values()) < LARGEST


def test_make_is_deterministic(made: make.Made) -> None:
    assert make.make().files == made.files


def test_the_files_are_written_where_they_are_wanted(made: make.Made, tmp_path: Path) -> None:
    make.write(tmp_path, made.files)
    assert (tmp_path / LABELS).read_text(encoding="utf-8").startswith("account_id,label,ring_id,tier,role\n")
    assert not list((tmp_path / FOLDER).rglob(LABELS))  # the truth is not imported


def test_every_file_is_recognised_as_meant_and_adds_up(made: make.Made, outcome: Outcome) -> None:
    assert {relative(f["path"]): f["format"] for f in outcome.files} == made.planted.formats
    assert {relative(f["path"]): f["rows"] for f in outcome.files} == made.planted.rows
    for file in outcome.files:
        assert file["rows"] == sum(int(str(file[name])) for name in ("kept", "merged", "rejected")), file["path"]
    assert tuple(relative(one["path"]) for one in outcome.unknown) == made.planted.unknown


def test_what_was_planted_is_found_and_nothing_else(made: make.Made, outcome: Outcome) -> None:
    planted = made.planted
    assert outcome.transactions == planted.transactions
    with Case(outcome.case) as case:
        merges = Counter(why for (why,) in case.db.rows("SELECT why FROM merges"))
        rejects = case.db.rows("SELECT path, code FROM rejects JOIN sources USING (source_id)")
        statuses = case.db.rows("SELECT status FROM transactions WHERE status NOT IN ('success', 'unknown')")
        breaks = case.db.rows("SELECT account_id, unnest(breaks).printed - unnest(breaks).expected FROM coverage")
        zero = case.db.rows("SELECT count(*) FROM transactions WHERE amount = 0")[0][0]
    assert merges == {"same_row": planted.same_row, "two_sides": planted.two_sides}
    assert Counter((relative(path), str(code)) for path, code in rejects) == planted.rejects
    assert Counter(str(status) for (status,) in statuses) == planted.statuses
    assert breaks == [(account, -50_000) for account in planted.breaks]  # the cash withdrawal that is not handed over
    assert zero == planted.zero
    assert outcome.balance_breaks == len(planted.breaks) == 1
    assert outcome.assumed_order == 0  # dates without a clock are put in order by their printed balances


def test_every_account_of_the_story_is_found_under_every_number(made: make.Made, outcome: Outcome) -> None:
    del made
    with Case(outcome.case) as case:
        aliases = {str(alias): str(account) for alias, account in case.db.rows("SELECT alias, account_id FROM aliases")}
        produced = {str(account) for (account,) in case.db.rows("SELECT account_id FROM coverage")}
    for account in (*cast.AT_BANK_A, *cast.AT_BANK_B):
        assert aliases[account.card] == aliases[account.number] == account.number
    own = {one.number for one in (*cast.AT_BANK_A, *cast.AT_BANK_B, cast.ALIPAY_VICTIM, cast.SALARY, cast.WALLET)}
    assert produced == own
    used = [truth.account for truth in cast.TRUTHS]
    missing = [one for one in used if (one.number or one.card) not in aliases]
    assert {one.holder[:2] for one in missing} <= {"客甲", "客乙"}  # bettors that no day's draw chose


def test_the_dealer_is_the_first_to_be_asked_for(outcome: Outcome) -> None:
    assert [one["account_id"] for one in outcome.wanted[:2]] == [cast.DEALER.card, cast.WALLET_CARD.card]


def test_the_seeds_are_the_victims(outcome: Outcome) -> None:
    with files() as (_, seeds), Case(outcome.case) as case:
        starts = resolve_seeds(case, seeds)
    assert set(starts.accounts) == {one.printed or one.number for one in (*cast.VICTIMS, cast.ALIPAY_VICTIM)}


def test_the_report_is_written(outcome: Outcome) -> None:
    assert outcome.report is not None
    page = outcome.report.read_text(encoding="utf-8")
    assert cast.DEALER.card in page
    assert cast.DEALER.holder in page


def test_nobody_in_it_can_exist() -> None:
    people = [truth.account for truth in cast.TRUTHS]
    for account in people:
        numbers = [number for number in (account.number, account.card) if number and ":" not in number]
        assert all(is_synthetic_card(number) for number in numbers)
        assert not account.identity or is_synthetic_id_card(account.identity)
        assert not account.phone or is_synthetic_mobile(account.phone)
    assert len({one.number or one.card for one in people}) == len(people) - 1  # the dealer serves both rings
