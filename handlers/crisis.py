"""The reply that cannot fail: risk is judged on the event in memory, and the answer needs no lease, key or database.

It goes out on the reply token right after LINE's 200. Outcome unknown: the same token again. Refused: a push whose
retry key follows from the event, so that every copy of this answer, in any process, uses the same one. Only then is
the stored event marked; until that, the drain's safety copy waits in the outbox.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from care import risk
from care.desk import Desk
from care.risk import Risk
from dialogs.messages import Reply
from line import render
from line.client import LineClient
from line.errors import Accepted, Refused, Unknown
from line.events import Event

log = structlog.get_logger()

SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:eapline:crisis-reply")
REPLY_TRIES = 4
PUSH_TRIES = 6


def retry_key(event_id: str) -> str:
    """The one retry key under which the crisis reply to this event is ever pushed."""
    return str(uuid.uuid5(SPACE, event_id))


def judge(event: Event, desk: Desk) -> Risk | None:
    """Whether this event alone calls for the crisis reply: words at risk, a call for help, a tapped item-6 answer.

    Should the judgement itself break, the answer is yes: a reply too many is the smaller harm.
    """
    if event.chat != "user" or event.kind not in ("message", "postback"):
        return None
    try:
        return (
            risk.judge_press(event.data or "", desk)
            if event.kind == "postback"
            else risk.judge(event.text or "", desk)
        )
    except Exception as error:  # noqa: BLE001  # see above
        log.error("risk_not_judged", error=type(error).__name__)
        return Risk("words")


def reply_to(event: Event, desk: Desk) -> Reply:
    """The fixed reply to this event, in the language it was written or tapped in."""
    language = risk.language_of(event.text or event.data or "", desk)
    return risk.crisis_reply(desk, language, judge(event, desk))


@dataclass(frozen=True)
class CrisisLine:
    """Answers in the caller's thread; `pause` is time.sleep but in tests."""

    client: Callable[[], LineClient]
    desk: Desk
    pause: Callable[[float], None] = time.sleep

    def answer(self, event: Event) -> bool:
        """Whether LINE has taken the reply. Everything that can go wrong on the way is tried again here."""
        messages = render.render(reply_to(event, self.desk))
        done = self._reply(event, messages) or self._push(event, messages)
        log.info("crisis_answered" if done else "crisis_unanswered")
        return done

    def _reply(self, event: Event, messages: Sequence[Any]) -> bool:
        if event.reply_token is None:
            return False
        doubtful = False
        for tried in range(REPLY_TRIES):
            sent = self.client().reply(event.reply_token, messages)
            if isinstance(sent, Accepted):
                return True
            if isinstance(sent, Refused) and not sent.is_busy:
                # After an unknown outcome "invalid token" says that the first try was shown.
                return doubtful and not sent.is_ours
            doubtful = doubtful or isinstance(sent, Unknown)
            self.pause(0.2 * 2**tried)
        return False

    def _push(self, event: Event, messages: Sequence[Any]) -> bool:
        for tried in range(PUSH_TRIES):
            sent = self.client().push(event.chat_id, messages, retry_key(event.event_id))
            if isinstance(sent, Accepted):
                return True
            if isinstance(sent, Refused) and not sent.is_busy:
                return False
            self.pause(0.5 * 2**tried)
        return False
