"""Finished screenings: keeping one, showing its result, the trend of the last, deleting them all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from care import says
from care.turns import Turn
from dialogs.messages import Bar, Block, Button, Call, Card, Fact, Message, Paragraph, Reply, Text
from dialogs.outcomes import ScreeningFinished
from dialogs.questionnaires import Questionnaire
from storage import consents
from storage import screenings as rows
from storage.screenings import Kept
from storage.session import Tx

SCOPE = "screening"
SHOWN = 8
_MENTIONED = ("1925", "1995")


def keep(turn: Turn, finished: ScreeningFinished) -> Reply:
    """Store the finished screening, sealed, and show its result. Consent withdrawn meanwhile: shown, not stored."""
    record = _record(turn.context.questionnaires[finished.questionnaire], finished)
    if SCOPE in consents.current(turn.tx, turn.person):
        rows.add(turn.tx, turn.person, record, turn.now)
    return _result(turn, record, turn.say("screening.done"))


def last_result(turn: Turn) -> Reply:
    kept = rows.last(turn.tx, turn.person, 1)
    if not kept:
        return _nothing_yet(turn, "screening.none")
    day = _day(turn, kept[0])
    return _result(turn, kept[0].record, turn.say("screening.on", day=day))


def trend(turn: Turn) -> Reply:
    """The last eight totals as bars and in words, for nobody but this person."""
    kept = [one for one in rows.last(turn.tx, turn.person, SHOWN) if one.record["total"] is not None]
    if not kept:
        return _nothing_yet(turn, "trend.none")
    questionnaires = turn.context.questionnaires
    drawn: list[Block] = []
    for one in kept:
        questionnaire = questionnaires[one.record["instrument"]]
        total = one.record["total"]
        drawn.append(Bar(_day(turn, one), total, questionnaire.most, questionnaire.band(total).tone))
    told = _told(turn, kept)
    card = Card(
        turn.say("trend.title"),
        turn.say("trend.preview"),
        (*drawn, Paragraph(told), *_disclaimers(turn, kept)),
    )
    return Reply((card,), controls=says.offer(turn, "result", "forget", "menu"), keep=True)


def forget(turn: Turn) -> Reply:
    count = rows.forget(turn.tx, turn.person)
    return Reply(
        (Text(turn.say("forgetting.done", count=count)),),
        controls=says.offer(turn, "my_data", "menu"),
        keep=True,
    )


def age_out(tx: Tx, limit: datetime, most: int) -> int:
    """Of screenings finished before `limit` only the band stays, as the notice promises; returns how many changed."""
    old = rows.detailed_before(tx, limit, most)
    for person, kept in old:
        rows.coarsen(tx, person, kept, kept.record | {"answers": {}, "total": None, "item6": None})
    return len(old)


def _record(questionnaire: Questionnaire, finished: ScreeningFinished) -> dict[str, Any]:
    total = questionnaire.total(finished.answers)
    apart = next((item.name for item in questionnaire.items if item.alarm_at is not None), None)
    return {
        "instrument": questionnaire.id,
        "version": finished.version,
        "answers": dict(finished.answers),
        "total": total,
        "band": None if total is None else questionnaire.band(total).name,
        "item6": finished.answers.get(apart) if apart else None,
    }


def _result(turn: Turn, record: dict[str, Any], when: str) -> Reply:
    """The card, then what to do with it. The preview says nothing of either."""
    questionnaire = turn.context.questionnaires[record["instrument"]]
    card = Card(
        turn.say("screening.result_title"),
        turn.say("screening.preview"),
        (Paragraph(when, "muted"), *_findings(turn, questionnaire, record)),
        _calls(turn, questionnaire, record),
    )
    messages: tuple[Message, ...] = (card, Text(turn.say("screening.after")))
    return Reply(messages, controls=says.offer(turn, "trend", "contact", "my_data", "menu"), keep=True)


def _findings(turn: Turn, questionnaire: Questionnaire, record: dict[str, Any]) -> list[Block]:
    """What matters most comes first. Beside an alarm the advice of a low band would be wrong: it is left out."""
    answers, total = record["answers"], record["total"]
    alarms = questionnaire.alarms(answers)
    found: list[Block] = []
    if alarms:
        found.append(Paragraph(questionnaire.alarm, "strong"))
    elif questionnaire.mentions(answers):
        found.append(Paragraph(questionnaire.mention, "warn"))
    if total is None and record["band"] is not None:
        found.append(Fact(turn.say("screening.range"), questionnaire.label_of(record["band"])))
    elif total is None:
        found.append(Paragraph(turn.say("screening.no_total")))
    else:
        band = questionnaire.band(total)
        found.append(Bar(questionnaire.total_label, total, questionnaire.most, band.tone))
        found.append(Fact(turn.say("screening.range"), band.label))
        if not alarms:
            found += [Paragraph(band.advice, band.tone), Paragraph(band.next)]
    source = Fact(turn.say("screening.source"), questionnaire.source)
    return [*found, Paragraph(questionnaire.disclaimer, "muted"), source]


def _calls(turn: Turn, questionnaire: Questionnaire, record: dict[str, Any]) -> tuple[Button, ...]:
    """Numbers to tap wherever the result speaks of calling someone."""
    answers, total = record["answers"], record["total"]
    is_heavy = total is not None and questionnaire.band(total) in questionnaire.bands[2:]
    if not (is_heavy or questionnaire.alarms(answers) or questionnaire.mentions(answers)):
        return ()
    lines = [line for line in turn.desk.hotlines if line.number in _MENTIONED]
    return tuple(Call(f"{line.number} {line.name[turn.language]}", line.number) for line in lines)


def _told(turn: Turn, kept: list[Kept]) -> str:
    """What the bars show, for whoever hears the screen rather than sees it."""
    totals = [one.record["total"] for one in kept]
    listed = " → ".join(str(total) for total in totals)
    if len(totals) == 1:
        return turn.say("trend.one", total=totals[0])
    change = totals[-1] - totals[-2]
    direction = "same" if change == 0 else "lower" if change < 0 else "higher"
    return turn.say(f"trend.{direction}", listed=listed, count=len(totals), change=abs(change))


def _disclaimers(turn: Turn, kept: list[Kept]) -> list[Paragraph]:
    instruments = dict.fromkeys(one.record["instrument"] for one in kept)
    return [Paragraph(turn.context.questionnaires[name].disclaimer, "muted") for name in instruments]


def _nothing_yet(turn: Turn, key: str) -> Reply:
    return Reply((Text(turn.say(key)),), controls=says.offer(turn, "screening", "menu"), keep=True)


def _day(turn: Turn, kept: Kept) -> str:
    day = turn.desk.local_date(kept.finished_at)
    return turn.say("screening.day", year=day.year, month=day.month, day=day.day)
