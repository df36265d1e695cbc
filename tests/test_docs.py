"""What the pages say is there is there: links, commands, settings, alarms, files."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from bot import alarms
from bot.cli import main
from bot.config import Settings
from bot.doctor import BY_HAND
from tests.figures import Figure
from tests.serving import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# A decision is read as what was said on its day; it may name what has gone since.
TODAY = [page for page in PAGES if page.parent.name != "adr"]
# Not the service's: of the tests, of make, of systemd and PostgreSQL.
OTHERS = {"EAP_TEST_DATABASE_URL"}
VARIABLE = re.compile(r"\b(?:(?:EAP|LINE)_[A-Z][A-Z_]+[A-Z]|DATABASE_URL|WEB_CONCURRENCY|LOG_LEVEL)\b")


def test_every_link_leads_somewhere(figure: Figure) -> None:
    followed, broken = 0, []
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?://|mailto:)([^)\s]+)\)", _text(page)):
            file, _, heading = target.partition("#")
            there = (page.parent / file).resolve() if file else page
            followed += 1
            if not there.exists() or (heading and heading not in _headings(there)):
                broken.append(f"{page.relative_to(ROOT)}: {target}")

    assert broken == []
    figure(f"{followed} links between {len(PAGES)} pages: each leads somewhere")


def test_every_command_a_page_names_is_there() -> None:
    missing = []
    for page in TODAY:
        named = re.findall(
            r"(?:python -m bot|`eapline|^eapline) ([a-z]+)(?: ([a-z]+)\b)?", _text(page), re.MULTILINE
        )
        for first, second in named:
            if not _is_command(first, second):
                missing.append(f"{page.relative_to(ROOT)}: {first} {second}".rstrip())

    assert missing == []


def test_every_variable_a_page_names_is_a_setting() -> None:
    known = {name.upper() for name in Settings.model_fields} | OTHERS
    wrong = {f"{page.relative_to(ROOT)}: {name}" for page in TODAY for name in VARIABLE.findall(_text(page))
             if name not in known}  # fmt: skip

    assert sorted(wrong) == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh-TW.md"])
def test_every_setting_stands_in_the_readme(readme: str) -> None:
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", _text(ROOT / readme), re.MULTILINE))

    assert sorted(name.upper() for name in Settings.model_fields) == sorted(listed)


def test_every_alarm_has_its_first_aid() -> None:
    page = _text(ROOT / "docs/operator/alarms.md")

    assert sorted(re.findall(r"^### `(\w+)`$", page, re.MULTILINE)) == sorted(alarms.NAMES)
    for entry in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        assert len(entry.splitlines()[1]) > 40, entry


def test_the_checklist_has_everything_that_is_confirmed_by_hand() -> None:
    listed = re.findall(
        r"`eapline doctor confirm ([\w-]+) --by", _text(ROOT / "docs/operator/checklist.zh-TW.md")
    )

    assert listed == list(BY_HAND)


def test_every_shipped_file_is_there_and_explained() -> None:
    pages = "\n".join(_text(page) for page in TODAY)
    shipped = {path.name for path in (ROOT / "deploy").iterdir()}
    named = set(re.findall(r"(?<!tests/)deploy/([\w.-]*\w)", pages))

    assert named <= shipped
    assert [name for name in sorted(shipped) if name not in pages] == [], "a file that no page explains"


def _is_command(first: str, second: str) -> bool:
    command = main.commands.get(first)
    if isinstance(command, click.Group):
        return second in command.commands or command.invoke_without_command
    return command is not None


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _headings(page: Path) -> set[str]:
    """The anchors that a page has where Markdown is shown as GitHub shows it."""
    prose = re.sub(r"^```.*?^```", "", _text(page), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
