"""A server ends when it is told to, however it is told."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from bot.server import Worker


class InterruptedAgain(ThreadPoolExecutor):
    """While it shuts down, the second signal of a Ctrl-C arrives: from the parent, after the terminal's."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(1)
        self._worker = worker

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._worker.handle_quit(signal.SIGQUIT, None)
        super().shutdown(wait, cancel_futures=cancel_futures)


def test_ctrl_c_that_comes_twice_ends_a_server_once() -> None:
    worker = Worker.__new__(Worker)
    interruptions: list[Worker] = []
    worker.cfg = SimpleNamespace(worker_int=interruptions.append)
    worker.tpool = InterruptedAgain(worker)

    with pytest.raises(SystemExit) as ended:
        worker.handle_quit(signal.SIGINT, None)

    assert ended.value.code == 0
    assert interruptions == [worker]
