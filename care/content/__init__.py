"""What the service knows and says, read once at the start. The only room that opens content/."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from care import crisis
from care.content import checks, plans
from care.content.checks import Findings
from care.content.guides import guides
from care.content.holidays import calendar
from care.content.hotlines import hotlines
from care.content.lists import consents, lexicon, names, words
from care.content.pages import FOLDER, ContentError
from care.content.plans import LANGUAGES, PlanMissing, plan
from care.content.questionnaires import questionnaires
from care.content.resources import catalogue, finder, kinds
from care.content.texts import texts
from care.desk import Desk
from dialogs.scripts import registry
from dialogs.steps import Context

__all__ = ["FOLDER", "ContentError", "PlanMissing", "load", "look", "plan_names"]


def plan_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Of the plans that ship."""
    return plans.names(folder)


def look(wanted: Sequence[str], today: date, folder: Path = FOLDER) -> Findings:
    """All that is wrong with these plans (none named: all) and all content, and all that waits for its keepers.

    Raises PlanMissing.
    """
    return checks.look(wanted, today, load, folder)


def load(plan_name_or_path: str, folder: Path = FOLDER) -> Desk:
    """Everything, checked and joined, for this plan. Raises ContentError naming file, line and field."""
    ours = plan(folder, plan_name_or_path)
    said = texts(folder, LANGUAGES)
    asked, agreed = questionnaires(folder, ours.languages), consents(folder, ours.languages)
    contexts = {
        language: Context(said[language], asked[language], agreed[language]) for language in ours.languages
    }
    first = contexts[ours.languages[0]]
    # The crisis reply speaks every language there is, whatever the plan speaks.
    lines = hotlines(folder, LANGUAGES)
    offered = (*lines, ours.crisis_line) if ours.crisis_line else lines
    replies = crisis.replies(said, offered)
    sorts = kinds(folder, ours.languages)
    listed = catalogue(folder, ours.resources, ours.languages, sorts, offered)
    return Desk(
        plan=ours,
        contexts=contexts,
        scripts=registry(first),
        words=words(folder),
        lexicon=lexicon(folder),
        hotlines=lines,
        alarms={
            (questionnaire.id, item.name): item.alarm_at
            for questionnaire in first.questionnaires.values()
            for item in questionnaire.items
            if item.alarm_at is not None
        },
        crisis=replies,
        crisis_openings=crisis.openings(replies.values()),
        resources=listed.resources,
        kinds=sorts.names,
        districts=listed.districts,
        finder=finder(folder, listed.resources, sorts),
        calendar=calendar(folder, ours.holidays),
        names=names(folder),
        guides=guides(folder, ours.languages, ours.name, (line.number for line in lines), sorts.names),
    )
