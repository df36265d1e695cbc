"""Life events, unfair treatment and forms, as data with a source and a day."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from care.content.pages import Section, page
from care.guides import ABOUT, About, Category, Fact, Form, Guides, LifeEvent

NAMED = ("talk", "mind", "law", "welfare")
"""Taipei's four categories."""


def guides(folder: Path, languages: tuple[str, ...], plan: str, numbers: Iterable[str]) -> Guides:
    """What is true for this plan; `numbers` are the telephone lines there are. Raises ContentError."""
    known = frozenset(numbers)
    place = folder / "guides"
    categories, filing = _harassment(place / "harassment.yaml", languages, known)
    return Guides(
        _events(place / "life-events.yaml", languages),
        categories,
        filing,
        _forms(place / "forms.yaml", languages, plan),
    )


def _events(file: Path, languages: tuple[str, ...]) -> tuple[LifeEvent, ...]:
    sheet, events = page(file), []
    sheet.integer("review_every")
    for section in sheet.sections("events"):
        name = section.text("id")
        if name in {event.id for event in events}:
            raise section.fault("id", "is there twice")
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
                section.texts("kinds"),
            )
        )
        section.done()
    sheet.done()
    return tuple(events)


def _harassment(
    file: Path, languages: tuple[str, ...], numbers: frozenset[str]
) -> tuple[tuple[Category, ...], tuple[Fact, ...]]:
    sheet, categories, filing = page(file), [], []
    sheet.integer("review_every")
    for section in sheet.sections("categories"):
        lines = section.texts("lines")
        for line in lines:
            if line not in numbers:
                raise section.fault("lines", f"{line} is not in content/hotlines.yaml")
        categories.append(
            Category(
                section.one_of("id", *NAMED),
                section.spoken("name", languages),
                _fact(section, "text", languages),
                section.texts("kinds"),
                lines,
            )
        )
        section.done()
    if tuple(category.id for category in categories) != NAMED:
        raise sheet.fault("categories", f"must be {', '.join(NAMED)}, in this order")
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
            raise section.fault("url", "must be empty or begin with https://")
        form = Form(section.spoken("name", languages), _fact(section, "where", languages), url)
        section.done()
        if plan in plans:
            forms.append(form)
    sheet.done()
    return tuple(forms)


def _fact(section: Section, field: str, languages: tuple[str, ...]) -> Fact:
    return Fact(section.spoken(field, languages), section.text("source"), section.day("as_of"))
