"""(c) From the moment a webhook is sent to the moment LINE, at 50 ms, has answered our reply."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks import load, servers
from benchmarks.figures import Figure, median
from benchmarks.line import ANSWER
from simulator.server import Server

EVENTS = 60
LATENCY = 0.05


class _Line:
    """Remembers when each reply token was answered."""

    def __init__(self) -> None:
        self._answered: dict[str, float] = {}
        self._news = threading.Condition()

    def app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        time.sleep(LATENCY)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))])
        with self._news:
            self._answered[json.loads(body or b"{}").get("replyToken", "")] = time.perf_counter()
            self._news.notify_all()
        return [ANSWER]

    def answered(self, token: str) -> float:
        with self._news:
            if not self._news.wait_for(lambda: token in self._answered, 20):
                raise RuntimeError("no reply came")
            return self._answered[token]


def latency(runs: int) -> list[Figure]:
    """Milliseconds, the median of events one after another, over the runs."""
    line = _Line()
    medians = []
    with Server(line.app) as server:
        for _ in range(runs):
            with servers.serving("serve", server.url) as port:
                medians.append(median(_one(port, line) for _ in range(EVENTS)))
    return [
        Figure(
            "event to reply in ms, LINE at 50 ms, median",
            median(medians),
            100.0,
            {"ms": medians},
            at_most=True,
        )
    ]


def _one(port: int, line: _Line) -> float:
    [request] = load.requests(1, 50)
    token = json.loads(request.split(b"\r\n\r\n", 1)[1])["events"][0]["replyToken"]
    with load.connect(port) as wire:
        began = time.perf_counter()
        load.ask(wire, request)
        return (line.answered(token) - began) * 1000
