"""The guide for those who keep the content: every path, command and message in it is real, and its examples work."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

from click.testing import CliRunner

from bot.cli import main
from care import content

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "content-guide.zh-TW.md").read_text(encoding="utf-8")
TODAY = date(2026, 11, 22)
MADE_BY_THE_READER = ("content/holidays/", "content/plans/<英文代號>.yaml")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    below = GUIDE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split("|") for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_path_in_the_guide_exists() -> None:
    named = set(re.findall(r"`((?:content|docs|bot)/[^`]*)`", GUIDE))

    assert len(named) > 10
    for path in named:
        assert path.startswith(MADE_BY_THE_READER) or (ROOT / path).exists(), path


def test_every_command_in_the_guide_exists() -> None:
    commands = set(re.findall(r"python -m bot ([a-z ]+)", GUIDE))
    targets = set(re.findall(r"make ([a-z-]+)", GUIDE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert commands
    assert targets == {"demo", "demo-reset"}
    for command in commands:
        words = command.split()[:2]
        assert CliRunner().invoke(main, [*words, "--help"]).exit_code == 0, command
    for target in targets:
        assert f"\n{target}:" in makefile
    assert "--plan $(PLAN)" in makefile


def test_every_field_of_the_plan_in_the_guide_is_read_and_none_is_left_out() -> None:
    said = {name for row in table("方案檔") for name in re.findall(r"`([a-z_]+)", row[0])}
    plan = (ROOT / "content" / "plans" / "chiayi-city.yaml").read_text(encoding="utf-8")
    theirs = set(re.findall(r"^([a-z_]+):", plan, re.MULTILINE))

    assert said <= theirs | {"crisis_line", "holidays"}
    assert theirs - said == {"plan", "demo", "timezone", "languages", "screening"}


def test_every_message_in_the_guide_is_one_the_check_can_say() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "care" / "content").glob("*.py"))

    for row in table("看懂檢查的訊息"):
        assert row[0].strip("`") in code, row[0]


def test_the_example_of_a_resource_is_found_by_its_words(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(content.FOLDER, tmp_path / "content"))
    page = folder / "resources" / "chiayi-city.yaml"
    entry, sessions = blocks("yaml")[:2]
    page.write_text(page.read_text(encoding="utf-8") + entry + sessions, encoding="utf-8")

    assert content.look(("chiayi-city",), TODAY, folder).faults == ()
    (added,) = [
        one for one in content.load("chiayi-city", folder).resources if one.id == "example-mind-centre"
    ]

    assert added.phone == ""
    assert added.verified_on == date(2026, 11, 20)
    assert added.sessions[0].never == (date(2026, 12, 25),)


def test_the_example_of_a_holiday_is_kept(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(content.FOLDER, tmp_path / "content"))
    (folder / "holidays").mkdir(exist_ok=True)
    (folder / "holidays" / "chiayi-city.csv").write_text(blocks("csv")[0], encoding="utf-8")
    plan = folder / "plans" / "chiayi-city.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + blocks("yaml")[2], encoding="utf-8")

    assert content.look(("chiayi-city",), TODAY, folder).faults == ()

    assert content.load("chiayi-city").calendar.is_working_day(date(2026, 8, 3))
    assert not content.load("chiayi-city", folder).calendar.is_working_day(date(2026, 8, 3))
