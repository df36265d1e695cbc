"""(e) How soon `serve` acknowledges webhooks and is ready, and how much memory it holds then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import load, servers
from benchmarks.figures import Figure, median


def start(runs: int) -> list[Figure]:
    seen = [_one() for _ in range(runs)]
    acks, readies, sizes = ([one[place] for one in seen] for place in range(3))
    return [
        Figure("serve: first webhook acknowledged after, s", median(acks), 3.0, {"s": acks}, at_most=True),
        Figure("serve: ready after, s", median(readies), 6.0, {"s": readies}, at_most=True),
        Figure("serve: resident memory when ready, MB", median(sizes), 400.0, {"MB": sizes}, at_most=True),
    ]


def _one() -> tuple[float, float, float]:
    port = servers.free_port()
    with tempfile.TemporaryDirectory() as folder, servers.simulator() as line:
        env = servers.environment(Path(folder), line)
        began = time.perf_counter()
        command = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            acknowledged = _until(port, load.requests(1, 1)[0]) - began
            ready = _until(port, b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") - began
            return acknowledged, ready, _resident(process.pid) / 2**20
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)


def _until(port: int, request: bytes) -> float:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with load.connect(port) as line:
                if b" 200 " in load.ask(line, request)[:20]:
                    return time.perf_counter()
        except OSError:
            pass
        time.sleep(0.02)
    raise RuntimeError("it did not start")


def _resident(pid: int) -> float:
    """Bytes, of the process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(
        int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in (pid, *children)
    ) * os.sysconf("SC_PAGE_SIZE")
