"""Words that always work, said the way people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care import content
from care.desk import Desk
from care.requests import known

DESK = content.load("demo-town")

CONTRACT = {
    "選單": "menu", "menu": "menu", "預約": "book", "book": "book", "我的預約": "my_bookings",
    "my bookings": "my_bookings",
    "檢測": "screening", "心情溫度計": "screening", "screening": "screening", "資源": "resources",
    "resources": "resources",
    "窗口": "contact", "contact": "contact", "我的資料": "my_data", "my data": "my_data", "權益": "notice",
    "notice": "notice",
    "設定": "settings", "settings": "settings", "返回": "back", "back": "back", "取消": "cancel",
    "cancel": "cancel",
    "重來": "restart", "restart": "restart", "略過": "skip", "skip": "skip", "停止": "stop", "stop": "stop",
    "語言": "language", "language": "language",
}  # fmt: skip


@pytest.mark.parametrize("word, action", CONTRACT.items())
def test_the_words_outsiders_rely_on(desk: Desk, word: str, action: str) -> None:
    assert desk.words.action(word) == action
    assert action in known()


@pytest.mark.parametrize(
    "said, action",
    [("我要檢測", "screening"), ("我想做檢測", "screening"), ("檢測一下", "screening"), ("請給我選單", "menu"),
     ("ＭＥＮＵ", "menu"),
     ("選 單", "menu"), ("Menu!", "menu"), ("please show me menu", None), ("I want to book", "book"),
     ("選單謝謝", "menu"),
     ("？", "explain"), ("謝謝", "thanks"), ("我 的 資 料", "my_data"), ("返回。", "back")],
)  # fmt: skip
def test_politeness_width_and_signs_do_not_matter(desk: Desk, said: str, action: str | None) -> None:
    assert desk.words.action(said) == action


@pytest.mark.parametrize(
    "said",
    [
        "",
        "我",
        "選單在哪裡可以看到呢請告訴我",
        "檢測站的地址",
        "不要取消我的預約",
        "x" * 500,
        "謝謝你們的選單很棒",
    ],
)
def test_a_word_inside_a_sentence_is_not_the_word(desk: Desk, said: str) -> None:
    assert desk.words.action(said) is None


@given(st.text(max_size=70))
def test_any_text_is_a_known_word_or_none(said: str) -> None:
    action = DESK.words.action(said)

    assert action is None or action in known()
