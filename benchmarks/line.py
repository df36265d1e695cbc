"""LINE as the load meets it: answers every send after a fixed time, or never. It judges nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from simulator.server import Server

ANSWER = b'{"sentMessages":[{"id":"1","quoteToken":"q"}]}'


def main(port: int, latency_ms: int, hang: bool) -> None:
    def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(3600 if hang else latency_ms / 1000)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(ANSWER)))])
        return [ANSWER]

    Server(app, port=port).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "hang")
