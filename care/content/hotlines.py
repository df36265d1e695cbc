"""Telephone lines, as data with a source and the day somebody last checked them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, cast

from care.content.pages import Section, page
from care.desk import Hotline

_NUMBER = re.compile(r"[0-9][0-9-]*")
_NEEDED = {"119", "110", "1925", "1995"}


def hotlines(folder: Path, languages: tuple[str, ...]) -> tuple[Hotline, ...]:
    """All lines, in the order they are offered. Raises ContentError when one of those a crisis reply needs is gone."""
    sheet = page(folder / "hotlines.yaml")
    # `plan check` says which are due.
    sheet.integer("review_every")
    lines = tuple(hotline(section, languages) for section in sheet.sections("lines"))
    sheet.done()
    missing = _NEEDED - {line.number for line in lines}
    if missing and sheet.is_sound():
        sheet.refuse("lines", f"lack {', '.join(sorted(missing))}")
    return lines


def hotline(sheet: Section, languages: tuple[str, ...], *, own: bool = False) -> Hotline:
    number = sheet.text("number")
    if number and not _NUMBER.fullmatch(number):
        sheet.refuse("number", "must be digits, with - between them if need be")
    group = "own" if own else sheet.one_of("group", "danger", "talk", "protection")
    read = Hotline(
        number=number,
        group=cast(Literal["danger", "talk", "protection", "own"], group),
        name=sheet.spoken("name", languages),
        line=sheet.spoken("line", languages),
        source="" if own else sheet.text("source"),
        checked=None if own else sheet.day("checked"),
    )
    for language in languages:
        if number not in read.line[language]:
            sheet.refuse("line", f"must name the number {number}")
    sheet.done()
    return read
