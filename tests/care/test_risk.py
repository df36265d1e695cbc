"""A call for help is heard however it is written, and answered with the same words whatever else fails."""

from __future__ import annotations

import json
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care import content, courtesies, crisis, risk
from care.content.plans import LANGUAGES
from care.desk import Desk, Hotline
from care.risk import Risk
from dialogs.inputs import Pressed, button
from dialogs.messages import Call, Card, Reply, Text
from line.limits import problems
from line.render import wire

DESK = content.load("demo-town")

HEARD = [
    "我想自殺", "我想自杀", "想 自 殺", "自\u200b殺", "我不想活了", "真的不想再活下去", "活不下去了", "好想死",
    "想死了", "死了算了",
    "想消失", "我想結束生命", "想結束這一切", "想要從世界上消失", "沒有我大家會更好", "撐不下去了", "活著好累",
    "我想輕生", "尋短",
    "毋想欲活矣", "無想欲活", "想4", "不想活惹", "自鯊", "想💀死", "我想要去死", "寫好遺書了", "割腕", "在燒炭",
    "站在頂樓想跳下去",
    "I want to die", "i WANNA die", "kill myself", "I don't want to live anymore",
    "I don’t want to be here anymore",
    "suicidal", "thinking about suicide", "end it all", "better off dead", "ｋｉｌｌ　ｍｙｓｅｌｆ",
    "我想suicide", "死にたい",
    "明天要上自殺防治課程，可是我自己也想死",
]  # fmt: skip
VIOLENT = ["先生打我", "我被家暴", "他要殺我", "想砍死他", "he hits me", "我被性侵"]
HELP = ["求助", "求助！", "救命", "幫幫我", "help", "HELP!!", "SOS", "我要求助", "help me"]
NOT_HEARD = [
    "自殺防治課程怎麼報名", "請問自殺防治守門人訓練的時間", "喪葬補助怎麼申請", "我想請假", "演講很好聽",
    "笑死", "累死了", "熱死我了",
    "想死你了", "跳樓大拍賣", "今天不想上班", "天氣很好", "2", "中等程度", "選單", "檢測", "好累",
    "suicide prevention training",
    "skills", "therapist", "grape", "I need a form", "這個月的薪水單", "", "😀", "人事費用結束了嗎",
]  # fmt: skip


@pytest.mark.parametrize("text", HEARD)
def test_words_of_despair_are_heard_however_they_are_written(desk: Desk, text: str) -> None:
    assert risk.judge(text, desk) == Risk("self_harm")


@pytest.mark.parametrize("text", VIOLENT)
def test_violence_is_heard(desk: Desk, text: str) -> None:
    assert risk.judge(text, desk) == Risk("violence")


@pytest.mark.parametrize("text", HELP)
def test_a_word_of_help_always_works(desk: Desk, text: str) -> None:
    assert risk.judge(text, desk) == Risk("help")


@pytest.mark.parametrize("text", NOT_HEARD)
def test_courses_benefits_jokes_and_daily_life_are_let_be(desk: Desk, text: str) -> None:
    assert risk.judge(text, desk) is None


@given(st.text(max_size=200))
def test_any_text_is_judged_without_a_fault(text: str) -> None:
    assert risk.judge(text, DESK) is None or isinstance(risk.judge(text, DESK), Risk)
    assert risk.language_of(text, DESK) in LANGUAGES


@given(
    st.sampled_from(HEARD[:12]), st.text(alphabet="　 .,!…~～\u200b\ufe0f", max_size=6), st.text(max_size=20)
)
def test_signs_and_words_around_it_hide_nothing(text: str, signs: str, around: str) -> None:
    spread = signs.join(text)

    assert risk.judge(spread, DESK) is not None
    assert risk.judge(f"我今天{spread}，真的", DESK) is not None


@pytest.mark.parametrize(
    "text", ["今天主管又罵我，我晚上都睡不好，真的很累。" * 5, "I am so tired of all this work. " * 5]
)
def test_judging_takes_far_less_than_a_millisecond(desk: Desk, text: str) -> None:
    assert min(timeit.repeat(lambda: risk.judge(text, desk), number=20, repeat=5)) / 20 < 0.0005


