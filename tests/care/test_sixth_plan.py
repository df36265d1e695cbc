"""A sixth agency is a file, not code: an invented plan, by its path, answers in its own words."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot import wiring
from bot.config import SettingWrong
from care import content
from care.desk import Occasion
from care.programme import next_time
from tests.figures import Figure
from tests.town import settings, town

PLAN = Path(__file__).parent / "plans" / "seabreeze.yaml"


def test_an_invented_agency_runs_from_its_file_alone(
    sqlite_template: Path, tmp_path: Path, figure: Figure
) -> None:
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'eap.sqlite')}"

    with town(url, tmp_path, eap_plan=str(PLAN)) as place:
        mei = place.person("梅")
        welcome = _words(mei.sees())
        said = {
            word: _asks(mei, word)
            for word in ("選單", "窗口", "權益", "服務對象", "年度行事", "資源", "求助", "張老師")
        }
        mei.says("English")
        mei.sees()
        in_english = _asks(mei, "contact")

    assert "海風市公所" in welcome
    assert "海風資訊室" in welcome
    assert "窗口" in said["選單"]
    for own in ("海風人事室同仁窗口", "00-0000-0001", "三樓 301 室", "上班日 9:00–12:00", "海風衛生所護理師"):
        assert own in said["窗口"]
    assert "讓海風同仁找得到幫忙" in said["權益"]
    for own in ("海風市立圖書館", "駐衛警", "代賑工", "上班時間使用請先請假", "海人字第1號"):
        assert own in said["服務對象"]
    for own in ("海風關懷信", "每年 1、4、7、10 月的 8 日", "壓力檢測月", "年底前"):
        assert own in said["年度行事"]
    assert "0800-000-000" in said["求助"]
    assert "沒有開放" not in said["資源"]
    assert "張老師" in said["張老師"]
    assert "Seabreeze personnel desk" in in_english
    figure(f"a sixth plan, by its path and without code: {len(said) + 2} answers in its own words")


def test_an_agency_may_bring_its_own_offices(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(content.FOLDER, tmp_path / "content"))
    own = (folder / "resources" / "demo-town.yaml").read_text(encoding="utf-8")
    (folder / "resources" / "seabreeze.yaml").write_text(own, encoding="utf-8")
    plan = PLAN.read_text(encoding="utf-8").replace("[national]", "[national, seabreeze]")
    (folder / "plans" / "seabreeze.yaml").write_text(plan, encoding="utf-8")

    assert content.look(("seabreeze",), date(2026, 11, 22), folder).faults == ()
    desk = content.load("seabreeze", folder)

    assert len(desk.resources) > len(content.load(str(PLAN)).resources)


@pytest.mark.parametrize("wrong", ["atlantis", "", "content/plans/atlantis.yaml", "content/plans"])
def test_a_plan_that_is_not_there_stops_the_start_and_names_the_variable(tmp_path: Path, wrong: str) -> None:
    chosen = settings("sqlite:///unused", "http://127.0.0.1:1", tmp_path, eap_plan=wrong)

    with pytest.raises(SettingWrong, match=r"^EAP_PLAN: there is no such plan.*chiayi-city, chiayi-county"):
        wiring.desk_of(chosen)


@pytest.mark.parametrize("name", content.plan_names())
def test_every_plan_that_ships_can_be_served(name: str) -> None:
    desk = content.load(name)

    assert desk.plan.name == name
    assert desk.plan.demo or desk.plan.source


def test_nothing_is_invented_for_the_two_agencies_of_chiayi() -> None:
    city, county = content.load("chiayi-city").plan, content.load("chiayi-county").plan

    assert county.contact.email == "cyhgeap@mail.cyhg.gov.tw"
    assert city.contact.email == ""
    for ours in (city, county):
        assert ours.contact.deputy
        assert ours.contact.phone == ours.contact.deputy.phone == ours.contact.deputy.email == ""
        assert set(ours.contact.hours.values()) == {""}
        assert "notice" in ours.unconfirmed
        assert ours.crisis_line is None


OCCASION = Occasion({"zh-Hant": "檢測"}, (3, 6, 9, 12), None, None)


@pytest.mark.parametrize(
    "months, day, today, expected",
    [
        ((3, 6, 9, 12), None, date(2026, 3, 31), date(2026, 3, 1)),
        ((3, 6, 9, 12), None, date(2026, 4, 1), date(2026, 6, 1)),
        ((3,), None, date(2026, 12, 31), date(2027, 3, 1)),
        ((3,), None, date(2026, 4, 1), date(2027, 3, 1)),
        (tuple(range(1, 13)), 5, date(2026, 11, 5), date(2026, 11, 5)),
        (tuple(range(1, 13)), 5, date(2026, 11, 6), date(2026, 12, 5)),
        (tuple(range(1, 13)), 5, date(2026, 12, 6), date(2027, 1, 5)),
        ((2,), 28, date(2028, 2, 29), date(2029, 2, 28)),
        ((11,), 5, date(2026, 11, 6), date(2027, 11, 5)),
    ],
)
def test_the_next_time_is_the_next_one_that_has_not_passed(
    months: tuple[int, ...], day: int | None, today: date, expected: date
) -> None:
    assert next_time(replace(OCCASION, months=months, day=day), today) == expected


def _asks(person: Any, text: str) -> str:
    person.says(text)
    return _words(person.sees())


def _words(shown: list[Any]) -> str:
    return "\n".join(str(one.message) for one in shown)
