"""Webhook events as LINE words them. Everything that happened is in the arguments."""

from __future__ import annotations

from typing import Any

from simulator import ids
from simulator.chats import Group


def user_source(user: str) -> dict[str, str]:
    return {"type": "user", "userId": user}


def group_source(group: Group, user: str | None = None) -> dict[str, str]:
    source = {"type": group.kind, f"{group.kind}Id": group.id}
    return source | {"userId": user} if user else source


def event(kind: str, source: dict[str, str], at_ms: int, **more: Any) -> dict[str, Any]:
    """One event. A key given as None is left out, as LINE leaves out what an event does not have."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": at_ms,
        "source": source,
        "webhookEventId": ids.event_id(at_ms),
        "deliveryContext": {"isRedelivery": False},
    } | {name: value for name, value in more.items() if value is not None}


def redelivered(given: dict[str, Any]) -> dict[str, Any]:
    """The same event, delivered again."""
    return given | {"deliveryContext": {"isRedelivery": True}}


def standby(given: dict[str, Any]) -> dict[str, Any]:
    """The same event as seen while another channel has the chat: no reply token."""
    return {name: value for name, value in given.items() if name != "replyToken"} | {"mode": "standby"}


def message_content(kind: str, message_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """The `message` of a message event, from what the person sent (a text, a sticker, a file ...)."""
    content: dict[str, Any] = {"type": kind, "id": message_id}
    if kind in ("text", "sticker", "image", "video"):
        content["quoteToken"] = ids.token()
    content["markAsReadToken"] = ids.token()
    if kind == "text":
        content["text"] = given["text"]
        if given.get("quotedMessageId"):
            content["quotedMessageId"] = given["quotedMessageId"]
    elif kind == "sticker":
        content |= {
            "packageId": given["packageId"],
            "stickerId": given["stickerId"],
            "stickerResourceType": given.get("stickerResourceType", "STATIC"),
        }
        if given.get("keywords"):
            content["keywords"] = list(given["keywords"])[:15]
    elif kind == "location":
        content |= {
            name: given[name] for name in ("title", "address", "latitude", "longitude") if name in given
        }
    elif kind == "file":
        content |= {"fileName": given["fileName"], "fileSize": given["fileSize"]}
    else:
        content["contentProvider"] = {"type": "line"}
        if kind in ("audio", "video"):
            content["duration"] = given.get("duration", 3000)
    return content
