"""The plan file: what makes one installation the programme of one agency."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from care.content.hotlines import hotline
from care.content.pages import Section, page
from care.desk import Contact, Notice, Plan

LANGUAGES = ("zh-Hant", "en")


def plan(folder: Path, name_or_path: str) -> Plan:
    """The plan of this name under the folder's plans, or at this path. Raises ContentError."""
    by_name = folder / "plans" / f"{name_or_path}.yaml"
    sheet = page(by_name if by_name.exists() else Path(name_or_path))
    languages = sheet.texts("languages")
    if not languages or not set(languages) <= set(LANGUAGES):
        raise sheet.fault("languages", f"must be a list out of {', '.join(LANGUAGES)}")
    read = Plan(
        name=sheet.text("plan"),
        demo=sheet.yes("demo"),
        zone=_zone(sheet),
        languages=languages,
        agency=sheet.spoken("agency", languages),
        screening=sheet.text("screening"),
        contact=_contact(sheet.section("contact"), languages),
        crisis_line=hotline(sheet.section("crisis_line"), languages, own=True)
        if sheet.has("crisis_line")
        else None,
        notice=_notice(sheet.section("notice"), languages),
    )
    sheet.done()
    return read


def _zone(sheet: Section) -> ZoneInfo:
    try:
        return ZoneInfo(sheet.text("timezone"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise sheet.fault("timezone", "is no time zone, like Asia/Taipei") from error


def _contact(sheet: Section, languages: tuple[str, ...]) -> Contact:
    read = Contact(
        desk=sheet.spoken("desk", languages),
        phone=sheet.text("phone", empty=True),
        email=sheet.text("email", empty=True),
        hours=sheet.spoken("hours", languages),
    )
    sheet.done()
    return read


def _notice(sheet: Section, languages: tuple[str, ...]) -> Notice:
    read = Notice(
        version=sheet.text("version"),
        collector=sheet.spoken("collector", languages),
        purpose=sheet.spoken("purpose", languages),
        categories=sheet.spoken("categories", languages),
        use=sheet.spoken("use", languages),
        rights=sheet.spoken("rights", languages),
        refusal=sheet.spoken("refusal", languages),
        account_holder=sheet.spoken("account_holder", languages),
    )
    sheet.done()
    return read
