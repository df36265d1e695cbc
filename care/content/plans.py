"""The plan file: what makes one installation the programme of one agency."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from care.content.hotlines import hotline
from care.content.pages import ContentError, Section, page
from care.content.slips import near
from care.desk import Contact, Deputy, Eligibility, Holidays, Notice, Occasion, Plan, Source

LANGUAGES = ("zh-Hant", "en")
_PHONE = re.compile(r"[0-9][0-9-]+(#[0-9]+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", re.ASCII)
_PERSONNEL = re.compile(r"人事|personnel|human resources|\bHR\b", re.IGNORECASE)
_LAST_DAY_OF_ANY_MONTH = 28


class PlanMissing(ContentError):
    """There is no plan of this name, nor a file at this path."""


def names(folder: Path) -> tuple[str, ...]:
    """Of the plans that ship."""
    return tuple(sorted(path.stem for path in (folder / "plans").glob("*.yaml")))


def locate(folder: Path, name_or_path: str) -> Path:
    """Raises PlanMissing."""
    for path in (folder / "plans" / f"{name_or_path}.yaml", Path(name_or_path)):
        if path.is_file():
            return path
    known = ", ".join(names(folder))
    raise PlanMissing(
        name_or_path or '""', 0, "plan", f"there is no such plan and no such file; there are {known}"
    )


def plan(folder: Path, name_or_path: str) -> Plan:
    """The plan of this name under the folder's plans, or at this path. Raises ContentError."""
    path = locate(folder, name_or_path)
    sheet = page(path)
    languages, demo = _languages(sheet), sheet.yes("demo")
    read = Plan(
        name=_name(sheet, path, folder),
        demo=demo,
        zone=_zone(sheet),
        languages=languages,
        agency=sheet.spoken("agency", languages),
        source=_source(sheet.section("source"), languages) if _has_source(sheet, demo) else None,
        eligibility=_eligibility(sheet.section("eligibility"), languages),
        leave=sheet.spoken("leave", languages) if sheet.has("leave") else None,
        year=tuple(_occasion(section, languages) for section in _optional(sheet, "year")),
        screening=_screening(sheet, folder),
        contact=_contact(sheet.section("contact"), languages),
        crisis_line=hotline(sheet.section("crisis_line"), languages, own=True)
        if sheet.has("crisis_line")
        else None,
        notice=_notice(sheet.section("notice"), languages),
        resources=_resources(sheet, folder),
        holidays=_holidays(sheet.section("holidays"), folder) if sheet.has("holidays") else Holidays(),
        unconfirmed=_unconfirmed(sheet),
    )
    sheet.done()
    return read


def _languages(sheet: Section) -> tuple[str, ...]:
    asked = sheet.texts("languages")
    if not asked or not set(asked) <= set(LANGUAGES) or len(set(asked)) < len(asked):
        hint = next(filter(None, map(near, asked)), "")
        sheet.refuse("languages", f"must be a list out of {', '.join(LANGUAGES)}, each once{hint}")
    return tuple(language for language in asked if language in LANGUAGES) or LANGUAGES


def _name(sheet: Section, path: Path, folder: Path) -> str:
    name = sheet.text("plan")
    if name and path.parent == folder / "plans" and name != path.stem:
        sheet.refuse("plan", f"must be the name of the file, {path.stem}")
    return name


