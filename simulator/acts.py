"""What a person does with their phone, and the event the bot hears of it."""

from __future__ import annotations

from typing import Any

from simulator import events, ids
from simulator.chats import Entry, Group, Person
from simulator.platform import Platform

KINDS = ("text", "sticker", "image", "video", "audio", "file", "location")
_PICKED = {"date", "time", "datetime"}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "sticker": {"packageId": "446", "stickerId": "1988"},
    "location": {"address": "臺北市信義區市府路1號", "latitude": 25.0375, "longitude": 121.5637},
    "file": {"fileName": "文件.pdf", "fileSize": 20480},
}


class Impossible(Exception):
    """A phone could not do this: the text says why."""


def join(platform: Platform, name: str, language: str = "zh-TW", *, user: str | None = None) -> Person:
    """Somebody new with LINE on their phone, not yet a friend of the account."""
    with platform.lock:
        if user is not None and user in platform.chats.people:
            raise Impossible("there is somebody with this id already")
        person = Person(user or ids.user_id(), name, language, place=len(platform.chats.people))
        platform.chats.people[person.id] = person
        platform.save_person(person)
        platform.chats.touch(None, person.id)
        return person


def leave(platform: Platform, user: str) -> None:
    """Take a person, and what their phone shows, out of the simulation. The bot hears of nothing."""
    with platform.lock:
        person = _person(platform, user)
        for entry in platform.chats[user].entries:
            platform.journal.drop("entry", entry.id)
        platform.chats[user].entries.clear()
        del platform.chats.people[person.id]
        platform.journal.drop("person", user)
        platform.chats.touch(None, user)


def follow(platform: Platform, user: str) -> None:
    """Add the account as a friend, or unblock it."""
    with platform.lock:
        person = _person(platform, user)
        unblocked = person.has_blocked
        person.is_friend, person.has_blocked = True, False
        platform.save_person(person)
        _note(platform, user, "unblocked" if unblocked else "followed")
        _tell(platform, "follow", user, follow={"isUnblocked": unblocked})


def block(platform: Platform, user: str) -> None:
    with platform.lock:
        person = _person(platform, user)
        if person.has_blocked:
            return
        person.has_blocked = True
        platform.save_person(person)
        _note(platform, user, "blocked")
        _tell(platform, "unfollow", user, answerable=False)


def send(
    platform: Platform, user: str, kind: str, given: dict[str, Any], *, group: str | None = None
) -> Entry:
    """Send a message of any kind to the account, or into a group. Returns what the chat now shows."""
    if kind not in KINDS:
        raise Impossible(f"{kind!r} is not one of: {', '.join(KINDS)}")
    if kind == "text" and not str(given.get("text", "")).strip():
        raise Impossible("a text needs words")
    with platform.lock:
        person = _person(platform, user)
        if person.has_blocked and group is None:
            raise Impossible("the account is blocked on this phone")
        person.wrote_ms = platform.now_ms()
        platform.save_person(person)
        content = events.message_content(kind, platform.message_ids.next(), _DEFAULTS.get(kind, {}) | given)
        entry = Entry(0, 0, content["id"], group or user, user, platform.now_ms(), content, "said")
        platform.add(entry)
        _tell(platform, "message", user, group=group, message=content)
        return entry


def unsend(platform: Platform, user: str, message_id: str) -> None:
    """Take back a message: LINE shows it no more, and asks the bot to do likewise."""
    with platform.lock:
        entry = next((e for e in platform.chats[user].entries if e.id == message_id and e.by == user), None)
        if entry is None or entry.unsent or not entry.message.get("type"):
            raise Impossible("there is no such message of this person")
        entry.unsent = True
        entry.message = {"type": "unsent"}
        platform.chats.touch(entry, user)
        platform.keep(entry)
        _tell(platform, "unsend", user, answerable=False, unsend={"messageId": message_id})


