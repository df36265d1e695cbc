"""Everything in the catalogue can be reached, says what is known and no more, and fits LINE's limits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from care import content, leaflets, places, presses, resources
from care.content import ContentError
from care.content.resources import catalogue, kinds
from care.desk import Desk, Resource
from care.turns import Turn
from dialogs.messages import Call, Card, Fact, Link, Paragraph, Press, Reply, Text
from line.events import parse
from line.limits import problems
from line.render import wire

PLANS = ["demo-town", "chiayi-city", "chiayi-county"]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LANGUAGES = ("zh-Hant", "en")


@pytest.fixture(scope="module", params=PLANS)
def any_desk(request: pytest.FixtureRequest) -> Desk:
    return content.load(request.param)


@pytest.fixture(scope="module")
def city() -> Desk:
    return content.load("chiayi-city")


@pytest.fixture(scope="module")
def town() -> Desk:
    return content.load("demo-town")


def turn(desk: Desk, language: str = "zh-Hant", now: datetime = NOW) -> Turn:
    return Turn(None, SimpleNamespace(language=language), desk, now)  # type: ignore[arg-type]


def named(desk: Desk, name: str) -> Resource:
    return next(resource for resource in desk.resources if resource.id == name)


def card_of(reply: Reply) -> Card:
    return next(message for message in reply.messages if isinstance(message, Card))


def facts(card: Card) -> dict[str, str]:
    return {block.label: block.value for block in card.blocks if isinstance(block, Fact)}


def texts(card: Card) -> str:
    return "\n".join(block.text for block in card.blocks if isinstance(block, Paragraph))


def pressed(asked: Turn, data: str) -> Reply:
    prefix, _, value = data.partition("=")
    reply = presses._SHOWN[prefix](asked, value)
    assert reply is not None, data
    return reply


def test_every_card_in_every_language_is_taken_by_line(any_desk: Desk) -> None:
    for language in LANGUAGES:
        for resource in any_desk.resources:
            reply = resources.card(turn(any_desk, language), resource)
            assert problems(wire(reply)) == [], resource.id
            # A lock screen says nothing of what it is about.
            assert wire(reply)[0]["altText"] == any_desk.contexts[language].texts.say("resources.preview")


def test_every_resource_is_reached_by_tapping_from_the_entry(any_desk: Desk) -> None:
    asked = turn(any_desk)
    seen, waiting = set[str](), [resources.show(asked)]
    tapped = set[str]()
    while waiting:
        reply = waiting.pop()
        assert problems(wire(reply)) == []
        assert len(reply.choices) + len(reply.controls) <= 13
        assert [choice.key for choice in reply.choices] == [str(n + 1) for n in range(len(reply.choices))]
        for data in offered(reply):
            if data not in tapped and data.partition("=")[0] in presses._SHOWN:
                tapped.add(data)
                waiting.append(pressed(asked, data))
                if data.startswith("r="):
                    seen.add(data[2:])
                # A kind with one resource shows its card at once.
        title = next((message.title for message in reply.messages if isinstance(message, Card)), None)
        seen |= {one.id for one in any_desk.resources if title == leaflets.name(asked, one)}
    assert seen >= {resource.id for resource in any_desk.resources}


def offered(reply: Reply) -> Iterator[str]:
    yield from (choice.data for choice in reply.choices)
    for message in reply.messages:
        if isinstance(message, Card):
            yield from (button.data for button in message.buttons if isinstance(button, Press))


def test_what_no_document_states_is_for_the_desk_to_say(city: Desk) -> None:
    clinic = card_of(resources.card(turn(city), named(city, "cyc-legal")))
    counselling = card_of(resources.card(turn(city), named(city, "cyc-counselling")))

    assert facts(clinic)["電話"] == facts(clinic)["地址"] == "請洽窗口"
    assert (
        facts(clinic)["時間"]
        == "每週一、五 09:30–12:00 六樓第一會議室\n每週三 09:30–12:00 西區區公所三樓禮堂"
    )
    assert facts(counselling)["電話、地址、時間"] == "請洽窗口"
    assert not any(isinstance(button, Call | Link) for button in (*clinic.buttons, *counselling.buttons))


def test_no_shipped_plan_has_an_invented_way_to_reach_anybody() -> None:
    """The two counties' documents state one mailbox and one page, and no telephone, address or coordinate at all."""
    for plan, prefix in (("chiayi-city", "cyc-"), ("chiayi-county", "cyh-")):
        ours = [one for one in content.load(plan).resources if one.id.startswith(prefix)]
        stated = {(one.email, one.url) for one in ours if one.email or one.url}
        assert not any(one.phone or one.address or one.place for one in ours)
        assert stated == (
            {("cyhgeap@mail.cyhg.gov.tw", "")}
            if plan == "chiayi-county"
            else {("", "http://www.chiayi.gov.tw/eschool/index.html")}
        )


