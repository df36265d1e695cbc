"""Work through the inbox: take people's leases, run their events oldest first, commit many turns at once, then deliver.

Three transactions per round, each short: claim (which counts a try before anything can go wrong), turns (each event in
its savepoint), settle (what LINE said, shared with the next claim).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError

from care import conversations, courtesies, erasures
from care.desk import Desk
from care.turns import Turn
from dialogs.messages import Reply
from handlers import crisis
from handlers.deliver import body
from handlers.route import route
from line import events
from line.events import Event
from storage import inbox, outbox, people
from storage.inbox import Queue, Waiting
from storage.outbox import Parcel, Settled
from storage.people import Person
from storage.session import Tx
from storage.store import Store

log = structlog.get_logger()

BATCH = 200
# How many people share a commit: enough to spread its cost, few enough that webhooks need not wait long for theirs.
SHARE = 24
STALE = timedelta(minutes=10)
# LINE says "within one minute after receiving the webhook"; what is left pays for the way there.
TOKEN_LIFE = timedelta(seconds=50)
SAFETY = timedelta(seconds=15)
# What people say; the other kinds of event (blocked, unsent) have their effect however late or many they come.
SPOKEN = ("message", "postback")
# Messages of one person in a minute of the machine's clock. Whoever types or taps by hand stays below it.
PER_MINUTE = 20


@dataclass
class Turned:
    """What came of one person's queue within the transaction of turns."""

    key: bytes
    person: Person
    parcels: list[Parcel] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    again_at: datetime | None = None
    in_hand: bool = False
    calls: set[int] = field(default_factory=set)
    uncounted: int = 0

    @property
    def still_here(self) -> Person | None:
        """Whose key the parcels are kept under; None after she has been destroyed."""
        return None if self.person.is_gone else self.person


@dataclass(frozen=True)
class Pile:
    """What waits of one person, read. `counted` are the messages that count for the limit of this minute."""

    queue: Queue
    wanted: list[tuple[Waiting, Event]]
    stale: list[Waiting]
    counted: list[tuple[Waiting, Event]]


