"""What people can do with a simulated phone, and what it tells of the bot's messages."""

from __future__ import annotations

import pytest

from simulator.client import NotPossible
from tests.simulator.conftest import said

CHOICES = [
    {"type": "postback", "label": "0 完全沒有", "data": "v=0", "displayText": "完全沒有"},
    {"type": "message", "label": "返回", "text": "返回"},
    {"type": "datetimepicker", "label": "選日期", "data": "when", "mode": "date"},
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
                {
                    "type": "text",
                    "contents": [{"type": "span", "text": "總分 "}, {"type": "span", "text": "8"}],
                },
                {"type": "button", "action": {"type": "uri", "label": "撥 1925", "uri": "tel:1925"}},
            ],
        },
    },
}


def asked(bot, user):
    message = said("睡得好嗎？")[0] | {
        "quickReply": {"items": [{"type": "action", "action": a} for a in CHOICES]}
    }
    assert bot.ask("POST", "/v2/bot/message/push", {"to": user, "messages": [message]}).status == 200


def test_a_quick_reply_is_tapped_by_its_words(line, bot):
    mei = line.person("林小梅")
    asked(bot, mei.user)
    assert mei.sees()[0].quick == ["0 完全沒有", "返回", "選日期"]

    mei.taps("0 完全沒有")
    line.quiet()

    assert bot.events[-1]["postback"] == {"data": "v=0"}
    assert mei.history()[-1]["message"]["text"] == "完全沒有"


def test_quick_replies_go_with_the_next_message_of_anyone(line, bot):
    mei = line.person("林小梅")
    asked(bot, mei.user)
    old = mei.sees()[0]
    assert mei.offers()

    mei.says("嗯")

    assert mei.offers() == []
    with pytest.raises(NotPossible, match="nothing to tap"):
        mei.taps("0 完全沒有")
    mei.taps("0 完全沒有", on=old.id)


def test_a_picker_gives_its_date(line, bot):
    mei = line.person("林小梅")
    asked(bot, mei.user)
    mei.taps("選日期", value="2026-11-25")
    line.quiet()

    assert bot.events[-1]["postback"] == {"data": "when", "params": {"date": "2026-11-25"}}


def test_a_card_is_read_and_its_number_called(line, bot):
    mei = line.person("林小梅")
    bot.ask("POST", "/v2/bot/message/push", {"to": mei.user, "messages": [CARD]})

    assert mei.sees()[0].text == "總分 8\n撥 1925"
    assert mei.taps("撥 1925") == {"open": "tel:1925"}


def test_what_a_phone_could_not_do_is_refused(line):
    mei = line.person("林小梅")
    mei.blocks()

    for act in (
        lambda: mei.says("您好"),
        lambda: mei.taps_area(0),
        lambda: mei.unsends("1"),
        lambda: mei.says(" "),
    ):
        with pytest.raises(NotPossible, match="409"):
            act()


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
MENU = {
    "size": {"width": 2500, "height": 843},
    "selected": True,
    "name": "main",
    "chatBarText": "選單",
    "areas": [
        {
            "bounds": {"x": 0, "y": 0, "width": 1250, "height": 843},
            "action": {"type": "message", "text": "檢測"},
        },
        {
            "bounds": {"x": 1250, "y": 0, "width": 1251, "height": 843},
            "action": {"type": "richmenuswitch", "richMenuAliasId": "more", "data": "tab=more"},
        },
    ],
}


def made(bot):
    menu = bot.ask("POST", "/v2/bot/richmenu", MENU).body["richMenuId"]
    assert bot.ask("POST", f"/v2/bot/richmenu/{menu}/content", PNG, kind="image/png").status == 200
    return menu


def test_a_rich_menu_is_shown_and_tapped(line, bot):
    mei = line.person("林小梅")
    menu = bot.ask("POST", "/v2/bot/richmenu", MENU).body["richMenuId"]
    default = f"/v2/bot/user/all/richmenu/{menu}"
    assert bot.ask("POST", default).status == 400, "it has no picture yet"
    assert bot.ask("POST", f"/v2/bot/richmenu/{menu}/content", PNG, kind="text/plain").status == 415
    assert bot.ask("POST", f"/v2/bot/richmenu/{menu}/content", PNG, kind="image/png").status == 200
    assert bot.ask("POST", f"/v2/bot/richmenu/{menu}/content", PNG, kind="image/png").status == 400
    assert bot.ask("POST", default).status == 200

    mei.taps_area(0)
    line.quiet()

    assert bot.events[-1]["message"]["text"] == "檢測"


def test_tabs_switch_by_alias(line, bot):
    mei = line.person("林小梅")
    first, second = made(bot), made(bot)
    bot.ask("POST", f"/v2/bot/user/{mei.user}/richmenu/{first}")

    mei.taps_area(1)
    assert (
        bot.ask("POST", "/v2/bot/richmenu/alias", {"richMenuAliasId": "more", "richMenuId": second}).status
        == 200
    )
    mei.taps_area(1)
    line.quiet()

    assert [e["postback"]["params"]["status"] for e in bot.events[-2:]] == [
        "RICHMENU_ALIAS_ID_NOTFOUND",
        "SUCCESS",
    ]
    assert bot.ask("GET", f"/v2/bot/user/{mei.user}/richmenu").body == {"richMenuId": second}


def test_a_menu_line_would_refuse_is_refused(line, bot):
    answer = bot.ask(
        "POST", "/v2/bot/richmenu/validate", MENU | {"chatBarText": "一二三四五六七八九十一二三四五"}
    )

    assert answer.status == 400
    assert answer.body["details"][0]["property"] == "chatBarText"


def test_linking_somebody_who_blocked_has_no_effect(line, bot):
    mei = line.person("林小梅")
    mei.blocks()
    menu = made(bot)

    assert bot.ask("POST", f"/v2/bot/user/{mei.user}/richmenu/{menu}").status == 200
    assert bot.ask("GET", f"/v2/bot/user/{mei.user}/richmenu").status == 404
    assert bot.ask("DELETE", f"/v2/bot/richmenu/{menu}").status == 200
    assert bot.ask("GET", f"/v2/bot/richmenu/{menu}").status == 404


def test_the_browser_is_told_only_what_changed(line, bot):
    mei = line.person("林小梅")
    bot.push(mei.user, "<b>一</b>")
    first = line.call("GET", f"/view?open={mei.user}:0")["screens"][0]
    assert "&lt;b&gt;一" in first["entries"][-1]["html"]
    assert first["entries"][-1]["notice"] == "<b>一</b>"

    again = line.call("GET", f"/view?open={mei.user}:{first['cursor']}")["screens"][0]
    assert "entries" not in again

    bot.push(mei.user, "二")
    later = line.call("GET", f"/view?open={mei.user}:{first['cursor']}")["screens"][0]
    assert len(later["entries"]) == 1