def _zone(sheet: Section) -> ZoneInfo:
    name = sheet.text("timezone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        sheet.refuse("timezone", "is no time zone, like Asia/Taipei")
        return ZoneInfo("Asia/Taipei")


def _screening(sheet: Section, folder: Path) -> str:
    known = sorted(path.stem for path in (folder / "questionnaires").glob("*.yaml"))
    return sheet.one_of("screening", *known)


def _resources(sheet: Section, folder: Path) -> tuple[str, ...]:
    wanted = sheet.texts("resources")
    for number, name in enumerate(wanted, 1):
        if not (folder / "resources" / f"{name}.yaml").is_file():
            sheet.refuse(f"resources[{number}]", f"there is no content/resources/{name}.yaml")
    return wanted


def _holidays(sheet: Section, folder: Path) -> Holidays:
    overrides = sheet.text("overrides") if sheet.has("overrides") else ""
    if overrides and not (folder / "holidays" / overrides).is_file():
        sheet.refuse("overrides", f"there is no content/holidays/{overrides}")
    read = Holidays(sheet.one_of("country", "TW"), overrides)
    sheet.done()
    return read


def _has_source(sheet: Section, demo: bool) -> bool:
    return sheet.has("source") or (not demo and sheet.is_sound("demo"))


def _source(sheet: Section, languages: tuple[str, ...]) -> Source:
    read = Source(
        document=sheet.spoken("document", languages),
        number=sheet.text("number", empty=True),
        dated=sheet.day("dated"),
    )
    # For whoever keeps the page; `plan check` says when it was to be looked at again.
    sheet.day("verified_on")
    sheet.integer("review_every")
    sheet.done()
    return read


def _eligibility(sheet: Section, languages: tuple[str, ...]) -> Eligibility:
    nobody: dict[str, tuple[str, ...]] = dict.fromkeys(languages, ())
    read = Eligibility(
        agencies=sheet.lists("agencies", languages),
        include=sheet.lists("include", languages),
        exclude=sheet.lists("exclude", languages) if sheet.has("exclude") else nobody,
        others=sheet.spoken("others", languages) if sheet.has("others") else None,
    )
    for language in languages:
        both = set(read.include.get(language, ())) & set(read.exclude.get(language, ()))
        if both:
            sheet.refuse("exclude", f"{', '.join(sorted(both))} is in include too")
    sheet.done()
    return read


def _occasion(sheet: Section, languages: tuple[str, ...]) -> Occasion:
    months: tuple[int, ...] = ()
    day, when = None, None
    what = sheet.spoken("what", languages)
    if sheet.has("when"):
        when = sheet.spoken("when", languages)
    else:
        months = sheet.integers("months")
        if months != tuple(sorted(set(months))) or not set(months) <= set(range(1, 13)) or not months:
            sheet.refuse("months", "must be months from 1 to 12, rising, like [3, 6, 9, 12]")
        day = sheet.integer("day") if sheet.has("day") else None
        if day is not None and not 1 <= day <= _LAST_DAY_OF_ANY_MONTH:
            sheet.refuse("day", "must be a day that every month has, 1 to 28")
    sheet.done()
    return Occasion(what, months, day, when)


def _contact(sheet: Section, languages: tuple[str, ...]) -> Contact:
    is_personnel = sheet.yes("is_personnel")
    if is_personnel and not sheet.has("deputy"):
        sheet.refuse(
            "deputy",
            "is missing: where the window is the personnel office, somebody outside it takes referrals",
        )
    read = Contact(
        desk=sheet.spoken("desk", languages),
        phone=_phone(sheet),
        email=_email(sheet),
        hours=sheet.spoken("hours", languages, empty=True),
        room=sheet.spoken("room", languages, empty=True) if sheet.has("room") else None,
        is_personnel=is_personnel,
        deputy=_deputy(sheet.section("deputy"), languages) if sheet.has("deputy") else None,
    )
    sheet.done()
    return read


def _deputy(sheet: Section, languages: tuple[str, ...]) -> Deputy:
    read = Deputy(sheet.spoken("desk", languages), _phone(sheet), _email(sheet))
    if any(_PERSONNEL.search(said) for said in read.desk.values()):
        sheet.refuse("desk", "must be somebody outside the personnel office")
    sheet.done()
    return read


def _phone(sheet: Section) -> str:
    phone = sheet.text("phone", empty=True)
    if phone and not _PHONE.fullmatch(phone):
        sheet.refuse(
            "phone", 'must be digits like "05-1234567", with #12 for an extension, or "" if not announced'
        )
    return phone


def _email(sheet: Section) -> str:
    email = sheet.text("email", empty=True)
    if email and not _EMAIL.fullmatch(email):
        sheet.refuse("email", 'must be an address like desk@example.gov.tw, or "" if not announced')
    return email


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
    if any(_PERSONNEL.search(said) for said in read.account_holder.values()):
        sheet.refuse(
            "account_holder", "must not be the personnel office: who holds the account can read the chats"
        )
    sheet.done()
    return read


def _unconfirmed(sheet: Section) -> frozenset[str]:
    fields = sheet.texts("unconfirmed") if sheet.has("unconfirmed") else ()
    for number, field in enumerate(fields, 1):
        if not sheet.reaches(field):
            sheet.refuse(f"unconfirmed[{number}]", f"there is no field {field} here")
    return frozenset(fields)


def _optional(sheet: Section, name: str) -> tuple[Section, ...]:
    return tuple(sheet.sections(name)) if sheet.has(name) else ()
