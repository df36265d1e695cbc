"""Every request the bot made, one JSON object a line, with the status it saw (0: the line was cut)."""

from __future__ import annotations

import json
import threading
from collections import deque
from pathlib import Path
from typing import IO, Any

_KEPT = 20_000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Capture:
    """In memory the newest requests; all of them in the file, when one is named. The token is never written."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._file: IO[str] | None = None
        self.count = 0
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8", errors="surrogatepass")

    def add(self, method: str, path: str, headers: dict[str, str], body: Any, status: int) -> None:
        """Record one request. Thread-safe."""
        if "authorization" in headers:
            scheme, space, _ = headers["authorization"].partition(" ")
            headers["authorization"] = f"{scheme} ***" if space else "***"
        line = _encode({"method": method, "path": path, "headers": headers, "body": body, "status": status})
        with self._lock:
            self.count += 1
            self._lines.append(line)
            if self._file is not None:
                self._file.write(line + "\n")
                self._file.flush()

    def text(self) -> str:
        """All lines so far (of the file, where there is one)."""
        with self._lock:
            if self._path is not None:
                return self._path.read_text(encoding="utf-8", errors="surrogatepass")
            return "".join(line + "\n" for line in self._lines)

    def clear(self) -> None:
        with self._lock:
            self._lines.clear()
            self.count = 0
            if self._file is not None:
                self._file.truncate(0)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                # A request that still hangs may end after this.
                self._file = None
