"""What became of a call to LINE, named by who has to act. A 200 never proves that anything was shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Accepted:
    """LINE took it: 200, 202, or 409 for a retry key it had accepted before."""


@dataclass(frozen=True)
class Refused:
    """LINE said no and sent nothing (any 4xx but 409). `after` is Retry-After in seconds, where given."""

    status: int
    after: float | None = None

    @property
    def is_busy(self) -> bool:
        """Too many calls, or the month's quota is used up: which of the two, only a look at the quota tells."""
        return self.status == 429

    @property
    def is_ours(self) -> bool:
        """Token or plan of the account: nothing is wrong with the message, an operator has to act."""
        return self.status in (401, 403)


@dataclass(frozen=True)
class Unknown:
    """5xx, a time-out, a cut line: LINE may have shown it or not."""

    cause: str


@dataclass(frozen=True)
class Unsent:
    """The request never left this host."""

    cause: str


Sent = Accepted | Refused | Unknown | Unsent
