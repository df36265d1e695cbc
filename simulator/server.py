"""A small threaded HTTP server for tests and for standing alone: kept connections, no delayed packets."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without this a small answer waits for the client's acknowledgement: 40 ms a request.
    disable_nagle_algorithm = True
    wbufsize = 65536

    def run_wsgi(self) -> None:
        super().run_wsgi()
        try:
            self.wfile.flush()
        except OSError:
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: the capture has it, and texts belong in no log."""


class Server:
    """Serves an app on loopback, from its own thread. Use as a context manager, or `start` and `stop`."""

    def __init__(self, app: Any, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=_Handler)
        self._server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server.daemon_threads = True  # type: ignore[attr-defined]  # of the threading mix-in
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="simulator")
        self.port: int = self._server.port
        self.url = f"http://{host}:{self.port}"

    def start(self) -> Server:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def serve(self) -> None:
        """Serve in this thread until interrupted."""
        self._server.serve_forever(0.5)

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()
