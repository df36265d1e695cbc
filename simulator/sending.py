"""The send endpoints: reply, push, multicast, narrowcast, broadcast, and their dry runs."""

from __future__ import annotations

import re
from typing import Any

from line import limits
from simulator.platform import Call, Platform
from simulator.refusals import Refusal, invalid, property_invalid
from simulator.wire import Answer, Request

REACH_LEAST = 100
RECIPIENTS_LEAST = 50
_UNIT = re.compile(r"[A-Za-z0-9_]{1,30}")


def _call(request: Request, body: dict[str, Any], *, quoting: bool) -> Call:
    found = limits.findings(body.get("messages"), quoting=quoting)
    if found:
        raise invalid(found)
    quiet = body.get("notificationDisabled", False)
    if not isinstance(quiet, bool):
        raise property_invalid("notificationDisabled")
    return Call(body["messages"], request.id, request.headers.get("x-line-retry-key", "").lower(), quiet)


def _units(body: dict[str, Any]) -> None:
    units = body.get("customAggregationUnits")
    if units is None:
        return
    if (
        not isinstance(units, list)
        or len(units) > 1
        or not all(isinstance(unit, str) and _UNIT.fullmatch(unit) for unit in units)
    ):
        raise property_invalid("customAggregationUnits")


def reply(platform: Platform, request: Request) -> Answer:
    body = request.json()
    token = body.get("replyToken")
    if not isinstance(token, str) or not token:
        raise invalid([("replyToken", "May not be empty")])
    return Answer({"sentMessages": platform.reply(token, _call(request, body, quoting=True))})


def push(platform: Platform, request: Request) -> Answer:
    body = request.json()
    to = body.get("to")
    if not isinstance(to, str) or not to:
        raise property_invalid("to")
    _units(body)
    return Answer({"sentMessages": platform.push(to, _call(request, body, quoting=True))})


def multicast(platform: Platform, request: Request) -> Answer:
    body = request.json()
    to = body.get("to")
    if not isinstance(to, list) or not all(isinstance(user, str) and user for user in to):
        raise property_invalid("to")
    if not 1 <= len(to) <= limits.MULTICAST_MOST:
        raise invalid([("to", f"size must be between 1 and {limits.MULTICAST_MOST}")])
    _units(body)
    platform.multicast(to, _call(request, body, quoting=False))
    return Answer()


def broadcast(platform: Platform, request: Request) -> Answer:
    platform.broadcast(_call(request, request.json(), quoting=False))
    return Answer()


def narrowcast(platform: Platform, request: Request) -> Answer:
    """Goes to all friends: the simulator knows no demographics, only LINE's floors for using them."""
    body = request.json()
    limit = body.get("limit") or {}
    if limit.get("forbidPartialDelivery") and not limit.get("upToRemainingQuota"):
        raise property_invalid("limit.forbidPartialDelivery")
    call = _call(request, body, quoting=False)
    reach = len(platform.friends())
    if body.get("filter") and reach < REACH_LEAST:
        raise Refusal(403, "The target reach is too small to use a demographic filter")
    if reach < RECIPIENTS_LEAST:
        platform.narrowcasts[request.id] = {
            "phase": "failed",
            "errorCode": 2,
            "failedDescription": "There are not enough recipients",
        }
    else:
        count = platform.broadcast(call, "narrowcast")
        platform.narrowcasts[request.id] = {
            "phase": "succeeded",
            "successCount": count,
            "failureCount": 0,
            "targetCount": count,
        }
    return Answer({}, 202)


def progress(platform: Platform, request: Request) -> Answer:
    known = platform.narrowcasts.get(request.query.get("requestId", ""))
    if known is None:
        raise Refusal(400, "The request ID is not valid")
    at = f"{platform.clock.now():%Y-%m-%dT%H:%MZ}"
    return Answer({"acceptedTime": at, "completedTime": at} | known)


def validate(platform: Platform, request: Request) -> Answer:
    _call(request, request.json(), quoting=request.path.endswith(("/reply", "/push")))
    return Answer()


_AT = "/v2/bot/message"
PATHS = [
    ("POST", f"{_AT}/reply", "reply", reply),
    ("POST", f"{_AT}/push", "push", push),
    ("POST", f"{_AT}/multicast", "multicast", multicast),
    ("POST", f"{_AT}/narrowcast", "narrowcast", narrowcast),
    ("POST", f"{_AT}/broadcast", "broadcast", broadcast),
    ("GET", f"{_AT}/progress/narrowcast", "progress", progress),
    *(
        ("POST", f"{_AT}/validate/{kind}", "validate", validate)
        for kind in ("reply", "push", "multicast", "narrowcast", "broadcast")
    ),
]
