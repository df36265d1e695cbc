"""The limits of message objects: at the limit LINE takes it, one beyond it does not."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from line.limits import problems, utf16_len
from line.menus import problems as menu_problems


def text(words, **more):
    return {"type": "text", "text": words, **more}


def quick(*actions):
    return {"quickReply": {"items": [{"type": "action", "action": action} for action in actions]}}


def say(label="好", words="好"):
    return {"type": "message", "label": label, "text": words}


def press(data="v=1", label="好", **more):
    return {"type": "postback", "label": label, "data": data, **more}


def buttons(**more):
    template = {"type": "buttons", "text": "請選擇", "actions": [say()]} | more
    return {"type": "template", "altText": "選擇", "template": template}


def flex(*contents, alt="卡片", layout="vertical"):
    body = {"type": "box", "layout": layout, "contents": list(contents)}
    return {"type": "flex", "altText": alt, "contents": {"type": "bubble", "body": body}}


def columns(*given):
    return {"type": "template", "altText": "選擇", "template": {"type": "carousel", "columns": list(given)}}


def column(**more):
    return {"text": "說明", "actions": [say()]} | more


FAMILY = "👨‍👩‍👧"
GOOD = [
    text("您" * 5000),
    text("😀" * 2500),
    text("好", **quick(*[say()] * 13)),
    text("好", **quick(press("v" * 300))),
    text("好", **quick(say("一" * 20))),
    flex({"type": "text", "text": "好"}, alt="字" * 1500),
    flex({"type": "button", "action": say("字" * 40)}),
    flex({"type": "text", "contents": [{"type": "span", "text": "好"}]}),
    buttons(text="字" * 160, actions=[say()] * 4),
    buttons(title="題", text="字" * 60),
    columns(*[column()] * 10),
    {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    {"type": "location", "title": "市府", "address": "市府路1號", "latitude": 25.0, "longitude": 121.5},
    text(
        "好",
        **quick(
            {
                "type": "datetimepicker",
                "label": "日",
                "data": "",
                "mode": "datetime",
                "min": "2026-01-01T00:00",
            }
        ),
    ),
    text("好", **quick({"type": "uri", "label": "撥", "uri": "tel:1925"})),
]
BAD = {
    "too long": text("您" * 5001),
    "emoji count twice": text("😀" * 2501),
    "empty": text(""),
    "blank": text(" \n"),
    "half an emoji": text("\ud83d"),
    "no text": {"type": "text"},
    "not a kind": {"type": "poem", "text": "春眠"},
    "no kind": {"text": "好"},
    "unknown property": text("好", colour="red"),
    "fourteen quick replies": text("好", **quick(*[say()] * 14)),
    "no quick replies": text("好", quickReply={"items": []}),
    "long label": text("好", **quick(say("一" * 21))),
    "label of code points": text("好", **quick(say(FAMILY * 5))),
    "no label": text("好", **quick({"type": "message", "text": "好"})),
    "long data": text("好", **quick(press("v" * 301))),
    "two texts": text("好", **quick(press(text="a", displayText="b"))),
    "switch in a quick reply": text(
        "好", **quick({"type": "richmenuswitch", "richMenuAliasId": "a", "data": ""})
    ),
    "script": text("好", **quick({"type": "uri", "label": "看", "uri": "javascript:alert(1)"})),
    "long address": text("好", **quick({"type": "uri", "label": "看", "uri": "https://a.tw/" + "a" * 990})),
    "address with a blank": text("好", **quick({"type": "uri", "label": "看", "uri": "https://a.tw/ b"})),
    "no such day": text(
        "好",
        **quick({"type": "datetimepicker", "label": "日", "data": "", "mode": "date", "min": "2026-02-30"}),
    ),
    "max before min": text(
        "好",
        **quick(
            {
                "type": "datetimepicker",
                "label": "日",
                "data": "",
                "mode": "time",
                "min": "10:00",
                "max": "09:00",
            }
        ),
    ),
    "empty altText": flex({"type": "text", "text": "好"}, alt=""),
    "long altText": flex({"type": "text", "text": "好"}, alt="字" * 1501),
    "empty flex text": flex({"type": "text", "text": ""}),
    "no flex text": flex({"type": "text"}),
    "colour by name": flex({"type": "text", "text": "好", "color": "red"}),
    "icon outside a baseline": flex({"type": "icon", "url": "https://a.tw/i.png"}),
    "button in a baseline": flex({"type": "button", "action": say()}, layout="baseline"),
    "camera in flex": flex({"type": "button", "action": {"type": "camera", "label": "拍"}}),
    "plain picture": flex({"type": "image", "url": "http://a.tw/i.png"}),
    "tall picture": flex({"type": "image", "url": "https://a.tw/i.png", "aspectRatio": "1:4"}),
    "heavy bubble": flex(*[{"type": "text", "text": "字" * 100}] * 50),
    "empty bubble": {"type": "flex", "altText": "卡片", "contents": {"type": "bubble"}},
    "thirteen bubbles": {
        "type": "flex",
        "altText": "卡片",
        "contents": {"type": "carousel", "contents": [flex({"type": "text", "text": "好"})["contents"]] * 13},
    },
    "two sizes": {
        "type": "flex",
        "altText": "卡片",
        "contents": {
            "type": "carousel",
            "contents": [
                flex({"type": "text", "text": "好"})["contents"] | {"size": size} for size in ("kilo", "mega")
            ],
        },
    },
    "five buttons": buttons(actions=[say()] * 5),
    "text beside a title": buttons(title="題", text="字" * 61),
    "three to confirm": {
        "type": "template",
        "altText": "確認",
        "template": {"type": "confirm", "text": "好嗎？", "actions": [say()] * 3},
    },
    "uneven columns": columns(column(), column(actions=[say(), say()])),
    "a column without its title": columns(column(title="題"), column()),
    "eleven columns": columns(*[column()] * 11),
    "sticker by name": {"type": "sticker", "packageId": "a", "stickerId": "b"},
    "no address": {"type": "location", "title": "市府", "latitude": 25.0, "longitude": 121.5},
}


@pytest.mark.parametrize("message", GOOD)
def test_at_the_limit_it_is_taken(message):
    assert problems([message]) == []


def test_line_own_schemas_take_what_we_take(shared, tmp_path):
    calls = tmp_path / "calls.jsonl"
    path = "/v2/bot/message/validate/push"
    calls.write_text(
        "".join(
            json.dumps({"method": "POST", "path": path, "body": {"messages": [one]}}) + "\n" for one in GOOD
        )
    )

    judge = subprocess.run(
        [sys.executable, shared / "line" / "check_messages.py", calls], capture_output=True, check=False
    )

    assert judge.returncode == 0, judge.stdout.decode()


@pytest.mark.parametrize("message", BAD.values(), ids=BAD.keys())
def test_beyond_the_limit_it_is_refused(message):
    assert problems([message])


@pytest.mark.parametrize("number, fits", [(0, False), (1, True), (5, True), (6, False)])
def test_a_call_takes_one_to_five_messages(number, fits):
    assert (problems([text("好")] * number) == []) is fits


@pytest.mark.parametrize(
    "nonsense", [None, "text", [None], [[]], [{"type": []}], [{"type": "flex", "contents": 3}]]
)
def test_nonsense_is_a_problem_and_never_an_error(nonsense):
    assert problems(nonsense)


def test_lengths_count_utf16():
    assert [utf16_len(word) for word in ("a", "您", "😀", FAMILY)] == [1, 1, 2, 8]


def test_a_rich_menu_has_its_own_limits():
    area = {
        "bounds": {"x": 0, "y": 0, "width": 100, "height": 100},
        "action": {"type": "message", "text": "好"},
    }
    menu = {
        "size": {"width": 2500, "height": 843},
        "selected": True,
        "name": "m",
        "chatBarText": "選單",
        "areas": [area] * 20,
    }

    assert menu_problems(menu) == []
    assert menu_problems(menu | {"areas": [area] * 21})
    assert menu_problems(menu | {"size": {"width": 800, "height": 800}})
    assert menu_problems({name: value for name, value in menu.items() if name != "selected"})
