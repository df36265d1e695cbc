"""Where the simulator remembers itself between two starts: one small SQLite file, complete after a kill -9."""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any


class Journal:
    """Named values by kind. Without a path it remembers nothing. Thread-safe."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # A killed process loses nothing with these; only a host without power may. This is a rehearsal room.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS things"
            " (kind TEXT, name TEXT, value TEXT, blob BLOB, PRIMARY KEY (kind, name)) WITHOUT ROWID"
        )

    @property
    def keeps(self) -> bool:
        return self._db is not None

    def put(self, kind: str, name: str, value: Any, blob: bytes | None = None) -> None:
        if self._db is not None:
            with self._lock:
                self._db.execute(
                    "INSERT OR REPLACE INTO things VALUES (?, ?, ?, ?)", (kind, name, json.dumps(value), blob)
                )

    def drop(self, kind: str, name: str) -> None:
        if self._db is not None:
            with self._lock:
                self._db.execute("DELETE FROM things WHERE kind = ? AND name = ?", (kind, name))

    def all(self, kind: str) -> list[tuple[str, Any, bytes | None]]:
        """(name, value, blob) of every thing of a kind, in the order of the names."""
        if self._db is None:
            return []
        with self._lock:
            rows = self._db.execute(
                "SELECT name, value, blob FROM things WHERE kind = ? ORDER BY name", (kind,)
            )
            return [(name, json.loads(value), blob) for name, value, blob in rows]

    def wipe(self) -> None:
        if self._db is not None:
            with self._lock:
                self._db.execute("DELETE FROM things")

    def close(self) -> None:
        if self._db is not None:
            with self._lock:
                self._db.close()
