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


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_bot_says_what_the_transcript_says(transcript: Path, talker: Talker) -> None:
    written = transcript.read_text(encoding="utf-8")

    today = replay(written, talker)

    if os.environ.get("EAP_WRITE_TRANSCRIPTS"):
        transcript.write_text(today, encoding="utf-8")
    else:
        assert today == written
