"""What LINE shows, refuses and counts when the bot sends."""

from __future__ import annotations

import json

import pytest

SAID = [{"type": "text", "text": "您好"}]


def test_an_echo_reaches_the_phone(line, bot):
    bot.echoes = True
    mei = line.person("林小梅")

    mei.says("午安")

    assert [one.text for one in mei.sees()] == ["午安"]


def test_a_reply_token_works_once(line, bot):
    mei = line.person("林小梅")
    line.quiet()
    token = bot.last_token()

    first, second = bot.reply(token, "一"), bot.reply(token, "二")

    assert (first.status, second.status) == (200, 400)
    assert second.body == {"message": "Invalid reply token"}
    assert [one.text for one in mei.sees()] == ["一"]
    assert set(first.body["sentMessages"][0]) == {"id", "quoteToken"}


def test_a_reply_token_lives_a_minute(line, bot):
    line.person("林小梅")
    line.quiet()

    line.advance(seconds=61)

    assert bot.reply(bot.last_token(), "太晚了").status == 400


def test_a_redelivered_event_brings_its_token_a_new_minute_but_not_after_twenty(line, bot):
    line.webhooks(redelivery=True, retry_after_ms=50, attempts=3)
    bot.status = 500
    mei = line.person("林小梅", follow=False)
    mei.follows()
    line.quiet()
    assert [e["deliveryContext"]["isRedelivery"] for e in bot.events] == [False, True, True]
    assert len({(e["webhookEventId"], e["replyToken"], e["timestamp"]) for e in bot.events}) == 1

    line.advance(seconds=50)
    assert bot.reply(bot.last_token(), "來得及").status == 200

    line.webhooks(hold=True)
    mei.says("早")
    line.advance(minutes=21)
    line.webhooks(hold=False)
    line.release()
    line.quiet()
    assert len(mei.sees()) == 1
    assert bot.events[-1]["deliveryContext"]["isRedelivery"]
    assert bot.reply(bot.last_token(), "太晚了").status == 400


def test_a_retry_key_shows_a_push_once_and_tells_the_first_request(line, bot, key):
    mei, retry = line.person("林小梅"), key()

    first = bot.push(mei.user, "通知", key=retry)
    second = bot.push(mei.user, "通知", key=retry)

    assert (first.status, second.status) == (200, 409)
    assert second.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert second.body["sentMessages"] == first.body["sentMessages"]
    assert len(mei.sees()) == 1


def test_after_a_day_the_key_is_a_new_one(line, bot, key):
    mei, retry = line.person("林小梅"), key()
    bot.push(mei.user, "通知", key=retry)

    line.advance(hours=25)

    assert bot.push(mei.user, "通知", key=retry).status == 200
    assert len(mei.sees(2)) == 2


def test_a_refused_push_does_not_use_up_its_key(line, bot, key):
    mei, retry = line.person("林小梅"), key()

    assert bot.push(mei.user, "", key=retry).status == 400
    assert bot.push(mei.user, "好", key=retry).status == 200


@pytest.mark.parametrize(
    "path", ["/v2/bot/message/reply", "/v2/bot/message/validate/push", "/v2/bot/message/quota"]
)
def test_other_endpoints_refuse_a_retry_key(line, bot, key, path):
    method = "GET" if path.endswith("quota") else "POST"
    body = None if method == "GET" else {"replyToken": "x", "messages": SAID}

    assert bot.ask(method, path, body, X_Line_Retry_Key=key()).status == 400


@pytest.mark.parametrize("malformed", ["7", "no-uuid", "{0e1c7a3e-3f3b-4f5e-9d3a-0a1b2c3d4e5f}"])
def test_a_retry_key_is_a_plain_uuid(line, bot, malformed):
    mei = line.person("林小梅")

    assert bot.push(mei.user, "好", key=malformed).status == 400
    assert mei.sees(wait=0) == []


def test_who_blocked_is_shown_nothing_and_costs_nothing(line, bot):
    mei = line.person("林小梅")
    mei.blocks()

    answer = bot.push(mei.user, "您好")

    assert answer.status == 200
    assert mei.sees(wait=0) == []
    assert bot.ask("GET", "/v2/bot/message/quota/consumption").body == {"totalUsage": 0}
    assert bot.ask("GET", f"/v2/bot/profile/{mei.user}").status == 404


