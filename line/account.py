"""What LINE says of the account itself: for the operator, one question at a time, without the SDK.

The SDK takes two seconds to import and keeps the headers of a success to itself; here LINE's own clock is wanted too.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

PATIENCE = 10.0


@dataclass(frozen=True)
class Heard:
    """`status` 0: no answer, and `cause` says why. `date` is LINE's clock when it answered."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    date: datetime | None = None
    cause: str = ""

    @property
    def is_well(self) -> bool:
        return 200 <= self.status < 300


class Account:
    """Asks as the channel whose token this is. Nothing here changes anything at LINE's."""

    def __init__(self, base: str, token: str) -> None:
        self._base, self._token = base.rstrip("/"), token
        handlers: list[urllib.request.BaseHandler] = [_StayHere()]
        if urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1"):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def info(self) -> Heard:
        """basicId, displayName, chatMode."""
        return self._ask("GET", "/v2/bot/info")

    def endpoint(self) -> Heard:
        """Where webhooks go, and whether "Use webhook" is on. 404 when no address is set."""
        return self._ask("GET", "/v2/bot/channel/webhook/endpoint")

    def test(self) -> Heard:
        """LINE posts an empty webhook to the address that is set. At most 60 an hour."""
        return self._ask("POST", "/v2/bot/channel/webhook/test", {})

    def quota(self) -> Heard:
        return self._ask("GET", "/v2/bot/message/quota")

    def consumption(self) -> Heard:
        return self._ask("GET", "/v2/bot/message/quota/consumption")

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Heard:
        asked = urllib.request.Request(  # noqa: S310  # the base was checked with the settings: https, or this machine
            self._base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with self._opener.open(asked, timeout=PATIENCE) as answer:
                return Heard(answer.status, _object(answer.read(1 << 20)), _date(answer.headers))
        except HTTPError as error:
            with error:
                return Heard(error.code, _object(error.read(1 << 20)), _date(error.headers))
        except (URLError, OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            return Heard(0, cause=type(reason).__name__)


class _StayHere(urllib.request.HTTPRedirectHandler):
    """The token goes to LINE's own address and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _date(headers: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
    except (TypeError, ValueError, KeyError):
        return None
