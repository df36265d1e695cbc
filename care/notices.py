"""The notice: its short form before anything else at first contact and when it changed, its full form on request."""

from __future__ import annotations

from dataclasses import replace

from care import says
from care.turns import Turn
from dialogs.messages import Card, Fact, Paragraph, Reply, Text
from storage import people

_SIX = ("collector", "purpose", "categories", "use", "rights", "refusal")


def short(turn: Turn) -> Text:
    return Text(turn.say("notice.short", account_holder=turn.desk.plan.notice.account_holder[turn.language]))


def changed(turn: Turn) -> tuple[Text, Text]:
    """The short notice once more, to whoever has been shown an earlier one."""
    return Text(turn.say("notice.changed")), short(turn)


def before(turn: Turn, reply: Reply) -> Reply:
    """The reply, after the short notice when this person has not been shown today's version of it."""
    version = turn.desk.plan.notice.version
    if not reply.messages or turn.person.notice == version or turn.person.is_sealed or turn.person.is_gone:
        return reply
    first = (short(turn),) if turn.person.notice is None else changed(turn)
    people.set_notice(turn.tx, turn.person, version)
    return replace(reply, messages=(*first, *reply.messages), keep=True)


def full(turn: Turn) -> Reply:
    """The six things article 8 names, and what this service promises on top."""
    notice = turn.desk.plan.notice
    facts = [Fact(turn.say(f"notice.{name}"), getattr(notice, name)[turn.language]) for name in _SIX]
    promises = [Paragraph(turn.say(f"notice.promise_{name}")) for name in ("free", "hidden", "chat")]
    readers = Paragraph(turn.say("notice.readers", account_holder=notice.account_holder[turn.language]))
    version = Paragraph(turn.say("notice.version", version=notice.version), "muted")
    unconfirmed = "notice" in turn.desk.plan.unconfirmed
    asked = [Paragraph(turn.say("notice.unconfirmed"), "muted")] if unconfirmed else []
    card = Card(turn.say("notice.title"), turn.say("notice.preview"), (*promises, readers, *facts, version, *asked))
    return Reply((card,), controls=says.offer(turn, "my_data", "contact", "menu"), keep=True)
