"""Everything else that is said, by language: complete in each, with the same fields."""

from __future__ import annotations

from pathlib import Path

from care.content.pages import Section, page
from dialogs.texts import Texts, fields


def texts(folder: Path, languages: tuple[str, ...]) -> dict[str, Texts]:
    """By language. Raises ContentError when a sentence lacks a translation or one of its fields."""
    sheets = {language: page(folder / "texts" / f"{language}.yaml") for language in languages}
    said = {language: _sentences(sheet) for language, sheet in sheets.items()}
    first = said[languages[0]]
    for language, sheet in sheets.items():
        _same(sheet, first, said[language])
    return {language: Texts(language, sentences) for language, sentences in said.items()}


def _sentences(sheet: Section) -> dict[str, str]:
    """Without the head of the page, and without those whose {fields} cannot be taken apart."""
    about = sheet.section("about")
    about.text("source")
    about.day("checked")
    about.integer("review_every")
    about.done()
    said = sheet.sentences()
    for key in list(said):
        try:
            fields(said[key])
        except ValueError as error:
            sheet.refuse(key, str(error))
            said[key] = ""
    return said


def _same(sheet: Section, first: dict[str, str], said: dict[str, str]) -> None:
    for key in sorted(first.keys() ^ said.keys()):
        sheet.refuse(key, "is missing" if key in first else "is not said in the first language")
    for key in first.keys() & said.keys():
        wanted = fields(first[key])
        if said[key] and first[key] and fields(said[key]) != wanted:
            named = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "(none)"
            sheet.refuse(key, f"must have the fields {named}")
