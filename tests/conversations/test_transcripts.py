"""The transcripts beside this file are the specification of what the bot says.

After a wanted change: `EAP_WRITE_TRANSCRIPTS=1 python -m pytest tests/conversations`, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conversations.talkers import Talker
from tests.conversations.transcripts import replay

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


each_transcript = pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)


@each_transcript
def test_the_bot_says_what_the_transcript_says(transcript: Path, direct: Talker) -> None:
    written = transcript.read_text(encoding="utf-8")

    today = replay(written, direct)

    if os.environ.get("EAP_WRITE_TRANSCRIPTS"):
        transcript.write_text(today, encoding="utf-8")
    else:
        assert today == written


# The SDK's pool of connections cannot be closed; its sockets go when they are collected.
@each_transcript
def test_the_same_arrives_on_the_telephone(transcript: Path, webhook: Talker) -> None:
    written = transcript.read_text(encoding="utf-8")

    assert replay(written, webhook) == written
