"""`plan check` on all of content/: sound as it ships, every slip found in one run, and what is due said in time."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from bot import cli
from care import content
from tests.figures import Figure

TODAY = date(2026, 11, 22)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(content.FOLDER, tmp_path / "content"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old} is not in {file.name} any more"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


SLIPS = [
    ("texts/en.yaml", "  resume: Go on\n", "", "say.resume"),
    ("texts/en.yaml", "{agency}", "{town}", "welcome.hello"),
    ("texts/en.yaml", "{first} to {last}", "{first} to {last", "engine.unclear"),
    ("texts/en.yaml", "  trend: See the trend\n", "  trends: See the trend\n", "say.trends"),
    ("texts/en.yaml", "  no_total: ", "  no_totally: ", "screening.no_totally"),
    ("texts/zh-Hant.yaml", "checked: 2026-11-22", "checked: 115/11/22", "about.checked"),
    ("hotlines.yaml", 'number: "1925"', "number: 1925", "lines[3].number"),
    (
        "hotlines.yaml",
        'number: "119"\n    group: danger',
        'number: "119"\n    group: dangerous',
        "lines[1].group",
    ),
    ("questionnaires/bsrs5.yaml", "scored: true", "scored: 要", "items[1].scored"),
    ("questionnaires/bsrs5.yaml", "name: thoughts\n    scored: false", "name: thoughts", "items[6].scored"),
    ("words.yaml", "stop: {zh-Hant: [停止", "stop: {zh-Hant: [返回", "words"),
    ("consents.yaml", 'version: "1"', "version: 1", "scopes[1].version"),
    ("risk/lexicon.yaml", "  violence:", "  violent:", "kinds.violence"),
    ("resources/national.yaml", "category: ", "category: all-", "resources[1].category"),
    ("resources/synonyms.yaml", "ignored:", "ignore:", "ignored"),
    ("plans/demo-town.yaml", "demo: true", "demo: 是", "demo"),
    ("plans/chiayi-city.yaml", 'phone: ""', "phone: 05-2254321 轉 5", "contact.phone"),
    ("plans/chiayi-county.yaml", "plan: chiayi-county", "plan: chiayi", "plan"),
]


def test_slips_all_over_content_are_all_found_in_one_run(folder: Path, figure: Figure) -> None:
    for page, old, new, _ in SLIPS:
        edit(folder / page, old, new)

    faults = content.look((), TODAY, folder).faults

    found = {(Path(fault.file).relative_to(folder).as_posix(), fault.field) for fault in faults}
    planted = {(page, field) for page, _, _, field in SLIPS}
    assert planted <= found
    assert all(fault.line > 0 for fault in faults)
    # A field under another name is missing under its own; nothing else may come along with what was planted.
    assert found - planted == {
        ("texts/en.yaml", "say.trend"),
        ("texts/en.yaml", "screening.no_total"),
        ("risk/lexicon.yaml", "kinds.violent"),
        ("resources/synonyms.yaml", "ignore"),
    }
    figure(
        f"plan check: {len(planted)} slips over {len({page for page, *_ in SLIPS})} pages, all found in one run"
    )


def test_what_ships_is_sound(figure: Figure) -> None:
    found = content.look((), TODAY)

    assert [str(fault) for fault in found.faults] == []
    figure(
        f"plan check: {found.plans} plans, {found.pages} pages as they ship, 0 faults, {len(found.warnings)} to do"
    )


def test_a_page_that_cannot_be_read_hides_no_fault_of_another(folder: Path) -> None:
    edit(folder / "hotlines.yaml", "lines:\n", "\tlines:\n")
    edit(folder / "consents.yaml", 'version: "1"', "version: 1")

    faults = content.look(("demo-town",), TODAY, folder).faults

    assert sorted(Path(fault.file).name for fault in faults) == ["consents.yaml", "hotlines.yaml"]
    assert "tab" in faults[1].fault


def test_a_page_under_a_wrong_name_is_not_simply_ignored(folder: Path) -> None:
    (folder / "hotlines(1).yaml").write_text("lines: []\n", encoding="utf-8")

    (fault,) = content.look(("demo-town",), TODAY, folder).faults

    assert fault.file.endswith("hotlines(1).yaml")
    assert "read by nothing" in fault.fault


def test_what_was_to_be_looked_at_again_is_said_from_that_day_on(folder: Path) -> None:
    line = ("hotlines.yaml", "lines[1].checked")
    last, late = date(2027, 2, 22), date(2027, 2, 23)

    assert line not in _to_do(folder, last)
    assert line in _to_do(folder, late)


def test_an_agency_is_told_what_it_has_not_confirmed_or_said(folder: Path) -> None:
    to_do = _to_do(folder, TODAY)

    assert {
        ("chiayi-city.yaml", "notice"),
        ("chiayi-city.yaml", "contact"),
        ("chiayi-city.yaml", "contact.deputy"),
        ("chiayi-city.yaml", "source.dated"),
        ("chiayi-county.yaml", "contact.phone"),
    } <= to_do
    assert ("chiayi-county.yaml", "contact.email") not in to_do


def test_a_text_without_its_english_and_a_number_without_its_source_are_work_to_do(folder: Path) -> None:
    plan = folder / "plans" / "demo-town.yaml"
    edit(plan, "languages: [zh-Hant, en]", "languages: [zh-Hant]")
    edit(plan, "agency: {zh-Hant: 示範鎮公所, en: Demo Town Office}", "agency: {zh-Hant: 示範鎮公所}")
    edit(folder / "hotlines.yaml", "    checked: 2026-11-22", "    checked: 2027-01-01")

    to_do = _to_do(folder, TODAY)

    assert ("demo-town.yaml", "agency") in to_do
    assert ("hotlines.yaml", "lines[1].checked") in to_do


def _to_do(folder: Path, today: date) -> set[tuple[str, str]]:
    warnings = content.look((), today, folder).warnings
    return {(Path(warning.file).name, warning.field) for warning in warnings}


def test_the_command_ends_with_0_for_sound_plans_1_for_faults_and_2_for_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = str(Path(__file__).parent / "broken_plans" / "tab.yaml")

    assert _status("plan", "check", "demo-town", "--today", "2026-11-22", monkeypatch=monkeypatch) == 0
    assert "0 wrong" in capsys.readouterr().out
    assert _status("plan", "check", broken, monkeypatch=monkeypatch) == 1
    said = capsys.readouterr().out.splitlines()
    assert "tests/care/broken_plans/tab.yaml:35: page: is indented with a tab; use spaces" in said
    assert _status("plan", "check", "atlantis", monkeypatch=monkeypatch) == 2
    assert "there is no such plan" in capsys.readouterr().err
    assert _status("plan", "check", "--today", "soon", monkeypatch=monkeypatch) == 2


def _status(*words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", ["bot", *words])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    return int(ended.value.code or 0)
