"""Words that always work, words that call for help, and what people are asked to agree to."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from care.content.pages import page
from care.lexicon import Lexicon
from care.names import Names
from care.words import Words
from dialogs.scripts.consent import AGREE, DECLINE
from dialogs.steps import Consent, Option

_KINDS = ("self_harm", "violence", "help")


def words(folder: Path) -> Words:
    """In every language at once: whoever knows an English word may use it. Raises ContentError."""
    sheet = page(folder / "words.yaml")
    listed, around = sheet.section("words"), sheet.section("around")
    by_action = {}
    for action in listed.names():
        section = listed.section(action)
        by_action[action] = tuple(
            chain.from_iterable(section.texts(language) for language in section.names())
        )
    try:
        read = Words(by_action, around.texts("before"), around.texts("after"))
    except ValueError as error:
        raise sheet.fault("words", str(error)) from error
    around.done()
    listed.done()
    sheet.done()
    return read


def lexicon(folder: Path) -> Lexicon:
    """Raises ContentError."""
    sheet = page(folder / "risk" / "lexicon.yaml")
    sheet.text("source")
    sheet.day("checked")
    sheet.integer("review_every")
    kinds, alone = sheet.section("kinds"), sheet.section("alone")
    read = Lexicon(
        {kind: kinds.texts(kind) for kind in _KINDS},
        {kind: alone.texts(kind) for kind in _KINDS if alone.has(kind)},
        sheet.texts("exclusions"),
    )
    for section in (kinds, alone, sheet):
        section.done()
    return read


def names(folder: Path) -> Names:
    """What a person's name looks like. Raises ContentError."""
    sheet = page(folder / "resources" / "surnames.yaml")
    sheet.text("source")
    sheet.day("checked")
    sheet.integer("review_every")
    read = Names(sheet.texts("surnames"), sheet.texts("honorifics"))
    sheet.done()
    return read


def consents(folder: Path, languages: tuple[str, ...]) -> dict[str, dict[str, Consent]]:
    """By language, then by scope. Raises ContentError."""
    sheet = page(folder / "consents.yaml")
    sheet.text("source")
    sheet.day("checked")
    sheet.integer("review_every")
    read: dict[str, dict[str, Consent]] = {language: {} for language in languages}
    for section in sheet.sections("scopes"):
        scope, version = section.text("scope"), section.text("version")
        name = section.spoken("name", languages)
        title, preview = section.spoken("title", languages), section.spoken("preview", languages)
        paragraphs = section.lists("paragraphs", languages)
        agree, decline = section.spoken("agree", languages), section.spoken("decline", languages)
        yes, no = section.lists("agree_words", languages), section.lists("decline_words", languages)
        section.done()
        for language in languages:
            options = (
                Option(AGREE, agree[language], "1", yes[language]),
                Option(DECLINE, decline[language], "2", no[language]),
            )
            read[language][scope] = Consent(
                scope,
                version,
                name[language],
                title[language],
                preview[language],
                paragraphs[language],
                options,
            )
    sheet.done()
    return read
