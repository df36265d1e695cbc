"""Where webhook bodies wait while the database is away: sealed, fsynced, replayed by whoever holds the file."""

from __future__ import annotations

import fcntl
import os
import secrets
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import structlog

from storage.crypto import KeyUnusable, MasterKeys, SealBroken

log = structlog.get_logger()

LENGTH = struct.Struct(">I")
PLACE = b"spool"


@dataclass(frozen=True)
class Spooled:
    """One webhook body and when it came."""

    received_at: datetime
    body: bytes


class Spool:
    """One file per process, locked as long as it is in use; files that a crash left unlocked are taken over.

    A record that could not be written whole is the last of its file, so that it cannot hide one that comes after it.
    """

    def __init__(self, folder: Path, keys: MasterKeys) -> None:
        self._folder = folder
        self._keys = keys
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None

    def append(self, body: bytes, received_at: datetime) -> None:
        """Durable when this returns. Raises OSError when it cannot be."""
        head = received_at.isoformat().encode()
        sealed = self._keys.seal_transport(head + b"\n" + body, PLACE)
        with self._lock:
            file = self._file or self._open()
            try:
                _write(file, LENGTH.pack(len(sealed)) + sealed)
                os.fsync(file.fileno())
            except OSError:
                self._close()
                raise

    def close(self) -> None:
        """Let go of the file; what is in it waits for the next process."""
        with self._lock:
            self._close()

    def is_empty(self) -> bool:
        return not any(self._folder.glob("*.spool")) if self._folder.is_dir() else True

    def count(self) -> int:
        """How many files wait here, of whatever process."""
        return sum(1 for _ in self._folder.glob("*.spool")) if self._folder.is_dir() else 0

    def replay(self, store: Callable[[list[Spooled]], None]) -> int:
        """Hand every file's bodies to `store`, which makes them durable or raises; then remove the file."""
        self.close()
        replayed = 0
        for path in sorted(self._folder.glob("*.spool")) if self._folder.is_dir() else []:
            replayed += self._replay_file(path, store)
        return replayed

    def _replay_file(self, path: Path, store: Callable[[list[Spooled]], None]) -> int:
        with suppress(FileNotFoundError), path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0
            try:
                bodies = [self._open_record(record) for record in _records(file)]
            except (KeyUnusable, SealBroken) as error:
                log.error("spool_unreadable", file=path.name, error=type(error).__name__)
                return 0
            store(bodies)
            path.unlink()
            return len(bodies)
        return 0

    def _open_record(self, record: bytes) -> Spooled:
        head, _, body = self._keys.open_transport(record, PLACE).partition(b"\n")
        return Spooled(datetime.fromisoformat(head.decode()), body)

    def _open(self) -> IO[bytes]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / secrets.token_hex(8)
        file = path.open("ab", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        # Under this name others look for files to take over; they must never find it unlocked and empty.
        path.rename(path.with_suffix(".spool"))
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self._file = file
        return file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _write(file: IO[bytes], data: bytes) -> None:
    """All of it: an unbuffered file may take less than it was given."""
    while data:
        data = data[file.write(data) :]


def _records(file: IO[bytes]) -> Iterator[bytes]:
    """Whole records; what a crash cut off at the end was never acknowledged."""
    while len(head := file.read(LENGTH.size)) == LENGTH.size:
        record = file.read(LENGTH.unpack(head)[0])
        if len(record) < LENGTH.unpack(head)[0]:
            return
        yield record
