"""The phones in the browser, used the way people in front of them do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from simulator.app import create_app
from simulator.client import Simulator
from simulator.platform import Call, Platform
from simulator.server import Server

CHOICES = [
    {"type": "postback", "label": f"{n} {word}", "data": f"v={n}", "displayText": word}
    for n, word in enumerate(("完全沒有", "輕微", "中等程度"))
]
CARD = {
    "type": "flex",
    "altText": "您要的結果在這裡",
    "contents": {
        "type": "bubble",
        "body": {
            "type": "box",
            "layout": "vertical",
            "contents": [
                {"type": "text", "text": "心情溫度計", "color": "#2E7D52", "weight": "bold"},
                {"type": "button", "action": {"type": "uri", "label": "撥 1925", "uri": "tel:1925"}},
            ],
        },
    },
}


class Town:
    """A simulator whose bot answers 測 with choices, 果 with a card, and repeats anything else."""

    def __init__(self) -> None:
        self.platform = Platform(secret="s", token="t", webhook=self.hears)
        self.heard: list[dict[str, object]] = []

    def hears(self, body: bytes, headers: dict[str, str]) -> int:
        for event in json.loads(body)["events"]:
            self.heard.append(event)
            if event["type"] == "message":
                words = event["message"].get("text", "貼圖")
                answer: dict[str, Any] = CARD if words == "果" else {"type": "text", "text": f"收到：{words}"}
                if words == "測":
                    items = [{"type": "action", "action": choice} for choice in CHOICES]
                    answer |= {"quickReply": {"items": items}}
                self.platform.reply(event["replyToken"], Call([answer], "request"))
        return 200


@pytest.fixture
def town() -> Iterator[Town]:
    made = Town()
    yield made
    made.platform.close()


@pytest.fixture
def line(town: Town, page: Page) -> Iterator[Simulator]:
    """A running simulator with its page open; anything the page complains of fails the test."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with Server(create_app(town.platform)) as server, Simulator(server.url) as simulator:
        page.goto(f"{server.url}/simulator")
        # The page is alive once the panel tells the time.
        expect(page.locator("#clock")).not_to_be_empty()
        yield simulator
    # Its last questions may fail when the server goes.
    assert [one for one in complaints if "ERR_" not in one] == []


def add(page: Page, name: str) -> None:
    page.get_by_label("新的人的稱呼").fill(name)
    page.get_by_role("button", name="新增一支手機").click()
    expect(page.get_by_role("article", name=f"{name}的手機")).to_be_visible()


def say(page: Page, words: str) -> None:
    page.get_by_label("輸入訊息").fill(words)
    page.get_by_label("輸入訊息").press("Enter")


def test_somebody_new_speaks_and_is_answered(page: Page, line: Simulator) -> None:
    add(page, "陳科員")

    say(page, "午安")

    chat = page.get_by_role("log", name="陳科員的對話")
    expect(chat.get_by_text("收到：午安")).to_be_visible()
    expect(chat.get_by_text("已讀")).to_be_visible()


def test_quick_replies_are_tapped_and_go(page: Page, line: Simulator, town: Town) -> None:
    add(page, "陳科員")
    say(page, "測")
    row = page.get_by_role("group", name="快速回覆")
    expect(row.get_by_role("button")).to_have_count(3)

    row.get_by_role("button", name="1 輕微").click()

    expect(row).to_be_hidden()
    expect(page.get_by_role("log").get_by_text("輕微", exact=True)).to_be_visible()
    line.quiet()
    assert town.heard[-1]["postback"] == {"data": "v=1"}


def test_on_a_computer_there_are_no_quick_replies(page: Page, line: Simulator) -> None:
    add(page, "王小姐")
    page.get_by_role("button", name="改看電腦版").click()
    say(page, "測")

    expect(page.get_by_text("收到：測")).to_be_visible()
    expect(page.get_by_role("group", name="快速回覆")).to_be_hidden()


def test_a_card_has_its_colours_and_calls(page: Page, line: Simulator) -> None:
    add(page, "林課長")
    say(page, "果")
    title = page.get_by_text("心情溫度計")
    expect(title).to_have_css("color", "rgb(46, 125, 82)")

    page.get_by_role("link", name="撥 1925").click()

    expect(page.get_by_role("dialog")).to_contain_text("1925")
    page.get_by_role("button", name="掛斷").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_message_is_taken_back(page: Page, line: Simulator, town: Town) -> None:
    add(page, "陳科員")
    say(page, "說錯了")
    page.get_by_role("log").get_by_text("說錯了", exact=True).click(button="right")
    page.get_by_role("menuitem", name="收回訊息").click()

    expect(page.get_by_text("訊息已收回")).to_be_visible()
    line.quiet()
    assert town.heard[-1]["type"] == "unsend"


def test_enter_in_an_input_method_chooses_a_word_and_sends_nothing(page: Page, line: Simulator) -> None:
    add(page, "陳科員")
    words = page.get_by_label("輸入訊息")
    words.fill("ㄋㄧㄣˊ")
    words.dispatch_event("compositionstart")
    words.press("Enter")
    assert words.input_value().strip() == "ㄋㄧㄣˊ"

    words.dispatch_event("compositionend")
    page.wait_for_timeout(50)
    words.press("Enter")

    expect(words).to_have_value("")


def test_a_push_is_seen_on_the_lock_screen(page: Page, line: Simulator, town: Town) -> None:
    mei = line.person("林小梅")
    page.get_by_role("button", name="拿出手機").or_(page.get_by_role("article")).first.wait_for()
    if page.get_by_role("article").count() == 0:
        page.get_by_role("button", name="拿出手機").click()
    town.platform.push(mei.user, Call([CARD], "request"))

    expect(page.locator("#lock")).to_contain_text("您要的結果在這裡")


def test_the_presenter_moves_the_clock_and_breaks_line(page: Page, line: Simulator, town: Town) -> None:
    page.get_by_role("button", name="＋1 天").click()
    expect(page.get_by_text("比現在快 1 天")).to_be_visible()
    assert town.platform.offset.days == 1

    page.get_by_label("故障（500）").check()
    page.wait_for_timeout(200)
    assert town.platform.faults.next("push").kind == "500"
    page.get_by_label("正常").check()
    page.wait_for_timeout(200)
    assert town.platform.faults.next("push").kind == "ok"


def test_who_blocks_sees_it_and_can_come_back(page: Page, line: Simulator) -> None:
    add(page, "阿健")
    page.get_by_role("button", name="封鎖", exact=True).click()
    expect(page.get_by_text("您已封鎖這個帳號")).to_be_visible()
    expect(page.get_by_label("輸入訊息")).to_be_hidden()

    page.get_by_role("button", name="解除封鎖").click()
    expect(page.get_by_label("輸入訊息")).to_be_visible()


def test_after_a_reload_the_same_phones_are_out(page: Page, line: Simulator) -> None:
    add(page, "陳科員")
    say(page, "記得我")
    expect(page.get_by_text("收到：記得我")).to_be_visible()

    page.reload()

    expect(page.get_by_text("收到：記得我")).to_be_visible()
