"""Posting webhook bodies to the bot: signed, over a kept connection, within LINE's time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import socket
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

Target = str | Callable[[bytes, dict[str, str]], int]
"""Where webhooks go: a URL, or a function of body and headers that gives the bot's status."""

TIMED_OUT = 0
UNREACHABLE = -1


def signature(secret: str, body: bytes) -> str:
    """The x-line-signature of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class Poster:
    """One connection a thread. `post` gives the bot's status, TIMED_OUT or UNREACHABLE; it never raises."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._kept: set[http.client.HTTPConnection] = set()

    def close(self) -> None:
        """Hang up every line that is kept."""
        while self._kept:
            self._kept.pop().close()

    def post(self, target: Target, body: bytes, headers: dict[str, str], seconds: float) -> int:
        if not isinstance(target, str):
            return target(body, headers)
        url = urlsplit(target)
        for is_second in (False, True):
            kept = getattr(self._mine, "line", None) if not is_second else None
            reused = kept is not None and self._mine.to == url.netloc
            line = (
                kept
                if reused and kept is not None
                else _connect(url.hostname or "", url.port, url.scheme, seconds)
            )
            self._mine.line = None
            self._kept.discard(line)
            try:
                status = _ask(line, url.path or "/", body, headers, seconds)
            except TimeoutError:
                line.close()
                return TIMED_OUT
            except (OSError, http.client.HTTPException):
                line.close()
                # A kept connection may have been closed while it was idle; that says nothing about the bot.
                if reused:
                    continue
                return UNREACHABLE
            self._mine.line, self._mine.to = line, url.netloc
            self._kept.add(line)
            return status
        return UNREACHABLE


def _connect(host: str, port: int | None, scheme: str, seconds: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    return kind(host, port, timeout=seconds)


def _ask(
    line: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str], seconds: float
) -> int:
    if line.sock is None:
        line.connect()
    wire: socket.socket = line.sock
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire.settimeout(seconds)
    line.request("POST", path, body, headers)
    answer = line.getresponse()
    answer.read()
    return answer.status
