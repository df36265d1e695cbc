"""人生大事: which one, then what to look at first. Only what she taps decides; nothing of it is kept."""

from __future__ import annotations

from care import pointers, says
from care.guides import ABOUT, LifeEvent
from care.turns import Turn
from dialogs.messages import Card, Paragraph, Reply, Text
from dialogs.reading import plain

PREFIX = "l"


def show(turn: Turn) -> Reply:
    """Which event, numbered."""
    lines = [(event.name[turn.language], f"{PREFIX}={event.id}") for event in turn.desk.guides.events]
    return Reply((Text(turn.say("life.which")),), pointers.choices(lines), says.offer(turn, "menu"))


def checklist(turn: Turn, event_id: str) -> Reply | None:
    """Leave, allowances, forms and reminders for one event; None for an event that is no longer listed."""
    event = next((event for event in turn.desk.guides.events if event.id == event_id), None)
    return _card(turn, event) if event else None


def called(turn: Turn, text: str) -> LifeEvent | None:
    """The event these words speak of, or None. The longest of its words decides."""
    said = plain(text)
    found = [
        (len(word), event)
        for event in turn.desk.guides.events
        for word in event.words
        if _is_in(plain(word), said)
    ]
    return max(found, key=lambda one: one[0])[1] if found else None


def named(turn: Turn, text: str) -> Reply | None:
    """The checklist of the event of just this name, typed while its list was out of sight; or None."""
    said = plain(text)
    event = next((one for one in turn.desk.guides.events if plain(one.name[turn.language]) == said), None)
    return _card(turn, event) if event else None


def line(turn: Turn, event: LifeEvent) -> tuple[str, str]:
    """The event as a line of somebody else's list."""
    return turn.say("life.list_of", event=event.name[turn.language]), f"{PREFIX}={event.id}"


def _is_in(word: str, said: str) -> bool:
    """Latin words whole, for 'ill' is in 'will'; Chinese knows no such borders."""
    return f" {word} " in f" {said} " if word.isascii() else word in said


def _card(turn: Turn, event: LifeEvent) -> Reply:
    blocks = [Paragraph(event.opening[turn.language])]
    for about in ABOUT:
        facts = [fact for named, fact in event.items if named == about]
        if facts:
            blocks.append(Paragraph(turn.say(f"life.{about}"), "strong"))
            blocks += [Paragraph(f"□ {fact.text[turn.language]}") for fact in facts]
    oldest = min(fact.as_of for _, fact in event.items)
    blocks.append(Paragraph(turn.say("life.as_of", day=oldest.isoformat()), "muted"))
    helping = pointers.buttons(turn, pointers.of_each_kind(turn, event.kinds))
    card = Card(event.name[turn.language], turn.say("life.preview"), tuple(blocks), helping)
    return Reply((card,), controls=says.offer(turn, "resources", "life_events", "contact", "menu"), keep=True)
