"""Identifiers in the shapes LINE gives them."""

from __future__ import annotations

import itertools
import secrets
import uuid

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def user_id() -> str:
    return "U" + secrets.token_hex(16)


def group_id() -> str:
    return "C" + secrets.token_hex(16)


def room_id() -> str:
    return "R" + secrets.token_hex(16)


def request_id() -> str:
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))


def token() -> str:
    """A reply token, quote token or mark-as-read token."""
    return secrets.token_hex(16)


def event_id(timestamp_ms: int) -> str:
    """A ULID: 48 bits of time and 80 of chance, so ids sort by the time of their event."""
    value = (timestamp_ms << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


class MessageIds:
    """Numbers as long as LINE's, never given twice, also not after a restart that tells the last one used."""

    def __init__(self, after: int = 500_000_000_000_000_000) -> None:
        self._numbers = itertools.count(after + 1)

    def next(self) -> str:
        return str(next(self._numbers))
