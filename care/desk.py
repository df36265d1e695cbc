"""Everything the service knows and says, as values made once at the start from content/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from care.guides import Guides
from care.holidays import Calendar
from care.lexicon import Lexicon
from care.names import Names
from care.search import Finder
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
class Deputy:
    """Whom to turn to who is not the personnel office."""

    desk: Spoken
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Contact:
    """The single window. Whatever is empty has not been announced yet.

    Where the window is the personnel office itself there is a deputy outside it, for referrals and for whoever would
    rather not turn to the personnel office.
    """

    desk: Spoken
    phone: str
    email: str
    hours: Spoken
    room: Spoken | None
    is_personnel: bool
    deputy: Deputy | None


@dataclass(frozen=True, slots=True)
class Source:
    """The document a plan was read from; `dated` is the day of its last revision."""

    document: Spoken
    number: str
    dated: date


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whom the plan names, in its own words, by language. `others`: what it says about everybody else."""

    agencies: Mapping[str, tuple[str, ...]]
    include: Mapping[str, tuple[str, ...]]
    exclude: Mapping[str, tuple[str, ...]]
    others: Spoken | None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something the agency has announced for the year: on a day of some months, in those months, or as `when` says."""

    what: Spoken
    months: tuple[int, ...]
    day: int | None
    when: Spoken | None


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


Booking = Literal["walk-in", "appointment", "none"]


@dataclass(frozen=True, slots=True)
class Session:
    """Hours that come back every week. `days` as Python counts them, Monday 0; `also` and `never` are single days."""

    days: tuple[int, ...]
    begins: time
    ends: time
    room: Spoken
    district: str = ""
    also: tuple[date, ...] = ()
    never: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """Somewhere to turn to. What no document states is empty, and is shown as to be asked at the contact desk.

    `place` is latitude and longitude; `district` names one of the desk's districts. `demo`: made up for the demo town.
    """

    id: str
    name: Spoken
    category: str
    kinds: tuple[str, ...]
    owner: Spoken
    summary: Spoken
    verified_on: date
    review_every: int
    source: str
    phone: str = ""
    email: str = ""
    address: str = ""
    hours: Spoken | None = None
    url: str = ""
    district: str = ""
    place: tuple[float, float] | None = None
    sessions: tuple[Session, ...] = ()
    booking: Booking = "none"
    words: tuple[str, ...] = ()
    demo: bool = False

    def is_due_for_review(self, today: date) -> bool:
        return today > self.verified_on + timedelta(days=self.review_every)

    @property
    def districts(self) -> frozenset[str]:
        """Where it is, or holds its hours."""
        return frozenset({self.district, *(session.district for session in self.sessions)} - {""})


@dataclass(frozen=True, slots=True)
class Holidays:
    """Whose public holidays are kept, and the table of the personnel authority that wins over the library's."""

    country: str = "TW"
    overrides: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What makes this installation one agency's programme.

    `leave`: what applies during working hours. `unconfirmed`: fields the agency has not agreed to yet.
    """

    name: str
    demo: bool
    zone: ZoneInfo
    languages: tuple[str, ...]
    agency: Spoken
    screening: str
    contact: Contact
    crisis_line: Hotline | None
    notice: Notice
    resources: tuple[str, ...]
    holidays: Holidays
    source: Source | None
    eligibility: Eligibility
    leave: Spoken | None
    year: tuple[Occasion, ...]
    unconfirmed: frozenset[str]


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
    guides: Guides
    resources: tuple[Resource, ...]
    kinds: Mapping[str, Spoken]
    districts: Mapping[str, Spoken]
    finder: Finder
    calendar: Calendar
    names: Names
    public_url: str = ""

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
