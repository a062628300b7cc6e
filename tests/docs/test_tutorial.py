"""Every command of the tutorials and how-to pages is run, in the order of the page, and does what the page says."""

import re
import shlex
from pathlib import Path

import pytest
import pyzipper

from duanka import cli
from duanka.sources.registry import catalogue
from handed_over import hand_over

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    "tutorial.md": "en_GB.UTF-8",
    "zh/tutorial.md": "zh_CN.UTF-8",
    "how-to/undo-and-merge.md": "en_GB.UTF-8",
    "zh/how-to/undo-and-merge.md": "zh_CN.UTF-8",
    "how-to/passwords-and-archives.md": "en_GB.UTF-8",
    "zh/how-to/passwords-and-archives.md": "zh_CN.UTF-8",
    "how-to/memory.md": "en_GB.UTF-8",
    "zh/how-to/memory.md": "zh_CN.UTF-8",
    "how-to/follow-the-money.md": "en_GB.UTF-8",
    "zh/how-to/follow-the-money.md": "zh_CN.UTF-8",
    "how-to/platform-ledger.md": "en_GB.UTF-8",
    "zh/how-to/platform-ledger.md": "zh_CN.UTF-8",
}
_BLOCK = re.compile(r"^```(console|output|csv|text) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the pages assume it: `statements/` is what the reader was given, `secret.zip` has a password."""
    monkeypatch.chdir(tmp_path)
    hand_over(tmp_path / "statements")
    with pyzipper.AESZipFile("secret.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword("2024-示例".encode())
        archive.write("statements/工商银行/hisdetail.csv", "hisdetail.csv")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_the_page(
    page: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", PAGES[page])
    printed, commands = "", 0
    for kind, name, text in _BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        if kind == "console":
            for line in text.splitlines():
                assert line.startswith("$ duanka "), line
                code = cli.run(shlex.split(line)[2:])
                printed = " ".join(capsys.readouterr().out.split())
                assert code == 0, line
                commands += 1
        elif kind == "output":
            for line in text.splitlines():
                assert " ".join(line.split()) in printed, line
        elif name:
            (folder / name).write_text(text, encoding="utf-8")
    assert commands


def test_the_readmes_count_the_formats() -> None:
    for name, words in (("README.md", "{} formats"), ("README.zh.md", "{} 种格式"), ("CHANGELOG.md", "{} formats")):
        assert words.format(len(catalogue())) in (DOCS.parent / name).read_text(encoding="utf-8")


def test_the_commands_of_the_readmes_are_understood() -> None:
    for name in ("README.md", "README.zh.md"):
        for line in re.findall(r"^duanka .*$", (DOCS.parent / name).read_text(encoding="utf-8"), re.MULTILINE):
            words = shlex.split(line, comments=True)[1:]
            command, _, ignored = cli.app.parse_known_args(words)[:3]
            assert command.__name__.strip("_").replace("_", "-") == words[0]
            assert not ignored
