"""Messages drawn as HTML: readable, tappable, and never able to break out of the page."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser

import pytest

from line.preview import draw, notice

EVIL = "<img src=x onerror=alert(1)>\"'&"


class Read(HTMLParser):
    """What a browser makes of it."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def flex(*contents, **bubble):
    body = {"type": "box", "layout": "vertical", "contents": list(contents)}
    return {"type": "flex", "altText": EVIL, "contents": {"type": "bubble", "body": body, **bubble}}


def everything(words):
    action = {"type": "postback", "label": words, "data": words}
    card = {"title": words, "text": words, "actions": [action]}
    return [
        {"type": "text", "text": words},
        {"type": "textV2", "text": words},
        {"type": words},
        {"type": "sticker", "packageId": words, "stickerId": words},
        {"type": "image"},
        {"type": "video"},
        {"type": "audio", "duration": 2500},
        {"type": "file", "fileName": words, "fileSize": 1},
        {"type": "location", "title": words, "address": words},
        {"type": "imagemap", "altText": words},
        {"type": "unsent"},
        {"type": "template", "altText": words, "template": {"type": "buttons", **card}},
        {
            "type": "template",
            "altText": words,
            "template": {"type": "confirm", "text": words, "actions": [action] * 2},
        },
        {"type": "template", "altText": words, "template": {"type": "carousel", "columns": [card, card]}},
        flex({"type": "text", "text": words, "color": words, "size": words, "align": words}),
        flex({"type": "text", "contents": [{"type": "span", "text": words, "color": words}]}),
        flex(
            {"type": "button", "action": action, "style": words, "height": words, "color": words}, size=words
        ),
        flex({"type": "image", "url": words, "aspectRatio": words, "size": words}, direction=words),
        flex({"type": "box", "layout": words, "contents": [], "backgroundColor": words, "width": words}),
    ]


@pytest.mark.parametrize("message", everything(EVIL), ids=lambda message: str(message["type"])[:10])
def test_what_is_written_never_becomes_markup(message):
    page = Read()

    page.feed(draw(message))

    assert "img" not in page.tags
    assert not [name for name in page.attributes if name == "style" or name.startswith("on")]


def test_an_address_that_would_run_is_no_link():
    drawn = draw(
        flex({"type": "button", "action": {"type": "uri", "label": "看", "uri": "javascript:alert(1)"}})
    )

    assert "href" not in drawn


def test_addresses_and_numbers_in_a_text_can_be_tapped():
    drawn = draw(
        {"type": "text", "text": "請撥 02-2391-1067 或 0800-013-999，或看 https://eap.gov.tw/a。2026-11-22"}
    )

    assert re.findall(r'href="([^"]+)"', drawn) == [
        "tel:0223911067",
        "tel:0800013999",
        "https://eap.gov.tw/a",
    ]


def test_a_button_carries_its_action():
    action = {"type": "postback", "label": "好", "data": "d=a&s=b"}
    drawn = draw(flex({"type": "button", "action": action}))

    carried = re.search(r'data-action="([^"]+)"', drawn)
    assert carried
    assert json.loads(html.unescape(carried[1])) == action


def test_colours_and_sizes_travel_as_data():
    drawn = draw(
        flex({"type": "text", "text": "好", "color": "#2E7D52", "size": "xl", "margin": "md", "wrap": True})
    )

    assert 'data-css="margin-top:8px;font-size:22px;color:#2E7D52"' in drawn


@pytest.mark.parametrize(
    "message, words",
    [
        ({"type": "text", "text": "第一行\n第二行"}, "第一行"),
        ({"type": "flex", "altText": "您有一則提醒"}, "您有一則提醒"),
        ({"type": "sticker"}, "傳送了貼圖"),
        ({"type": "text", "text": "字" * 300}, "字" * 99 + "…"),
    ],
)
def test_a_lock_screen_shows_the_first_line_or_the_alt_text(message, words):
    assert notice(message) == words
