"""Webhook bodies put together by hand, signed and posted as LINE posts them; their reply tokens work."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from line import signature
from simulator import acts, events
from simulator.chats import Entry
from simulator.post import TIMED_OUT, UNREACHABLE
from storage.models import InHand
from storage.rows import upsert
from tests.town import SECRET, Town

Raw = dict[str, Any]
PATIENCE = 2.0
"""LINE's own: an answer later than this is none."""

def somebody(town: Town, user: str | None = None) -> str:
    """A LINE user who has long been a friend of the account, but has never written to it."""
    found = acts.join(town.platform, "某人", user=user)
    found.is_friend = True
    return found.id


def token_for(town: Town, chat: str) -> str:
    """A reply token whose minute begins now."""
    with town.platform.lock:
        now = town.platform.clock.now()
        token = town.platform.tokens.issue(chat, now)
        town.platform.tokens.received(token, now, again=False)
        return token


def event(town: Town, user: str, kind: str, **more: Any) -> Raw:
    """One event of a person, now."""
    given = {"replyToken": token_for(town, user)} | more
    return events.event(kind, events.user_source(user), town.platform.now_ms(), **given)


def text(town: Town, user: str, words: str, **more: Any) -> Raw:
    """A text message, as an event."""
    content = events.message_content("text", town.platform.message_ids.next(), {"text": words})
    return event(town, user, "message", message=content, **more)


def body(*given: Mapping[str, Any]) -> bytes:
    return json.dumps({"destination": "U" + "0" * 32, "events": given}, ensure_ascii=False).encode()


def post(town: Town, raw: bytes, *, to: int = 0, signed: str | None = None) -> int:
    """The status the bot gave: 0 when it took more than two seconds, -1 when it was not there."""
    given = signature.sign(raw, SECRET) if signed is None else signed
    return post_to(town.webs[to], raw, {signature.HEADER: given})


def post_to(address: str, raw: bytes, headers: Mapping[str, str]) -> int:
    """One request on a line of its own."""
    url = urlsplit(address)
    line = http.client.HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE)
    try:
        line.request("POST", url.path, raw, {"Content-Type": "application/json", **headers})
        return line.getresponse().status
    except TimeoutError:
        return TIMED_OUT
    except (OSError, http.client.HTTPException):
        return UNREACHABLE
    finally:
        line.close()


class EveryDoor:
    """A webhook target that hands each body to every service of a town at the same moment."""

    def __init__(self, town: Town) -> None:
        self._webs, self._pool = town.webs, ThreadPoolExecutor(64, "door")

    def __call__(self, raw: bytes, headers: dict[str, str]) -> int:
        given = [self._pool.submit(post_to, web, raw, headers) for web in self._webs]
        return max(one.result() for one in given)


def hold(town: Town, user: str, *, minutes: float) -> None:
    """Another process has taken this person's turn and died; until its lease ends nobody else may."""
    now = town.runs[0].store.machine()  # type: ignore[union-attr]  # a town that runs has a store
    with town.tx() as tx:
        row = {"sender_key": tx.keys.index("line", user), "owner": 1, "since": now}
        upsert(tx.c, InHand, "sender_key", row | {"until": now + timedelta(minutes=minutes)})


def said(town: Town, chat: str) -> list[Entry]:
    """What the bot has shown in a chat."""
    with town.platform.lock:
        return [entry for entry in town.platform.chats[chat].entries if entry.by == "bot"]
