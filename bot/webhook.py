"""LINE's webhook: check the signature over the raw bytes, make the events durable, answer 200. The rest comes after.

Plain WSGI in front of Flask, which would cost a webhook more than everything that is done here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import structlog

from bot.intake import NotKept
from line import signature
from line.events import Event

log = structlog.get_logger()

PATH = "/callback"
LARGEST_BODY = 2 * 1024 * 1024

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class Door(Protocol):
    """What the webhook asks of the process it runs in."""

    def take(self, body: bytes) -> list[Event]:
        """Make a body's events durable; returns the new ones. Raises NotKept."""
        ...

    def after(self, fresh: Sequence[Event]) -> None:
        """The 200 is out: answer what cannot wait, wake the rest."""
        ...

    def answer_now(self, body: bytes) -> None:
        """Nothing could be kept: answer what cannot wait before the 503."""
        ...


class Webhook:
    """Answers POST /callback; everything else goes to `rest`."""

    def __init__(self, door: Door, secrets: Sequence[str], rest: Wsgi) -> None:
        self._door, self._secrets, self._rest = door, secrets, rest

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._rest(environ, start_response)
        body = _body(environ)
        if body is None:
            return _say(start_response, "413 Content Too Large", b"too large")
        if not signature.is_valid(body, environ.get("HTTP_X_LINE_SIGNATURE"), self._secrets):
            return _say(start_response, "400 Bad Request", b"signature")
        try:
            fresh = self._door.take(body)
        except Exception as error:  # noqa: BLE001  # LINE must be told; what was said must not reach a log
            if not isinstance(error, NotKept):
                log.error("webhook_failed", error=type(error).__name__)
            self._door.answer_now(body)
            return _say(start_response, "503 Service Unavailable", b"not kept")
        answer = _say(start_response, "200 OK", b"OK")
        return _Then(answer, lambda: self._door.after(fresh)) if fresh else answer


class _Then:
    """An answer, and what is done once the server has sent it."""

    def __init__(self, answer: Iterable[bytes], after: Callable[[], None]) -> None:
        self._answer, self._after = answer, after

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        self._after()


def _body(environ: Environ) -> bytes | None:
    """The raw bytes, or None when there are too many."""
    given = environ.get("CONTENT_LENGTH") or ""
    length = int(given) if given.isdigit() else LARGEST_BODY + 1
    if given and length > LARGEST_BODY:
        return None
    body: bytes = environ["wsgi.input"].read(length)
    return body if len(body) <= LARGEST_BODY else None


def _say(start_response: StartResponse, status: str, text: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return (text,)
