"""Each agency's bot speaks from its plan: a talk for every one, beside this file under plans/.

After a wanted change: `EAP_WRITE_TRANSCRIPTS=1 python -m pytest tests/conversations`, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from care import content
from storage.store import Store
from tests.conversations.talkers import Clock, Direct
from tests.conversations.transcripts import replay

TALKS = Path(__file__).parent / "plans"
AGENCIES = [name for name in content.plan_names() if not content.load(name).plan.demo]


@pytest.mark.parametrize("name", AGENCIES)
def test_the_bot_says_what_the_agency_has_published(name: str, store: Store, clock: Clock) -> None:
    talk = TALKS / f"{name}.txt"
    written = talk.read_text(encoding="utf-8")

    today = replay(written, Direct(store, content.load(name), clock))

    if os.environ.get("EAP_WRITE_TRANSCRIPTS"):
        talk.write_text(today, encoding="utf-8")
    else:
        assert today == written
