"""What a test has measured, printed at the end of the run: figures, not only dots."""

from __future__ import annotations

from collections.abc import Callable

lines: list[str] = []

Figure = Callable[[str], None]


def note(line: str) -> None:
    """One line for the end of the run."""
    lines.append(line)
