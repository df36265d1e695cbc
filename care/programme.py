"""The agency's own plan, as it announced it: whom it is for, what the year holds, and how old the document is."""

from __future__ import annotations

from datetime import date
from functools import reduce

from care import says
from care.desk import Occasion, Source
from care.turns import Turn
from dialogs.messages import Block, Card, Fact, Paragraph, Reply

_OLD_AFTER_YEARS = 2
_MONTHS = 12


def eligibility(turn: Turn) -> Reply:
    """Who is served, in the plan's words; whoever is not still gets resources, screening and the help lines."""
    ours, language = turn.desk.plan, turn.language
    whom = ours.eligibility
    blocks: list[Block] = [
        Fact(turn.say("eligibility.agencies"), _listed(turn, whom.agencies[language])),
        Fact(turn.say("eligibility.include"), _listed(turn, whom.include[language])),
    ]
    if whom.exclude[language]:
        blocks.append(Fact(turn.say("eligibility.exclude"), _listed(turn, whom.exclude[language])))
    if whom.others:
        blocks.append(Fact(turn.say("eligibility.others"), whom.others[language]))
    if ours.leave:
        blocks.append(Fact(turn.say("eligibility.leave"), ours.leave[language]))
    blocks += [Paragraph(turn.say("eligibility.anyone")), *_source(turn, ours.source)]
    card = Card(turn.say("eligibility.title"), turn.say("eligibility.preview"), tuple(blocks))
    return Reply((card,), controls=says.offer(turn, "calendar", "contact", "menu"), keep=True)


def calendar(turn: Turn) -> Reply:
    """The published dates of the year, each with the next time."""
    year = turn.desk.plan.year
    blocks: list[Block] = [Fact(occasion.what[turn.language], _when(turn, occasion)) for occasion in year]
    blocks.append(Paragraph(turn.say("calendar.published" if year else "calendar.none")))
    blocks += _source(turn, turn.desk.plan.source)
    card = Card(turn.say("calendar.title"), turn.say("calendar.preview"), tuple(blocks))
    return Reply((card,), controls=says.offer(turn, "screening", "contact", "menu"), keep=True)


def next_time(occasion: Occasion, today: date) -> date:
    """The day, or the first of the month where only the month is known; this month's counts while it lasts."""
    day = occasion.day or 1
    for ahead in range(13):
        years, month = divmod(today.month - 1 + ahead, 12)
        at = date(today.year + years, month + 1, day)
        if at.month in occasion.months and (at >= today or not (occasion.day or ahead)):
            return at
    raise ValueError("an occasion without months")


def _when(turn: Turn, occasion: Occasion) -> str:
    if occasion.when:
        return occasion.when[turn.language]
    at = next_time(occasion, turn.today)
    months = _listed(turn, tuple(map(str, occasion.months)))
    monthly = len(occasion.months) == _MONTHS
    if occasion.day:
        how = "calendar.monthly_dated" if monthly else "calendar.dated"
        return turn.say(how, months=months, year=at.year, month=at.month, day=at.day)
    if monthly:
        return turn.say("calendar.monthly")
    if (at.year, at.month) == (turn.today.year, turn.today.month):
        return turn.say("calendar.now", months=months)
    return turn.say("calendar.in_months", months=months, year=at.year, month=at.month)


def _source(turn: Turn, source: Source | None) -> list[Block]:
    if source is None:
        return []
    said = turn.say(
        "eligibility.source", document=source.document[turn.language], number=source.number or source.dated
    )
    blocks: list[Block] = [Paragraph(said, "muted")]
    if turn.today.year - source.dated.year >= _OLD_AFTER_YEARS:
        blocks.append(Paragraph(turn.say("eligibility.old", year=source.dated.year), "muted"))
    return blocks


def _listed(turn: Turn, names: tuple[str, ...]) -> str:
    return reduce(lambda said, name: turn.say("eligibility.more", said=said, name=name), names)
