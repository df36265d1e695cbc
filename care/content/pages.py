"""Reading a page of content strictly: every fault names the file, the line and the field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[2] / "content"


class ContentError(Exception):
    """A page of content/ that cannot be used."""

    def __init__(self, file: str, line: int, field: str, fault: str) -> None:
        super().__init__(f"{file}:{line}: {field or 'page'}: {fault}")
        self.file, self.line, self.field, self.fault = file, line, field, fault


def page(path: Path) -> Section:
    """The page as a section. Raises ContentError, for a missing file too."""
    name = str(path.relative_to(FOLDER.parent)) if path.is_relative_to(FOLDER.parent) else str(path)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ContentError(name, 0, "", "cannot be read") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError(name, line, "", str(error.problem)) from error
    if not isinstance(root, yaml.MappingNode):
        raise ContentError(name, 1, "", "must hold fields")
    return Section(name, "", root)


class Section:
    """Fields of a page. `done` refuses a field that nobody asked for: a slip of the pen, mostly."""

    def __init__(self, file: str, field: str, node: yaml.MappingNode) -> None:
        self._file, self._field, self._line = file, field, node.start_mark.line + 1
        self._nodes: dict[str, yaml.Node] = {}
        self._read: set[str] = set()
        for key, value in node.value:
            if key.value in self._nodes:
                raise ContentError(file, key.start_mark.line + 1, self._path(key.value), "is there twice")
            self._nodes[key.value] = value

    def fault(self, name: str, fault: str) -> ContentError:
        node = self._nodes.get(name)
        line = node.start_mark.line + 1 if node else self._line
        return ContentError(self._file, line, self._path(name), fault)

    def names(self) -> list[str]:
        return list(self._nodes)

    def has(self, name: str) -> bool:
        return name in self._nodes

    def text(self, name: str, *, empty: bool = False) -> str:
        node = self._node(name)
        value = self._scalar(name, node, "str", "a text (in quotes, if it looks like a number or a yes)")
        if not value.strip() and not empty:
            raise self.fault(name, "is empty")
        return value.strip()

    def integer(self, name: str) -> int:
        return int(self._scalar(name, self._node(name), "int", "a whole number"))

    def yes(self, name: str) -> bool:
        return self._scalar(name, self._node(name), "bool", "true or false") == "true"

    def day(self, name: str) -> date:
        value = self._scalar(name, self._node(name), "timestamp", "a day like 2026-11-22")
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise self.fault(name, "must be a day like 2026-11-22") from error

    def one_of(self, name: str, *allowed: str) -> str:
        value = self.text(name)
        if value not in allowed:
            raise self.fault(name, f"must be one of {', '.join(allowed)}")
        return value

    def spoken(self, name: str, languages: tuple[str, ...]) -> dict[str, str]:
        """The field in every language."""
        section = self.section(name)
        said = {language: section.text(language) for language in languages}
        section.ignore_languages()
        return said

    def lists(self, name: str, languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """A list of texts in every language."""
        section = self.section(name)
        said = {language: section.texts(language) for language in languages}
        section.ignore_languages()
        return said

    def section(self, name: str) -> Section:
        node = self._node(name)
        if not isinstance(node, yaml.MappingNode):
            raise self.fault(name, "must hold fields")
        return Section(self._file, self._path(name), node)

    def sections(self, name: str) -> Iterator[Section]:
        for number, node in enumerate(self._sequence(name), 1):
            field = f"{self._path(name)}[{number}]"
            if not isinstance(node, yaml.MappingNode):
                raise ContentError(self._file, node.start_mark.line + 1, field, "must hold fields")
            yield Section(self._file, field, node)

    def texts(self, name: str) -> tuple[str, ...]:
        texts = []
        for number, node in enumerate(self._sequence(name), 1):
            value = self._scalar(
                f"{name}[{number}]", node, "str", "a text (in quotes, if it looks like a number or a yes)"
            )
            if not value.strip():
                raise ContentError(
                    self._file, node.start_mark.line + 1, f"{self._path(name)}[{number}]", "is empty"
                )
            texts.append(value.strip())
        return tuple(texts)

    def sentences(self) -> dict[str, str]:
        """Everything below as texts, by dotted name."""
        said: dict[str, str] = {}
        for name, node in self._nodes.items():
            if isinstance(node, yaml.MappingNode):
                said.update({f"{name}.{key}": text for key, text in self.section(name).sentences().items()})
            else:
                said[name] = self.text(name)
        return said

    def done(self) -> None:
        for name in self._nodes:
            if name not in self._read:
                raise self.fault(name, "is not known here")

    def ignore_languages(self) -> None:
        """A page may hold languages that the plan does not speak."""
        self._read |= {"zh-Hant", "en"}
        self.done()

    def _node(self, name: str) -> yaml.Node:
        self._read.add(name)
        if name not in self._nodes:
            raise self.fault(name, "is missing")
        return self._nodes[name]

    def _sequence(self, name: str) -> list[yaml.Node]:
        node = self._node(name)
        if not isinstance(node, yaml.SequenceNode):
            raise self.fault(name, "must be a list")
        return list(node.value)

    def _scalar(self, name: str, node: yaml.Node, kind: str, wanted: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag != f"tag:yaml.org,2002:{kind}":
            raise ContentError(self._file, node.start_mark.line + 1, self._path(name), f"must be {wanted}")
        return str(node.value)

    def _path(self, name: str) -> str:
        return f"{self._field}.{name}" if self._field else name