def test_a_stranger_who_wrote_can_be_reached_for_a_week(line, bot):
    ken = line.person("阿健", follow=False)
    assert bot.push(ken.user, "還不認識").status == 200
    ken.says("請問")

    assert bot.push(ken.user, "請說").status == 200
    line.advance(days=8)
    assert bot.push(ken.user, "太久了").status == 200

    assert [one.text for one in ken.sees()] == ["請說"]


def test_an_unknown_user_is_refused(line, bot):
    answer = bot.push("U" + "0" * 32, "您好")

    assert (answer.status, answer.body["message"]) == (400, "Failed to send messages")


def test_nothing_of_a_refused_call_is_shown(line, bot):
    mei = line.person("林小梅")

    answer = bot.push(mei.user, "好", "")

    assert answer.status == 400
    assert answer.body["details"][0]["property"] == "messages[1].text"
    assert mei.sees(wait=0) == []


def test_flex_is_refused_in_the_words_line_uses(line, bot):
    flex = {
        "type": "flex",
        "altText": "卡片",
        "contents": {
            "type": "bubble",
            "body": {
                "type": "box",
                "layout": "vertical",
                "contents": [{"type": "text", "text": "好", "colour": "#fff"}],
            },
        },
    }

    answer = bot.ask("POST", "/v2/bot/message/validate/push", {"messages": [flex]})

    assert answer.body == {
        "message": "A message (messages[0]) in the request body is invalid",
        "details": [{"message": "unknown field", "property": "/body/contents/0/colour"}],
    }


def test_the_quota_ends_pushes_but_never_replies(line, bot):
    line.quota(2)
    mei, ken = line.person("林小梅"), line.person("阿健")
    line.quiet()

    assert (
        bot.ask("POST", "/v2/bot/message/multicast", {"to": [mei.user, ken.user], "messages": SAID}).status
        == 200
    )
    refused = bot.push(mei.user, "再一則")

    assert (refused.status, refused.body["message"]) == (429, "You have reached your monthly limit.")
    assert bot.reply(bot.last_token(), "回覆不算").status == 200
    assert bot.ask("GET", "/v2/bot/message/quota").body == {"type": "limited", "value": 2}
    line.advance(days=32)
    assert bot.push(mei.user, "下個月").status == 200


def test_a_multicast_takes_five_hundred_people_and_no_groups(line, bot):
    mei = line.person("林小梅")
    group = line.call("POST", "/groups", {"name": "同事", "members": [mei.user]})

    def multicast(*to):
        return bot.ask("POST", "/v2/bot/message/multicast", {"to": list(to), "messages": SAID}).status

    assert multicast(*[f"U{n:032x}" for n in range(501)]) == 400
    assert multicast(group["id"]) == 400
    assert multicast(mei.user, mei.user, "U" + "0" * 32) == 200
    assert len(mei.sees()) == 1


def test_a_broadcast_reaches_every_friend(line, bot):
    mei, ken = line.person("林小梅"), line.person("阿健")
    ken.blocks()

    bot.ask("POST", "/v2/bot/message/broadcast", {"messages": SAID, "notificationDisabled": True})

    assert [one.via for one in mei.sees()] == ["broadcast"]
    assert ken.sees(wait=0) == []


def test_a_small_narrowcast_is_accepted_and_fails(line, bot):
    line.person("林小梅")

    answer = bot.ask("POST", "/v2/bot/message/narrowcast", {"messages": SAID})

    assert answer.status == 202
    progress = bot.ask(
        "GET", f"/v2/bot/message/progress/narrowcast?requestId={answer.headers['x-line-request-id']}"
    )
    assert progress.body["phase"] == "failed"


def test_a_wrong_token_is_refused_everywhere(line, bot):
    for method, path in (
        ("POST", "/v2/bot/message/push"),
        ("GET", "/v2/bot/info"),
        ("GET", "/v2/bot/richmenu/list"),
    ):
        assert bot.ask(method, path, {} if method == "POST" else None, token="wrong").status == 401


