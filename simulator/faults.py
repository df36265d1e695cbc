"""Bad days on purpose: what LINE answers next at an endpoint, from a script, at random from a seed, or always."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

HANG_SECONDS = 60.0
STATUSES = {"400": 400, "401": 401, "403": 403, "429": 429, "500": 500, "502": 502, "503": 503}
KINDS = {
    "ok": "the normal answer",
    **{status: f"nothing is processed, the answer is {status}" for status in STATUSES},
    "quota": "nothing is processed, 429 as for the month's quota",
    "409": "processed, then answered as if the retry key had been accepted before",
    "500_after": "processed, then answered 500",
    "refuse_before": "the connection is closed, nothing is processed",
    "cut_after": "processed, then the connection is closed without an answer",
    "hang": "no answer and nothing processed, until released or a minute has passed; then the connection is closed",
    "hang_after": "processed, then as hang",
    "garbage": "processed, then answered 200 with a body that is no JSON",
    "slow": "the normal answer, three seconds late",
}
_ALSO = {"cut_before": "refuse_before", "200": "ok"}
_BEFORE = {*STATUSES, "quota", "refuse_before", "hang"}


class UnknownFault(ValueError):
    """The script names an outcome there is none of."""


@dataclass(frozen=True)
class Outcome:
    """What happens to one request."""

    kind: str = "ok"
    latency_ms: int = 0
    retry_after: int | None = None
    seconds: float = HANG_SECONDS

    @property
    def is_processed(self) -> bool:
        return self.kind not in _BEFORE


OK = Outcome()


def outcome(value: Any) -> Outcome:
    """Read one word of a script: "500", 500, or {"do": "500", "latency_ms": 300, "retry_after": 2}."""
    given = value if isinstance(value, Mapping) else {"do": value}
    kind = str(given.get("do", "ok"))
    kind = _ALSO.get(kind, kind)
    if kind not in KINDS:
        raise UnknownFault(f"{kind!r} is not one of: {', '.join(KINDS)}")
    late = int(given.get("latency_ms", 3000 if kind == "slow" else 0))
    after = given.get("retry_after")
    return Outcome(
        kind, late, None if after is None else int(after), float(given.get("seconds", HANG_SECONDS))
    )


@dataclass
class _Plan:
    queue: deque[Outcome] = field(default_factory=deque)
    always: Outcome | None = None
    mix: tuple[list[Outcome], list[float]] | None = None
    latency: tuple[int, int] = (0, 0)
    chance: random.Random = field(default_factory=random.Random)

    def next(self) -> Outcome | None:
        if self.queue:
            return self.queue.popleft()
        if self.always is not None:
            return self.always
        if self.mix is None:
            return None
        chosen = self.chance.choices(self.mix[0], self.mix[1])[0]
        return replace(chosen, latency_ms=chosen.latency_ms + self.chance.randint(*self.latency))


class Faults:
    """A plan per endpoint, and one ("*") for all others. An endpoint's own plan goes before the one for all."""

    def __init__(self) -> None:
        self._plans: dict[str, _Plan] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()
        self.hanging = 0

    def script(self, endpoint: str, outcomes: Sequence[Any]) -> None:
        """Append outcomes, each consumed by one request; afterwards all is well again."""
        with self._lock:
            self._plans.setdefault(endpoint, _Plan()).queue.extend([outcome(value) for value in outcomes])

    def always(self, endpoint: str, value: Any) -> None:
        """The same for every request, until cleared."""
        with self._lock:
            self._plans.setdefault(endpoint, _Plan()).always = outcome(value)

    def mix(
        self, endpoint: str, weights: Mapping[str, float], seed: int, latency_ms: tuple[int, int] = (0, 0)
    ) -> None:
        """At random by weight, the same every time for the same seed and order of requests."""
        plan = _Plan(
            mix=([outcome(name) for name in weights], [float(w) for w in weights.values()]),
            latency=latency_ms,
            chance=random.Random(seed),  # noqa: S311  # repeatable, guards nothing
        )
        with self._lock:
            self._plans[endpoint] = plan

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()
        self.release()

    def next(self, endpoint: str) -> Outcome:
        """What happens to the request that has just come in."""
        if not self._plans:
            return OK
        with self._lock:
            for name in (endpoint, "*"):
                plan = self._plans.get(name)
                chosen = plan.next() if plan is not None else None
                if chosen is not None:
                    return chosen
        return OK

    def hang(self, seconds: float) -> None:
        """Wait until released, at most so long."""
        with self._lock:
            self.hanging += 1
            gate = self._released
        gate.wait(seconds)
        with self._lock:
            self.hanging -= 1

    def release(self) -> None:
        """Let go of every request that hangs now."""
        with self._lock:
            gate, self._released = self._released, threading.Event()
        gate.set()

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            return {
                "hanging": self.hanging,
                "kinds": KINDS,
                "plans": {
                    name: {
                        "waiting": [o.kind for o in plan.queue],
                        "always": plan.always.kind if plan.always else None,
                        "mix": [o.kind for o in plan.mix[0]] if plan.mix else None,
                    }
                    for name, plan in self._plans.items()
                },
            }
