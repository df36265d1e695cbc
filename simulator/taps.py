"""What can be tapped on a phone right now, and finding it by the words on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.acts import Impossible
from simulator.chats import Entry
from simulator.platform import Platform

_LOOK_BACK = 200
Action = dict[str, Any]


def quick_replies(platform: Platform, chat: str) -> list[Action]:
    """The row above the keyboard: that of the newest message, while nothing has followed it."""
    entries = platform.chats[chat].entries
    if not entries or entries[-1].by != "bot":
        return []
    items = (entries[-1].message.get("quickReply") or {}).get("items", [])
    return [item["action"] for item in items]


def menu_of(platform: Platform, user: str) -> dict[str, Any] | None:
    """The rich menu a person sees, or None."""
    menu = platform.menus.of(user)
    return platform.menus.menus.get(menu) if menu is not None else None


def in_message(message: Any) -> Iterator[Action]:
    """Every action inside a template, Flex message or imagemap, in reading order."""
    if isinstance(message, list):
        for item in message:
            yield from in_message(item)
    elif isinstance(message, dict):
        for name, value in message.items():
            if name in ("action", "defaultAction") and isinstance(value, dict):
                yield value
            elif name == "actions":
                yield from value
            elif name != "quickReply":
                yield from in_message(value)


def find(platform: Platform, user: str, label: str, message: str | None = None) -> Action:
    """The action behind these words: on the message named, else quick replies, messages (newest first), menu.

    Raises Impossible, saying what there is to tap, when nothing bears them.
    """
    seen: list[str] = []
    for action in _within_reach(platform, user, message):
        words = action.get("label") or action.get("text") or ""
        if words == label:
            return action
        seen.append(words)
    raise Impossible(
        f"nothing to tap says {label!r}; there is: {', '.join(dict.fromkeys(filter(None, seen)))}"
    )


def area(platform: Platform, user: str, place: int) -> Action:
    """The action of the rich menu's n-th area, from 0."""
    menu = menu_of(platform, user)
    if menu is None or not 0 <= place < len(menu["areas"]):
        raise Impossible("the rich menu has no such area")
    action: Action = menu["areas"][place]["action"]
    return action


def _within_reach(platform: Platform, user: str, message: str | None) -> Iterator[Action]:
    with platform.lock:
        entries: list[Entry] = [e for e in platform.chats[user].entries[-_LOOK_BACK:] if e.by == "bot"]
        if message is not None:
            for entry in entries:
                if entry.id == message:
                    yield from _all_of(entry.message)
            return
        yield from quick_replies(platform, user)
        for entry in reversed(entries):
            yield from in_message(entry.message)
        menu = menu_of(platform, user)
        for one in menu["areas"] if menu else []:
            yield one["action"]


def _all_of(message: dict[str, Any]) -> Iterator[Action]:
    for item in (message.get("quickReply") or {}).get("items", []):
        yield item["action"]
    yield from in_message(message)