def test_requests_line_could_not_read_are_refused_by_kind(line, bot):
    push = "/v2/bot/message/push"

    assert bot.ask("POST", push, b"{not json").status == 400
    assert bot.ask("POST", push, b"[]").status == 400
    assert bot.ask("POST", push, b"{}", kind="text/plain").status == 415
    assert bot.ask("POST", push, b" " * (2 * 1024 * 1024 + 1)).status == 413
    assert bot.ask("PUT", push, b"{}").status == 405
    assert bot.ask("GET", "/v2/bot/nothing").status == 404


def test_the_documented_rates_are_kept(line, bot):
    codes = [bot.ask("GET", "/v2/bot/richmenu/list").status for _ in range(12)]

    assert codes[:10] == [200] * 10
    assert 429 in codes[10:]


def test_every_answer_has_a_request_id_of_its_own(line, bot):
    ids = {
        bot.ask("GET", path).headers["x-line-request-id"]
        for path in ("/v2/bot/info", "/v2/bot/info", "/v2/x")
    }

    assert len(ids) == 3


def test_message_deliveries_are_ready_the_day_after(line, bot, platform):
    mei = line.person("林小梅")
    bot.push(mei.user, "您好")
    today = next(iter(platform.quota.sent)).rsplit("/", 1)[1]

    assert bot.ask("GET", f"/v2/bot/message/delivery/push?date={today}").body == {"status": "unready"}
    line.advance(days=1)
    assert bot.ask("GET", f"/v2/bot/message/delivery/push?date={today}").body == {
        "status": "ready",
        "success": 1,
    }


def test_a_group_costs_a_message_a_member_and_can_be_left(line, bot):
    mei, ken = line.person("林小梅"), line.person("阿健")
    group = line.call("POST", "/groups", {"name": "同事", "members": [mei.user, ken.user]})
    line.quiet()
    # They come in no promised order.
    assert sorted(event["type"] for event in bot.events) == ["follow", "follow", "join"]

    bot.push(group["id"], "本帳號只能一對一使用")
    assert bot.ask("GET", "/v2/bot/message/quota/consumption").body == {"totalUsage": 2}
    assert bot.ask("POST", f"/v2/bot/group/{group['id']}/leave", {}).status == 200

    bot.push(group["id"], "已離開")
    assert len(line.call("GET", f"/groups/{group['id']}/messages")["messages"]) == 1
    assert bot.ask("POST", f"/v2/bot/group/{group['id']}/leave", {}).status == 404


def test_the_loading_animation_is_for_one_person(line, bot):
    mei = line.person("林小梅")
    start = "/v2/bot/chat/loading/start"

    assert bot.ask("POST", start, {"chatId": mei.user, "loadingSeconds": 5}).status == 202
    assert bot.ask("POST", start, {"chatId": mei.user, "loadingSeconds": 7}).status == 400
    assert bot.ask("POST", start, {"chatId": "C" + "0" * 32}).status == 400


def test_a_stateless_token_works_for_fifteen_minutes(line, bot):
    form = b"grant_type=client_credentials&client_id=1&client_secret=simulated-channel-secret"
    kind = "application/x-www-form-urlencoded"
    token = bot.ask("POST", "/oauth2/v3/token", form, kind=kind).body["access_token"]

    assert bot.ask("GET", "/v2/bot/info", token=token).status == 200
    line.advance(minutes=16)
    assert bot.ask("GET", "/v2/bot/info", token=token).status == 401


def test_followers_come_in_pages(line, bot):
    for name in "甲乙丙":
        line.person(name)

    first = bot.ask("GET", "/v2/bot/followers/ids?limit=2").body
    second = bot.ask("GET", f"/v2/bot/followers/ids?limit=2&start={first['next']}").body

    assert (len(first["userIds"]), len(second["userIds"]), "next" in second) == (2, 1, False)


def test_the_truth_counts_what_each_key_showed(line, bot, key):
    mei, retry = line.person("林小梅"), key()
    for _ in range(3):
        bot.push(mei.user, "通知", key=retry)

    truth = line.truth()

    assert truth["counts"] == [{"chat": mei.user, "key": retry, "times": 1}]
    assert [one["message"]["text"] for one in truth["shown"][mei.user]] == ["通知"]
    assert json.dumps(truth)
