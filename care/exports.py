"""Everything that is kept about one person, in her own hand: a card to read, and one JSON file with all of it.

`FIELDS` says of every column that is about a person where it stands in the file, or why it does not; a test holds it
against the database's own list of columns, so that nothing new can be forgotten here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from care import says
from care.desk import Desk
from care.turns import Turn
from dialogs.messages import Block, Button, Card, Fact, Link, Paragraph, Reply
from storage import consents, conversations, inbox, links, outbox, people, screenings
from storage.people import Person
from storage.session import Tx

KIND = "export"
LIVES = timedelta(minutes=10)
PATH = "/export/"
FORMAT, VERSION = "eapline-export", "1"
SHOWN = 8

FIELDS: Mapping[str, Mapping[str, str]] = {
    "people": {
        "id": "-our own number for her, drawn by lot; says nothing and is shown nowhere",
        "line_key": "-a keyed hash of line_user_id, to find her row",
        "line_id": "person.line_user_id",
        "kek_id": "-which key wraps her key",
        "wrapped": "-her key, itself encrypted; everything it opens is here",
        "language": "person.language",
        "created_at": "person.first_seen_at",
        "blocked_at": "person.blocked_at",
        "welcomed_on": "person.last_welcomed_on",
        "notice": "person.notice_version_shown",
        "unheard": "person.answers_perhaps_not_arrived",
        "sealed_at": "-she is asked to undo first: nothing is exported while it is set",
        "puzzled": "person.last_not_understood_mark",
    },
    "conversations": {
        "person_id": "-whose row it is",
        "body": "open_conversation.content",
        "updated_at": "open_conversation.updated_at",
    },
    "consents": {
        "id": "-our own number of the line",
        "person_id": "-whose row it is",
        "number": "consents[].number",
        "body": "consents[].scope, version, granted, at",
    },
    "screenings": {
        "id": "-our own number of the record",
        "person_id": "-whose row it is",
        "finished_at": "screenings[].finished_at",
        "detailed": "screenings[].answers: empty when only the range is left",
        "body": "screenings[].instrument, version, answers, total, band, item6",
    },
    "links": {
        "token_key": "-a keyed hash of the address",
        "person_id": "-whose row it is",
        "kind": "links[].kind",
        "expires_at": "links[].expires_at",
        "used_at": "links[].used_at",
    },
    "outbox": {
        "id": "-our own number of the message",
        "dedupe": "-a keyed hash, so that it goes out once",
        "person_id": "-whose row it is; emptied when the message is over",
        "way": "messages_under_way[].way",
        "state": "messages_under_way[].state",
        "body": "messages_under_way[].content",
        "frozen": "messages_under_way[].frozen",
        "retry_key": "messages_under_way[].retry_key",
        "born_at": "messages_under_way[].born_at",
        "due_at": "messages_under_way[].due_at",
        "reply_until": "messages_under_way[].reply_until",
        "first_try_at": "messages_under_way[].first_try_at",
        "tries": "messages_under_way[].tries",
        "lease_owner": "-which process is sending it",
        "lease_until": "-until when that process may",
        "error": "messages_under_way[].error",
    },
    "inbox": {
        "id": "-our own number of the event",
        "event_key": "-a keyed hash of LINE's id of the event",
        "sender_key": "-the keyed hash in people.line_key; emptied when the event is done",
        "message_key": "-a keyed hash of LINE's id of the message",
        "happened_at": "events_waiting[].happened_at",
        "received_at": "events_waiting[].received_at",
        "payload": "events_waiting[].content",
        "state": "events_waiting[].state",
        "tries": "events_waiting[].tries",
        "answered_at": "events_waiting[].help_shown_at",
        "error": "events_waiting[].error",
    },
    "in_hand": {
        "sender_key": "-the keyed hash in people.line_key",
        "owner": "-which process answers her",
        "since": "this_minute.since",
        "until": "-until when that process may",
        "minute": "this_minute.minute",
        "used": "this_minute.messages",
    },
    "missed_by": {
        "term_key": "-a keyed hash of something searched for; who asked is not recorded beside it",
        "asker_key": "-a keyed hash made of her and the term together, so that nobody is counted twice",
    },
}
"""By table and column: the field of the file, or "-" and why it is not in it."""


def show(turn: Turn) -> Reply:
    """The card, and the way to the file: by a one-time link, or without an address of ours by the desk."""
    url = turn.desk.public_url
    facts: list[Block] = [*_ledger(turn), *_screenings(turn)]
    desk = turn.desk.plan.contact.desk[turn.language]
    last = turn.say("export.how") if url else turn.say("export.no_address", desk=desk)
    buttons: tuple[Button, ...] = (Link(turn.say("export.download"), _address(turn, url)),) if url else ()
    card = Card(
        turn.say("export.title"), turn.say("export.preview"), (*facts, Paragraph(last, "muted")), buttons
    )
    return Reply((card,), controls=says.offer(turn, "my_data", "contact", "menu"), keep=True)


def file(tx: Tx, person: Person, desk: Desk, now: datetime) -> str:
    """The JSON file: everything of hers in this database, opened. Times are UTC."""
    about = {
        path: f"{table}.{column}" for table, columns in FIELDS.items() for column, path in columns.items()
        if not path.startswith("-")
    }  # fmt: skip
    held = people.held(tx, person)
    told = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now,
        "agency": desk.plan.agency[desk.default_language],
        "person": {
            "line_user_id": held["line_id"],
            "language": held["language"],
            "first_seen_at": held["created_at"],
            "blocked_at": held["blocked_at"],
            "last_welcomed_on": held["welcomed_on"],
            "notice_version_shown": held["notice"],
            "answers_perhaps_not_arrived": held["unheard"],
            "last_not_understood_mark": held["puzzled"],
        },
        "consents": consents.held(tx, person),
        "screenings": screenings.held(tx, person),
        "open_conversation": conversations.held(tx, person),
        "messages_under_way": outbox.held(tx, person),
        "events_waiting": inbox.held(tx, held["line_key"]),
        "this_minute": inbox.minute_held(tx, held["line_key"]),
        "links": links.held(tx, person),
        "where_it_is_kept": about,
        "not_in_this_file": {
            f"{table}.{column}": path[1:] for table, columns in FIELDS.items() for column, path in columns.items()
            if path.startswith("-")
        },
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=2, default=_plain) + "\n"


def _address(turn: Turn, url: str) -> str:
    token = links.make(turn.tx, turn.person, KIND, turn.now + LIVES)
    # LINE's own browser does not save files; this opens the telephone's.
    return f"{url}{PATH}{token}?openExternalBrowser=1"


def _ledger(turn: Turn) -> list[Fact]:
    lines = consents.ledger(turn.tx, turn.person)[-SHOWN:]
    return [
        Fact(
            name_of(turn, line.scope),
            turn.say(
                f"export.{'agreed' if line.granted else 'withdrawn'}",
                day=day(turn, line.at),
                version=line.version,
            ),
        )
        for line in lines
    ]


def _screenings(turn: Turn) -> list[Block]:
    kept = screenings.last(turn.tx, turn.person, SHOWN)
    facts: list[Block] = []
    for one in reversed(kept):
        questionnaire = turn.context.questionnaires.get(one.record["instrument"])
        band, total = one.record["band"], one.record["total"]
        named = questionnaire.label_of(band) if questionnaire and band is not None else ""
        value = turn.say("export.total", total=total, range=named) if total is not None else named
        facts.append(Fact(day(turn, one.finished_at), value or turn.say("export.no_total")))
    more = screenings.count(turn.tx, turn.person) - len(kept)
    if more > 0:
        facts.append(Paragraph(turn.say("export.more", count=more), "muted"))
    return facts or [Fact(turn.say("my_data.screenings"), turn.say("my_data.count", count=0))]


def name_of(turn: Turn, scope: str) -> str:
    """What a scope is called; one that the content no longer has keeps its own name."""
    agreed = turn.context.consents.get(scope)
    return agreed.name if agreed else scope


def day(turn: Turn, at: datetime) -> str:
    on = turn.desk.local_date(at)
    return turn.say("my_data.day", year=on.year, month=on.month, day=on.day)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat()
