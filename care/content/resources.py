"""Somewhere to turn to: offices, clinics, lines and leaflets, their kinds, and the words people use for them.

Fields of an entry that no document states are left out, or left empty; nothing is made up for them here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import cast

from care.content.pages import Section, page
from care.desk import Booking, Hotline, Resource, Session, Spoken
from care.search import Finder, Synonym

CATEGORIES = ("work", "life", "health", "organisation", "emergency")
"""The four aspects of the plans, and what is there for the whole country."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_PHONE = re.compile(r"[0-9][0-9#,-]*")
_URL = re.compile(r"https?://[^\s]+")
_OF_GROUP = {"danger": "emergency", "talk": "psychological", "protection": "protection", "own": "emergency"}
# The head of content/hotlines.yaml promises a check every three months.
_LINES_REVIEW = 92


@dataclass(frozen=True, slots=True)
class Kinds:
    names: dict[str, Spoken]
    words: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    resources: tuple[Resource, ...]
    districts: dict[str, Spoken]


def kinds(folder: Path, languages: tuple[str, ...]) -> Kinds:
    """What sorts of help there are. Raises ContentError."""
    sheet = page(folder / "resources" / "kinds.yaml")
    listed = sheet.section("kinds")
    names: dict[str, Spoken] = {}
    words: dict[str, tuple[str, ...]] = {}
    for kind in listed.names():
        section = listed.section(kind)
        names[kind], words[kind] = section.spoken("name", languages), section.texts("words")
        section.done()
    listed.done()
    sheet.done()
    return Kinds(names, words)


def catalogue(
    folder: Path, files: Iterable[str], languages: tuple[str, ...], known: Kinds, lines: Sequence[Hotline]
) -> Catalogue:
    """The resources of these files, in order, and the telephone lines after them. Raises ContentError."""
    read: dict[str, Resource] = {}
    districts: dict[str, Spoken] = {}
    for name in files:
        sheet = page(folder / "resources" / f"{name}.yaml")
        _districts(sheet, districts, languages)
        shared = _Shared(
            sheet.text("source"), sheet.day("verified_on"), _days(sheet, "review_every"), sheet.yes("demo")
        )
        for section in sheet.sections("resources"):
            resource = _resource(section, shared, languages, known, districts)
            if resource.id in read:
                section.refuse("id", f"is there twice: {resource.id}")
            read[resource.id] = resource
        sheet.done()
    for line in lines:
        read.setdefault(f"line-{line.number}", _of_line(line))
    return Catalogue(tuple(read.values()), districts)


def finder(folder: Path, resources: Sequence[Resource], known: Kinds) -> Finder:
    """The search index, with the synonyms. Raises ContentError."""
    sheet = page(folder / "resources" / "synonyms.yaml")
    synonyms = []
    for section in sheet.sections("synonyms"):
        meant = section.texts("kinds") if section.has("kinds") else ()
        for number, kind in enumerate(meant, 1):
            if kind not in known.names:
                section.refuse(f"kinds[{number}]", f"is not in kinds.yaml: {kind}")
        words = section.texts("words") if section.has("words") else ()
        if not meant and not words:
            section.refuse("kinds", "or words must say what is meant")
        synonyms.append(Synonym(section.texts("say"), meant, words))
        section.done()
    ignored = sheet.texts("ignored")
    sheet.done()
    said = {kind: (*known.names[kind].values(), *known.words[kind]) for kind in known.names}
    return Finder(resources, said, synonyms, ignored)


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a file says once for all its entries; an entry may say otherwise."""

    source: str
    verified_on: date
    review_every: int
    demo: bool


def _districts(sheet: Section, into: dict[str, Spoken], languages: tuple[str, ...]) -> None:
    section = sheet.section("districts")
    for name in section.names():
        into[name] = section.spoken(name, languages)
    section.done()


def _resource(
    sheet: Section,
    shared: _Shared,
    languages: tuple[str, ...],
    known: Kinds,
    districts: dict[str, Spoken],
) -> Resource:
    read = Resource(
        id=_matching(sheet, "id", _ID, "must be small letters, digits and -"),
        name=sheet.spoken("name", languages),
        category=sheet.one_of("category", *CATEGORIES),
        kinds=_kinds(sheet, known),
        owner=sheet.spoken("owner", languages),
        summary=sheet.spoken("summary", languages),
        phone=_matching(sheet, "phone", _PHONE, "must be digits, with - between them if need be"),
        email=_matching(sheet, "email", re.compile(r"[^\s@]+@[^\s@]+"), "must be an address with @"),
        address=_stated(sheet, "address"),
        hours=sheet.spoken("hours", languages) if sheet.has("hours") else None,
        url=_matching(sheet, "url", _URL, "must begin with http:// or https://"),
        district=_district(sheet, districts),
        place=_place(sheet),
        sessions=tuple(_session(section, languages, districts) for section in sheet.sections("sessions"))
        if sheet.has("sessions")
        else (),
        booking=cast(Booking, sheet.one_of("booking", "walk-in", "appointment", "none")),
        words=sheet.texts("words") if sheet.has("words") else (),
        verified_on=sheet.day("verified_on") if sheet.has("verified_on") else shared.verified_on,
        review_every=_days(sheet, "review_every") if sheet.has("review_every") else shared.review_every,
        source=sheet.text("source") if sheet.has("source") else shared.source,
        demo=shared.demo,
    )
    sheet.done()
    return read


def _kinds(sheet: Section, known: Kinds) -> tuple[str, ...]:
    kinds = sheet.texts("kinds")
    if not kinds:
        sheet.refuse("kinds", "must name one at least")
    for number, kind in enumerate(kinds, 1):
        if kind not in known.names:
            sheet.refuse(f"kinds[{number}]", f"is not in kinds.yaml: {kind}")
    return kinds


def _session(sheet: Section, languages: tuple[str, ...], districts: dict[str, Spoken]) -> Session:
    days = sheet.texts("days")
    for number, day in enumerate(days, 1):
        if day not in _DAYS:
            sheet.refuse(f"days[{number}]", f"must be one of {', '.join(_DAYS)}")
    read = Session(
        days=tuple(_DAYS.index(day) for day in days if day in _DAYS),
        begins=_clock(sheet, "from"),
        ends=_clock(sheet, "to"),
        room=sheet.spoken("room", languages),
        district=_district(sheet, districts),
        also=_single_days(sheet, "also"),
        never=_single_days(sheet, "never"),
    )
    if read.begins >= read.ends:
        sheet.refuse("to", "must be later than from")
    sheet.done()
    return read


def _single_days(sheet: Section, name: str) -> tuple[date, ...]:
    days = []
    for number, written in enumerate(sheet.texts(name) if sheet.has(name) else (), 1):
        try:
            days.append(date.fromisoformat(written))
        except ValueError:
            sheet.refuse(f"{name}[{number}]", 'must be a day in quotes, like "2026-02-14"')
    return tuple(days)


def _clock(sheet: Section, name: str) -> time:
    written = sheet.text(name)
    try:
        if len(written) == len("09:30"):
            return time.fromisoformat(written)
    except ValueError:
        pass
    sheet.refuse(name, 'must be a time in quotes, like "09:30"')
    return time(0)


def _place(sheet: Section) -> tuple[float, float] | None:
    if not sheet.has("place"):
        return None
    section = sheet.section("place")
    latitude, longitude = section.number("latitude"), section.number("longitude")
    section.done()
    # The islands included; a slip that swaps the two falls out of it.
    if not 20 <= latitude <= 27 or not 116 <= longitude <= 123:
        sheet.refuse("place", "is not in Taiwan")
    return latitude, longitude


def _district(sheet: Section, districts: dict[str, Spoken]) -> str:
    named = _stated(sheet, "district")
    if named and named not in districts:
        sheet.refuse("district", f"is not among the districts of this file: {named}")
    return named


def _stated(sheet: Section, name: str) -> str:
    return sheet.text(name, empty=True) if sheet.has(name) else ""


def _matching(sheet: Section, name: str, pattern: re.Pattern[str], fault: str) -> str:
    written = sheet.text(name) if name == "id" else _stated(sheet, name)
    if written and not pattern.fullmatch(written):
        sheet.refuse(name, fault)
    return written


def _days(sheet: Section, name: str) -> int:
    days = sheet.integer(name)
    if days < 1:
        sheet.refuse(name, "must be a number of days, 1 at least")
    return days


def _of_line(line: Hotline) -> Resource:
    """A line of the crisis reply can be found like everything else; its number is written down once."""
    return Resource(
        id=f"line-{line.number}",
        name={language: f"{line.number} {name}" for language, name in line.name.items()},
        category="emergency",
        kinds=(_OF_GROUP[line.group],),
        owner=line.name,
        summary=line.line,
        phone=line.number,
        verified_on=line.checked or date.min,
        review_every=_LINES_REVIEW,
        source=line.source,
    )
