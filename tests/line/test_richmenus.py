"""Putting a rich menu up: once however often it is asked for, and whole whatever cut the last try off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest

from line import menus, richmenus
from line.menu_picture import Tile, bounds, draw
from line.richmenus import Applied, LineMenus, Menu, MenuRefused
from simulator.app import create_app
from simulator.client import Simulator
from simulator.platform import Platform
from simulator.richmenus import RichMenus
from simulator.server import Server
from tests import figures

TOKEN = "richmenu-token"
WRITES = ("create", "upload", "set_default", "set_alias", "delete")


def made(*labels: str) -> Menu:
    words = labels or ("選單", "找資源", "檢視", "大事", "窗口", "電話")
    tiles = [Tile(word, "說明", "#2F5D8C") for word in words]
    areas = [(place, word, word) for place, word in zip(bounds(), words, strict=True)]
    return richmenus.menu("eap-main", "服務選單", areas, draw(tiles))


FIRST, SECOND = made(), made("目錄", "找資源", "檢視", "大事", "窗口", "電話")


class Killed(Exception):
    """The process is gone."""


class Cut:
    """The same calls, and a process killed just before or just after one of those that change something."""

    def __init__(self, api: LineMenus, at: int, *, after: bool) -> None:
        self._api, self._left, self._after = api, at, after
        self.was_cut = False

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._api, name)
        return call if name not in WRITES else lambda *a, **k: self._count(call, *a, **k)

    def _count(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            self.was_cut = True
            if self._after:
                call(*args, **kwargs)
            raise Killed
        return call(*args, **kwargs)


@contextmanager
def line_stands_in() -> Iterator[tuple[LineMenus, Platform, str]]:
    """A LINE of its own: the limits of an hour begin afresh."""
    platform = Platform(secret="richmenu-secret", token=TOKEN, webhook=lambda *_: 200)
    with Server(create_app(platform)) as server:
        api = LineMenus(server.url, TOKEN)
        yield api, platform, server.url
        api.close()
    platform.close()


@pytest.fixture
def place() -> Iterator[tuple[LineMenus, Platform, str]]:
    with line_stands_in() as place:
        yield place


@pytest.fixture
def api(place: tuple[LineMenus, Platform, str]) -> LineMenus:
    return place[0]


@pytest.fixture
def platform(place: tuple[LineMenus, Platform, str]) -> Platform:
    return place[1]


@pytest.fixture
def base(place: tuple[LineMenus, Platform, str]) -> str:
    return place[2]


def whole(line: RichMenus, wanted: Menu) -> bool:
    """One menu of ours with its picture, shown to everybody and pointed at; what others made is still there."""
    ours = [menu for menu in line.menus.values() if menu["name"].startswith(richmenus.PREFIX)]
    return (
        [menu["name"] for menu in ours] == [wanted.name]
        and line.default == line.aliases["eap-main"] == ours[0]["richMenuId"]
        and line.pictures[line.default] == ("image/png", wanted.picture)
    )


def test_applied_twice_one_menu_is_made(api: LineMenus, platform: Platform) -> None:
    first, second = richmenus.apply(api, FIRST), richmenus.apply(api, FIRST)

    assert (first.created, second.created, second.deleted) == (1, 0, 0)
    assert first.menu_id == second.menu_id
    assert whole(platform.menus, FIRST)
    figures.note(
        f"rich menu: applied twice, {len(platform.menus.menus)} menu, {len(FIRST.picture):,} bytes of picture"
    )


def test_a_changed_menu_takes_the_place_of_the_old_one_and_of_nobody_elses(
    api: LineMenus, platform: Platform
) -> None:
    others = platform.menus.create({**FIRST.body, "name": "made by hand"})
    richmenus.apply(api, FIRST)

    assert richmenus.apply(api, SECOND) == Applied(platform.menus.default or "", 1, 1)

    assert whole(platform.menus, SECOND)
    assert others in platform.menus.menus


def test_killed_at_each_step_the_next_run_finishes() -> None:
    """Whoever saw a whole menu before the kill sees one after it too."""
    cuts = sum(
        cut_off(before, wanted, at, after=after)
        for before, wanted in ((None, FIRST), (FIRST, SECOND))
        for after in (False, True)
        for at in range(1, len(WRITES) + 1)
    )

    figures.note(f"rich menu: killed at {cuts} places and applied again, one whole menu every time")
    # The first menu has nothing to delete.
    assert cuts == 2 * (4 + 5)


def cut_off(before: Menu | None, wanted: Menu, at: int, *, after: bool) -> bool:
    """Whether there was such a step to be killed at; what is up afterwards is judged here."""
    with line_stands_in() as (api, platform, _):
        if before:
            richmenus.apply(api, before)
        cut = Cut(api, at, after=after)
        try:
            richmenus.apply(cut, wanted)
        except Killed:
            if before:
                assert platform.menus.default in platform.menus.pictures, (at, after)
        richmenus.apply(api, wanted)
        assert whole(platform.menus, wanted), (at, after)
        return cut.was_cut


@pytest.mark.parametrize(
    "step", ["richmenu_create", "richmenu_upload", "richmenu_default", "alias", "richmenu_delete"]
)
@pytest.mark.parametrize("outcome", ["cut_after", "500", "500_after", "refuse_before"])
def test_where_line_does_not_answer_the_next_run_finishes(
    api: LineMenus, base: str, platform: Platform, step: str, outcome: Any
) -> None:
    richmenus.apply(api, FIRST)
    with Simulator(base) as line:
        line.always(step, outcome)
        with pytest.raises(MenuRefused, match="goes on from here"):
            richmenus.apply(api, SECOND)
        assert platform.menus.default in platform.menus.pictures
        line.all_well()

    richmenus.apply(api, SECOND)

    assert whole(platform.menus, SECOND)


def test_over_the_hourly_limit_it_says_so_and_leaves_what_is_up(
    api: LineMenus, base: str, platform: Platform
) -> None:
    richmenus.apply(api, FIRST)
    with Simulator(base) as line:
        line.always("richmenu_create", 429)

        with pytest.raises(MenuRefused, match=r"create the menu.*100 an hour"):
            richmenus.apply(api, SECOND)

    assert whole(platform.menus, FIRST)


def test_a_wrong_token_is_named(base: str) -> None:
    api = LineMenus(base, "another-token")

    with pytest.raises(MenuRefused, match="LINE_CHANNEL_ACCESS_TOKEN"):
        richmenus.apply(api, FIRST)

    api.close()


def test_the_picture_is_what_line_takes() -> None:
    from PIL import Image

    picture = draw([Tile(word, "說明", "#2F5D8C") for word in "一二三四五六"])

    assert Image.open(BytesIO(picture.png)).size == (2500, 1686)
    assert len(picture.png) < menus.IMAGE_BYTES
    assert picture.pixels == draw([Tile(word, "說明", "#2F5D8C") for word in "一二三四五六"]).pixels


def test_the_areas_cover_the_picture_without_a_gap_or_an_overlap() -> None:
    covered = sum(place.width * place.height for place in bounds())

    assert covered == 2500 * 1686
    assert all(place.x + place.width <= 2500 and place.y + place.height <= 1686 for place in bounds())


def test_what_line_would_refuse_is_refused_here() -> None:
    tiles = [Tile(word, "說明", "#2F5D8C") for word in "一二三四五六"]

    with pytest.raises(ValueError, match="chatBarText"):
        richmenus.menu("eap-main", "長" * 15, [(bounds()[0], "一", "一")], draw(tiles))
    with pytest.raises(ValueError, match="tiles"):
        draw(tiles[:5])
