"""The simulator as a neighbour: far from the real LINE, shut to other sites, itself again after a kill."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from simulator import acts
from simulator.app import create_app
from simulator.client import Simulator
from simulator.guard import RealLine, refuse_if_real
from simulator.platform import Call, Platform
from simulator.refusals import Refusal
from simulator.server import Server
from tests.simulator.conftest import said

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "name, value",
    [
        ("LINE_CHANNEL_SECRET", "s"),
        ("LINE_CHANNEL_ACCESS_TOKEN", "t"),
        ("LINE_API_BASE", "https://api.line.me"),
        ("LINE_API_BASE", "http://127.0.0.1.example.com"),
    ],
)
def test_it_does_not_start_beside_a_real_channel(name, value):
    environ = {key: kept for key, kept in os.environ.items() if not key.startswith("LINE_")}

    run = subprocess.run(
        [sys.executable, "-m", "simulator", "--port", "0"],
        cwd=ROOT,
        env=environ | {name: value},
        capture_output=True,
        timeout=30,
        check=False,
    )

    assert run.returncode == 2
    assert run.stderr.decode().count("\n") == 1
    assert name in run.stderr.decode()


def test_a_stand_in_on_this_machine_is_fine():
    refuse_if_real({"LINE_API_BASE": "http://127.0.0.1:8000", "LINE_CHANNEL_SECRET": ""})


def test_it_listens_to_this_machine_only(platform):
    with pytest.raises(RealLine, match=r"0\.0\.0\.0"):
        Server(create_app(platform), host="0.0.0.0")


def asked(line, method, path, body=None, **headers):
    port = int(line.url.rsplit(":", 1)[1])
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    wire.request(method, path, body, headers)
    answer = wire.getresponse()
    answer.read()
    wire.close()
    return answer


def test_another_sites_page_cannot_reach_it(platform):
    with Server(create_app(platform)) as server:
        assert asked(server, "GET", "/simulator", Host="evil.example").status == 403
        form = {"Content-Type": "text/plain"}
        assert asked(server, "POST", "/simulator/api/reset", "{}", **form).status == 415
        page = asked(server, "GET", "/simulator")
        assert page.status == 200
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert asked(server, "GET", "/simulator/api/").status == 200


@pytest.mark.parametrize("body", ["{", "[]", '{"seconds": "soon"}'])
def test_a_wrong_lever_is_a_400(platform, body):
    with Server(create_app(platform)) as server:
        json_kind = {"Content-Type": "application/json"}
        assert asked(server, "POST", "/simulator/api/clock", body, **json_kind).status == 400


def test_killed_and_started_again_it_knows_everybody(tmp_path):
    state = tmp_path / "state" / "line.sqlite"
    command = [sys.executable, "-m", "simulator", "--port", "0", "--state", str(state)]

    def start():
        environ = {key: kept for key, kept in os.environ.items() if not key.startswith("LINE_")}
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, process.stdout.readline().strip().removesuffix("/simulator")

    process, url = start()
    with Simulator(url) as line:
        mei = line.person("林小梅")
        others = [line.person(f"第 {number} 位").name for number in range(2, 8)]
        first = mei.says("記得我嗎")
        line.advance(days=3)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    process, url = start()
    try:
        with Simulator(url) as line:
            assert [one["name"] for one in line.call("GET", "/people")["people"]] == ["林小梅", *others]
            history = line.call("GET", f"/people/{mei.user}/messages")["messages"]
            assert history[-1]["message"]["text"] == "記得我嗎"
            assert line.call("GET", "/clock")["offset_seconds"] == timedelta(days=3).total_seconds()
            again = line.call("POST", f"/people/{mei.user}/sends", {"text": "我回來了"})
            assert int(again["id"]) > int(first)
    finally:
        process.terminate()
        process.communicate()


def test_a_retry_key_outlives_a_restart(tmp_path):
    state, call = tmp_path / "line.sqlite", Call(said("通知"), "request", key="k")
    first = Platform(secret="s", token="t", state=state)
    mei = acts.join(first, "林小梅")
    acts.follow(first, mei.id)
    first.push(mei.id, call)
    first.close()

    second = Platform(secret="s", token="t", state=state)
    with pytest.raises(Refusal) as refused:
        second.push(mei.id, call)
    second.close()

    assert refused.value.status == 409


def test_whoever_follows_the_clock_hears_of_every_move(tmp_path):
    heard: list[timedelta] = []
    state = tmp_path / "line.sqlite"
    first = Platform(secret="s", token="t", state=state)
    first.on_clock(heard.append)
    first.move_clock(timedelta(hours=1))
    first.close()

    second = Platform(secret="s", token="t", state=state)
    second.on_clock(heard.append)
    second.close()

    assert heard == [timedelta(hours=1), timedelta(hours=1)]


def test_starting_over_forgets_everybody(line):
    line.person("林小梅")
    line.reset()

    assert line.call("GET", "/people")["people"] == []


def test_what_is_captured_satisfies_lines_own_schemas(line, bot, key, shared, tmp_path):
    mei = line.person("林小梅")
    line.quiet()
    bot.push(mei.user, "您好", key=key())
    line.script("reply", "cut_after")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        bot.reply(bot.last_token(), "好")
    bot.reply(bot.last_token(), "好")
    bot.ask("GET", "/v2/bot/message/quota")
    bot.ask(
        "POST",
        "/v2/bot/message/multicast",
        {"to": [mei.user], "messages": said("大家好")},
        X_Line_Retry_Key=key(),
    )
    captured = tmp_path / "captured.jsonl"
    captured.write_text("".join(json.dumps(call) + "\n" for call in line.capture()))

    judge = subprocess.run(
        [sys.executable, shared / "line" / "check_messages.py", "--require-retry-key", captured],
        capture_output=True,
        check=False,
    )

    assert judge.returncode == 0, judge.stdout.decode()
    assert "simulated-access-token" not in captured.read_text()


def test_the_capture_goes_to_the_file_that_is_named(tmp_path):
    file = tmp_path / "calls.jsonl"
    platform = Platform(secret="s", token="t", capture=file)
    with Server(create_app(platform)) as server:
        asked(server, "GET", "/v2/bot/info", Authorization="Bearer t")
    platform.close()

    assert json.loads(file.read_text())["status"] == 200