@dataclass(frozen=True)
class Drain:
    """Runs rounds in the caller's thread.

    `hand_over` gets a person's parcels after the commit, in order, for as many people as there was `room` for; what is
    not handed over waits in the outbox, certainly untried. What somebody says beyond `per_minute` is passed over, but
    for a call for help.
    """

    store: Store
    desk: Desk
    room: Callable[[], int]
    hand_over: Callable[[bytes, list[Parcel]], None]
    per_minute: int = PER_MINUTE

    def round(self, settled: Sequence[tuple[bytes, list[Settled]]] = (), batch: int = BATCH) -> int:
        """Write down how the last deliveries ended, then take and work through what waits; returns how many events."""
        store = self.store
        with store.begin() as tx:
            self._settle(tx, settled)
            queues = inbox.claim(tx, store.owner, _user_id, store.machine(), batch, store.plan())
        if not queues:
            return 0
        for some in _shares(queues):
            with store.begin() as tx:
                turned = self._turns(tx, some)
            for one in turned:
                if one.in_hand:
                    self.hand_over(one.key, one.parcels)
        return sum(len(queue.events) for queue in queues)

    def _settle(self, tx: Tx, settled: Sequence[tuple[bytes, list[Settled]]]) -> None:
        outbox.settle(tx, [result for _, results in settled for result in results], self.store.owner)
        inbox.release(tx, self.store.owner, {key: None for key, _ in settled})

    def _turns(self, tx: Tx, queues: Sequence[Queue]) -> list[Turned]:
        now = self.store.machine()
        piles = [_pile(queue, now) for queue in queues]
        mine = inbox.still_mine(
            tx, self.store.owner, {pile.queue.key: len(pile.counted) for pile in piles}, now
        )
        turned = [
            self._person(tx, pile, now, mine[pile.queue.key]) for pile in piles if pile.queue.key in mine
        ]
        inbox.give_back(tx, self.store.owner, {one.key: one.uncounted for one in turned})
        self._put_out(tx, turned, now)
        inbox.finish(tx, [event_id for one in turned for event_id in one.done])
        idle = {one.key: one.again_at for one in turned if not one.in_hand}
        inbox.release(tx, self.store.owner, idle)
        return turned

    def _put_out(self, tx: Tx, turned: Sequence[Turned], now: datetime) -> None:
        room = self.room()
        for one in turned:
            one.in_hand = bool(one.parcels) and one.again_at is None and room > 0
            room -= one.in_hand
        begun = [(parcel, one.still_here) for one in turned if one.in_hand for parcel in one.parcels]
        outbox.add_in_hand(tx, begun, self.store.owner, now)
        later = [(parcel, one.still_here) for one in turned if not one.in_hand for parcel in one.parcels]
        outbox.add(tx, later)

    def _person(self, tx: Tx, pile: Pile, now: datetime, used: int) -> Turned:
        """Every event of one person, until one fails: later ones then wait for it, so that order is kept.

        `used`: how many messages she has sent in this minute, those of this pile among them.
        """
        queue, turned = pile.queue, Turned(pile.queue.key, pile.queue.person)
        turned.done += [w.id for w in queue.events if all(w is not kept for kept, _ in pile.wanted)]
        replies = self._pass_over(pile, used, turned)
        wanted = [(waiting, event) for waiting, event in pile.wanted if waiting.id not in turned.done]
        spoken = [waiting for waiting, event in wanted if event.kind in SPOKEN]
        person = queue.person
        for waiting, event in wanted:
            sealed_at = person.sealed_at
            try:
                with tx.savepoint():
                    if waiting.tries > inbox.TRIES:
                        raise NeverEnded
                    if waiting in pile.stale:
                        reply = self._stale(tx, queue, waiting, event, is_last=waiting is spoken[-1])
                    else:
                        reply = self._event(tx, queue, waiting, event, turned)
            except OperationalError:
                # The database itself is in trouble (gone, full, locked): nobody's event is to blame.
                raise
            except Exception as error:  # noqa: BLE001  # whatever it is, only this event may suffer
                # What the event did to her is undone.
                person.sealed_at, person.is_gone = sealed_at, False
                sorry = self._failed(tx, queue.person, waiting, error)
                if sorry is None:
                    turned.again_at = now + timedelta(seconds=0.2 * 2**waiting.tries)
                    break
                reply = sorry
            else:
                turned.done.append(waiting.id)
            if person.is_gone or (person.is_sealed and sealed_at is None):
                # What was about to be said to her before is not said any more.
                replies = [said for said in replies if courtesies.is_crisis(self.desk, said[2])]
            replies.append((waiting, event, reply))
            if person.is_gone:
                # What she says after it is a stranger's.
                break
        over = {*turned.done, *(waiting.id for waiting, _, _ in replies)} - turned.calls
        turned.uncounted = sum(waiting.id not in over for waiting, _ in pile.counted)
        turned.parcels = [self._parcel(tx, queue, *said) for said in _worth_saying(replies)]
        return turned

    def _pass_over(self, pile: Pile, used: int, turned: Turned) -> list[tuple[Waiting, Event, Reply]]:
        """What is beyond the limit is done; said once a minute, before the answer to what still counted."""
        too_many = self._too_many(pile, used)
        turned.done += [waiting.id for waiting, _ in too_many]
        if not too_many or used - len(pile.counted) > self.per_minute:
            return []
        return [(*too_many[-1], courtesies.slowly(self.desk, pile.queue.person.language))]

    def _too_many(self, pile: Pile, used: int) -> list[tuple[Waiting, Event]]:
        """The messages beyond the limit of this minute. A call for help neither counts nor is ever passed over."""
        if used <= self.per_minute:
            return []
        left = max(0, self.per_minute - (used - len(pile.counted)))
        return [one for one in pile.counted if crisis.judge(one[1], self.desk) is None][left:]

    def _stale(self, tx: Tx, queue: Queue, waiting: Waiting, event: Event, *, is_last: bool) -> Reply:
        """Said longer ago than anybody still waits for: not done now, but a call for help is answered however late."""
        at_risk = self._call_for_help(tx, queue, waiting, event)
        if at_risk or not is_last:
            return Reply(())
        if queue.person.is_sealed:
            return erasures.while_sealed(Turn(tx, queue.person, self.desk, self.store.plan()), None)
        return conversations.away(tx, queue.person, self.desk, self.store.plan())

    def _event(self, tx: Tx, queue: Queue, waiting: Waiting, event: Event, turned: Turned) -> Reply:
        at_risk = self._call_for_help(tx, queue, waiting, event)
        if at_risk:
            turned.calls.add(waiting.id)
        event = event.keyed(_key(waiting.message_key), _unsent_key(tx, event))
        reply = route(tx, queue.person, event, self.desk, self.store.plan(), crisis_answered=at_risk)
        if queue.person.unheard and reply.messages and not queue.person.is_sealed:
            people.set_heard(tx, queue.person)
            reply = courtesies.with_apology(self.desk, queue.person.language, reply)
        # The token belongs to the crisis reply.
        return Reply(()) if at_risk else reply

    def _call_for_help(self, tx: Tx, queue: Queue, waiting: Waiting, event: Event) -> bool:
        """Whether the crisis reply answers this event, by its own path; if it has not yet, a safety copy is kept."""
        at_risk = crisis.judge(event, self.desk) is not None
        if at_risk and not inbox.is_answered(tx, waiting.id):
            self._keep_safety_copy(tx, queue, waiting, event)
        return at_risk

    def _keep_safety_copy(self, tx: Tx, queue: Queue, waiting: Waiting, event: Event) -> None:
        """The crisis reply is on its way by its own path; should that have died, this one goes out instead."""
        reply, person = crisis.reply_to(event, self.desk), queue.person
        parcel = Parcel(
            id=tx.ids(),
            dedupe=tx.keys.index("crisis", event.event_id),
            person_id=person.id,
            to=queue.line_id,
            way="reply",
            body=body(reply, person.language, event.reply_token, urgent=True),
            retry_key=crisis.retry_key(event.event_id),
            born_at=waiting.received_at,
            due_at=waiting.received_at + SAFETY,
            reply_until=waiting.received_at + TOKEN_LIFE,
        )
        outbox.add(tx, [(parcel, person)])

    def _failed(self, tx: Tx, person: Person, waiting: Waiting, error: Exception) -> Reply | None:
        """Count it. After the last try the event is parked and she is told that this one did not work."""
        park = waiting.tries >= inbox.TRIES
        inbox.fail(tx, waiting.id, type(error).__name__, park=park)
        log.warning("turn_failed", error=type(error).__name__, tries=waiting.tries, parked=park)
        return courtesies.apology(self.desk, person.language) if park else None

    def _parcel(self, tx: Tx, queue: Queue, waiting: Waiting, event: Event, reply: Reply) -> Parcel:
        urgent, person = courtesies.is_crisis(self.desk, reply), queue.person
        return Parcel(
            id=tx.ids(),
            dedupe=waiting.event_key,
            person_id=None if person.is_gone else person.id,
            to="" if person.is_gone else queue.line_id,
            way="reply",
            body=body(
                reply,
                person.language,
                event.reply_token,
                urgent=urgent,
                fixed=person.is_sealed or person.is_gone,
            ),
            retry_key=str(uuid.UUID(int=tx.ids() << 64 | tx.ids(), version=4)),
            born_at=waiting.received_at,
            due_at=waiting.received_at,
            reply_until=waiting.received_at + TOKEN_LIFE if event.reply_token else None,
        )


