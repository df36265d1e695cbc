"""What the bot hears, and every way LINE has of telling it oddly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys

import pytest

from simulator.client import NotPossible
from tests.simulator.conftest import SECRET


def texts(bot):
    return [e["message"]["text"] for e in bot.events if e["type"] == "message"]


def test_a_body_is_signed_as_line_signs(line, bot, platform):
    line.person("林小梅").says("您好")
    line.quiet()

    for body, headers in bot.bodies:
        mac = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
        assert headers["x-line-signature"] == base64.b64encode(mac).decode()
        assert json.loads(body)["destination"] == platform.bot_id


def test_every_event_has_the_form_line_documents(line, bot, shared, tmp_path):
    mei = line.person("林小梅")
    said = mei.says("您好")
    for kind in ("sticker", "image", "video", "audio", "file", "location"):
        mei.sends(kind)
    mei.unsends(said)
    mei.presses("d=1")
    group = line.call("POST", "/groups", {"name": "同事", "members": [mei.user]})
    line.call("POST", f"/groups/{group['id']}/sends", {"by": mei.user, "text": "大家好"})
    line.call("DELETE", f"/groups/{group['id']}")
    mei.blocks()
    mei.unblocks()
    line.quiet()
    kinds = {event["type"] for event in bot.events}
    assert kinds == {"follow", "message", "unsend", "postback", "join", "leave", "unfollow"}
    assert [e["follow"]["isUnblocked"] for e in bot.events if e["type"] == "follow"] == [False, True]

    bodies = tmp_path / "webhooks.jsonl"
    bodies.write_bytes(b"\n".join(body for body, _ in bot.bodies))
    judge = subprocess.run(
        [sys.executable, shared / "line" / "check_messages.py", "--webhooks", bodies],
        capture_output=True,
        check=False,
    )

    assert judge.returncode == 0, judge.stdout.decode()


def test_events_of_a_chat_arrive_in_order(line, bot):
    mei = line.person("林小梅")
    for number in range(20):
        mei.says(str(number))
    line.quiet()

    assert texts(bot) == [str(number) for number in range(20)]


def test_redelivery_is_off_unless_switched_on(line, bot):
    bot.status = 503
    line.person("林小梅", follow=False).says("在嗎")
    line.quiet()

    assert len(bot.events) == 1


def test_an_event_can_come_twice_without_redelivery(line, bot):
    line.webhooks(duplicate=1)
    line.person("林小梅", follow=False).says("在嗎")
    line.quiet()

    assert len(bot.events) == 2
    assert bot.events[0] == bot.events[1]


@pytest.mark.parametrize(
    "order, expected", [("as_sent", "一二三四"), ("reversed", "四三二一")], ids=["as sent", "reversed"]
)
def test_held_events_come_in_one_body_in_the_order_asked_for(line, bot, order, expected):
    mei = line.person("林小梅", follow=False)
    line.webhooks(hold=True)
    for word in "一二三四":
        mei.says(word)

    line.release(batch=4, order=order)

    assert len(bot.bodies) == 1
    assert "".join(texts(bot)) == expected


def test_in_standby_there_is_no_reply_token(line, bot):
    line.webhooks(mode="standby")
    line.person("林小梅", follow=False).says("在嗎")
    line.quiet()

    assert bot.events[0]["mode"] == "standby"
    assert "replyToken" not in bot.events[0]


def test_any_body_can_be_posted_with_any_signature(line, bot):
    assert line.raw('{"destination":"x","events":[]}') == 200
    assert line.raw('{"events":[]}', signature="wrong") == 200

    assert [headers["x-line-signature"] == "wrong" for _, headers in bot.bodies] == [False, True]


def test_the_verify_button_sends_an_empty_body(line, bot):
    answer = bot.ask("POST", "/v2/bot/channel/webhook/test", {})

    assert answer.body["success"]
    assert json.loads(bot.bodies[-1][0])["events"] == []


def test_the_webhook_address_moves_on_this_machine_only(line, bot, platform):
    endpoint = "/v2/bot/channel/webhook/endpoint"
    assert bot.ask("PUT", endpoint, {"endpoint": "https://eap.example.gov.tw/callback"}).status == 200
    assert bot.ask("GET", endpoint).body["endpoint"] == "https://eap.example.gov.tw/callback"
    assert platform.webhook.target is bot

    assert bot.ask("PUT", endpoint, {"endpoint": "http://eap.example.gov.tw/"}).status == 400
    assert bot.ask("PUT", endpoint, {"endpoint": "http://127.0.0.1:9/callback"}).status == 200
    assert platform.webhook.target == "http://127.0.0.1:9/callback"


def test_a_bot_that_is_away_is_unreachable_and_counted(line, platform):
    platform.webhook.target = "http://127.0.0.1:9/callback"
    line.person("林小梅")
    line.quiet()

    assert line.webhooks()["counts"]["unreachable"] == 1


def test_a_message_is_read_once_the_bot_has_it(line, bot):
    mei = line.person("林小梅")
    bot.status = 500
    mei.says("一")
    line.quiet()
    bot.status = 200
    mei.says("二")
    line.quiet()

    assert [one["read"] for one in mei.history() if one["via"] == "said"] == [False, True]


def test_with_chat_on_the_bot_marks_as_read_itself(line, bot):
    line.call("POST", "/account", {"chat_mode": "chat"})
    mei = line.person("林小梅")
    mei.says("一")
    line.quiet()
    assert [one["read"] for one in mei.history() if one["via"] == "said"] == [False]

    token = bot.events[-1]["message"]["markAsReadToken"]
    assert bot.ask("POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": token}).status == 200
    assert bot.ask("POST", "/v2/bot/chat/markAsRead", {"markAsReadToken": "none"}).status == 400
    assert [one["read"] for one in mei.history() if one["via"] == "said"] == [True]
    assert bot.ask("GET", "/v2/bot/info").body["chatMode"] == "chat"


def test_an_unsent_picture_is_gone(line, bot):
    mei = line.person("林小梅")
    picture = mei.sends("image")
    content = f"/v2/bot/message/{picture}/content"
    assert bot.ask("GET", content).body.startswith(b"\x89PNG")

    mei.unsends(picture)

    assert bot.ask("GET", content).status == 410
    assert mei.history()[-1]["message"] == {"type": "unsent"}
    with pytest.raises(NotPossible):
        mei.unsends(picture)
