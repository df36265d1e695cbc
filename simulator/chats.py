"""Who is there, and what each chat shows: people, groups, and their timelines with a cursor to wait on."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import Any


@dataclass
class Person:
    """Somebody with LINE on their phone."""

    id: str
    name: str
    language: str = "zh-TW"
    is_friend: bool = False
    has_blocked: bool = False
    wrote_ms: int | None = None
    place: int = 0

    @property
    def can_receive(self) -> bool:
        return self.is_friend and not self.has_blocked


@dataclass
class Group:
    """A group chat or a room; `holds_bot` while the account is a member."""

    id: str
    kind: str
    name: str
    members: list[str] = field(default_factory=list)
    holds_bot: bool = False


@dataclass(slots=True)
class Entry:
    """One thing a chat shows. `seq` is its place, `rev` the cursor of its last change (read, unsent)."""

    seq: int
    rev: int
    id: str
    chat: str
    by: str
    """"bot", "system", or the user id of who wrote it."""
    at_ms: int
    message: dict[str, Any]
    via: str = ""
    """reply, push, multicast, broadcast or narrowcast for the bot; said or tapped for a person."""
    key: str = ""
    """The reply token or retry key it was shown for."""
    quiet: bool = False
    read: bool = False
    unsent: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Chat:
    """A timeline, and what hovers over it."""

    id: str
    entries: list[Entry] = field(default_factory=list)
    rev: int = 0
    loading_until_ms: int = 0

    def find(self, message_id: str) -> Entry | None:
        return next((entry for entry in reversed(self.entries) if entry.id == message_id), None)


class Chats:
    """All of them, under one lock. Wait on `changed` for something new."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.cursor = 0
        self._chats: dict[str, Chat] = {}

    def __getitem__(self, chat: str) -> Chat:
        found = self._chats.get(chat)
        if found is None:
            found = self._chats[chat] = Chat(chat)
        return found

    def show(self, entry: Entry) -> None:
        """Append to the timeline. Hold the lock."""
        self.cursor += 1
        entry.seq = entry.rev = self.cursor
        chat = self[entry.chat]
        chat.entries.append(entry)
        chat.rev = self.cursor
        if entry.by == "bot":
            chat.loading_until_ms = 0
        self.changed.notify_all()

    def touch(self, entry: Entry | None, chat: str) -> None:
        """Something about the chat, or one entry of it, looks different now. Hold the lock."""
        self.cursor += 1
        if entry is not None:
            entry.rev = self.cursor
        self[chat].rev = self.cursor
        self.changed.notify_all()

    def since(self, chat: str, cursor: int) -> list[Entry]:
        """What changed in a chat after the cursor, in order."""
        with self.lock:
            found = self[chat]
            return [] if found.rev <= cursor else [entry for entry in found.entries if entry.rev > cursor]

    def wait_for(self, chat: str, cursor: int, count: int, seconds: float) -> list[Entry]:
        """What the bot has shown there after the cursor, as soon as that is `count` messages; else what there is."""

        def shown() -> list[Entry]:
            newest = takewhile(lambda e: e.seq > cursor, reversed(self[chat].entries))
            return [e for e in newest if e.by == "bot"][::-1]

        with self.changed:
            self.changed.wait_for(lambda: len(shown()) >= count, timeout=seconds)
            return shown()

    def forget_all(self) -> None:
        with self.lock:
            self.people.clear()
            self.groups.clear()
            self._chats.clear()
            self.touch(None, "")
