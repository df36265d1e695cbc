"""Everything else that is said, by language: complete in each, with the same fields."""

from __future__ import annotations

from pathlib import Path

from care.content.pages import Section, page
from dialogs.texts import Texts, fields


def texts(folder: Path, languages: tuple[str, ...]) -> dict[str, Texts]:
    """By language. Raises ContentError when a sentence lacks a translation or one of its fields."""
    sheets = {language: page(folder / "texts" / f"{language}.yaml") for language in languages}
    said = {language: sheet.sentences() for language, sheet in sheets.items()}
    first = said[languages[0]]
    for language, sheet in sheets.items():
        _same(sheet, first, said[language])
    return {language: Texts(language, sentences) for language, sentences in said.items()}


def _same(sheet: Section, first: dict[str, str], said: dict[str, str]) -> None:
    for key in sorted(first.keys() ^ said.keys()):
        raise sheet.fault(key, "is missing" if key in first else "is not said in the plan's first language")
    for key, sentence in said.items():
        try:
            same = fields(sentence) == fields(first[key])
        except ValueError as error:
            raise sheet.fault(key, str(error)) from error
        if not same:
            raise sheet.fault(
                key, f"must have the fields {', '.join(sorted(fields(first[key]))) or '(none)'}"
            )
