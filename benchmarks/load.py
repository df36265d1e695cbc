"""A load of signed webhooks over kept connections, bounded in number and time, and what it felt like."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from line import signature

SECRET = "bench-secret"
SERIAL = count()


@dataclass
class Felt:
    """Answers within the window, and how long each took in seconds."""

    seconds: float
    took: list[float] = field(default_factory=list)
    wrong: int = 0

    @property
    def per_second(self) -> float:
        return len(self.took) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def user_id(number: int) -> str:
    return f"U{number:032x}"


def event(number: int, user: str, text: str) -> dict[str, object]:
    return {
        "type": "message",
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user},
        "webhookEventId": f"01BENCH{number:019d}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"{number:032x}",
        "message": {"type": "text", "id": str(number), "quoteToken": "q", "text": text},
    }


def requests(n: int, people: int, text: str = "你好", path: str = "/callback") -> list[bytes]:
    """Whole HTTP requests, each one event, never twice the same id in one run of the program."""
    made = []
    for _ in range(n):
        number = next(SERIAL) + 1
        one = event(number, user_id(number % people + 1), text)
        body = json.dumps({"destination": user_id(0), "events": [one]}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{signature.HEADER}: {signature.sign(body, SECRET)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def full_speed(port: int, work: list[bytes], connections: int, seconds: float) -> Felt:
    """As fast as answers come, for at most so many seconds and at most the requests given."""
    feed, guard, felt = iter(work), threading.Lock(), Felt(seconds)
    end = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_connection, args=(port, feed, guard, end, felt)) for _ in range(connections)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    felt.seconds = time.perf_counter() - began
    return felt


def steadily(port: int, work: Iterable[bytes], per_second: float, connections: int) -> Felt:
    """At a fixed pace; the time of each is counted from when it was due, so that waiting in line is not hidden."""
    felt, guard = Felt(1.0), threading.Lock()
    began = time.perf_counter()
    timed = iter([(began + place / per_second, one) for place, one in enumerate(work)])
    threads = [threading.Thread(target=_paced, args=(port, timed, guard, felt)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    felt.seconds = time.perf_counter() - began
    return felt


def ask(line: socket.socket, request: bytes) -> bytes:
    """One request, its whole answer."""
    line.sendall(request)
    answer = line.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [h for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:")]
    left = int(lengths[0].split(b":")[1]) - len(body) if lengths else 0
    while left > 0:
        more = line.recv(left)
        left -= len(more)
    return head


def connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _connection(port: int, feed: Iterator[bytes], guard: threading.Lock, end: float, felt: Felt) -> None:
    line = connect(port)
    took = []
    while time.perf_counter() < end:
        with guard:
            request = next(feed, None)
        if request is None:
            break
        began = time.perf_counter()
        if b" 200 " not in ask(line, request)[:20]:
            felt.wrong += 1
        took.append(time.perf_counter() - began)
    line.close()
    with guard:
        felt.took.extend(took)


def _paced(port: int, timed: Iterator[tuple[float, bytes]], guard: threading.Lock, felt: Felt) -> None:
    line = connect(port)
    while True:
        with guard:
            one = next(timed, None)
        if one is None:
            break
        due, request = one
        time.sleep(max(0.0, due - time.perf_counter()))
        if b" 200 " not in ask(line, request)[:20]:
            felt.wrong += 1
        spent = time.perf_counter() - due
        with guard:
            felt.took.append(spent)
    line.close()
