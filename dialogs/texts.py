"""Sentences of one language by key, with {fields}; taken apart once, so that saying one is a join."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

_Parts = tuple[tuple[str, str | None], ...]


def fields(sentence: str) -> frozenset[str]:
    """The names of its {fields}. Raises ValueError for anything but a plain name: texts run no code."""
    return frozenset(name for _, name in _parts(sentence) if name is not None)


class Texts:
    """What is said in one language. A missing key is a fault of ours and raises KeyError."""

    __slots__ = ("_fixed", "_with_fields", "language")

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        parted = {key: _parts(sentence) for key, sentence in sentences.items()}
        self._fixed = {key: sentences[key] for key, parts in parted.items() if not any(n for _, n in parts)}
        self._with_fields = {key: parts for key, parts in parted.items() if key not in self._fixed}

    def say(self, key: str, **values: object) -> str:
        fixed = self._fixed.get(key)
        if fixed is not None:
            return fixed
        return "".join(
            literal if name is None else f"{literal}{values[name]}"
            for literal, name in self._with_fields[key]
        )

    def has(self, key: str) -> bool:
        return key in self._fixed or key in self._with_fields


def _parts(sentence: str) -> _Parts:
    parts = []
    for literal, name, form, conversion in Formatter().parse(sentence):
        if name is not None and (not name.isidentifier() or form or conversion):
            raise ValueError(f"{{{name}}} is not a plain field")
        parts.append((literal, name))
    return tuple(parts)
