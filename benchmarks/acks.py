"""(a) Webhooks acknowledged a second, durable, against a bare endpoint and the SDK's pattern; and the tail."""

from __future__ import annotations

from benchmarks import load, servers
from benchmarks.figures import Figure, median, ratios

CONNECTIONS = 32
SECONDS = 4.0
PEOPLE = 2000
KINDS = ("bare", "serve", "echo")


def rates(runs: int) -> list[Figure]:
    """`serve` is the whole service, its drain included; all three under gunicorn, one worker, eight threads."""
    seen: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with servers.simulator(latency_ms=50) as line:
        for _ in range(runs):
            for kind in KINDS:
                seen[kind].append(_rate(kind, line))
    ours = seen["serve"]
    return [
        Figure("acks/s, durable : bare Flask HMAC endpoint", median(ratios(ours, seen["bare"])), 0.3, seen),
        Figure(
            "acks/s, durable : SDK echo pattern, LINE at 50 ms", median(ratios(ours, seen["echo"])), 5.0, seen
        ),
    ]


def tail(runs: int) -> list[Figure]:
    """The slowest answers at 100 events a second while LINE's API hangs, in milliseconds."""
    worst = []
    with servers.simulator(hang=True) as line:
        for _ in range(runs):
            with servers.serving("serve", line) as port:
                felt = load.steadily(port, load.requests(1000, PEOPLE), 100, CONNECTIONS)
            if felt.wrong:
                raise RuntimeError(f"{felt.wrong} answers were not 200")
            worst.append(felt.percentile(0.99) * 1000)
    return [
        Figure(
            "webhook p99 in ms, 100 events/s, LINE hanging", median(worst), 300.0, {"ms": worst}, at_most=True
        )
    ]


def _rate(kind: str, line: str) -> float:
    with servers.serving(kind, line) as port:
        load.full_speed(port, load.requests(300, PEOPLE), CONNECTIONS, 1.0)
        felt = load.full_speed(port, load.requests(9000, PEOPLE), CONNECTIONS, SECONDS)
    if felt.wrong:
        raise RuntimeError(f"{kind}: {felt.wrong} answers were not 200")
    return felt.per_second
