"""The service as an operator starts it: `python -m bot serve`, a process and an environment of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from tests.town import MASTER_KEY, SECRET, TOKEN, eventually

ROOT = Path(__file__).parents[1]


@dataclass
class Serving:
    """A running process and what it writes to its log."""

    process: subprocess.Popen[bytes]
    url: str
    log_file: Path

    @property
    def callback(self) -> str:
        return f"{self.url}/callback"

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def readyz(self) -> dict[str, Any]:
        """What the process says of itself; an empty answer while it is not there."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310  # our own address
                return dict(json.load(answer))
        except HTTPError as error:
            with error:
                return dict(json.load(error))
        except (URLError, OSError):
            return {}


def environment(line: str, database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """The variables of one installation, and of the surroundings only what a process needs to run."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "LINE_API_BASE": line,
        "DATABASE_URL": database_url,
        "EAP_MASTER_KEYS": MASTER_KEY,
        "EAP_SPOOL_DIR": str(folder / "spool"),
    } | more


def bot(*words: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], env=dict(env), cwd=ROOT, capture_output=True, encoding="utf-8",
        timeout=120, check=False,
    )  # fmt: skip


@contextmanager
def serving(env: Mapping[str, str], folder: Path, *, name: str = "serve") -> Iterator[Serving]:
    """`python -m bot serve`, ready; ended with SIGTERM, and killed if that does not help."""
    port = _free_port()
    log_file = folder / f"{name}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--port", str(port)], env=dict(env), cwd=ROOT, stdout=log, stderr=log
        )
    here = Serving(process, f"http://127.0.0.1:{port}", log_file)
    try:
        eventually(lambda: here.readyz().get("ready") or process.poll() is not None, 40)
        assert process.poll() is None, here.log
        yield here
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
