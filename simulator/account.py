"""The account's other endpoints: quota, people, chats, webhook address, received media, access tokens."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from simulator import acts, ids
from simulator.allowances import JAPAN
from simulator.media import drawn
from simulator.platform import Platform
from simulator.post import TIMED_OUT, UNREACHABLE
from simulator.refusals import Refusal, invalid, not_found, property_invalid
from simulator.wire import Answer, Request

PRIVATE_BELOW = 20
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_USER = re.compile(r"U[0-9a-f]{32}")


def quota(platform: Platform, request: Request) -> Answer:
    limit = platform.quota.limit
    return Answer({"type": "none"} if limit is None else {"type": "limited", "value": limit})


def consumption(platform: Platform, request: Request) -> Answer:
    return Answer({"totalUsage": platform.quota.consumption(platform.clock.now())})


def delivery(platform: Platform, request: Request) -> Answer:
    """Messages sent on a day of Japan's calendar, ready the day after."""
    day, kind = request.query.get("date", ""), request.path.rsplit("/", 1)[1]
    if not re.fullmatch(r"\d{8}", day):
        raise Refusal(400, "The value for the 'date' parameter is invalid")
    today = f"{platform.clock.now().astimezone(JAPAN):%Y%m%d}"
    if day >= today:
        return Answer({"status": "unready"})
    sent = platform.quota.sent.get(f"{kind}/{day}", 0)
    if kind in ("multicast", "broadcast") and 0 < sent < PRIVATE_BELOW:
        return Answer({"status": "unavailable_for_privacy"})
    return Answer({"status": "ready", "success": sent})


def profile(platform: Platform, request: Request) -> Answer:
    person = platform.chats.people.get(request.ids[0])
    if person is None or person.has_blocked or not (person.is_friend or person.wrote_ms):
        raise not_found()
    return Answer({"userId": person.id, "displayName": person.name, "language": person.language})


def followers(platform: Platform, request: Request) -> Answer:
    limit, start = request.query.get("limit", "300"), request.query.get("start", "0")
    if not limit.isdigit() or not 1 <= int(limit) <= 1000 or not start.isdigit():
        raise Refusal(400, "The value for the 'limit' parameter is invalid")
    friends = [person.id for person in platform.friends()]
    page = friends[int(start) : int(start) + int(limit)]
    more = {"next": str(int(start) + int(limit))} if int(start) + int(limit) < len(friends) else {}
    return Answer({"userIds": page} | more)


def info(platform: Platform, request: Request) -> Answer:
    return Answer(
        {
            "userId": platform.bot_id,
            "basicId": "@eap",
            "displayName": platform.name,
            "chatMode": platform.chat_mode,
            "markAsReadMode": "auto" if platform.chat_mode == "bot" else "manual",
        }
    )


def loading(platform: Platform, request: Request) -> Answer:
    body = request.json()
    chat, seconds = body.get("chatId"), body.get("loadingSeconds", 20)
    if not isinstance(chat, str) or not _USER.fullmatch(chat):
        raise property_invalid("chatId")
    if type(seconds) is not int or not 5 <= seconds <= 60 or seconds % 5:
        raise invalid([("loadingSeconds", "must be a multiple of 5 from 5 to 60")])
    with platform.lock:
        if chat in platform.chats.people:
            until = platform.clock.now() + timedelta(seconds=seconds)
            platform.chats[chat].loading_until_ms = int(until.timestamp() * 1000)
            platform.chats.touch(None, chat)
    return Answer({}, 202)


def mark_as_read(platform: Platform, request: Request) -> Answer:
    """Marks a message and those before it; while chat is off LINE has done so by itself."""
    token = request.json().get("markAsReadToken")
    with platform.lock:
        for user in platform.chats.people:
            entries = platform.chats[user].entries
            place = next(
                (i for i, e in enumerate(entries) if token and e.message.get("markAsReadToken") == token), -1
            )
            for entry in entries[: place + 1]:
                if entry.by == user and not entry.read:
                    entry.read = True
                    platform.chats.touch(entry, user)
                    platform.keep(entry)
            if place >= 0:
                return Answer()
    raise Refusal(400, "The markAsReadToken is invalid")


def leave(platform: Platform, request: Request) -> Answer:
    with platform.lock:
        group = platform.chats.groups.get(request.ids[1])
        if group is None or not group.holds_bot or group.kind != request.ids[0]:
            raise not_found()
        acts.remove_from_group(platform, group.id)
    return Answer()