def test_a_telephone_dials_and_an_address_has_a_map(city: Desk) -> None:
    given = replace(named(city, "cyc-tax"), phone="05-1234567", address="某路 1 號")

    card = card_of(resources.card(turn(city), given))

    assert Call("撥打 05-1234567", "05-1234567") in card.buttons
    [link] = [button for button in card.buttons if isinstance(button, Link)]
    assert link.url.startswith("https://www.google.com/maps/search/?api=1&query=%E6%9F%90")
    assert problems(wire(Reply((card,)))) == []


def test_what_was_not_looked_at_for_too_long_says_so(city: Desk) -> None:
    old, new = (card_of(resources.card(turn(city), named(city, name))) for name in ("cyc-legal", "tw-1966"))
    late = datetime(2027, 2, 23, 2, 0, tzinfo=UTC)

    assert "上次查核 2016/3/21，已經過了該再確認的日子" in texts(old)
    assert "上次查核 2026/11/22" in texts(new)
    assert "已經過了" not in texts(new)
    assert "已經過了" in texts(card_of(resources.card(turn(city, now=late), named(city, "tw-1966"))))


def test_the_day_of_review_itself_is_not_late(city: Desk) -> None:
    line = replace(named(city, "tw-1966"), verified_on=date(2026, 1, 1), review_every=31)

    assert not line.is_due_for_review(date(2026, 2, 1))
    assert line.is_due_for_review(date(2026, 2, 2))


def test_the_distance_is_the_haversine_one() -> None:
    # Taipei Main Station to Kaohsiung Station, some 300 km; one degree of latitude is 111.2 km everywhere.
    assert places.kilometres((25.0478, 121.5170), (22.6397, 120.3020)) == pytest.approx(294.8, abs=1.0)
    assert places.kilometres((23.0, 120.0), (24.0, 120.0)) == pytest.approx(111.195, abs=0.01)
    assert places.kilometres((23.5, 120.4), (23.5, 120.4)) == 0


def test_only_places_with_coordinates_are_near_and_each_says_that_it_is_made_up(town: Desk) -> None:
    reply = resources.near(turn(town), 23.5, 120.4)

    found = [named(town, choice.data[2:]) for choice in reply.choices]
    away = [places.kilometres((23.5, 120.4), one.place) for one in found if one.place]
    assert len(away) == len(found) == 5
    assert away == sorted(away)
    assert all("（示範）" in choice.label for choice in reply.choices)
    assert "示範資料" in texts(card_of(reply))


def test_nearness_can_be_narrowed_down(town: Desk) -> None:
    reply = resources.near(turn(town), 23.53, 120.46, "daycare")

    assert [choice.data for choice in reply.choices] == ["r=demo-daycare-hill", "r=demo-daycare-east"]


def test_without_coordinates_a_location_leads_on(city: Desk) -> None:
    reply = resources.near(turn(city), 23.48, 120.45)

    assert isinstance(reply.messages[0], Text)
    assert "座標" in reply.messages[0].text
    assert [choice.data for choice in reply.choices][:2] == ["c=work", "c=life"]


def test_a_district_with_one_office_shows_it_at_once(city: Desk) -> None:
    card = card_of(pressed(turn(city), "z=cyc-west"))

    assert card.title == "法律扶助諮詢"
    assert "法律諮詢現在進行中（到 12:00）：11/23(一) 09:30 六樓第一會議室" in texts(card)


@pytest.mark.parametrize(
    "data",
    [
        "r=gone",
        "c=nothing",
        "k=nothing",
        "k=legal@nowhere",
        "z=nowhere",
        "n=legal@x,y",
        "n=gone@23.5,120.4",
        "n=",
    ],
)
def test_a_button_whose_goal_is_gone_leads_to_nothing(data: str, town: Desk) -> None:
    prefix, _, value = data.partition("=")

    assert presses._SHOWN[prefix](turn(town), value) is None


def test_a_page_that_is_no_more_is_the_first(town: Desk) -> None:
    assert pressed(turn(town), "c=work+99").choices == pressed(turn(town), "c=work").choices


def test_every_kind_named_is_used_and_every_line_is_in_the_catalogue(town: Desk) -> None:
    shown = {line.number for line in town.hotlines}

    assert {one.phone for one in town.resources if one.id.startswith("line-")} == shown
    assert all(kind in town.kinds for one in town.resources for kind in one.kinds)


