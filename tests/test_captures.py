"""The judge of everything sent: what LINE would refuse fails the run, what it takes does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import captures

GOOD = {
    "method": "POST",
    "path": "/v2/bot/message/push",
    "headers": {
        "authorization": "Bearer ***",
        "content-type": "application/json",
        "x-line-retry-key": "7d6a2f0e-4c0f-4a53-9d65-0f6c6ad3d9a1",
    },
    "body": {"to": "U" + "1" * 32, "messages": [{"type": "text", "text": "您好"}], "notificationDisabled": False},
    "status": 200,
}


def _captured(folder: Path, *requests: object) -> Path:
    (folder / "one.jsonl").write_text("".join(json.dumps(one) + "\n" for one in requests))
    return folder


@pytest.mark.shared
def test_what_line_takes_passes(tmp_path: Path, shared: Path) -> None:
    verdict = captures.judge(_captured(tmp_path, GOOD))

    assert verdict is not None
    assert (verdict.summary, verdict.violations) == ("1 passed, 0 failed", [])


@pytest.mark.shared
@pytest.mark.parametrize("spoilt", [{"body": {"to": "U1", "messages": []}}, {"headers": {"x-line-retry-key": "1"}}])
def test_what_line_would_refuse_is_reported(tmp_path: Path, shared: Path, spoilt: dict[str, object]) -> None:
    verdict = captures.judge(_captured(tmp_path, GOOD, GOOD | spoilt))

    assert verdict is not None
    assert verdict.summary == "1 passed, 1 failed"
    assert verdict.violations


def test_nothing_sent_is_nothing_to_judge(tmp_path: Path) -> None:
    assert captures.judge(tmp_path) is None