def members(platform: Platform, request: Request) -> Answer:
    group = platform.chats.groups.get(request.ids[1])
    if group is None or not group.holds_bot:
        raise not_found()
    return Answer({"count": len(group.members)})


def get_endpoint(platform: Platform, request: Request) -> Answer:
    if not platform.endpoint:
        raise not_found()
    return Answer({"endpoint": platform.endpoint, "active": platform.webhook.is_on})


def put_endpoint(platform: Platform, request: Request) -> Answer:
    """Keeps the address. Webhooks go there only on this machine: the simulator talks to nobody else."""
    address = _endpoint(request.json().get("endpoint"))
    platform.endpoint = address
    if urlsplit(address).hostname in _LOOPBACK:
        platform.webhook.target = address
    return Answer()


def _endpoint(address: object) -> str:
    """An address LINE would take: https, or anything on this machine; 500 characters at most."""
    url = urlsplit(address if isinstance(address, str) else "")
    schemes = ("http", "https") if url.hostname in _LOOPBACK else ("https",)
    if not isinstance(address, str) or len(address) > 500 or url.scheme not in schemes:
        raise Refusal(400, "Invalid webhook endpoint URL")
    return address


def test_endpoint(platform: Platform, request: Request) -> Answer:
    """Posts an empty body, to the address given or to the one that is set, be the webhook used or not."""
    given = request.json().get("endpoint")
    to = _endpoint(given) if given is not None else None
    if to is not None and urlsplit(to).hostname not in _LOOPBACK:
        status = UNREACHABLE
    else:
        body = b'{"destination":"%s","events":[]}' % platform.bot_id.encode()
        status = platform.webhook.post_raw(body, to=to)
    reached = 200 <= status < 300
    failed = {TIMED_OUT: "REQUEST_TIMEOUT", UNREACHABLE: "COULD_NOT_CONNECT"}.get(status, "ERROR_STATUS_CODE")
    return Answer(
        {
            "success": reached,
            "timestamp": platform.clock.now().isoformat(),
            "statusCode": max(status, 0),
            "reason": "OK" if reached else failed,
            "detail": str(max(status, 0)),
        }
    )


def content(platform: Platform, request: Request) -> Answer:
    """A picture or sound somebody sent: here a drawn stand-in. Gone (410) once unsent."""
    with platform.lock:
        for chat in (*platform.chats.people, *platform.chats.groups):
            entry = platform.chats[chat].find(request.ids[0])
            if entry is not None and entry.unsent:
                raise Refusal(410, "The content is gone")
            if entry is not None and entry.message["type"] in ("image", "video", "audio", "file"):
                kind, data = drawn(entry.message["type"])
                return Answer(data, kind=kind)
    raise not_found()


def issue_token(platform: Platform, request: Request) -> Answer:
    """A token of fifteen minutes for whoever knows the channel secret."""
    form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    if form.get("client_secret") not in platform.webhook.secret.split(","):
        raise Refusal(400, "invalid client_secret")
    token = ids.token()
    platform.issued[token] = platform.now_ms() + 900_000
    return Answer({"token_type": "Bearer", "access_token": token, "expires_in": 900})


PATHS = [
    ("GET", "/v2/bot/message/quota", "quota", quota),
    ("GET", "/v2/bot/message/quota/consumption", "consumption", consumption),
    *(
        ("GET", f"/v2/bot/message/delivery/{kind}", "delivery", delivery)
        for kind in ("reply", "push", "multicast", "broadcast")
    ),
    ("GET", "/v2/bot/profile/{userId}", "profile", profile),
    ("GET", "/v2/bot/followers/ids", "followers", followers),
    ("GET", "/v2/bot/info", "info", info),
    ("POST", "/v2/bot/chat/loading/start", "loading", loading),
    ("POST", "/v2/bot/chat/markAsRead", "mark_as_read", mark_as_read),
    ("POST", "/v2/bot/{chat}/{chatId}/leave", "leave", leave),
    ("GET", "/v2/bot/{chat}/{chatId}/members/count", "members", members),
    ("GET", "/v2/bot/channel/webhook/endpoint", "webhook_endpoint", get_endpoint),
    ("PUT", "/v2/bot/channel/webhook/endpoint", "webhook_endpoint", put_endpoint),
    ("POST", "/v2/bot/channel/webhook/test", "webhook_test", test_endpoint),
    ("GET", "/v2/bot/message/{messageId}/content", "content", content),
    ("POST", "/oauth2/v3/token", "token", issue_token),
]
