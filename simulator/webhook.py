"""Delivery of webhooks: in order for each chat, from background threads, with every oddity LINE allows itself."""

from __future__ import annotations

import json
import queue
import random
import threading
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from simulator import events
from simulator.post import TIMED_OUT, UNREACHABLE, Poster, Target, signature

LANES = 8
Event = dict[str, Any]
Heard = Callable[[list[Event], bool, bool], None]
"""Told before (False) and after a successful (True) delivery: events, is redelivery, is after."""


@dataclass(frozen=True)
class Manners:
    """How webhooks are delivered. LINE's own defaults: no redelivery, two seconds of patience."""

    redelivery: bool = False
    retry_after_ms: int = 2000
    attempts: int = 5
    timeout_ms: int = 2000
    duplicate: int = 0
    batch: int = 1
    mode: str = "active"
    hold: bool = False


class Webhook:
    """Posts events to the bot. Make it before the first event; `close` ends its threads."""

    def __init__(self, target: Target | None, secret: str, bot_id: str, heard: Heard) -> None:
        self.target = target
        self.secret = secret
        self.bot_id = bot_id
        self.manners = Manners()
        self.is_on = True
        """The console's switch "Use webhook"."""
        self.attempts: deque[dict[str, Any]] = deque(maxlen=500)
        self.counts: Counter[str] = Counter()
        self._heard = heard
        self._poster = Poster()
        self._held: list[tuple[str, Event]] = []
        self._lanes: list[queue.SimpleQueue[Event | None]] = [queue.SimpleQueue() for _ in range(LANES)]
        self._quiet = threading.Condition()
        self._pending = 0
        self._closed = threading.Event()
        self._started = False

    def send(self, event: Event, chat: str) -> None:
        """Queue one event. Events of a chat arrive in the order of these calls (unless told otherwise)."""
        if self.target is None or not self.is_on:
            self.counts["undeliverable"] += 1
            return
        if self.manners.mode == "standby":
            event = events.standby(event)
        with self._quiet:
            self._pending += 1
            self._start()
            if self.manners.hold:
                self._held.append((chat, event))
                return
        self._lane(chat).put(event)

    def release(self, *, batch: int = 1, order: str = "as_sent", seed: int = 0) -> int:
        """Deliver what was held, `batch` events a body; order: as_sent, reversed or shuffled. Returns how many."""
        with self._quiet:
            held, self._held = [event for _, event in self._held], []
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.Random(seed).shuffle(held)  # noqa: S311  # repeatable, guards nothing
        for start in range(0, len(held), max(1, batch)):
            self._deliver(held[start : start + max(1, batch)])
        return len(held)

    def post_raw(self, body: bytes, *, signed: str | None = None, to: Target | None = None) -> int:
        """Post any body now, rightly signed unless a signature is given. Returns the bot's status."""
        target = to or self.target
        if target is None:
            return UNREACHABLE
        return self._poster.post(target, body, self._headers(body, signed), self.manners.timeout_ms / 1000)

    def wait_quiet(self, seconds: float) -> bool:
        """Wait until nothing is on its way (held events are not). False when the time was too short."""
        with self._quiet:
            return self._quiet.wait_for(lambda: self._pending <= len(self._held), timeout=seconds)

    def close(self) -> None:
        self._closed.set()
        for lane in self._lanes:
            lane.put(None)
        self._poster.close()

    def start_over(self) -> None:
        """Back to LINE's own manners; what was held is dropped."""
        with self._quiet:
            self._pending -= len(self._held)
            self._held, self.manners, self.is_on = [], Manners(), True
            self.counts.clear()
            self.attempts.clear()

    def as_json(self) -> dict[str, Any]:
        return {
            "manners": vars(self.manners),
            "pending": self._pending,
            "held": len(self._held),
            "counts": dict(self.counts),
            "attempts": list(self.attempts)[-50:],
        }

    def change(self, **manners: Any) -> None:
        """Change some of the manners; raises TypeError for one there is none of."""
        self.manners = replace(self.manners, **manners)

    def _headers(self, body: bytes, signed: str | None = None) -> dict[str, str]:
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": signature(self.secret, body) if signed is None else signed,
        }

    def _lane(self, chat: str) -> queue.SimpleQueue[Event | None]:
        return self._lanes[zlib.crc32(chat.encode()) % LANES]

    def _start(self) -> None:
        if not self._started:
            self._started = True
            for lane in self._lanes:
                threading.Thread(target=self._run, args=(lane,), daemon=True, name="line-webhook").start()

    def _run(self, lane: queue.SimpleQueue[Event | None]) -> None:
        while (event := lane.get()) is not None:
            batch = [event]
            while len(batch) < self.manners.batch and not lane.empty():
                following = lane.get()
                if following is None:
                    break
                batch.append(following)
            self._deliver(batch)

    def _deliver(self, batch: list[Event], attempt: int = 1) -> None:
        again = attempt > 1
        if again and self._closed.is_set():
            return
        given = [events.redelivered(event) for event in batch] if again else batch
        delivered = self._post(given, again)
        for _ in range(self.manners.duplicate):
            delivered = self._post(given, again) or delivered
        if delivered:
            self._heard(batch, again, True)
        elif self.manners.redelivery and attempt < self.manners.attempts and not self._closed.is_set():
            later = threading.Timer(self.manners.retry_after_ms / 1000, self._deliver, (batch, attempt + 1))
            later.daemon = True
            later.start()
            return
        with self._quiet:
            self._pending -= len(batch)
            self._quiet.notify_all()

    def _post(self, batch: list[Event], again: bool) -> bool:
        assert self.target is not None
        body = json.dumps({"destination": self.bot_id, "events": batch}, ensure_ascii=False).encode()
        self._heard(batch, again, False)
        started = time.monotonic()
        try:
            status = self._poster.post(self.target, body, self._headers(body), self.manners.timeout_ms / 1000)
        except Exception:  # noqa: BLE001  # a bot called in-process may raise anything; LINE would see a 500
            status = 500
        took = round((time.monotonic() - started) * 1000)
        what = {TIMED_OUT: "timed_out", UNREACHABLE: "unreachable"}.get(status, f"status_{status}")
        with self._quiet:
            self.counts["bodies"] += 1
            self.counts["events"] += len(batch)
            self.counts[what] += 1
            self.counts["redeliveries"] += again
            self.attempts.append({"events": len(batch), "status": status, "ms": took, "redelivery": again})
        return 200 <= status < 300
