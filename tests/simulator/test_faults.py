"""Bad days: statuses, cuts, silence and rubbish, each told apart by whether the message was shown."""

from __future__ import annotations

import http.client
import threading
import time

import pytest

from simulator.client import NotPossible

CUT = (http.client.HTTPException, ConnectionError)


@pytest.mark.parametrize("outcome", ["429", "500", "502", "quota", {"do": "429", "retry_after": 3}])
def test_an_error_shows_nothing_and_passes(line, bot, outcome):
    mei = line.person("林小梅")
    line.script("push", outcome)

    assert bot.push(mei.user, "一").status in (429, 500, 502)
    assert mei.sees(wait=0) == []
    assert bot.push(mei.user, "二").status == 200


def test_a_500_may_have_been_delivered(line, bot, key):
    mei, retry = line.person("林小梅"), key()
    line.script("push", "500_after")

    assert bot.push(mei.user, "一", key=retry).status == 500
    assert bot.push(mei.user, "一", key=retry).status == 409
    assert len(mei.sees()) == 1


def test_a_line_cut_before_is_as_if_nothing_was_said(line, bot):
    mei = line.person("林小梅")
    line.script("push", "refuse_before")

    with pytest.raises(CUT):
        bot.push(mei.user, "一")
    assert mei.sees(wait=0) == []


def test_a_line_cut_after_leaves_the_message_shown(line, bot):
    mei = line.person("林小梅")
    line.quiet()
    line.script("reply", "cut_after")

    with pytest.raises(CUT):
        bot.reply(bot.last_token(), "一")
    assert bot.reply(bot.last_token(), "一").body == {"message": "Invalid reply token"}

    assert len(mei.sees()) == 1
    assert [call["status"] for call in line.capture()] == [0, 400]


def test_a_silent_line_hangs_until_released(line, bot, platform):
    mei = line.person("林小梅")
    line.script("push", "hang")
    ended = threading.Event()

    def push():
        with pytest.raises(CUT):
            bot.push(mei.user, "一")
        ended.set()

    caller = threading.Thread(target=push)
    caller.start()
    while not platform.faults.hanging:
        time.sleep(0.01)
    assert not ended.is_set()
    line.call("POST", "/faults/release", {})
    caller.join(5)

    assert ended.is_set()
    assert mei.sees(wait=0) == []


def test_rubbish_after_success_is_still_success(line, bot):
    mei = line.person("林小梅")
    line.script("push", "garbage")

    assert b"not json" in bot.push(mei.user, "一").body
    assert len(mei.sees()) == 1


def test_latency_is_felt(line, bot):
    mei = line.person("林小梅")
    line.script("push", {"do": "ok", "latency_ms": 150})
    started = time.monotonic()

    bot.push(mei.user, "一")

    assert time.monotonic() - started >= 0.15


def test_a_409_means_it_was_shown(line, bot, key):
    mei = line.person("林小梅")
    line.script("push", "409")

    answer = bot.push(mei.user, "一", key=key())

    assert answer.status == 409
    assert answer.headers["x-line-accepted-request-id"]
    assert len(mei.sees()) == 1


def test_a_script_runs_in_order_and_an_endpoints_own_goes_first(line, bot):
    mei = line.person("林小梅")
    line.always("*", "500")
    line.script("push", 502, "ok")

    assert [bot.push(mei.user, "好").status for _ in range(3)] == [502, 200, 500]
    assert bot.ask("GET", "/v2/bot/info").status == 500
    line.all_well()
    assert bot.ask("GET", "/v2/bot/info").status == 200


def test_a_mix_is_the_same_for_the_same_seed(line, bot):
    mei = line.person("林小梅")

    def run():
        line.mix("push", {"ok": 5, "500": 3, "429": 2}, seed=7)
        return [bot.push(mei.user, "好").status for _ in range(30)]

    first = run()
    assert first == run()
    assert set(first) == {200, 500, 429}


@pytest.mark.parametrize(
    "plan",
    [{"endpoint": "pusch", "always": "500"}, {"endpoint": "push", "always": "explode"}, {"endpoint": "push"}],
)
def test_a_plan_there_is_none_of_is_refused(line, plan):
    with pytest.raises(NotPossible, match="400"):
        line.call("POST", "/faults", plan)
