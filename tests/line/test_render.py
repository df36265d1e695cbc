"""Whatever is said fits what LINE takes, reads on a PC, and keeps quiet on a lock screen."""

from __future__ import annotations

import json

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from dialogs.messages import (
    Bar,
    Call,
    Card,
    Choice,
    Fact,
    Link,
    Paragraph,
    Press,
    Reply,
    Say,
    Text,
    dump,
    load,
)
from line.lengths import cut, pieces
from line.limits import problems, utf16_len
from line.render import render, wire

words = st.text(max_size=60)
tones = st.sampled_from(["plain", "good", "mild", "warn", "strong", "muted"])
blocks = st.one_of(
    st.builds(Paragraph, words, tones),
    st.builds(Fact, words, words),
    st.builds(Bar, words, st.integers(-5, 50), st.integers(0, 20), tones),
)
labels = st.text(min_size=1, max_size=60).filter(lambda t: t.strip() and "\x00" not in t)
buttons = st.one_of(
    st.builds(Call, labels, st.sampled_from(["119", "0800-013-999", "412-8518"])),
    st.builds(Link, labels, st.sampled_from(["https://example.org/", "https://example.org/" + "資" * 400])),
    st.builds(Say, labels, labels),
    st.builds(Press, labels, st.just("d=a&s=b&t=1&v=2")),
)
said = st.one_of(
    st.builds(Text, st.text(max_size=12_000)),
    st.builds(
        Card, words, words, st.lists(blocks, max_size=6).map(tuple), st.lists(buttons, max_size=4).map(tuple)
    ),
)
choices = st.lists(st.builds(Choice, labels, st.just("d=a&s=b&t=1&v=2"), st.just("1")), max_size=16).map(
    tuple
)
controls = st.lists(st.builds(Say, labels, labels), max_size=4).map(tuple)
replies = st.builds(Reply, st.lists(said, max_size=7).map(tuple), choices, controls, st.booleans())


@given(replies)
def test_line_takes_whatever_is_said(reply: Reply) -> None:
    messages = wire(reply)

    objections = [o for o in problems(messages) if "NUL" not in o] if messages else []
    assert objections == []


@given(replies)
def test_a_reply_waits_in_the_outbox_unchanged(reply: Reply) -> None:
    assert load(json.loads(json.dumps(dump(reply)))) == reply


def test_the_sdk_sends_exactly_what_was_drawn() -> None:
    card = Card(
        "標題",
        "請點開看看",
        (Paragraph("段落", "strong"), Fact("時間", "24 小時"), Bar("11/22", 8, 20, "warn")),
        (
            Call("打 119", "119"),
            Link("網站", "https://example.org/資源"),
            Say("選單", "選單"),
            Press("一", "w=menu"),
        ),
    )
    reply = Reply((Text("您好"), card), (Choice("輕微", "d=a", "1"),), (Say("返回", "返回"),))

    assert [m.to_dict() for m in render(reply)] == wire(reply)


def test_what_can_be_tapped_on_a_phone_stands_numbered_for_the_pc() -> None:
    offered = (Choice("完全沒有", "d=a&v=0", "0"), Choice("輕微", "d=a&v=1", "1"))

    (text,) = wire(Reply((Text("睡眠困難"),), offered))
    (card,) = wire(Reply((Card("第 1 題", "第 1 題", (Paragraph("睡眠困難"),)),), offered))

    assert text["text"] == "睡眠困難\n\n0　完全沒有\n1　輕微"
    assert [c["text"] for c in card["contents"]["body"]["contents"]][-2:] == ["0　完全沒有", "1　輕微"]
    assert [i["action"]["label"] for i in card["quickReply"]["items"]] == ["完全沒有", "輕微"]


def test_a_number_dials_without_its_dashes() -> None:
    (message,) = wire(Reply((Card("t", "p", (), (Call("男性關懷專線", "0800-013-999"),)),)))

    assert message["contents"]["footer"]["contents"][0]["action"]["uri"] == "tel:0800013999"


def test_a_link_too_long_for_a_button_is_still_readable() -> None:
    url = "https://example.org/" + "資" * 400

    (message,) = wire(Reply((Card("t", "p", (), (Link("表單", url),)),)))

    assert "footer" not in message["contents"]
    assert url in json.dumps(message, ensure_ascii=False)


def test_a_card_too_big_for_line_is_told_in_words() -> None:
    card = Card(
        "標題", "預覽", tuple(Fact(f"項目{n}", "內容" * 30) for n in range(80)), (Call("119", "119"),)
    )

    messages = wire(Reply((card,)))

    assert {m["type"] for m in messages} == {"text"}
    assert "項目79" in messages[-1]["text"]
    assert problems(messages) == []


def test_seven_texts_become_five_messages_and_lose_nothing() -> None:
    messages = wire(Reply(tuple(Text(f"第{n}則") for n in range(7))))

    assert len(messages) <= 5
    assert all(f"第{n}則" in "".join(m["text"] for m in messages) for n in range(7))


def test_nothing_to_say_is_no_message() -> None:
    assert wire(Reply(())) == []
    assert wire(Reply((Text("  "),), (Choice("a", "d=a", "1"),))) == []


@pytest.mark.parametrize("character", ["👩‍👩‍👧‍👦", "🇹🇼", "👍🏽", "é", "2️⃣"])
def test_a_character_is_never_torn(character: str) -> None:
    whole = set(regex.findall(r"\X", character * 40))

    shortened = cut(character * 40, 20)
    parts = pieces("　".join([character] * 40), 60)

    assert len(shortened) <= 20
    assert set(regex.findall(r"\X", shortened)) <= whole | {"…"}
    assert all(set(regex.findall(r"\X", part)) <= whole | {"　"} for part in parts)
    assert all(utf16_len(part) <= 60 for part in parts)


@given(st.text(max_size=400), st.integers(20, 90))
def test_cutting_into_pieces_loses_only_white_space(text: str, most: int) -> None:
    parts = pieces(text, most)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(utf16_len(part) <= most for part in parts)