def perform(
    platform: Platform, user: str, action: dict[str, Any], value: str | None = None
) -> dict[str, Any]:
    """What tapping something with this action does. Returns what the phone has to open or copy, if anything."""
    kind = action.get("type")
    if _person(platform, user).has_blocked:
        raise Impossible("the account is blocked on this phone")
    if kind == "message":
        send(platform, user, "text", {"text": action["text"]})
    elif kind == "postback":
        _postback(platform, user, action, None)
    elif kind == "datetimepicker":
        if value is None or action.get("mode") not in _PICKED:
            raise Impossible("a picker needs a value")
        _postback(platform, user, action, {action["mode"]: value})
    elif kind == "richmenuswitch":
        _switch(platform, user, action)
    elif kind == "location":
        send(platform, user, "location", {})
    elif kind in ("camera", "cameraRoll"):
        send(platform, user, "image", {})
    elif kind == "uri":
        return {"open": action["uri"]}
    elif kind == "clipboard":
        return {"copy": action["clipboardText"]}
    else:
        raise Impossible(f"nothing happens on an action of type {kind!r}")
    return {}


def make_group(platform: Platform, name: str, members: list[str], kind: str = "group") -> Group:
    """A group chat of these people, who invite the account."""
    with platform.lock:
        group = Group(ids.group_id() if kind == "group" else ids.room_id(), kind, name, list(members), True)
        platform.chats.groups[group.id] = group
        platform.save_group(group)
        _tell(platform, "join", None, group=group.id)
        return group


def remove_from_group(platform: Platform, group_id: str) -> None:
    """The members put the account out of the group."""
    with platform.lock:
        group = platform.chats.groups[group_id]
        group.holds_bot = False
        platform.save_group(group)
        _tell(platform, "leave", None, group=group_id, answerable=False)


def _person(platform: Platform, user: str) -> Person:
    person = platform.chats.people.get(user)
    if person is None:
        raise Impossible("there is nobody with this id")
    return person


def _note(platform: Platform, chat: str, what: str) -> None:
    note = {"type": "note", "note": what}
    platform.add(Entry(0, 0, platform.message_ids.next(), chat, "system", platform.now_ms(), note))


def _tell(
    platform: Platform,
    kind: str,
    user: str | None,
    *,
    group: str | None = None,
    answerable: bool = True,
    **more: Any,
) -> None:
    """Send the event. Hold the lock, so that events leave in the order of what happened."""
    chat = group or user or ""
    if group is not None:
        source = events.group_source(platform.chats.groups[group], user)
    else:
        source = events.user_source(chat)
    token = platform.tokens.issue(chat, platform.clock.now()) if answerable else None
    platform.webhook.send(events.event(kind, source, platform.now_ms(), replyToken=token, **more), chat)


def _postback(platform: Platform, user: str, action: dict[str, Any], params: dict[str, str] | None) -> None:
    with platform.lock:
        shown = action.get("displayText")
        if action.get("text"):
            send(platform, user, "text", {"text": action["text"]})
        elif shown:
            content = {"type": "text", "text": shown}
            platform.add(
                Entry(
                    0,
                    0,
                    platform.message_ids.next(),
                    user,
                    user,
                    platform.now_ms(),
                    content,
                    "tapped",
                    read=True,
                )
            )
        else:
            platform.chats.touch(None, user)
        postback: dict[str, Any] = {"data": action["data"]}
        _tell(platform, "postback", user, postback=postback | ({"params": params} if params else {}))


def _switch(platform: Platform, user: str, action: dict[str, Any]) -> None:
    with platform.lock:
        alias = action["richMenuAliasId"]
        menu = platform.menus.aliases.get(alias)
        status = "RICHMENU_ALIAS_ID_NOTFOUND"
        if menu is not None:
            status = "SUCCESS" if menu in platform.menus.menus else "RICHMENU_NOTFOUND"
        if menu is not None and status == "SUCCESS":
            platform.menus.link([user], menu)
        _postback(platform, user, {"data": action["data"]}, {"newRichMenuAliasId": alias, "status": status})