@pytest.mark.parametrize(
    "text", ["想" * 5000, "不想活"[:2] * 2500, "want to " * 620, "\u200b" * 5000, "結束…" * 1600]
)
def test_a_hostile_text_costs_no_more_than_its_length(desk: Desk, text: str) -> None:
    assert min(timeit.repeat(lambda: risk.judge(text, desk), number=1, repeat=5)) < 0.02


def press(value: str, step: str = "thoughts", dialog: str = "bsrs5", language: str = "") -> str:
    return button(Pressed(dialog, step, 5, value, language))


@pytest.mark.parametrize("value, seen", [("0", False), ("1", False), ("2", True), ("3", True), ("4", True)])
def test_a_tapped_answer_to_the_last_question_calls_from_two_on(desk: Desk, value: str, seen: bool) -> None:
    assert (risk.judge_press(press(value), desk) == Risk("item")) is seen


@pytest.mark.parametrize(
    "data",
    ["", "w=menu", "d=bsrs5", press("4", step="low"), press("4", dialog="lunch"), press("²"), press("x")],
)
def test_other_buttons_do_not(desk: Desk, data: str) -> None:
    assert risk.judge_press(data, desk) is None


@pytest.mark.parametrize(
    "said, language",
    [("我不想活了", "zh-Hant"), ("help", "en"), ("我想 die", "zh-Hant"), ("死にたい", "zh-Hant"),
     ("", "zh-Hant"), ("😭", "zh-Hant"),
     (press("2", language="en"), "en"), (press("2", language="zh-Hant"), "zh-Hant"), (press("2"), "zh-Hant")],
)  # fmt: skip
def test_the_language_follows_from_what_was_said_or_tapped(desk: Desk, said: str, language: str) -> None:
    assert risk.language_of(said, desk) == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seen", [None, Risk("self_harm"), Risk("help"), Risk("item"), Risk("words")])
def test_the_reply_fits_one_call_and_can_be_read_without_its_card(
    desk: Desk, language: str, seen: Risk | None
) -> None:
    messages = wire(risk.crisis_reply(desk, language, seen))

    texts = "\n".join(m["text"] for m in messages if m["type"] == "text")
    assert problems(messages) == []
    assert len(messages) <= 5
    assert all(number in texts for number in ("119", "110", "1925", "1995", "1980"))
    dialled = json.dumps(messages)
    assert all(f'"tel:{number}"' in dialled for number in ("119", "110", "1925", "1995", "1980"))


def test_danger_comes_before_everybody_who_only_talks(desk: Desk) -> None:
    _, text, card, _ = risk.crisis_reply(desk, "zh-Hant").messages

    assert isinstance(text, Text)
    assert isinstance(card, Card)
    assert text.text.index("119") < text.text.index("1925")
    assert [b.number for b in card.buttons if isinstance(b, Call)][:2] == ["119", "110"]


def test_the_plans_own_line_is_among_them(desk: Desk) -> None:
    own = Hotline(
        "0800-000-000", "own", {"zh-Hant": "示範專線"}, {"zh-Hant": "0800-000-000　示範專線"}, "", None
    )
    texts = {language: context.texts for language, context in desk.contexts.items()}

    replies = crisis.replies(texts, (*desk.hotlines, own))

    for reply in replies.values():
        messages = wire(reply)
        assert '"tel:0800000000"' in json.dumps(messages)
        assert "0800-000-000　示範專線" in messages[1]["text"]
        assert problems(messages) == []


def test_the_crisis_reply_is_known_again_and_nothing_is_put_before_it(desk: Desk) -> None:
    reply = risk.crisis_reply(desk, "zh-Hant")

    assert risk.is_crisis(desk, reply)
    assert courtesies.with_apology(desk, "zh-Hant", reply) == reply
    assert not risk.is_crisis(desk, Reply((Text("您好"),)))
    assert not risk.is_crisis(desk, Reply(()))


def test_courtesies_are_said_in_every_language(desk: Desk) -> None:
    for language in desk.contexts:
        said = [
            courtesies.nudge(desk, language),
            courtesies.apology(desk, language),
            courtesies.farewell(desk),
            courtesies.with_apology(desk, language, Reply((Text("x"),))),
        ]
        assert all(problems(wire(reply)) == [] for reply in said)
    assert said[3].keep
