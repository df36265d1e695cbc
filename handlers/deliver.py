"""Carry a parcel to LINE and say what became of it. Nothing here touches the database.

A reply has no retry key: after an unknown outcome the same token is tried once more, and a refusal of that second try
inside the token's minute means that the first one arrived. A push follows only a definite refusal, and never says what
it is about, for it shows on lock screens; the crisis reply alone goes out in full whatever the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from care import courtesies
from care.desk import Desk
from dialogs.messages import Reply, dump, load
from line import render
from line.client import LineClient
from line.errors import Accepted, Refused, Sent, Unknown, Unsent
from storage.models import SendState
from storage.outbox import Parcel, Settled
from storage.store import Now

# LINE forgets a retry key after 24 hours; the last try must end before that.
RETRY_FOR = timedelta(hours=23, minutes=30)
LONGEST_PAUSE = 600.0
QUOTA_PAUSE = timedelta(hours=1)
ACCOUNT_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Deliver:
    """One per process; safe to call from many threads."""

    client: Callable[[], LineClient]
    desk: Desk
    machine: Now
    plan: Now
    random: Random

    def send(self, parcel: Parcel) -> Settled:
        """One try (of a reply: at most two). A push must have been frozen before."""
        if parcel.way == "leave":
            return self._leave(parcel)
        return self._reply(parcel) if parcel.way == "reply" else self._push(parcel)

    def push_body(self, parcel: Parcel) -> dict[str, Any]:
        """What a parcel says as a push, on the wire: the crisis reply whole, of anything else a neutral nudge."""
        said = parcel.body
        reply = load(said["reply"]) if said["urgent"] else courtesies.nudge(self.desk, said["language"])
        return {"wire": render.wire(reply), "silent": False, "urgent": said["urgent"]}

    def _reply(self, parcel: Parcel) -> Settled:
        if self._is_too_late(parcel):
            return self._missed(parcel)
        messages = render.render(load(parcel.body["reply"]))
        token = parcel.body["token"]
        sent = self.client().reply(token, messages)
        if isinstance(sent, Unknown) and not parcel.is_doubtful:
            return self._second_try(parcel, self.client().reply(token, messages))
        return self._second_try(parcel, sent) if parcel.is_doubtful else self._first_try(parcel, sent)

    def _first_try(self, parcel: Parcel, sent: Sent) -> Settled:
        if isinstance(sent, Accepted):
            return self._end(parcel, SendState.SENT)
        if isinstance(sent, Unsent) or (isinstance(sent, Refused) and sent.is_busy):
            pause = _after(sent) or 0.3 * 2**parcel.tries
            return self._again(parcel, "reply", pause, _cause(sent))
        return self._again(parcel, "push", 0, _cause(sent))

    def _second_try(self, parcel: Parcel, sent: Sent) -> Settled:
        if isinstance(sent, Accepted):
            return self._end(parcel, SendState.SENT)
        if (
            isinstance(sent, Refused)
            and not sent.is_busy
            and not sent.is_ours
            and not self._is_too_late(parcel)
        ):
            return self._end(parcel, SendState.SENT, "by the first try")
        if isinstance(sent, Unsent) or (isinstance(sent, Refused) and sent.is_busy):
            due_at = self.machine() + timedelta(seconds=_after(sent) or 1.0)
            return Settled(parcel, SendState.REPLYING, "reply", due_at, _cause(sent))
        return self._in_doubt(parcel, _cause(sent))

    def _missed(self, parcel: Parcel) -> Settled:
        """The token's minute is over; what was never tried becomes a push."""
        if parcel.is_doubtful:
            return self._in_doubt(parcel, "token expired")
        return self._again(parcel, "push", 0, "token expired")

    def _in_doubt(self, parcel: Parcel, cause: str) -> Settled:
        """Shown or not, nobody will know: counted, and mentioned at the next contact.

        The crisis reply must arrive, be it twice: it goes on as a push, under the key of every other copy of it.
        """
        if parcel.body["urgent"]:
            return self._again(parcel, "push", 0, cause)
        return self._end(parcel, SendState.UNKNOWN, cause)

    def _push(self, parcel: Parcel) -> Settled:
        if parcel.first_try_at is not None and self.plan() - parcel.first_try_at > RETRY_FOR:
            return self._end(parcel, SendState.NEEDS_HUMAN, "24 hours")
        client = self.client()
        messages = client.messages(parcel.body["wire"])
        sent = client.push(parcel.to, messages, parcel.retry_key, silent=bool(parcel.body.get("silent")))
        if isinstance(sent, Accepted):
            return self._end(parcel, SendState.SENT)
        if isinstance(sent, Refused) and sent.is_ours:
            return self._again(parcel, "push", ACCOUNT_PAUSE.total_seconds(), _cause(sent))
        if isinstance(sent, Refused) and sent.is_busy:
            return self._busy(parcel, sent, client)
        if isinstance(sent, Refused):
            return self._end(parcel, SendState.REFUSED, _cause(sent))
        return self._again(parcel, "push", self._pause(parcel), _cause(sent))

    def _busy(self, parcel: Parcel, sent: Refused, client: LineClient) -> Settled:
        """The same 429 means too fast, or nothing left this month; only a look at the quota tells which."""
        if sent.after is None and client.quota_left() == 0:
            return self._again(parcel, "push", QUOTA_PAUSE.total_seconds(), "quota used up")
        return self._again(parcel, "push", sent.after or self._pause(parcel), _cause(sent))

    def _leave(self, parcel: Parcel) -> Settled:
        """Say one neutral sentence if the token allows, then go."""
        client, said = self.client(), parcel.body
        if said["token"] and parcel.tries == 0 and not self._is_too_late(parcel):
            client.reply(said["token"], render.render(courtesies.farewell(self.desk)))
        sent = client.leave(said["chat"], said["chat_id"])
        if isinstance(sent, Accepted | Refused) and not (isinstance(sent, Refused) and sent.is_busy):
            return self._end(parcel, SendState.SENT)
        if self.machine() - parcel.born_at > timedelta(days=1):
            return self._end(parcel, SendState.NEEDS_HUMAN, _cause(sent))
        return self._again(parcel, "leave", self._pause(parcel), _cause(sent))

    def _is_too_late(self, parcel: Parcel) -> bool:
        return parcel.reply_until is None or self.machine() >= parcel.reply_until

    def _pause(self, parcel: Parcel) -> float:
        """Exponential with full jitter, so that a recovering LINE is not met by everything at once."""
        return self.random.uniform(0.2, 1.0) * min(LONGEST_PAUSE, 2.0 ** min(parcel.tries, 12))

    def _again(self, parcel: Parcel, way: str, pause: float, cause: str) -> Settled:
        now = self.machine()
        return Settled(
            parcel, SendState.WAITING, way, now + timedelta(seconds=pause) if pause else now, cause
        )

    def _end(self, parcel: Parcel, state: SendState, cause: str | None = None) -> Settled:
        return Settled(parcel, state, parcel.way, self.machine(), cause)


def _cause(sent: Sent) -> str:
    if isinstance(sent, Refused):
        return f"status {sent.status}"
    return "" if isinstance(sent, Accepted) else sent.cause


def _after(sent: Sent) -> float | None:
    return sent.after if isinstance(sent, Refused) else None


def body(
    reply: Reply, language: str, token: str | None, *, urgent: bool = False, fixed: bool = False
) -> dict[str, Any]:
    """What a parcel carries for a reply. An urgent one keeps its words even where it has to go as a push.

    `fixed`: it says nothing of hers, so it may go out as a reply to somebody who has asked to be erased.
    """
    return {"reply": dump(reply), "language": language, "token": token, "urgent": urgent, "fixed": fixed}
