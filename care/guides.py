"""What the service knows of life events, unfair treatment and forms: values read from content/guides/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Spoken = Mapping[str, str]

About = Literal["leave", "allowance", "forms", "remember"]
ABOUT: tuple[About, ...] = ("leave", "allowance", "forms", "remember")
"""The parts of a checklist, in the order shown."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement, where it comes from, and the day it was last known to be so."""

    text: Spoken
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """`words` are what people call it; `kinds` are the kinds of resources that help with it."""

    id: str
    name: Spoken
    words: tuple[str, ...]
    opening: Spoken
    items: tuple[tuple[About, Fact], ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One of the four kinds of help after unfair treatment; `lines` are numbers out of content/hotlines.yaml."""

    id: str
    name: Spoken
    fact: Fact
    kinds: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """`where` says where to get it; an empty `url` has not been announced."""

    name: Spoken
    where: Fact
    url: str


@dataclass(frozen=True, slots=True)
class CareType:
    """A type of help for those who look after somebody; a resource that has one of the words is of it."""

    id: str
    name: Spoken
    words: tuple[str, ...]
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Guides:
    events: tuple[LifeEvent, ...]
    categories: tuple[Category, ...]
    filing: tuple[Fact, ...]
    forms: tuple[Form, ...]
    care: tuple[CareType, ...]
