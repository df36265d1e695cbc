"""LINE's own paths: finds the endpoint, plays the faults, checks token and rate, and records what the bot asked."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from simulator import account, ids, menu_paths, sending
from simulator.faults import Outcome
from simulator.platform import Platform
from simulator.refusals import Refusal, not_found, quota_exceeded, rate_exceeded
from simulator.wire import Answer, Request, StartResponse, cut, is_too_long, read, write

Handler = Callable[[Platform, Request], Answer]
PREFIXES = ("/v2/", "/oauth2/")
RETRYABLE = {"push", "multicast", "narrowcast", "broadcast"}
_OPEN = {"token"}


@dataclass(frozen=True)
class Endpoint:
    name: str
    handler: Handler


_TABLE = [*sending.PATHS, *account.PATHS, *menu_paths.PATHS]
_EXACT = {
    (method, path): Endpoint(name, handler) for method, path, name, handler in _TABLE if "{" not in path
}
_PATTERNS = [
    (method, re.compile(re.sub(r"\{[^}]+\}", "([^/]+)", path)), Endpoint(name, handler))
    for method, path, name, handler in _TABLE
    if "{" in path
]
NAMES = sorted({name for _, _, name, _ in _TABLE})


def find(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]]:
    """The endpoint at a path and the names in it. Raises Refusal (404, 405)."""
    exact = _EXACT.get((method, path))
    if exact is not None:
        return exact, ()
    others = any(known == path for _, known in _EXACT)
    for allowed, pattern, endpoint in _PATTERNS:
        match = pattern.fullmatch(path)
        if match and allowed == method:
            return endpoint, match.groups()
        others = others or match is not None
    raise Refusal(405, f"The HTTP method, '{method}', isn't supported") if others else not_found()


class Api:
    """The WSGI application for LINE's paths."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = read(environ, ids.request_id())
        try:
            endpoint, request.ids = find(request.method, request.path)
        except Refusal as refusal:
            return self._out(request, _refused(refusal), start_response)
        fault = self._platform.faults.next(endpoint.name)
        if fault.latency_ms:
            time.sleep(fault.latency_ms / 1000)
        answer = self._answer(endpoint, request) if fault.is_processed else _failed(fault)
        if fault.kind in ("hang", "hang_after"):
            self._platform.faults.hang(fault.seconds)
        if fault.kind in ("hang", "hang_after", "refuse_before", "cut_after"):
            self._record(request, 0)
            cut(environ)
            start_response("502 Bad Gateway", [("Connection", "close"), ("Content-Length", "0")])
            return [b""]
        return self._out(request, _spoilt(fault, request, answer), start_response)

    def _answer(self, endpoint: Endpoint, request: Request) -> Answer:
        try:
            if endpoint.name not in _OPEN:
                self._authorise(request)
            self._platform.buckets.take(endpoint.name)
            if is_too_long(request):
                raise Refusal(413, "The request body is larger than 2 MB")
            _check_retry_key(endpoint.name, request)
            return endpoint.handler(self._platform, request)
        except Refusal as refusal:
            return _refused(refusal)

    def _authorise(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise Refusal(
                401,
                "Authorization header required. Must follow the scheme, "
                "'Authorization: Bearer <ACCESS TOKEN>'",
            )
        if token != self._platform.token and self._platform.issued.get(token, 0) < self._platform.now_ms():
            raise Refusal(
                401,
                "Authentication failed. Confirm that the access token in the authorization header is valid.",
            )

    def _out(self, request: Request, answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
        self._record(request, answer.status)
        return write(answer, request.id, start_response)

    def _record(self, request: Request, status: int) -> None:
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        path = f"{request.path}?{query}" if query else request.path
        self._platform.capture.add(request.method, path, dict(request.headers), request.captured(), status)


def _check_retry_key(name: str, request: Request) -> None:
    key = request.headers.get("x-line-retry-key")
    if key is None:
        return
    if name not in RETRYABLE:
        raise Refusal(400, "The 'X-Line-Retry-Key' header is not supported by this endpoint")
    try:
        well_formed = str(uuid.UUID(key)) == key.lower()
    except ValueError:
        well_formed = False
    if not well_formed:
        raise Refusal(400, "The value of the 'X-Line-Retry-Key' header is not a UUID")


def _refused(refusal: Refusal) -> Answer:
    return Answer(refusal.body, refusal.status, refusal.headers)


def _failed(fault: Outcome) -> Answer:
    """The answer to a request that nothing is done about."""
    late = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    if fault.kind == "quota":
        return _refused(quota_exceeded())
    if fault.kind == "429":
        return Answer(rate_exceeded().body, 429, late)
    if fault.kind.isdigit():
        status = int(fault.kind)
        return Answer({"message": "Internal server error" if status >= 500 else "Refused"}, status, late)
    return Answer()


def _spoilt(fault: Outcome, request: Request, answer: Answer) -> Answer:
    """What becomes of the answer to a request that was processed. A refusal stays what it is."""
    if answer.status >= 300:
        return answer
    if fault.kind == "500_after":
        return Answer({"message": "Internal server error"}, 500)
    if fault.kind == "garbage":
        return Answer(b"<html>\x00\xff not json", 200, kind="text/html")
    if fault.kind == "409" and request.headers.get("x-line-retry-key"):
        body = {"message": "The retry key is already accepted"} | (
            answer.body if isinstance(answer.body, dict) else {}
        )
        return Answer(body, 409, {"x-line-accepted-request-id": request.id})
    return answer