@pytest.mark.parametrize(
    "message, place",
    [
        ({"latitude": 23.5, "longitude": 120.4}, (23.5, 120.4)),
        ({"latitude": 23, "longitude": -120}, (23.0, -120.0)),
        ({"latitude": 91, "longitude": 120.4}, None),
        ({"latitude": "23.5", "longitude": 120.4}, None),
        ({"latitude": True, "longitude": 120.4}, None),
        ({"latitude": float("nan"), "longitude": 120.4}, None),
        ({"longitude": 120.4}, None),
    ],
)
def test_a_location_is_read_with_patience(
    message: dict[str, object], place: tuple[float, float] | None
) -> None:
    import json

    event = {
        "type": "message",
        "webhookEventId": "E1",
        "timestamp": 1_700_000_000_000,
        "source": {"type": "user", "userId": "U" + "1" * 32},
        "message": {"type": "location", "id": "1", **message},
    }

    [read] = parse(json.dumps({"events": [event]}).encode())

    assert read.place == place


ENTRY = """source: 文件
verified_on: 2026-01-01
review_every: 365
demo: false
districts: {west: {zh-Hant: 西區, en: West}}
resources:
  - id: one
    name: {zh-Hant: 甲, en: One}
    category: life
    kinds: [legal]
    owner: {zh-Hant: 乙, en: Owner}
    summary: {zh-Hant: 丙, en: Summary}
    phone: "05-1234567"
    district: west
    place: {latitude: 23.5, longitude: 120.4}
    booking: walk-in
    sessions:
      - days: [mon]
        from: "09:30"
        to: "12:00"
        room: {zh-Hant: 丁, en: Room}
"""


@pytest.mark.parametrize(
    "old, new, line, field",
    [
        ("id: one", "id: One!", 7, "resources[1].id"),
        ("category: life", "category: lives", 9, "resources[1].category"),
        ("kinds: [legal]", "kinds: [legally]", 10, "resources[1].kinds"),
        ("kinds: [legal]", "kinds: []", 10, "resources[1].kinds"),
        ('phone: "05-1234567"', "phone: 請洽窗口", 13, "resources[1].phone"),
        ("district: west", "district: east", 14, "resources[1].district"),
        ("latitude: 23.5, longitude: 120.4", "latitude: 120.4, longitude: 23.5", 15, "resources[1].place"),
        ("latitude: 23.5", "latitude: north", 15, "resources[1].place.latitude"),
        ("booking: walk-in", "booking: maybe", 16, "resources[1].booking"),
        ("days: [mon]", "days: [monday]", 18, "resources[1].sessions[1].days"),
        ('from: "09:30"', 'from: "25:30"', 19, "resources[1].sessions[1].from"),
        ('to: "12:00"', 'to: "09:00"', 20, "resources[1].sessions[1].to"),
        ("summary: {zh-Hant: 丙, en: Summary}", "summary: {zh-Hant: 丙}", 12, "resources[1].summary.en"),
        ("verified_on: 2026-01-01", "verified_on: last year", 2, "verified_on"),
        ("review_every: 365", "review_every: 0", 3, "review_every"),
        ("    booking:", "    colour: red\n    booking:", 16, "resources[1].colour"),
    ],
)
def test_a_slip_in_a_resource_is_named(old: str, new: str, line: int, field: str, tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    folder.mkdir()
    shutil.copy(content.FOLDER / "resources" / "kinds.yaml", folder)
    assert old in ENTRY
    (folder / "one.yaml").write_text(ENTRY.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        catalogue(tmp_path, ["one"], LANGUAGES, kinds(tmp_path, LANGUAGES), ())

    assert (caught.value.line, caught.value.field.partition("[1]")[0]) == (line, field.partition("[1]")[0])
    assert caught.value.field.startswith(field)


def test_what_is_left_out_is_empty_and_one_id_is_there_once(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    folder.mkdir()
    shutil.copy(content.FOLDER / "resources" / "kinds.yaml", folder)
    (folder / "one.yaml").write_text(ENTRY.replace('    phone: "05-1234567"\n', ""), encoding="utf-8")
    known = kinds(tmp_path, LANGUAGES)

    [only] = catalogue(tmp_path, ["one"], LANGUAGES, known, ()).resources
    assert (only.phone, only.address, only.hours, only.url) == ("", "", None, "")
    with pytest.raises(ContentError, match="is there twice"):
        catalogue(tmp_path, ["one", "one"], LANGUAGES, known, ())


def test_the_ways_on_are_words_that_work(town: Desk) -> None:
    said = [say.text for say in resources.show(turn(town)).controls]

    assert all(town.words.knows(text) for text in said)
