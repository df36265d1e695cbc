"""Life events, unfair treatment and forms, as data with a source and a day."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from care.content.pages import Section, page
from care.guides import ABOUT, About, CareType, Category, Fact, Form, Guides, LifeEvent

NAMED = ("talk", "mind", "law", "welfare")
"""Taipei's four categories."""


def guides(
    folder: Path, languages: tuple[str, ...], plan: str, numbers: Iterable[str], kinds: Iterable[str]
) -> Guides:
    """What is true for this plan, with the `numbers` of lines and `kinds` of resources known. Raises ContentError."""
    known, sorts = frozenset(numbers), frozenset(kinds)
    place = folder / "guides"
    categories, filing = _harassment(place / "harassment.yaml", languages, known, sorts)
    return Guides(
        _events(place / "life-events.yaml", languages, sorts),
        categories,
        filing,
        _forms(place / "forms.yaml", languages, plan),
        _caring(place / "caring.yaml", languages),
    )


def _events(file: Path, languages: tuple[str, ...], kinds: frozenset[str]) -> tuple[LifeEvent, ...]:
    sheet = page(file)
    events: list[LifeEvent] = []
    sheet.integer("review_every")
    for section in sheet.sections("events"):
        name = section.text("id")
        if name and name in {event.id for event in events}:
            section.refuse("id", "is there twice")
        items = []
        for item in section.sections("items"):
            items.append((cast(About, item.one_of("about", *ABOUT)), _fact(item, "text", languages)))
            item.done()
        events.append(
            LifeEvent(
                name,
                section.spoken("name", languages),
                section.texts("words"),
                section.spoken("opening", languages),
                tuple(items),
                _known(section, "kinds", kinds),
            )
        )
        section.done()
    sheet.done()
    return tuple(events)


def _harassment(
    file: Path, languages: tuple[str, ...], numbers: frozenset[str], kinds: frozenset[str]
) -> tuple[tuple[Category, ...], tuple[Fact, ...]]:
    sheet, categories, filing = page(file), [], []
    sheet.integer("review_every")
    for section in sheet.sections("categories"):
        categories.append(
            Category(
                section.one_of("id", *NAMED),
                section.spoken("name", languages),
                _fact(section, "text", languages),
                _known(section, "kinds", kinds),
                _known(section, "lines", numbers),
            )
        )
        section.done()
    if tuple(category.id for category in categories) != NAMED:
        sheet.refuse("categories", f"must be {', '.join(NAMED)}, in this order")
    for section in sheet.sections("filing"):
        filing.append(_fact(section, "text", languages))
        section.done()
    sheet.done()
    return tuple(categories), tuple(filing)


def _forms(file: Path, languages: tuple[str, ...], plan: str) -> tuple[Form, ...]:
    sheet, forms = page(file), []
    sheet.integer("review_every")
    for section in sheet.sections("forms"):
        plans = section.texts("plans") if section.has("plans") else (plan,)
        url = section.text("url", empty=True)
        if url and not url.startswith("https://"):
            section.refuse("url", "must be empty or begin with https://")
        form = Form(section.spoken("name", languages), _fact(section, "where", languages), url)
        section.done()
        if plan in plans:
            forms.append(form)
    sheet.done()
    return tuple(forms)


def _caring(file: Path, languages: tuple[str, ...]) -> tuple[CareType, ...]:
    sheet = page(file)
    sheet.integer("review_every")
    types: list[CareType] = []
    for section in sheet.sections("types"):
        name, words = section.text("id"), section.texts("words")
        spoken, source, as_of = (
            section.spoken("name", languages),
            section.text("source"),
            section.day("as_of"),
        )
        types.append(CareType(name, spoken, tuple(word.casefold() for word in words), source, as_of))
        section.done()
    sheet.done()
    return tuple(types)


def _known(section: Section, field: str, known: frozenset[str]) -> tuple[str, ...]:
    named = section.texts(field)
    for one in named:
        if one not in known:
            section.refuse(field, f"{one} is none of {', '.join(sorted(known))}")
    return named


def _fact(section: Section, field: str, languages: tuple[str, ...]) -> Fact:
    return Fact(section.spoken(field, languages), section.text("source"), section.day("as_of"))
