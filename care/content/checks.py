"""Looks at all of content/ at once, for the people who write it: every fault, and what is due, empty or one-sided."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import yaml

from care.content.guides import guides
from care.content.holidays import calendar
from care.content.hotlines import hotlines
from care.content.lists import consents, lexicon, words
from care.content.lists import names as surnames
from care.content.pages import FOLDER, ContentError, Faults, Section, collecting, page, shown
from care.content.plans import LANGUAGES, locate, names, plan
from care.content.questionnaires import questionnaires
from care.content.resources import catalogue, finder, kinds
from care.content.texts import texts
from care.desk import Plan

DAYS = ("verified_on", "checked", "as_of")
"""Fields that hold the day somebody last made sure; `review_every` beside or around them says for how many days."""

_OLD_AFTER_YEARS = 2
_KEPT_ASIDE = {"README.md"}


@dataclass(frozen=True, slots=True)
class Findings:
    """`faults` stop the service from starting; `warnings` are work for the people who keep the content."""

    faults: tuple[ContentError, ...]
    warnings: tuple[ContentError, ...]
    plans: int
    pages: int


def look(
    wanted: Sequence[str], today: date, load: Callable[[str, Path], object], folder: Path = FOLDER
) -> Findings:
    """Everything there is to say about these plans (all that ship, if none is named) and all they speak from.

    `load` joins it all the way the service does at its start; that is tried last, when each page is sound by itself.
    Raises PlanMissing.
    """
    paths = [locate(folder, name) for name in wanted or names(folder)]
    faults = Faults()
    for read in _READERS:
        with collecting(faults):
            read(folder)
    plans = [found for path in paths if (found := _plan(folder, path, faults))]
    for name in list(_unnamed(folder, faults)):
        with collecting(faults):
            _catalogue(folder, [name])
    if not faults:
        # After a fault that ended a page's reading, another page may not have been opened for that alone.
        for stray in _strays(folder, faults.pages):
            faults.add(ContentError(shown(stray), 0, "", "is read by nothing; look at its name and folder"))
    if not faults:
        for path in paths:
            with collecting(faults):
                load(str(path), folder)
    pages = [(shown(path), root) for path, root in faults.pages.items() if isinstance(root, yaml.Node)]
    warnings = [warning for name, root in pages for warning in _of_node(name, "", root, today, {})]
    warnings += [warning for path, sheet, ours in plans for warning in _of_plan(sheet, ours, today)]
    return Findings(_in_order(faults), _in_order(warnings), len(paths), len(faults.pages))


def _guides(folder: Path) -> object:
    # A line with a fault of its own is there all the same.
    listed = page(folder / "hotlines.yaml").sections("lines")
    numbers = {section.written("number") for section in listed}
    return guides(folder, LANGUAGES, "", numbers, kinds(folder, LANGUAGES).names)


def _synonyms(folder: Path) -> object:
    return finder(folder, (), kinds(folder, LANGUAGES))


_READERS: tuple[Callable[[Path], object], ...] = (
    lambda folder: texts(folder, LANGUAGES),
    lambda folder: questionnaires(folder, LANGUAGES),
    lambda folder: consents(folder, LANGUAGES),
    lambda folder: hotlines(folder, LANGUAGES),
    words,
    lexicon,
    surnames,
    _guides,
    _synonyms,
)


def _catalogue(folder: Path, files: Sequence[str]) -> object:
    return catalogue(folder, files, LANGUAGES, kinds(folder, LANGUAGES), hotlines(folder, LANGUAGES))


def _unnamed(folder: Path, faults: Faults) -> Iterator[str]:
    """Files of resources that none of these plans speaks from. (Beside them lie pages that hold no resources.)"""
    for path in sorted((folder / "resources").glob("*.yaml")):
        if path.resolve() not in faults.pages:
            with collecting(Faults()):
                if page(path).has("resources"):
                    yield path.stem


def _plan(folder: Path, path: Path, faults: Faults) -> tuple[Path, Section, Plan] | None:
    """The plan, when nothing is wrong with it."""
    before = len(faults)
    with collecting(faults):
        ours = plan(folder, str(path))
        _catalogue(
            folder, [name for name in ours.resources if (folder / "resources" / f"{name}.yaml").is_file()]
        )
        calendar(folder, ours.holidays)
        if len(faults) == before:
            return path, page(path), ours
    return None


def _strays(folder: Path, read: Container[Path]) -> Iterator[Path]:
    """A page under a slip of a name (zh-hant.yaml, hotlines.yaml.txt) is otherwise missed by nobody."""
    for path in sorted(folder.rglob("*")):
        known = path.resolve() in read or (path.parent == folder / "plans" and path.suffix == ".yaml")
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if (
            path.is_file()
            and not known
            and not hidden
            and path.suffix != ".csv"
            and path.name not in _KEPT_ASIDE
        ):
            yield path


def _of_node(
    file: str, field: str, node: yaml.Node, today: date, around: dict[str, yaml.Node]
) -> Iterator[ContentError]:
    if isinstance(node, yaml.SequenceNode):
        for number, one in enumerate(node.value, 1):
            yield from _of_node(file, f"{field}[{number}]", one, today, around)
    if not isinstance(node, yaml.MappingNode):
        return
    here = {key.value: value for key, value in node.value}
    around = around | {name: here[name] for name in ("review_every", "source") if name in here}
    for name in DAYS:
        if name in here:
            yield from _of_day(file, f"{field}.{name}".lstrip("."), here[name], today, around)
    silent = [language for language in LANGUAGES if language not in here]
    if silent and len(silent) < len(LANGUAGES):
        yield ContentError(file, node.start_mark.line + 1, field, f"is not said in {', '.join(silent)}")
    for name, value in here.items():
        yield from _of_node(file, f"{field}.{name}".lstrip("."), value, today, around)


def _of_day(
    file: str, field: str, node: yaml.Node, today: date, around: dict[str, yaml.Node]
) -> Iterator[ContentError]:
    """Whether it is time to look again; faults of form are said elsewhere."""
    try:
        on, every = date.fromisoformat(node.value), int(around["review_every"].value)
    except KeyError:
        yield ContentError(file, node.start_mark.line + 1, field, "has no review_every: when to look again?")
        return
    except (TypeError, ValueError):
        return
    line, due = node.start_mark.line + 1, on + timedelta(days=every)
    if on > today:
        yield ContentError(file, line, field, f"{on} has not come yet")
    elif due < today:
        yield ContentError(file, line, field, f"was to be looked at again by {due}")
    if "source" not in around or around["source"].value in ("", []):
        yield ContentError(file, line, field, "has no source: who says so?")


def _of_plan(sheet: Section, ours: Plan, today: date) -> Iterator[ContentError]:
    for number, field in enumerate(sorted(ours.unconfirmed), 1):
        yield sheet.fault(field, f"is not confirmed by the agency yet ({number} of {len(ours.unconfirmed)})")
    if ours.demo:
        return
    contact, first = ours.contact, ours.languages[0]
    if not contact.phone and not contact.email:
        yield sheet.fault("contact", "has neither phone nor email: nobody can be reached")
    for field, value in (("phone", contact.phone), ("hours", contact.hours[first])):
        if not value:
            yield sheet.fault(
                f"contact.{field}", "is empty; employees are told to look at the agency's notice"
            )
    if contact.deputy and not contact.deputy.phone and not contact.deputy.email:
        yield sheet.fault("contact.deputy", "has neither phone nor email")
    if ours.source and today.year - ours.source.dated.year >= _OLD_AFTER_YEARS:
        yield sheet.fault("source.dated", f"is of {ours.source.dated.year}: is there a newer plan?")


def _in_order(found: Sequence[ContentError]) -> tuple[ContentError, ...]:
    unique = {(one.file, one.line, one.field, one.fault): one for one in found}
    return tuple(unique[key] for key in sorted(unique))
