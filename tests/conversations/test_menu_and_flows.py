"""The menu, life events, unfair treatment and hesitation: tapped or typed it is the same, and nothing of it is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot import richmenu
from care import content, conversations, harassment, life_events, menu
from care.desk import Desk
from dialogs.messages import Call, Card, Choice, Press, Reply, Text
from line.lengths import cut
from line.limits import problems
from line.render import wire
from storage.models import Person as PersonRow
from storage.rows import table
from storage.store import Store
from tests import figures
from tests.conversations.talkers import Clock
from tests.conversations.test_between_turns import Lin
from tests.dialogs.test_registry import SENSITIVE

LANGUAGES = ("zh-Hant", "en")
SPEAK = {"zh-Hant": "中文", "en": "English"}


@pytest.fixture
def lin(store: Store, desk: Desk, clock: Clock) -> Lin:
    lin = Lin(store, desk, clock)
    lin.says("你好")
    return lin


def in_words(reply: Reply) -> str:
    return json.dumps(wire(reply), ensure_ascii=False)


def quiet(reply: Reply) -> None:
    """What shows outside the chat: the first line of a text, the preview and title of a card."""
    for message in reply.messages:
        first = (
            message.text.splitlines()[0]
            if isinstance(message, Text)
            else f"{message.preview} {message.title}"
        )
        assert not SENSITIVE.search(first), first


def every_list(lin: Lin) -> dict[str, Reply]:
    return {word: lin.says(word) for word in ("人生大事", "霸凌")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_menu_is_tapped_typed_by_number_and_by_name(lin: Lin, language: str) -> None:
    lin.says(SPEAK[language])
    choices = lin.says("menu").choices
    assert [choice.key for choice in choices] == [str(n) for n in range(1, len(menu.ENTRIES) + 1)]
    assert 10 <= len(choices) <= 13

    for choice in choices:
        tapped = lin.presses(choice.data)
        for typed in (choice.key, choice.label):
            lin.says("停止", "menu")
            assert lin.says(typed) == tapped or same_but_for_the_turn(lin.says("menu", typed), tapped), typed
        lin.says("停止")


def same_but_for_the_turn(one: Reply, other: Reply) -> bool:
    """A conversation begun twice asks the same, under buttons of its own."""
    return one.messages[-1] == other.messages[-1] and [c.label for c in one.choices] == [
        c.label for c in other.choices
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_life_event_has_its_list_by_tap_number_and_name(lin: Lin, desk: Desk, language: str) -> None:
    lin.says(SPEAK[language])
    events = desk.guides.events
    for choice, event in zip(lin.says("人生大事").choices, events, strict=True):
        tapped = lin.presses(choice.data)
        quiet(tapped)
        assert lin.says("人生大事", choice.key) == lin.says("人生大事", choice.label) == tapped
        for _, fact in event.items:
            assert fact.text[language] in in_words(tapped).replace('\\"', '"')
            assert fact.source
    figures.note(f"life events in {language}: {len(events)}, each by tap, number and name")


def test_no_amount_or_number_of_days_is_named_that_no_document_states(desk: Desk) -> None:
    """Only the leave whose days the given documents state may carry a number of days; no sum of money anywhere."""
    for event in desk.guides.events:
        for _, fact in event.items:
            text = fact.text["zh-Hant"]
            assert "元" not in text
            assert "身心調適假" in text or not any(
                f"{n} 天" in text or f"{n} 日" in text for n in range(400)
            ), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_unfair_treatment_works_before_any_consent_and_keeps_nothing(
    lin: Lin, desk: Desk, language: str
) -> None:
    lin.says(SPEAK[language])
    first = lin.says("harassment")
    quiet(first)
    assert [choice.data for choice in first.choices] == ["b=safe", "b=unsafe", "b=hide"]

    for choice in first.choices:
        opened = lin.presses(choice.data)
        for line in opened.choices:
            lin.says("harassment", choice.key)
            typed = lin.says(line.key)
            assert typed == lin.presses(line.data)
            quiet(typed)
            assert problems(wire(typed)) == []

    lin.says("menu")
    assert lin.kept is None
    assert lin.agreed == {}


def test_who_is_not_safe_gets_lines_that_dial_before_anything_else(lin: Lin) -> None:
    card = lin.presses("b=unsafe").messages[0]

    assert isinstance(card, Card)
    assert [button.number for button in card.buttons if isinstance(button, Call)] == ["110", "113", "119"]


def test_how_to_file_says_first_that_this_is_no_place_to_file(lin: Lin, desk: Desk) -> None:
    card = lin.presses("b=file").messages[0]

    assert isinstance(card, Card)
    assert "不是申訴管道" in in_words(Reply((card,))).split("text")[3] or "不是申訴管道" in str(
        card.blocks[0]
    )
    assert all(fact.source and fact.as_of for fact in desk.guides.filing)


def test_a_button_of_last_year_still_leads_there_and_an_unknown_one_does_not(lin: Lin) -> None:
    assert lin.presses("l=marriage").messages
    assert "現在沒有進行中的問題" in in_words(lin.presses("l=no-such-thing"))
    assert "現在沒有進行中的問題" in in_words(lin.presses("b=no-such-thing"))


def test_a_number_means_the_list_in_sight_and_then_the_menu_again(lin: Lin) -> None:
    wedding = lin.says("人生大事", "1")
    menus = lin.says("選單", "3")

    assert isinstance(wedding.messages[0], Card)
    assert menus.choices[0].data.startswith(life_events.PREFIX)


def test_a_list_beside_an_open_question_leaves_the_question(lin: Lin) -> None:
    lin.says("檢測", "同意", "人生大事")

    assert isinstance(lin.says("1").messages[0], Card)
    assert "第 1／6 題" in in_words(lin.says("繼續"))
    assert "第 2／6 題" in in_words(lin.says("0"))


def test_the_same_words_twice_bring_a_person(lin: Lin, store: Store) -> None:
    first, again, once_more = lin.says("嘰哩咕嚕"), lin.says("嘰哩 咕嚕！"), lin.says("嘰哩咕嚕")

    assert not any(isinstance(message, Card) for message in first.messages)
    assert isinstance(again.messages[1], Card)
    assert again == once_more
    kept = lin.within(lambda tx, person: tx.c.scalar(select(table(PersonRow).c.puzzled)))
    assert len(kept) >= 16
    assert "嘰哩".encode() not in kept


def test_nothing_is_a_dead_end(lin: Lin) -> None:
    for text in ("嘰哩咕嚕", "律師", "？？", "。", "x" * 29, "好累喔" * 200, "0", "99", "第八百個"):
        reply = lin.says(text)
        assert reply.choices or reply.controls, text


def test_after_a_call_for_help_small_talk_is_not_answered_with_the_question(lin: Lin) -> None:
    lin.says("檢測", "同意", "0", "我不想活了")

    for text in ("沒事了啦", "謝謝", "你好", "今天天氣不錯"):
        said = lin.says(text)
        assert said.messages == (Text(lin.desk.contexts["zh-Hant"].texts.say("courtesy.gently")),), text
        assert not said.choices

    assert "第 2／6 題" in in_words(lin.says("繼續"))


def test_every_area_of_the_rich_menu_is_a_word_one_can_type(lin: Lin, desk: Desk) -> None:
    wanted = richmenu.menu_of(desk)
    unclear = lin.says("嘰哩咕嚕")
    said = [area["action"]["text"] for area in wanted.body["areas"]]

    for words in said:
        assert desk.words.knows(words) or desk.lexicon.find(words) == "help", words
        reply = lin.says(words)
        assert reply.messages
        assert reply.messages[0] != unclear.messages[0]
    assert len(set(said)) == 6
    figures.note(f"rich menu: {len(said)} areas, each reached by typing {'、'.join(said)}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rich_menu_tells_nobody_what_this_is(desk: Desk, language: str) -> None:
    texts = desk.context(language).texts
    shown = [texts.say("richmenu.bar")]
    shown += [texts.say(f"richmenu.{name}{part}") for name, _ in richmenu.AREAS for part in ("", "_hint")]

    assert not [words for words in shown if SENSITIVE.search(words)]
    assert not [words for words in shown if "心情" in words or "求助" in words]


def labels(choices: tuple[Choice, ...]) -> list[str]:
    return [cut(choice.label, 20) for choice in choices]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_of_these_lists_is_cut_on_a_phone(lin: Lin, language: str) -> None:
    lin.says(SPEAK[language])
    seen: list[Any] = [lin.says("menu"), *every_list(lin).values(), lin.presses("b=safe")]

    for reply in seen:
        assert labels(reply.choices) == [choice.label for choice in reply.choices]
        assert len(reply.choices) + len(reply.controls) <= 13


def test_the_four_categories_are_there(desk: Desk) -> None:
    assert [category.name["zh-Hant"] for category in desk.guides.categories] == [
        "諮詢及協談", "心理相關", "法律諮詢", "社會福利",
    ]  # fmt: skip
    assert harassment.PREFIX != life_events.PREFIX


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_with_caring_by_type_by_district_and_by_number(lin: Lin, language: str) -> None:
    lin.says(SPEAK[language])
    types = lin.says("照顧資源")
    assert len(types.choices) >= 6

    for choice in types.choices:
        tapped = lin.presses(choice.data)
        assert lin.says("照顧資源", choice.key) == tapped
        for line in tapped.choices:
            assert lin.presses(line.data).messages
            lin.says("照顧資源", choice.key)
            assert lin.says(line.key) == lin.presses(line.data)


def test_each_of_the_four_categories_names_somebody_of_this_town(lin: Lin) -> None:
    for category, wanted in (
        ("talk", "demo-bullying-talk"), ("mind", "demo-bullying-psych"), ("law", "demo-bullying-legal"),
        ("welfare", "demo-bullying-welfare"),
    ):  # fmt: skip
        card = lin.presses(f"b={category}").messages[0]
        assert isinstance(card, Card)
        pressed = [button.data for button in card.buttons if isinstance(button, Press)]
        assert pressed[0] == f"r={wanted}"


def test_without_anybody_listed_the_desk_is_named(lin: Lin) -> None:
    lin.desk = replace(lin.desk, resources=())

    for category in ("talk", "mind", "law", "welfare"):
        assert "員工協助窗口（示範）" in in_words(lin.presses(f"b={category}"))
    assert lin.says("照顧資源").controls
    assert isinstance(lin.presses("l=marriage").messages[0], Card)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quick_exit_leaves_an_ordinary_sentence_and_no_list(lin: Lin, language: str) -> None:
    lin.says(SPEAK[language])
    for value in ("safe", "unsafe", "hide", "file", "book", "law"):
        offered = lin.presses(f"b={value}").controls[0]

        left = lin.says(offered.text)

        assert not SENSITIVE.search(in_words(left))
        assert not left.choices
        assert not left.controls
        assert lin.kept is None


@pytest.mark.parametrize("plan", ["chiayi-city", "taipei"])
def test_another_agencys_plan_fills_the_same_lists(lin: Lin, plan: str) -> None:
    """`Lin` judges every reply by LINE's limits."""
    lin.desk = content.load(plan)

    for first in (lin.says("人生大事"), lin.presses("b=safe"), lin.says("照顧資源"), lin.says("表單")):
        for choice in first.choices:
            assert lin.presses(choice.data).messages, choice
    assert lin.says("嘰哩咕嚕").choices
    assert len(richmenu.menu_of(lin.desk).body["areas"]) == 6


def test_after_we_were_away_a_number_means_the_menu_we_showed(lin: Lin) -> None:
    lin.says("人生大事")

    away = lin.within(lambda tx, person: conversations.away(tx, person, lin.desk, lin.clock()))

    assert away.choices[2].data == "w=life_events"
    assert lin.says("3") == lin.says("人生大事")
