"""The one client of LINE's API in a process: time-outs on every call, no hidden retries, four possible outcomes.

Importing this is cheap; the SDK (about two seconds) is imported by `connect`, before the process calls itself ready.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from line.errors import Accepted, Refused, Sent, Unknown, Unsent

if TYPE_CHECKING:
    from linebot.v3.messaging import Message, MessagingApi

CONNECTIONS = 64
# Connect and read, in seconds: two tries of a reply end inside the fifteen seconds of a lease.
REPLY_TIMEOUT = (2.0, 5.0)
PUSH_TIMEOUT = (3.0, 10.0)


class LineClient:
    """Thread-safe: one pool of connections for all callers. Make it after a fork."""

    def __init__(self, base: str, token: str) -> None:
        from linebot.v3 import messaging
        from urllib3 import Retry

        settings = messaging.Configuration(host=base.rstrip("/"), access_token=token)
        # LINE's own rule is one token, one try; and a GET answered 429 would otherwise block for its Retry-After.
        settings.retries = Retry(total=0, redirect=0, respect_retry_after_header=False)
        settings.connection_pool_maxsize = CONNECTIONS
        if urlsplit(base).hostname in ("127.0.0.1", "localhost", "::1"):
            settings.proxy = None
        self._sdk = messaging
        self._connections = messaging.ApiClient(settings)
        self._api: MessagingApi = messaging.MessagingApi(self._connections)

    def close(self) -> None:
        """Close the kept connections."""
        self._connections.rest_client.pool_manager.clear()

    def reply(self, token: str, messages: Sequence[Message]) -> Sent:
        """Answer on a reply token: free, once, within a minute. It has no retry key."""
        request = self._sdk.ReplyMessageRequest(reply_token=token, messages=list(messages))
        return _outcome(
            lambda: self._api.reply_message_with_http_info(
                request, _request_timeout=REPLY_TIMEOUT, _preload_content=False
            )
        )

    def push(self, to: str, messages: Sequence[Message], retry_key: str, *, silent: bool = False) -> Sent:
        """Send under a retry key: within 24 hours LINE shows it at most once, however often this is called."""
        request = self._sdk.PushMessageRequest(to=to, messages=list(messages), notification_disabled=silent)
        return _outcome(
            lambda: self._api.push_message_with_http_info(
                request, x_line_retry_key=retry_key, _request_timeout=PUSH_TIMEOUT, _preload_content=False
            )
        )

    def leave(self, chat: str, chat_id: str) -> Sent:
        """Leave a group or room."""
        call = (
            self._api.leave_group_with_http_info if chat == "group" else self._api.leave_room_with_http_info
        )
        return _outcome(lambda: call(chat_id, _request_timeout=PUSH_TIMEOUT, _preload_content=False))

    def quota_left(self) -> int | None:
        """Messages left this month, or None where the plan has no limit or LINE does not say."""
        try:
            quota = self._api.get_message_quota(_request_timeout=PUSH_TIMEOUT)
            used = self._api.get_message_quota_consumption(_request_timeout=PUSH_TIMEOUT)
        except Exception:  # noqa: BLE001  # the SDK raises two unrelated families; no answer is an answer here
            return None
        return None if quota.value is None else max(0, quota.value - used.total_usage)

    def messages(self, wire: Sequence[dict[str, Any]]) -> list[Message]:
        """Frozen wire messages as the SDK's models (plain dicts would silently lose their content)."""
        found = [self._sdk.Message.from_dict(message) for message in wire]
        return [message for message in found if message is not None]


def _outcome(call: Callable[[], Any]) -> Sent:
    """Sort what the SDK returns or raises: it has two unrelated families of errors.

    Calls ask it not to parse what LINE answers: with a 2xx LINE has taken the message, whatever the body holds.
    """
    from linebot.v3.messaging.exceptions import ApiException
    from urllib3 import exceptions as wire

    try:
        call()
    except ApiException as error:
        return _answered(int(error.status or 0), error.headers)
    except wire.MaxRetryError as error:
        # Without retries this wraps the first failure; only failing to connect proves that nothing left.
        cause = type(error.reason).__name__
        never_left = isinstance(error.reason, wire.NewConnectionError | wire.ConnectTimeoutError)
        return Unsent(cause) if never_left else Unknown(cause)
    except (wire.HTTPError, OSError, ValueError) as error:
        return Unknown(type(error).__name__)
    return Accepted()


def _answered(status: int, headers: Any) -> Sent:
    if status == 409:
        return Accepted()
    if 400 <= status < 500:
        return Refused(status, _seconds((headers or {}).get("Retry-After")))
    return Unknown(f"status {status}")


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isdigit() else None
