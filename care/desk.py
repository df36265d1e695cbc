"""Everything the service knows and says, as values made once at the start from content/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from care.lexicon import Lexicon
from care.words import Words
from dialogs.messages import Message, Reply
from dialogs.steps import Context, Scripts

Spoken = Mapping[str, str]
"""One thing said, by language."""


@dataclass(frozen=True, slots=True)
class Hotline:
    """`line` is how it reads in a list, number first. An own line of the plan has the group "own"."""

    number: str
    group: Literal["danger", "talk", "protection", "own"]
    name: Spoken
    line: Spoken
    source: str
    checked: date | None


@dataclass(frozen=True, slots=True)
class Contact:
    """The single window. An empty phone or e-mail has not been announced yet."""

    desk: Spoken
    phone: str
    email: str
    hours: Spoken


@dataclass(frozen=True, slots=True)
class Notice:
    """The six things article 8 of the PDPA wants said before anything is collected, and who holds the account."""

    version: str
    collector: Spoken
    purpose: Spoken
    categories: Spoken
    use: Spoken
    rights: Spoken
    refusal: Spoken
    account_holder: Spoken


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes this installation one agency's programme."""

    name: str
    demo: bool
    zone: ZoneInfo
    languages: tuple[str, ...]
    agency: Spoken
    screening: str
    contact: Contact
    crisis_line: Hotline | None
    notice: Notice


@dataclass(frozen=True, slots=True)
class Desk:
    """`crisis` holds the finished crisis replies by language and kind, so that giving one needs nothing at all."""

    plan: Plan
    contexts: Mapping[str, Context]
    scripts: Scripts
    words: Words
    lexicon: Lexicon
    hotlines: tuple[Hotline, ...]
    alarms: Mapping[tuple[str, str], int]
    crisis: Mapping[tuple[str, str], Reply]
    crisis_openings: frozenset[Message]

    @property
    def default_language(self) -> str:
        return self.plan.languages[0]

    def language(self, wanted: str) -> str:
        """The wanted language if the plan speaks it, else the plan's first."""
        return wanted if wanted in self.contexts else self.default_language

    def context(self, language: str) -> Context:
        return self.contexts[self.language(language)]

    def local_date(self, now: datetime) -> date:
        return now.astimezone(self.plan.zone).date()
