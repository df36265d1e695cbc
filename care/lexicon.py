"""Finding words that call for help, in whatever script, width, spacing or case they were typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from opencc import OpenCC

GAP = "…"
_GAP_MOST = 4
_TAKEN = "\ufffc"
_LETTER = "[a-z\u00c0-\u024f\u1e00-\u1eff]"
_LATIN = re.compile(_LETTER)
# Apostrophes too: dont is don't.
_HIDDEN = re.compile(
    "[\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff'’‘]"
)
_SIGNS = re.compile(r"[\W_]+")


def _simplifying() -> dict[int, str]:
    """Every Chinese character that Simplified script writes differently; one by one, so no context is guessed."""
    characters = [chr(n) for n in range(0x3400, 0xA000)]
    simplified = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    return {ord(old): new for old, new in zip(characters, simplified, strict=True) if old != new}


_SIMPLIFIED = _simplifying()


@dataclass(frozen=True, slots=True)
class Said:
    """One text in the two forms that phrases are looked for: closed up, and as words."""

    closed: str
    worded: str


def said(text: str) -> Said:
    """Characters that look alike become one, signs and invisible ones go, Traditional becomes Simplified."""
    folded = _HIDDEN.sub("", unicodedata.normalize("NFKC", text).casefold())
    words = _SIGNS.sub(" ", folded).strip()
    return Said(words.replace(" ", "").translate(_SIMPLIFIED), words)


class Lexicon:
    """Compiled once. Asking costs some ten microseconds for a chat message and stays linear for a hostile one."""

    def __init__(
        self,
        kinds: Mapping[str, Iterable[str]],
        alone: Mapping[str, Iterable[str]],
        exclusions: Iterable[str],
    ) -> None:
        by_kind = {kind: tuple(phrases) for kind, phrases in kinds.items()}
        self._any = _Phrases(chain.from_iterable(by_kind.values()))
        self._kinds = [(kind, _Phrases(phrases)) for kind, phrases in by_kind.items()]
        self._alone = {said(word).closed: kind for kind, words in alone.items() for word in words}
        self._excluded = _Phrases(exclusions)

    def find(self, text: str) -> str | None:
        """The kind of what is found, the first in order of the kinds, or None."""
        heard = said(text)
        alone = self._alone.get(heard.closed)
        if alone or not self._any.are_in(heard):
            return alone
        left = self._excluded.taken_out_of(heard)
        return next((kind for kind, phrases in self._kinds if phrases.are_in(left)), None)


class _Phrases:
    """One pattern for closed-up text (Chinese, Japanese), one for whole words (Latin letters)."""

    def __init__(self, phrases: Iterable[str]) -> None:
        closed, worded = [], []
        for phrase in phrases:
            halves = [said(half) for half in phrase.split(GAP)]
            if _LATIN.search(halves[0].worded):
                worded.append([half.worded for half in halves])
            else:
                closed.append([half.closed for half in halves])
        self._closed = _pattern(closed, "{}")
        self._worded = _pattern(worded, rf"(?<!{_LETTER}){{}}(?!{_LETTER})")

    def are_in(self, heard: Said) -> bool:
        if not heard.closed.isascii() and self._closed.search(heard.closed):
            return True
        return bool(_LATIN.search(heard.worded) and self._worded.search(heard.worded))

    def taken_out_of(self, heard: Said) -> Said:
        return Said(self._closed.sub(_TAKEN, heard.closed), self._worded.sub(_TAKEN, heard.worded))


_NOTHING = re.compile(r"(?!)")


def _pattern(phrases: list[list[str]], around: str) -> re.Pattern[str]:
    if not phrases:
        return _NOTHING
    gap = f".{{0,{_GAP_MOST}}}?"
    whole = sorted({halves[0] for halves in phrases if len(halves) == 1}, key=len, reverse=True)
    split = [gap.join(map(re.escape, halves)) for halves in phrases if len(halves) > 1]
    return re.compile(around.format(f"(?:{'|'.join([_tree(whole), *split] if whole else split)})"))


def _tree(words: list[str]) -> str:
    """The words as one pattern by their common beginnings, so that a long text is read once and not once per word."""
    if "" in words:
        longer = [word for word in words if word]
        return f"(?:{_tree(longer)})?" if longer else ""
    by_first: dict[str, list[str]] = {}
    for word in words:
        by_first.setdefault(word[0], []).append(word[1:])
    branches = [re.escape(first) + _tree(rest) for first, rest in sorted(by_first.items())]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
