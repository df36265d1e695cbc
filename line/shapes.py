"""A small language for saying what a JSON value must look like, so that LINE's limits read as tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Findings = list[tuple[str, str]]
"""What is wrong: (path of the property, what LINE objects to)."""

Rule = Callable[[Findings, str, Any], None]
"""Adds to the findings whatever is wrong with the value at the path."""


def utf16_len(text: str) -> int:
    """Length as LINE counts texts, altTexts, data and URLs: in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _readable(found: Findings, path: str, value: Any) -> bool:
    if not isinstance(value, str):
        found.append((path, "must be a string"))
        return False
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        found.append((path, "holds half of a character (a lone surrogate)"))
        return False
    if "\x00" in value:
        found.append((path, "holds a NUL character"))
        return False
    return True


def text(most: int, *, empty: bool = False) -> Rule:
    """A string of at most so many UTF-16 code units."""

    def rule(found: Findings, path: str, value: Any) -> None:
        if not _readable(found, path, value):
            return
        if not value.strip() and not empty:
            found.append((path, "must be non-empty text"))
        elif utf16_len(value) > most:
            found.append((path, f"length must be between 0 and {most}, is {utf16_len(value)}"))

    return rule


def label(most: int, *, empty: bool = False) -> Rule:
    """A string LINE's documents count in graphemes and its servers, by report, in code points.

    A grapheme has at least one code point, so holding the second limit holds both.
    """

    def rule(found: Findings, path: str, value: Any) -> None:
        if not _readable(found, path, value):
            return
        if not value.strip() and not empty:
            found.append((path, "must be non-empty text"))
        elif len(value) > most:
            found.append((path, f"must not be longer than {most} characters, is {len(value)}"))

    return rule


def matching(pattern: str, wanted: str) -> Rule:
    """A string that the whole pattern matches; `wanted` says so in words."""
    compiled = re.compile(pattern)

    def rule(found: Findings, path: str, value: Any) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            found.append((path, f"must be {wanted}"))

    return rule


def one_of(*words: str) -> Rule:
    def rule(found: Findings, path: str, value: Any) -> None:
        if value not in words:
            found.append((path, f"must be one of the following values: [{', '.join(words)}]"))

    return rule


def web_address(most: int, *schemes: str) -> Rule:
    """An address with one of the schemes, percent-encoded, of at most so many characters."""

    def rule(found: Findings, path: str, value: Any) -> None:
        if not _readable(found, path, value):
            return
        if value.split(":", 1)[0].lower() not in schemes or ":" not in value:
            found.append((path, "invalid uri scheme"))
        elif re.search(r"[\s\x00-\x20\x7f]", value):
            found.append((path, "invalid uri"))
        elif utf16_len(value) > most:
            found.append((path, f"must not be longer than {most} characters, is {utf16_len(value)}"))

    return rule


def whole(least: int, most: int) -> Rule:
    def rule(found: Findings, path: str, value: Any) -> None:
        if type(value) is not int or not least <= value <= most:
            found.append((path, f"must be a whole number from {least} to {most}"))

    return rule


def number(least: float, most: float) -> Rule:
    def rule(found: Findings, path: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            found.append((path, f"must be a number from {least:g} to {most:g}"))

    return rule


def yes_no(found: Findings, path: str, value: Any) -> None:
    if not isinstance(value, bool):
        found.append((path, "must be true or false"))


def many(rule: Rule, least: int, most: int) -> Rule:
    """A list of between `least` and `most` values."""

    def each(found: Findings, path: str, value: Any) -> None:
        if not isinstance(value, list):
            found.append((path, "must be a list"))
            return
        if not least <= len(value) <= most:
            found.append((path, f"size must be between {least} and {most}, is {len(value)}"))
        for place, item in enumerate(value[: most + 1]):
            rule(found, f"{path}[{place}]", item)

    return each


@dataclass(frozen=True)
class Shape:
    """An object with these fields and no others. `type` is judged by `kinds`, which chose the shape."""

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()
    also: tuple[Rule, ...] = ()

    def __call__(self, found: Findings, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            found.append((path, "must be an object"))
            return
        for name in self.required:
            if value.get(name) is None:
                found.append((f"{path}.{name}", "must be specified"))
        for name, item in value.items():
            rule = self.fields.get(name)
            if rule is not None:
                if item is not None:
                    rule(found, f"{path}.{name}", item)
            elif name != "type":
                found.append((f"{path}.{name}", "unknown field"))
        for check in self.also:
            check(found, path, value)


def kinds(shapes: Mapping[str, Rule]) -> Rule:
    """An object judged by the shape that its `type` names."""

    def rule(found: Findings, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            found.append((path, "must be an object"))
            return
        kind = value.get("type")
        shape = shapes.get(kind) if isinstance(kind, str) else None
        if shape is None:
            found.append((f"{path}.type", f"must be one of the following values: [{', '.join(shapes)}]"))
        else:
            shape(found, path, value)

    return rule
