"""Reading a page of content strictly: every fault names the file, the line and the field.

A service that starts stops at the first fault. Inside `collecting` the readers go on instead: a field that cannot be
used is noted and stands for something harmless, so that one look finds everything there is to mend.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from pathlib import Path

import yaml

from care.content import slips

FOLDER = Path(__file__).parents[2] / "content"
_YES = ("true", "yes", "on")


class ContentError(Exception):
    """A page of content/ that cannot be used. `follows`: it may only be there because of another one."""

    def __init__(self, file: str, line: int, field: str, fault: str, *, follows: bool = False) -> None:
        super().__init__(f"{file}:{line}: {field or 'page'}: {fault}")
        self.file, self.line, self.field, self.fault, self.follows = file, line, field, fault, follows


class Faults(list[ContentError]):
    """What has been found so far, each field of each line once; and the pages that were opened, each read once."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[Path, yaml.Node | ContentError | None] = {}

    def add(self, error: ContentError) -> None:
        here = (error.file, error.line, error.field)
        if not error.follows and here not in {(one.file, one.line, one.field) for one in self}:
            self.append(error)


_FAULTS: ContextVar[Faults | None] = ContextVar("faults", default=None)


@contextmanager
def collecting(into: Faults) -> Iterator[None]:
    """Faults are noted here instead of raised, as far as reading can go on; one that ends it is noted too."""
    before = len(into)
    token = _FAULTS.set(into)
    try:
        yield
    except ContentError as error:
        into.add(error)
    except Exception:
        # What stands for a field that could not be read may surprise whoever works with it; without any, it is ours.
        if len(into) == before:
            raise
    finally:
        _FAULTS.reset(token)


def page(path: Path) -> Section:
    """The page as a section. Raises ContentError, for a missing file too."""
    name = shown(path)
    root = compose(path, name)
    if not isinstance(root, yaml.MappingNode):
        hint = slips.near(root.value) if isinstance(root, yaml.ScalarNode) else ""
        raise ContentError(name, 1, "", f"must hold fields, each a name, a : and what it says{hint}")
    return Section(name, "", root)


def shown(path: Path) -> str:
    """How a page is called in a message: from content/ on, where it lies there."""
    return str(path.relative_to(FOLDER.parent)) if path.is_relative_to(FOLDER.parent) else str(path)


def compose(path: Path, name: str) -> yaml.Node | None:
    """The page as YAML sees it. Raises ContentError."""
    faults = _FAULTS.get()
    if faults is None:
        return _composed(path, name)
    own = path.resolve()
    if own not in faults.pages:
        try:
            faults.pages[own] = _composed(path, name)
        except ContentError as error:
            faults.pages[own] = error
    found = faults.pages[own]
    if isinstance(found, ContentError):
        raise found
    return found


def _composed(path: Path, name: str) -> yaml.Node | None:
    try:
        text, undecoded = slips.decoded(path.read_bytes())
    except OSError as error:
        raise ContentError(name, 0, "", "cannot be read") from error
    if undecoded:
        raise ContentError(name, undecoded, "", "is not UTF-8; save the file as UTF-8 in the editor")
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        line, fault = slips.unreadable(text, error)
        raise ContentError(name, line, "", fault) from error
    return root


