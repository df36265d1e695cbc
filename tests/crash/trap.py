"""Kill -9 at one bytecode instruction of our own rooms, whichever thread comes to it."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import bot

ROOT = Path(bot.__file__).parents[1]
ROOMS = ("bot", "handlers", "care", "dialogs", "line", "scheduler", "storage")
FILES = frozenset(str(file) for room in ROOMS for file in (ROOT / room).rglob("*.py"))
# This thread of the runtime makes the client and renders once for practice, while nothing has happened yet; a third
# of all instructions are its own. A death there is one at any other moment before the webhook.
WARMING = "connect_loop"


class Trap:
    """Counts instructions over all threads that start after `set`; the `at`-th is the process's last. 0: only counts.

    `way` names functions; `seen` tells where each was entered first, after the one before it.
    """

    def __init__(self, at: int, way: Sequence[str] = ()) -> None:
        self._at, self._awaited = at, list(way)
        self.seen: list[int] = []
        # next() on it is one step under the interpreter's lock, so no two threads get the same number.
        self._numbers = itertools.count(1)

    def set(self) -> None:
        files, following, at, awaited = FILES, self._numbers.__next__, self._at, self._awaited

        def instruction(frame: FrameType, event: str, _: Any) -> Any:
            if event == "opcode" and following() == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return instruction

        def called(frame: FrameType, event: str, _: Any) -> Any:
            if frame.f_code.co_filename not in files or threading.current_thread().name == WARMING:
                return None
            if awaited and frame.f_code.co_qualname == awaited[0]:
                del awaited[0]
                self.seen.append(following())
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            return instruction

        threading.settrace(called)
        sys.settrace(called)

    def passed(self) -> int:
        """How many instructions went by. Ends the counting in the calling thread."""
        sys.settrace(None)
        return next(self._numbers) - 1
