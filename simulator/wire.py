"""One HTTP request to LINE's API and its answer, below any framework: this path has to keep up with benchmarks."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from simulator.refusals import Refusal

BODY_MOST = 2 * 1024 * 1024
_DRAIN_MOST = 64 * 1024 * 1024
StartResponse = Callable[..., Any]
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass
class Request:
    """What came in. `ids` are the parts of the path that name something."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    id: str
    ids: tuple[str, ...] = ()
    _json: Any = None

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def json(self) -> Any:
        """The body. Raises Refusal (400, 415) for one that is no JSON object."""
        if self._json is None:
            if self.kind != "application/json":
                raise Refusal(415, f"The content type, '{self.kind}', is not supported")
            self._json = _parsed(self.body)
        return self._json

    def captured(self) -> Any:
        """The body as the capture shows it: JSON where it is, text where it nearly is, nothing for pictures."""
        if self._json is not None:
            return self._json
        if not self.body or self.kind.startswith("image/"):
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")


def _parsed(body: bytes) -> Any:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise Refusal(
            400, f"The request body could not be parsed as JSON (line: {line}, column: {column})"
        ) from error
    if not isinstance(value, dict):
        raise Refusal(400, "The request body is not a JSON object")
    return value


@dataclass(frozen=True)
class Answer:
    """What goes out; a bytes body is sent as it is, under the content type `kind`."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"


def read(environ: dict[str, Any], request_id: str) -> Request:
    """Take a request off the line. A body over 2 MB is read to its end and left empty, with its length told."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    query = environ.get("QUERY_STRING", "")
    path = environ["PATH_INFO"]
    return Request(
        environ["REQUEST_METHOD"],
        path,
        dict(parse_qsl(query)) if query else {},
        headers,
        _body(environ, headers),
        request_id,
    )


def _body(environ: dict[str, Any], headers: dict[str, str]) -> bytes:
    stream = environ["wsgi.input"]
    length = headers.get("content-length", "")
    if length.isdigit():
        size = int(length)
        if size <= BODY_MOST:
            return bytes(stream.read(size)) if size else b""
        # An unread body would be taken for the next request on this connection.
        left = min(size, _DRAIN_MOST)
        while left > 0 and (chunk := stream.read(min(65536, left))):
            left -= len(chunk)
        return b""
    if environ.get("wsgi.input_terminated"):
        body = bytes(stream.read(BODY_MOST + 1))
        headers["content-length"] = str(len(body))
        return body
    return b""


def is_too_long(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return length.isdigit() and int(length) > BODY_MOST


def write(answer: Answer, request_id: str, start_response: StartResponse) -> Iterable[bytes]:
    """Put an answer on the line."""
    body = (
        answer.body if isinstance(answer.body, bytes) else _dump(answer.body).encode("utf-8", "surrogatepass")
    )
    start_response(
        _LINES[answer.status],
        [
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(body))),
            ("x-line-request-id", request_id),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            *answer.headers.items(),
        ],
    )
    return [body]


def cut(environ: dict[str, Any]) -> None:
    """Close the connection under the server's feet, so that the client sees no answer at all."""
    line = environ.get("simulator.socket") or environ.get("werkzeug.socket") or environ.get("gunicorn.socket")
    if line is None:
        raise ConnectionResetError("the simulated line was cut")
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # The client has gone already, which is as good.