class _Loader(yaml.SafeLoader):
    """Without * for something said elsewhere: in these pages it is a star that wants quotes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, slips.ALIAS, self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


class Section:
    """Fields of a page. `done` refuses a field that nobody asked for: a slip of the pen, mostly.

    `mute`: the section itself is missing or no section, which has been said; what it lacks is not worth saying.
    """

    def __init__(self, file: str, field: str, node: yaml.MappingNode, *, mute: bool = False) -> None:
        self._file, self._field, self._line = file, field, node.start_mark.line + 1
        self._nodes: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._read: set[str] = set()
        self._mute = mute
        for key, value in node.value:
            self._add(key, value)

    def fault(self, name: str, fault: str) -> ContentError:
        """To raise where reading cannot go on."""
        return ContentError(self._file, self._down(name)[0], self._path(name), fault, follows=self._mute)

    def refuse(self, name: str, fault: str) -> None:
        """A fault that reading can go on after, where faults are collected. Raises ContentError elsewhere."""
        _report(self.fault(name, fault))

    def is_sound(self, name: str = "") -> bool:
        """Nothing has been found wrong with this field so far, nor below it; without a name, with the whole page."""
        path = self._path(name) if name else ""
        return not any(
            fault.file == self._file and (not path or f"{fault.field}.".startswith((f"{path}.", f"{path}[")))
            for fault in _FAULTS.get() or ()
        )

    def names(self) -> list[str]:
        return list(self._nodes)

    def has(self, name: str) -> bool:
        return name in self._nodes

    def written(self, name: str) -> str:
        """The signs that stand there, whatever YAML takes them for; "" for what is no single value."""
        node = self._nodes.get(name)
        return str(node.value) if isinstance(node, yaml.ScalarNode) else ""

    def text(self, name: str, *, empty: bool = False) -> str:
        node = self._node(name)
        value = self._text(name, node) if node else None
        if value is not None and not value.strip() and not empty:
            self.refuse(name, "is empty")
        return (value or "").strip()

    def integer(self, name: str) -> int:
        node = self._node(name)
        value = self._scalar(name, node, "int", "a whole number") if node else None
        try:
            return int(value) if value is not None else 1
        except ValueError:
            self.refuse(name, "must be a whole number")
            return 1

    def number(self, name: str) -> float:
        node = self._node(name)
        kind = "int" if node is not None and node.tag == "tag:yaml.org,2002:int" else "float"
        value = self._scalar(name, node, kind, "a number") if node else None
        try:
            return float(value) if value is not None else 0.0
        except ValueError:
            self.refuse(name, "must be a number")
            return 0.0

    def yes(self, name: str) -> bool:
        node = self._node(name)
        value = self._scalar(name, node, "bool", "true or false") if node else None
        return value is not None and value.lower() in _YES

    def day(self, name: str) -> date:
        node = self._node(name)
        value = self._scalar(name, node, "timestamp", "a day like 2026-11-22") if node else None
        try:
            return date.fromisoformat(value) if value is not None else date.min
        except ValueError:
            self.refuse(name, "must be a day like 2026-11-22")
            return date.min

    def one_of(self, name: str, *allowed: str) -> str:
        value = self.text(name)
        if value and value not in allowed:
            self.refuse(name, f"must be one of {', '.join(allowed)}")
        return value if value in allowed else allowed[0]

    def spoken(self, name: str, languages: tuple[str, ...], *, empty: bool = False) -> dict[str, str]:
        """The field in every language."""
        section = self.section(name, "one text for each language, like {zh-Hant: …, en: …}")
        said = {language: section.text(language, empty=empty) for language in languages}
        section.ignore_languages()
        return said

    def lists(self, name: str, languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """A list of texts in every language."""
        section = self.section(name, "one list for each language, like {zh-Hant: [ … ], en: [ … ]}")
        said = {language: section.texts(language) for language in languages}
        section.ignore_languages()
        return said

    def section(self, name: str, wanted: str = "fields") -> Section:
        node = self._node(name)
        if isinstance(node, yaml.MappingNode):
            return Section(self._file, self._path(name), node, mute=self._mute)
        if node is not None:
            hint = slips.near(node.value) if isinstance(node, yaml.ScalarNode) else ""
            self.refuse(name, f"must hold {wanted}{hint}")
        return Section(self._file, self._path(name), _NOTHING, mute=True)

    def sections(self, name: str) -> Iterator[Section]:
        for number, node in enumerate(self._sequence(name), 1):
            field = f"{self._path(name)}[{number}]"
            if isinstance(node, yaml.MappingNode):
                yield Section(self._file, field, node, mute=self._mute)
            else:
                self._report(node.start_mark.line + 1, field, "must hold fields")

    def texts(self, name: str) -> tuple[str, ...]:
        texts = []
        for number, node in enumerate(self._sequence(name), 1):
            value = self._text(f"{name}[{number}]", node)
            if value is not None and not value.strip():
                self._report(node.start_mark.line + 1, f"{self._path(name)}[{number}]", "is empty")
            elif value is not None:
                texts.append(value.strip())
        return tuple(texts)

    def integers(self, name: str) -> tuple[int, ...]:
        numbers = []
        for number, node in enumerate(self._sequence(name), 1):
            value = self._scalar(f"{name}[{number}]", node, "int", "a whole number")
            if value is not None and not value.isdecimal():
                self._report(
                    node.start_mark.line + 1, f"{self._path(name)}[{number}]", "must be a whole number"
                )
            elif value is not None:
                numbers.append(int(value))
        return tuple(numbers)

    def reaches(self, path: str) -> bool:
        """Whether there is such a field, here or further down (contact.deputy)."""
        return self._down(path)[1]

    def sentences(self) -> dict[str, str]:
        """Everything below that has not been read yet, as texts by dotted name."""
        said: dict[str, str] = {}
        for name, node in self._nodes.items():
            if name in self._read:
                continue
            if isinstance(node, yaml.MappingNode):
                said.update({f"{name}.{key}": text for key, text in self.section(name).sentences().items()})
            else:
                said[name] = self.text(name)
        return said

    def done(self) -> None:
        for name in self._nodes:
            if name not in self._read:
                hint = slips.stray(name, self._nodes[name])
                self._report(self._lines[name], self._path(name), f"is not known here{hint}")

    def ignore_languages(self) -> None:
        """A page may hold languages that the plan does not speak."""
        self._read |= {"zh-Hant", "en"}
        self.done()

    def _add(self, key: yaml.Node, value: yaml.Node) -> None:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            self._report(line, self._field, "has brackets where a field's name should be")
        elif key.value in self._nodes:
            self._report(
                line, self._path(key.value), f"is there twice, first in line {self._lines[key.value]}"
            )
        else:
            self._nodes[key.value], self._lines[key.value] = value, line

    def _down(self, path: str) -> tuple[int, bool]:
        """The line of a field, which may be further down (welcome.hello, resources[2]), and whether it is there.

        Of one that is not there, the line of what is nearest around it.
        """
        line, here = self._line, self._nodes
        for part in path.split("."):
            name, _, place = part.rstrip("]").partition("[")
            if name not in here:
                return line, False
            node = here[name]
            if isinstance(node, yaml.SequenceNode) and place.isdecimal():
                node = next(iter(node.value[int(place) - 1 : int(place)]), node)
            line = node.start_mark.line + 1
            here = (
                {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
            )
        return line, True

    def _node(self, name: str) -> yaml.Node | None:
        self._read.add(name)
        if name not in self._nodes:
            self.refuse(name, "is missing")
        return self._nodes.get(name)

    def _sequence(self, name: str) -> list[yaml.Node]:
        node = self._node(name)
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if node is not None:
            self.refuse(name, "must be a list, like [ … , … ]")
        return []

    def _text(self, name: str, node: yaml.Node) -> str | None:
        """A bare 05123456, yes or 2026-11-22 is something else than its signs to YAML: quotes make it a text."""
        wanted = "must be a text"
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
            wanted = 'must not be left open; write "" if it is not known'
        elif isinstance(node, yaml.ScalarNode):
            wanted = f'must be a text; put it in quotes: "{node.value}"'
        return self._scalar(name, node, "str", wanted, prefix="")

    def _scalar(
        self, name: str, node: yaml.Node, kind: str, wanted: str, *, prefix: str = "must be "
    ) -> str | None:
        """What is written there, or None after a fault."""
        if isinstance(node, yaml.ScalarNode) and node.tag == f"tag:yaml.org,2002:{kind}":
            return str(node.value)
        self._report(node.start_mark.line + 1, self._path(name), f"{prefix}{wanted}")
        return None

    def _report(self, line: int, field: str, fault: str) -> None:
        _report(ContentError(self._file, line, field, fault, follows=self._mute))

    def _path(self, name: str) -> str:
        return f"{self._field}.{name}" if self._field else name


_NOTHING = yaml.MappingNode("tag:yaml.org,2002:map", [], start_mark=yaml.Mark("", 0, 0, 0, "", 0))


def _report(error: ContentError) -> None:
    faults = _FAULTS.get()
    if faults is None:
        raise error
    faults.add(error)
