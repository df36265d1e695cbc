"""A small threaded HTTP server for tests, benchmarks and standing alone, on loopback only.

Not werkzeug's: that spends ten times as long on a request as the API behind it (1,200 a second against 8,000).
"""

from __future__ import annotations

import io
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterable
from email.utils import formatdate
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

from simulator.guard import refuse_if_public

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_LINE_MOST = 65_536


class _Handler(socketserver.StreamRequestHandler):
    """One connection: requests, one after another, until the client goes or the line is cut."""

    # Without this a small answer waits for the client's acknowledgement: 40 ms a request.
    disable_nagle_algorithm = True
    server: _Listener

    def handle(self) -> None:
        try:
            while self._one():
                pass
        except OSError:
            pass  # The client has gone, or a fault cut the line: both are what was wanted.

    def _one(self) -> bool:
        line = self.rfile.readline(_LINE_MOST).split()
        if len(line) != 3:
            return False
        environ = self._environ(line[0].decode("latin-1"), line[1], line[2].decode("latin-1"))
        keep = environ.get("HTTP_CONNECTION", "").lower() != "close" and line[2] != b"HTTP/1.0"
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.request.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = environ.get("CONTENT_LENGTH", "0")
        if "HTTP_TRANSFER_ENCODING" in environ or not length.isdigit():
            self.request.sendall(
                b"HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return False
        body = _Body(self.rfile, int(length))
        environ["wsgi.input"] = body
        self._answer(environ, environ["REQUEST_METHOD"] == "HEAD", keep)
        body.drain()
        return keep

    def _environ(self, method: str, target: bytes, protocol: str) -> dict[str, Any]:
        path, _, query = target.partition(b"?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_PROTOCOL": protocol,
            "SERVER_NAME": self.server.name,
            "SERVER_PORT": self.server.port_text,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "simulator.socket": self.request,
        }
        while (line := self.rfile.readline(_LINE_MOST)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            key = name.strip().upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value.strip()
        return environ

    def _answer(self, environ: dict[str, Any], is_head: bool, keep: bool) -> None:
        head: list[str] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            head[:] = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]

        given = self.server.app(environ, start_response)
        body = b"".join(given)
        getattr(given, "close", lambda: None)()
        if not any(line.lower().startswith("content-length:") for line in head):
            head.append(f"Content-Length: {len(body)}")
        head.append(f"Date: {formatdate(usegmt=True)}")
        head.append("Connection: keep-alive" if keep else "Connection: close")
        self.request.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if is_head else body))


class _Body(io.RawIOBase):
    """The body of one request: ends where its length says, so that the next request stays on the line."""

    def __init__(self, line: io.BufferedIOBase, length: int) -> None:
        self._line, self._left = line, length

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        taken = self._line.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(taken)
        return taken

    def readinto(self, buffer: Any) -> int:
        taken = self.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)

    def drain(self) -> None:
        while self._left and self.read(65_536):
            pass


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, app: App, host: str, port: int) -> None:
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)
        self.app, self.name, self.port_text = app, host, str(self.server_address[1])


class Server:
    """Serves an app from its own thread. Use as a context manager, or `start` and `stop`; port 0 takes a free one."""

    def __init__(self, app: App, *, host: str = "127.0.0.1", port: int = 0) -> None:
        refuse_if_public(host)
        self._listener = _Listener(app, host, port)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.05,), daemon=True, name="simulator"
        )
        self.port = int(self._listener.port_text)
        self.url = f"http://{host}:{self.port}"

    def start(self) -> Server:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join(timeout=5)

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._listener.serve_forever(0.5)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
