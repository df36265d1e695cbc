"""gunicorn with our settings: threads in one or more processes, each with its own runtime made after the fork."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

THREADS = 8
# Longer than two tries of a reply, so that what is under way at a restart is finished.
GRACE = 25

MakeApp = Callable[[], tuple[Any, Callable[[], None]]]


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's, but two signals at once end it like one.

    Ctrl-C reaches the worker from the terminal and again from its parent; the second, in the middle of the first,
    would wait for a lock that the first holds, until the worker is killed.
    """

    is_quitting = False

    def handle_quit(self, sig: int, frame: Any) -> None:
        if not self.is_quitting:
            self.is_quitting = True
            super().handle_quit(sig, frame)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """`make` runs in each worker process and gives the WSGI application and what stops it."""

    def __init__(self, make: MakeApp, *, host: str, port: int, workers: int, threads: int = THREADS) -> None:
        self._make = make
        self._options = {
            "bind": f"{host}:{port}",
            "workers": workers,
            "threads": threads,
            "worker_class": Worker,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108  # gunicorn's heartbeat file, never on a slow disk
            "timeout": 60,
            "graceful_timeout": GRACE,
            "keepalive": 30,
            "control_socket_disable": True,
            "post_worker_init": _remember_stop,
            "worker_exit": _stop,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        app, stop = self._make()
        cast(Any, self).stop = stop
        return app


def _remember_stop(worker: Any) -> None:
    worker.stop_runtime = worker.app.stop


def _stop(_server: Any, worker: Any) -> None:
    stop = getattr(worker, "stop_runtime", None)
    if stop is not None:
        stop()
