"""What `python -m bot plan check` prints: one line for each fault and each piece of work, and a sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from care import content


def run(names: Sequence[str], today: date, say: Callable[[str], None]) -> bool:
    """True if the service can start with these plans. Raises PlanMissing."""
    found = content.look(names, today)
    for fault in found.faults:
        say(str(fault))
    for warning in found.warnings:
        say(f"{warning.file}:{warning.line}: {warning.field or 'page'}: (to do) {warning.fault}")
    say(
        f"{len(found.faults)} wrong, {len(found.warnings)} to do, "
        f"in {_count(found.plans, 'plan')} and {_count(found.pages, 'page')}"
    )
    return not found.faults


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
