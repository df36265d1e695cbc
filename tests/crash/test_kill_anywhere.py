"""The bot is killed anywhere between the webhook and the message on the phone, and started again.

The harness runs in a process of its own, for it forks and must have no thread or connection when it does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.figures import Figure

ROOT = Path(__file__).parents[2]


def test_killed_anywhere_nothing_is_lost_or_done_twice_and_five_mistakes_are_caught(figure: Figure) -> None:
    found = harness("--points", "54", "--mutants", "6")

    figure(found.stdout.rstrip())
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.sweep
def test_killed_at_five_thousand_points_nothing_is_lost_or_done_twice(figure: Figure) -> None:
    found = harness("--points", "5100", "--mutants", "50")

    figure(found.stdout.rstrip())
    assert found.returncode == 0, found.stdout + found.stderr


def harness(*how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.crash", *how], cwd=ROOT, capture_output=True, text=True, timeout=3600, check=False
    )
