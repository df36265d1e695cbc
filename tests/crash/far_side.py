"""LINE's side of a rehearsal, in a process of its own: it outlives every death of the bot and knows what was shown."""

from __future__ import annotations

import json
import multiprocessing
import secrets
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

from simulator import acts, events, ids
from simulator.app import create_app
from simulator.chats import Group
from simulator.platform import Platform
from simulator.server import Server
from simulator.words import plain
from tests.crash.flows import BY_NAME, TEAM, Act, line_id
from tests.town import SECRET, TOKEN


@dataclass(frozen=True)
class Call:
    """One call of the bot's that reached a phone: by which way, the words, and how often it was shown."""

    via: str
    words: tuple[str, ...]
    times: int


@dataclass(frozen=True)
class Truth:
    """What every chat shows, in order, and the groups the bot is still in."""

    shown: dict[str, list[Call]]
    groups: tuple[str, ...]


class FarSide:
    """The rehearsal's end of the line. Every call waits for its answer."""

    def __init__(self) -> None:
        fork = multiprocessing.get_context("fork")
        self._line, far = fork.Pipe()
        self._process = fork.Process(target=_serve, args=(far,), daemon=True)
        self._process.start()
        far.close()
        self.url: str = self._line.recv()

    def scene(self, flow: str, body: tuple[Act, ...], *, faults: bool) -> bytes:
        """Start over with the people of a flow, and give the webhook body of these acts."""
        return bytes(self._ask("scene", flow, body, faults))

    def again(self, body: bytes) -> bytes:
        """The same body as LINE delivers it again."""
        return bytes(self._ask("again", body))

    def clock(self, ahead: float) -> None:
        """Set the clock so many seconds before the machine's."""
        self._ask("clock", ahead)

    def all_well(self) -> None:
        """LINE's bad moment is over."""
        self._ask("all_well")

    def truth(self) -> Truth:
        found: Truth = self._ask("truth")
        return found

    def close(self) -> None:
        self._line.send(None)
        self._process.join(10)

    def _ask(self, name: str, *given: Any) -> Any:
        self._line.send((name, *given))
        return self._line.recv()


def _serve(line: Connection) -> None:
    platform = Platform(secret=SECRET, token=TOKEN, rate_limits=False)
    stage = _Stage(platform)
    with Server(create_app(platform)) as server:
        line.send(server.url)
        while (asked := line.recv()) is not None:
            line.send(getattr(stage, asked[0])(*asked[1:]))


class _Stage:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def scene(self, name: str, body: tuple[Act, ...], faults: bool) -> bytes:
        platform, flow = self._platform, BY_NAME[name]
        self.clock(0.0)
        platform.reset()
        for who in flow.people:
            acts.join(platform, who, user=line_id(who)).is_friend = True
        platform.chats.groups[line_id(TEAM)] = Group(line_id(TEAM), "group", TEAM, [], holds_bot=True)
        for endpoint, script in flow.faults.items() if faults else ():
            platform.faults.script(endpoint, script)
        return self._deliver([self._event(act) for act in body], again=False)

    def again(self, body: bytes) -> bytes:
        given = json.loads(body)["events"]
        return self._deliver([events.redelivered(event) for event in given], again=True)

    def clock(self, ahead: float) -> None:
        self._platform.move_clock(timedelta(seconds=ahead) - self._platform.offset)

    def all_well(self) -> None:
        self._platform.faults.clear()

    def truth(self) -> Truth:
        known = self._platform.truth()
        times = {(one["chat"], one["key"]): one["times"] for one in known["counts"]}
        shown: dict[str, list[Call]] = {}
        for chat, entries in known["shown"].items():
            calls: dict[str, tuple[str, list[str]]] = {}
            for entry in entries:
                calls.setdefault(entry["key"], (entry["via"], []))[1].append(plain(entry["message"]))
            shown[chat] = [
                Call(via, tuple(words), times[chat, key]) for key, (via, words) in calls.items()
            ]
        groups = self._platform.chats.groups.values()
        return Truth(shown, tuple(group.id for group in groups if group.holds_bot))

    def _deliver(self, given: list[dict[str, Any]], *, again: bool) -> bytes:
        for event in given:
            self._platform.tokens.received(event.get("replyToken", ""), self._platform.clock.now(), again=again)
        return json.dumps({"destination": self._platform.bot_id, "events": given}, ensure_ascii=False).encode()

    def _event(self, act: Act) -> dict[str, Any]:
        platform, chat = self._platform, line_id(act.who)
        group = platform.chats.groups.get(chat)
        source = events.group_source(group) if group else events.user_source(chat)
        token = platform.tokens.issue(chat, platform.clock.now()) if act.kind != "unsend" else None
        more: dict[str, Any] = {}
        if act.kind == "message":
            more["message"] = {"type": "text", "id": act.message, "text": act.text, "quoteToken": secrets.token_hex(8)}
        elif act.kind == "unsend":
            more["unsend"] = {"messageId": act.message}
        elif act.kind == "follow":
            more["follow"] = {"isUnblocked": False}
        now = platform.now_ms()
        return events.event(act.kind, source, now, replyToken=token, **more) | {"webhookEventId": ids.event_id(now)}
