"""Everything the bot sends in the whole test run, in one folder, judged at the end by LINE's own schemas and limits."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

JUDGE = Path(__file__).parents[2] / "shared" / "line" / "check_messages.py"
JUDGES = 2
_COUNTS = re.compile(r"(\d+) passed, (\d+) failed")


@cache
def folder() -> Path:
    """Where captures of this test run lie; made when the first town opens."""
    return Path(tempfile.mkdtemp(prefix="eap-captures-"))


@dataclass(frozen=True)
class Verdict:
    """What the judge said: how many requests passed, and the violations, a line each."""

    summary: str
    violations: list[str]


def judge(where: Path) -> Verdict | None:
    """Judge every capture in a folder. None where there is nothing to judge, or nothing to judge it by."""
    files = sorted(str(file) for file in where.glob("*.jsonl") if file.stat().st_size)
    if not files or not JUDGE.is_file():
        return None
    # Each file is one town's, so that two judges may share them: it takes half as long.
    with ThreadPoolExecutor(JUDGES) as judges:
        verdicts = list(judges.map(_judge, filter(None, (files[n::JUDGES] for n in range(JUDGES)))))
    violations = [line for verdict in verdicts for line in verdict.violations]
    counts = [_COUNTS.search(verdict.summary) for verdict in verdicts]
    if not all(counts):
        return Verdict(verdicts[0].summary, violations or [verdict.summary for verdict in verdicts])
    passed, failed = (sum(int(count[n]) for count in counts if count) for n in (1, 2))
    return Verdict(f"{passed} passed, {failed} failed", violations)


def _judge(files: Sequence[str]) -> Verdict:
    ran = subprocess.run(
        [sys.executable, str(JUDGE), "--strict", "--require-retry-key", *files],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    *violations, summary = ran.stdout.splitlines() or [ran.stderr[-500:]]
    if ran.returncode and not violations:
        violations = [summary]
    return Verdict(summary, violations if ran.returncode else [])


def judge_all() -> Verdict | None:
    """Judge what this run has sent, and throw it away."""
    verdict = judge(folder()) if folder.cache_info().currsize else None
    if folder.cache_info().currsize and not (verdict and verdict.violations):
        shutil.rmtree(folder(), ignore_errors=True)
    return verdict
