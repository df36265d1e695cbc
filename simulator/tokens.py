"""Reply tokens, which work once and for a minute, and retry keys, which are remembered for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator import ids
from simulator.journal import Journal
from simulator.refusals import Refusal

REPLY_WITHIN = timedelta(minutes=1)
REDELIVERED_WITHIN = timedelta(minutes=20)
KEY_KEPT = timedelta(hours=24)
_KEPT_TOKENS = 50_000


@dataclass
class _Token:
    chat: str
    event_at: datetime
    received_at: datetime | None = None
    is_redelivered: bool = False
    used: bool = False


class ReplyTokens:
    """Not thread-safe: called under the platform's lock."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}

    def issue(self, chat: str, now: datetime) -> str:
        """A token that starts to count when its webhook is delivered."""
        while len(self._tokens) >= _KEPT_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        token = ids.token()
        self._tokens[token] = _Token(chat, now)
        return token

    def received(self, token: str, now: datetime, *, again: bool) -> None:
        """The bot is being given the event: its minute starts, or starts anew on a redelivery."""
        known = self._tokens.get(token)
        if known is not None and (again or known.received_at is None):
            known.received_at = now
            known.is_redelivered = again

    def take(self, token: str, now: datetime) -> str:
        """The chat to reply to; from now on the token is used. Raises Refusal for one that LINE would not take."""
        known = self._tokens.get(token)
        if known is None or known.used or not _in_time(known, now):
            raise Refusal(400, "Invalid reply token")
        known.used = True
        return known.chat


def _in_time(token: _Token, now: datetime) -> bool:
    if token.received_at is None or now - token.received_at > REPLY_WITHIN:
        return False
    return not token.is_redelivered or now - token.event_at <= REDELIVERED_WITHIN


@dataclass(frozen=True)
class Accepted:
    """What the first call under a retry key was answered."""

    at: datetime
    request: str
    sent: tuple[dict[str, str], ...] = ()


class RetryKeys:
    """Keys of accepted calls. After 24 hours a key counts as new. Called under the platform's lock."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        # A bot that was killed together with us asks again with its old keys.
        self._accepted = {
            key: Accepted(datetime.fromisoformat(kept["at"]), kept["request"], tuple(kept["sent"]))
            for key, kept, _ in journal.all("key")
        }

    def check(self, key: str, now: datetime) -> None:
        """Raises the 409 that means success, when a call under this key was accepted before."""
        first = self._accepted.get(key)
        if first is not None and now - first.at < KEY_KEPT:
            raise Refusal(
                409,
                "The retry key is already accepted",
                sent=list(first.sent),
                headers={"x-line-accepted-request-id": first.request},
            )

    def accept(self, key: str, accepted: Accepted) -> None:
        self._accepted[key] = accepted
        if self._journal.keeps:
            kept = {"at": accepted.at.isoformat(), "request": accepted.request, "sent": accepted.sent}
            self._journal.put("key", key, kept)
