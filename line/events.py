"""Webhook bodies as LINE sends them, read with patience: one odd event is passed over and never loses its neighbours.

The SDK's parser is not used here: it rejects the whole body when one event has an unknown mode or lacks a field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

Chat = Literal["user", "group", "room"]
CHATS: Mapping[str, str] = {"user": "userId", "group": "groupId", "room": "roomId"}
LINE_ID = re.compile(r"[UCR][0-9a-f]{32}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# LINE's console once verified webhooks with events of a made-up user; they are never answered.
DUMMY_TOKENS = frozenset({"0" * 32, "f" * 32})

# Kinds that have an effect here. LINE adds new ones without notice: those get their 200 and nothing else.
PERSONAL = frozenset({"message", "postback", "follow", "unfollow", "unsend"})
SHARED = frozenset({"message", "join", "memberJoined", "postback"})


@dataclass(frozen=True)
class Event:
    """One event, only what this service looks at. `message_key` and `unsent_key` are added by the drain."""

    kind: str
    event_id: str
    happened_at: datetime
    chat: Chat
    chat_id: str
    reply_token: str | None = None
    redelivered: bool = False
    message_type: str | None = None
    message_id: str | None = None
    text: str | None = None
    place: tuple[float, float] | None = None
    data: str | None = None
    params: Mapping[str, Any] | None = None
    unblocked: bool = False
    unsent_id: str | None = None
    message_key: str | None = None
    unsent_key: str | None = None

    @property
    def timestamp_ms(self) -> int:
        return (self.happened_at - EPOCH) // timedelta(milliseconds=1)

    @property
    def user_id(self) -> str | None:
        return self.chat_id if self.chat == "user" else None

    def keyed(self, message_key: str | None, unsent_key: str | None) -> Event:
        """The same event with the keyed ids of its message, for finding it again without keeping the id."""
        return replace(self, message_key=message_key, unsent_key=unsent_key)


def split(body: bytes) -> list[dict[str, Any]]:
    """The raw events of a body, those that are objects. Never raises; a body that is no JSON has none."""
    try:
        events = json.loads(body)["events"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def read(raw: Mapping[str, Any]) -> Event | None:
    """One raw event, or None for what has no effect here: standby, unknown and future kinds, no identifiable chat."""
    source, kind, event_id = raw.get("source"), raw.get("type"), _text(raw.get("webhookEventId"))
    if raw.get("mode", "active") != "active" or not isinstance(source, dict) or not event_id:
        return None
    chat, token = source.get("type"), _text(raw.get("replyToken"))
    chat_id = source.get(CHATS.get(chat, "")) if isinstance(chat, str) else None
    if not isinstance(chat_id, str) or not LINE_ID.fullmatch(chat_id) or token in DUMMY_TOKENS:
        return None
    if not isinstance(kind, str) or kind not in (PERSONAL if chat == "user" else SHARED):
        return None
    happened_at = _instant(raw.get("timestamp"))
    if happened_at is None:
        return None
    message, postback = _object(raw.get("message")), _object(raw.get("postback"))
    return Event(
        kind=kind,
        event_id=event_id[:64],
        happened_at=happened_at,
        chat=cast(Chat, chat),
        chat_id=chat_id,
        reply_token=token,
        redelivered=_object(raw.get("deliveryContext")).get("isRedelivery") is True,
        message_type=_text(message.get("type")),
        message_id=_text(message.get("id")),
        text=_text(message.get("text")) if message.get("type") == "text" else None,
        place=_place(message) if message.get("type") == "location" else None,
        data=_text(postback.get("data")),
        params=_object(postback.get("params")) or None,
        unblocked=_object(raw.get("follow")).get("isUnblocked") is True,
        unsent_id=_text(_object(raw.get("unsend")).get("messageId")),
    )


def parse(body: bytes) -> list[Event]:
    """Every event of a body that has an effect here, in the order given. Never raises."""
    return [event for event in map(read, split(body)) if event is not None]


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    # A lone surrogate is legal JSON, but neither hashable nor storable as UTF-8.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and value else None


def _place(message: Mapping[str, Any]) -> tuple[float, float] | None:
    """Latitude and longitude, or None for anything that is no place on earth."""
    latitude, longitude = message.get("latitude"), message.get("longitude")
    for value, most in ((latitude, 90), (longitude, 180)):
        if not isinstance(value, int | float) or isinstance(value, bool) or not -most <= value <= most:
            return None
    return float(cast(float, latitude)), float(cast(float, longitude))


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 32503680000000:
        return None
    return EPOCH + timedelta(milliseconds=value)
