"""What the doctor says: one line for each thing looked at, and under it what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Status = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """`remedy` is empty where all is well. Neither field holds a secret or a person."""

    name: str
    status: Status
    says: str
    remedy: str = ""


def ok(name: str, says: str) -> Finding:
    return Finding(name, "ok", says)


def warn(name: str, says: str, remedy: str) -> Finding:
    """Worth knowing; the service runs."""
    return Finding(name, "warn", says, remedy)


def bad(name: str, says: str, remedy: str) -> Finding:
    """Somebody has to act before people can rely on it."""
    return Finding(name, "bad", says, remedy)


def is_bad(found: Sequence[Finding]) -> bool:
    return any(finding.status == "bad" for finding in found)


def as_text(found: Sequence[Finding]) -> str:
    lines = []
    for finding in found:
        lines.append(f"{finding.status:<5} {finding.name:<16} {finding.says}")
        if finding.remedy:
            lines.append(f"{'':<22} -> {finding.remedy}")
    counts = {status: sum(finding.status == status for finding in found) for status in ("ok", "warn", "bad")}
    return "\n".join([*lines, ", ".join(f"{count} {status}" for status, count in counts.items())])


def as_json(found: Sequence[Finding]) -> str:
    return json.dumps(
        {"bad": is_bad(found), "findings": [asdict(finding) for finding in found]}, ensure_ascii=False
    )
