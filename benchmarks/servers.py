"""The servers that are compared, each under the same gunicorn settings, in processes of their own."""

from __future__ import annotations

import hmac
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load import SECRET, connect
from storage.crypto import new_master_key

TOKEN = "bench-token"
MASTER_KEY = new_master_key()


def bare() -> tuple[Any, Callable[[], None]]:
    """The anchor: Flask, one HMAC over the raw body, 200."""
    from flask import Flask, request

    app = Flask("bare")

    @app.post("/callback")
    def callback() -> tuple[str, int]:
        body = request.get_data()
        right = b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
        good = hmac.compare_digest(right, request.headers.get("X-Line-Signature", ""))
        return ("OK", 200) if good else ("", 400)

    return app, lambda: None


def echo() -> tuple[Any, Callable[[], None]]:
    """The SDK's documented pattern: parse, then reply inside the request."""
    from flask import Flask, request
    from linebot.v3 import WebhookHandler
    from linebot.v3.messaging import ApiClient, Configuration, MessagingApi, ReplyMessageRequest, TextMessage
    from linebot.v3.webhooks import MessageEvent, TextMessageContent

    app = Flask("echo")
    settings = Configuration(host=os.environ["LINE_API_BASE"], access_token=TOKEN)
    handler = WebhookHandler(SECRET)

    @app.post("/callback")
    def callback() -> str:
        handler.handle(request.get_data(as_text=True), request.headers["X-Line-Signature"])
        return "OK"

    @handler.add(MessageEvent, message=TextMessageContent)  # type: ignore[untyped-decorator]  # the SDK has no types
    def answer(event: Any) -> None:
        with ApiClient(settings) as client:
            reply = ReplyMessageRequest(
                replyToken=event.reply_token, messages=[TextMessage(text=event.message.text)]
            )
            MessagingApi(client).reply_message_with_http_info(reply)

    return app, lambda: None


KINDS = {"bare": bare, "echo": echo}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(folder: Path, line: str, database: str | None = None) -> dict[str, str]:
    """What a process of ours reads, and nothing else of this machine's."""
    return {
        "PATH": os.environ["PATH"],
        "LINE_CHANNEL_SECRET": SECRET,
        "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
        "LINE_API_BASE": line,
        "DATABASE_URL": database or f"sqlite:///{folder / 'eap.sqlite'}",
        "EAP_MASTER_KEYS": MASTER_KEY,
        "EAP_SPOOL_DIR": str(folder / "spool"),
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def simulator(latency_ms: int = 0, *, hang: bool = False) -> Iterator[str]:
    """LINE's stand-in in a process of its own; its address. Its people are the load's."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.line", str(port), str(latency_ms), "hang" if hang else "ok"]
    with _running(command, dict(os.environ), port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serving(kind: str, line: str, database: str | None = None) -> Iterator[int]:
    """A server of ours ("web", "serve") or one to compare with ("bare", "echo"); its port."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir=_disk()) as name:
        folder = Path(name)
        env = environment(folder, line, database) | {"PORT": str(port), "PYTHONPATH": "."}
        if kind in KINDS:
            command = [sys.executable, "-m", "benchmarks.servers", kind, str(port)]
        else:
            command = [sys.executable, "-m", "bot", "serve", "--port", str(port)]
        with _running(command, env, port, ready=kind not in KINDS):
            yield port


def _disk() -> Path:
    """Durability is measured on a disk: the checkout's, not a memory file system."""
    folder = Path("var/bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _running(command: list[str], env: dict[str, str], port: int, *, ready: bool = False) -> Iterator[None]:
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, ready)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(port: int, ready: bool) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            with connect(port) as line:
                if not ready:
                    return
                line.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if b" 200 " in line.recv(64):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise RuntimeError("a server did not start")


if __name__ == "__main__":
    from bot.server import Server

    Server(KINDS[sys.argv[1]], host="127.0.0.1", port=int(sys.argv[2]), workers=1).run()
