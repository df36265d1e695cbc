"""LINE's platform as the bot meets it: who can be reached, what a send shows, what it costs, what is refused."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulator import ids
from simulator.allowances import Buckets, Quota
from simulator.capture import Capture
from simulator.chats import Chats, Entry, Group, Person
from simulator.clock import Clock, MovableClock, milliseconds
from simulator.faults import Faults
from simulator.journal import Journal
from simulator.post import Target
from simulator.refusals import Refusal, property_invalid
from simulator.richmenus import RichMenus
from simulator.tokens import Accepted, ReplyTokens, RetryKeys
from simulator.webhook import Webhook

STRANGERS_FOR_MS = 7 * 24 * 3600 * 1000
Messages = list[dict[str, Any]]
Sent = list[dict[str, str]]


@dataclass(frozen=True)
class Call:
    """A send as it came in: what to show, under which key, and the id its answer will carry."""

    messages: Messages
    request: str
    key: str = ""
    quiet: bool = False


class Platform:
    """Thread-safe. Everything it knows is in its parts; `close` ends its threads and files."""

    def __init__(
        self,
        *,
        secret: str,
        token: str,
        webhook: Target | None = None,
        clock: Clock | None = None,
        state: Path | None = None,
        capture: Path | None = None,
        quota: int | None = None,
        rate_limits: bool = True,
        name: str = "員工協助方案",
    ) -> None:
        self.token = token
        self.name = name
        self.clock: Clock = clock or MovableClock()
        self.journal = Journal(state)
        self.chats = Chats()
        self.tokens = ReplyTokens()
        self.keys = RetryKeys(self.journal)
        self.quota = Quota(quota)
        self.buckets = Buckets(enforced=rate_limits)
        self.faults = Faults()
        self.capture = Capture(capture)
        self.menus = RichMenus(self.journal)
        self.chat_mode = "bot"
        self.endpoint = webhook if isinstance(webhook, str) else ""
        self.narrowcasts: dict[str, dict[str, Any]] = {}
        self.issued: dict[str, int] = {}
        """Short-lived access tokens and until when (in milliseconds) they work."""
        self.shown: Counter[tuple[str, str]] = Counter()
        """How often (chat, reply token or retry key) was shown: for exactly-once checks."""
        self.message_ids = ids.MessageIds()
        self._listeners: list[Callable[[timedelta], None]] = []
        self._recall()
        self.webhook = Webhook(webhook, secret, self.bot_id, self._heard)

    @property
    def lock(self) -> Any:
        return self.chats.lock

    def now_ms(self) -> int:
        return milliseconds(self.clock.now())

    def move_clock(self, by: timedelta) -> None:
        """Move the clock, and tell everybody who asked (`on_clock`) by how much."""
        self.clock.advance(by)
        self.offset += by
        self.journal.put("self", "offset", self.offset.total_seconds())
        for listener in self._listeners:
            listener(by)
        with self.lock:
            self.chats.touch(None, "")

    def on_clock(self, listener: Callable[[timedelta], None]) -> None:
        """Call this with every movement of the clock; at once with what an earlier run has moved it by."""
        self._listeners.append(listener)
        if self.offset:
            listener(self.offset)

    def reply(self, token: str, call: Call) -> Sent:
        """Show messages to whoever caused the event. Raises Refusal("Invalid reply token")."""
        with self.lock:
            now = self.clock.now()
            chat = self.tokens.take(token, now)
            self.quota.spend("reply", 1, now)
            return self.show([chat], call, "reply", token)

    def push(self, to: str, call: Call) -> Sent:
        """Show messages to a person, group or room. A person who blocked gets nothing, and LINE says 200."""
        with self.lock:
            now = self.clock.now()
            self._not_again(call)
            if to in self.chats.groups:
                group = self.chats.groups[to]
                reached, cost = ([to], len(group.members)) if group.holds_bot else ([], 0)
            elif to in self.chats.people:
                reached = [to] if self._reaches(self.chats.people[to]) else []
                cost = len(reached)
            else:
                raise Refusal(400, "Failed to send messages")
            self.quota.check(cost, now)
            self.quota.spend("push", cost, now)
            sent = self.show(reached, call, "push", call.key)
            self._accept(call, sent)
            return sent

    def multicast(self, to: list[str], call: Call) -> None:
        """Show messages to many friends; who cannot be reached is passed over."""
        for place, user in enumerate(to):
            if user in self.chats.groups or not user.startswith("U"):
                raise property_invalid(f"to[{place}]")
        self._to_many(
            "multicast",
            (self.chats.people[user] for user in dict.fromkeys(to) if user in self.chats.people),
            call,
        )

    def broadcast(self, call: Call, kind: str = "broadcast") -> int:
        """Show messages to every friend. Returns how many."""
        return self._to_many(kind, self.chats.people.values(), call)

    def friends(self) -> list[Person]:
        with self.lock:
            return [person for person in self.chats.people.values() if person.can_receive]

    def save_person(self, person: Person) -> None:
        self.journal.put("person", person.id, asdict(person))

    def save_group(self, group: Group) -> None:
        self.journal.put("group", group.id, asdict(group))

    def show(self, chats: Iterable[str], call: Call, via: str, key: str) -> Sent:
        """Put the messages into these chats. Hold the lock. The ids and quote tokens are those of one chat's copy."""
        sent = [{"id": self.message_ids.next(), "quoteToken": ids.token()} for _ in call.messages]
        at_ms = self.now_ms()
        for place, chat in enumerate(chats):
            self.shown[(chat, key or call.request)] += 1
            for message, known in zip(call.messages, sent, strict=True):
                message_id = known["id"] if place == 0 else self.message_ids.next()
                self.add(Entry(0, 0, message_id, chat, "bot", at_ms, message, via, key, call.quiet))
        return sent

    def add(self, entry: Entry) -> None:
        """Show one entry and remember it. Hold the lock."""
        self.chats.show(entry)
        self.keep(entry)

    def keep(self, entry: Entry) -> None:
        if not self.journal.keeps:
            return
        self.journal.put("entry", entry.id, entry.as_json())

    def truth(self) -> dict[str, Any]:
        """What everybody was really shown: the messages of each chat, and how often each key was."""
        with self.lock:
            chats = [*self.chats.people, *self.chats.groups]
            return {
                "shown": {
                    chat: [
                        {"id": e.id, "via": e.via, "key": e.key, "message": e.message}
                        for e in self.chats[chat].entries
                        if e.by == "bot"
                    ]
                    for chat in chats
                },
                "counts": [{"chat": chat, "key": key, "times": n} for (chat, key), n in self.shown.items()],
            }

    def reset(self) -> None:
        """Forget everything but the secret, the token, where webhooks go, and how far the clock was moved."""
        self.webhook.start_over()
        with self.lock:
            self.faults.clear()
            self.chats.forget_all()
            self.menus.forget_all()
            self.quota = Quota(self.quota.limit)
            self.shown.clear()
            self.capture.clear()
            self.journal.wipe()
            self.tokens, self.keys = ReplyTokens(), RetryKeys(self.journal)
            self.journal.put("self", "bot", self.bot_id)
            self.journal.put("self", "offset", self.offset.total_seconds())

    def close(self) -> None:
        self.faults.release()
        self.webhook.close()
        self.capture.close()
        self.journal.close()

    def _reaches(self, person: Person) -> bool:
        wrote_lately = person.wrote_ms is not None and self.now_ms() - person.wrote_ms <= STRANGERS_FOR_MS
        return not person.has_blocked and (person.is_friend or wrote_lately)

    def _to_many(self, kind: str, people: Iterable[Person], call: Call) -> int:
        with self.lock:
            now = self.clock.now()
            self._not_again(call)
            reached = [person.id for person in people if person.can_receive]
            self.quota.check(len(reached), now)
            self.quota.spend(kind, len(reached), now)
            self.show(reached, call, kind, call.key)
            self._accept(call, [])
            return len(reached)

    def _not_again(self, call: Call) -> None:
        if call.key:
            self.keys.check(call.key, self.clock.now())

    def _accept(self, call: Call, sent: Sent) -> None:
        if call.key:
            self.keys.accept(call.key, Accepted(self.clock.now(), call.request, tuple(sent)))

    def _heard(self, batch: list[dict[str, Any]], again: bool, after: bool) -> None:
        """A webhook is about to be delivered, or was: tokens begin to count, and messages turn read."""
        with self.lock:
            for event in batch:
                if not after:
                    self.tokens.received(event.get("replyToken", ""), self.clock.now(), again=again)
                elif self.chat_mode == "bot" and event["type"] == "message":
                    self._read(event["source"], event["message"]["id"])

    def _read(self, source: dict[str, str], message_id: str) -> None:
        chat = source.get("groupId") or source.get("roomId") or source["userId"]
        entry = self.chats[chat].find(message_id)
        if entry is not None and not entry.read:
            entry.read = True
            self.chats.touch(entry, chat)
            self.keep(entry)

    def _recall(self) -> None:
        kept = {name: value for name, value, _ in self.journal.all("self")}
        self.bot_id: str = kept.get("bot") or "U" + secrets.token_hex(16)
        self.journal.put("self", "bot", self.bot_id)
        self.offset = timedelta(seconds=kept.get("offset", 0))
        self.clock.advance(self.offset)
        known = [Person(**person) for _, person, _ in self.journal.all("person")]
        for person in sorted(known, key=lambda person: person.place):
            self.chats.people[person.id] = person
        for _, group, _ in self.journal.all("group"):
            self.chats.groups[group["id"]] = Group(**group)
        last = 0
        with self.lock:
            for _, entry, _ in self.journal.all("entry"):
                self.chats.show(Entry(**entry))
                last = max(last, int(entry["id"]))
        if last:
            self.message_ids = ids.MessageIds(last)