def _shares(queues: Sequence[Queue]) -> Iterator[Sequence[Queue]]:
    for start in range(0, len(queues), SHARE):
        yield queues[start : start + SHARE]


class NeverEnded(Exception):
    """Every earlier try of this event took the process down with it."""


def _user_id(raw: bytes) -> str:
    """Whom a stored event is from."""
    found: str = json.loads(raw)["source"]["userId"]
    return found


def _key(keyed: bytes | None) -> str | None:
    return keyed.hex() if keyed else None


def _unsent_key(tx: Tx, event: Event) -> str | None:
    return _key(tx.keys.index("message", event.unsent_id)) if event.unsent_id else None


def _pile(queue: Queue, now: datetime) -> Pile:
    wanted = _without_unsent(queue.events)
    spoken = [(waiting, event) for waiting, event in wanted if event.kind in SPOKEN]
    stale = [waiting for waiting, _ in spoken if now - waiting.received_at > STALE]
    return Pile(queue, wanted, stale, [one for one in spoken if one[0] not in stale])


def _without_unsent(waiting: Sequence[Waiting]) -> list[tuple[Waiting, Event]]:
    """The events to run. A message that was unsent meanwhile is passed over as if it had never come."""
    found = [(one, _event_of(one)) for one in waiting]
    unsent = {event.unsent_id for _, event in found if event is not None and event.unsent_id}
    return [(one, event) for one, event in found if event is not None and event.message_id not in unsent]


def _event_of(waiting: Waiting) -> Event | None:
    return events.read(json.loads(waiting.raw))


def _worth_saying(replies: Sequence[tuple[Waiting, Event, Reply]]) -> list[tuple[Waiting, Event, Reply]]:
    """Ten messages in a burst get one answer: the last, and before it whatever must not be missed."""
    spoken = [said for said in replies if said[2].messages]
    return [said for said in spoken if said[2].keep or said is spoken[-1]]
