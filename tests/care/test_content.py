"""Content is checked when it is loaded, and a fault names its file, line and field. A further plan is a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from care import content, risk
from care.content import ContentError
from care.desk import Desk
from line.limits import problems
from line.render import wire

PLAN = content.FOLDER / "plans" / "demo-town.yaml"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan of one's own, copied from the demo town's."""
    return Path(shutil.copy(PLAN, tmp_path / "sixth.yaml"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_further_plan_is_a_file(plan: Path) -> None:
    edit(plan, "plan: demo-town", "plan: sixth")
    edit(plan, "zh-Hant: 示範鎮公所, en", "zh-Hant: 第六鎮公所, en")
    edit(plan, "languages: [zh-Hant, en]", "languages: [zh-Hant]")
    edit(
        plan,
        "# The plan's own line",
        'crisis_line: {number: "0800-000-000", name: {zh-Hant: 示範專線}, line: {zh-Hant: 0800-000-000　示範專線}}\n#',
    )

    desk = content.load(str(plan))

    assert desk.plan.agency["zh-Hant"] == "第六鎮公所"
    assert set(desk.contexts) == {"zh-Hant"}
    assert "0800-000-000" in wire(risk.crisis_reply(desk, "zh-Hant"))[1]["text"]
    # The crisis reply speaks English to whoever writes it, whatever the plan speaks.
    assert problems(wire(risk.crisis_reply(desk, "en"))) == []
    assert "Are you in danger" in wire(risk.crisis_reply(desk, "en"))[1]["text"]


@pytest.mark.parametrize(
    "old, new, at, field",
    [
        ("demo: true", "demo: maybe", "demo:", "demo"),
        ("timezone: Asia/Taipei", "timezone: Asia/Atlantis", "timezone", "timezone"),
        ("languages: [zh-Hant, en]", "languages: [zh-Hant, fr]", "languages", "languages"),
        (
            "agency: {zh-Hant: 示範鎮公所, en: Demo Town Office}",
            "agency: {zh-Hant: 示範鎮公所}",
            "agency:",
            "agency.en",
        ),
        ("screening: bsrs5", "screening: phq9", "screening:", "screening"),
        ('phone: ""', "phone: 12345678", "phone: 1", "contact.phone"),
        ('email: ""', 'e-mail: ""', "is_personnel", "contact.email"),
        ("hours: {zh", "hour: x\n  hours: {zh", "hour: x", "contact.hour"),
        ("demo: true", "demo: true\ndemo: false", "demo: false", "demo"),
        ("contact:", "contact: none\nother:", "contact: none", "contact"),
        ("plan: demo-town", "plan: [", "plan: [", ""),
    ],
)
def test_a_fault_in_a_plan_names_file_line_and_field(
    plan: Path, old: str, new: str, at: str, field: str
) -> None:
    edit(plan, old, new)
    lines = plan.read_text(encoding="utf-8").splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if text.lstrip().startswith(at)]

    with pytest.raises(ContentError) as caught:
        content.load(str(plan))

    assert caught.value.field == field
    assert caught.value.line == line
    assert f"sixth.yaml:{line}: {field}" in str(caught.value)


def test_a_plan_that_is_not_there_says_so() -> None:
    with pytest.raises(ContentError, match=r"there is no such plan.*demo-town"):
        content.load("atlantis")


@pytest.mark.parametrize(
    "page, old, new, field",
    [
        ("hotlines.yaml", 'number: "1925"', 'number: "1926"', "lines[3].line"),
        ("hotlines.yaml", "checked: 2026-11-22", "checked: soon", "lines[1].checked"),
        ("questionnaires/bsrs5.yaml", "upto: 14", "upto: 9", "bands"),
        ("questionnaires/bsrs5.yaml", "upto: 20", "upto: 21", "bands"),
        ("questionnaires/bsrs5.yaml", "id: bsrs5", "id: bsrs6", "id"),
        ("questionnaires/bsrs5.yaml", "name: tense", "name: sleep", "items"),
        (
            "questionnaires/bsrs5.yaml",
            "zh-Hant: 覺得比不上別人, en: Feeling inferior to others",
            "zh-Hant: 覺得比不上別人",
            "items[5].text.en",
        ),
        ("texts/en.yaml", "{agency}", "{town}", "welcome.hello"),
        ("texts/en.yaml", "{agency}", "{agency.name}", "welcome.hello"),
        ("texts/en.yaml", "  resume: Go on\n", "", "say.resume"),
        ("words.yaml", "stop: {zh-Hant: [停止", "stop: {zh-Hant: [返回", "words"),
        ("consents.yaml", 'version: "1"', "version: 1", "scopes[1].version"),
        ("risk/lexicon.yaml", "  violence:", "  violent:", "kinds.violence"),
    ],
)
def test_a_fault_anywhere_in_content_names_the_field(
    tmp_path: Path, page: str, old: str, new: str, field: str
) -> None:
    folder = Path(shutil.copytree(content.FOLDER, tmp_path / "content"))
    edit(folder / page, old, new)

    with pytest.raises(ContentError) as caught:
        content.load("demo-town", folder)

    assert caught.value.field == field
    assert caught.value.file.endswith(page)
    assert caught.value.line > 0


def test_the_demo_invents_no_number(desk: Desk) -> None:
    assert desk.plan.demo
    assert desk.plan.contact.phone == desk.plan.contact.email == ""


def test_every_number_has_a_source_and_a_day_it_was_checked(desk: Desk) -> None:
    assert all(line.source and line.checked for line in desk.hotlines)
