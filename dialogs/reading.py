"""Reading a typed answer: the number, the words, the beginning of the words, and the ways people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from dialogs.steps import Option

LONGEST = 60
"""Nothing longer is an answer to a question with choices."""

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\u20e3\u00ad]")
_SPACES = re.compile(r"\s+")
_EDGES = " \t.,;:!?~、。，；：！？…‧·「」『』()[]{}<>\"'“”‘’*#_=/\\|"

_CHINESE = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "兩": 2}
_ENGLISH = {w: n for n, w in enumerate("zero one two three four five six seven eight nine ten".split())}
_ORDINAL = {
    w: n for n, w in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)
}

_NUMBER = r"(?P<n>\d{1,3}|[零〇一二兩三四五六七八九十]{1,3}|" + "|".join(_ENGLISH) + ")"
_PLACE = re.compile(
    r"(?:我?要?選?|the )?(?:第(?P<zh>\d{1,2}|[一二三四五六七八九十]{1,3})(?:個|項|種)(?:選項)?|"
    rf"(?P<en>\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_ORDINAL)})(?: (?:one|choice|option))?)"
)
_PLAIN = re.compile(rf"(?:我選|選項|選|答案是|答案|答|no|number|option|choice)?[ .:]*{_NUMBER} ?(?:分|號)?")
_WITH_WORDS = re.compile(rf"{_NUMBER}(?:分|號)?[ .、,:)，：\-]*(?P<words>\D.*)")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """One form for what looks the same: full width, case, invisible signs, spaces, signs around it."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return _SPACES.sub(" ", folded).strip(_EDGES)


def choose(text: str, options: Sequence[Option]) -> Option | None:
    """The one option this can mean, or None. A number is the key shown beside the option; 第二個 counts from one."""
    said = plain(text) if len(text) <= LONGEST else ""
    if not said:
        return None
    for way in _WAYS:
        option = way(said, options)
        if option:
            return option
    return None


def _exact(said: str, options: Sequence[Option]) -> Option | None:
    return _only([o for o in options if said == plain(o.label) or any(said == plain(w) for w in o.words)])


def _by_number(said: str, options: Sequence[Option]) -> Option | None:
    match = _PLAIN.fullmatch(said)
    return _keyed(match["n"], options) if match else None


def _by_place(said: str, options: Sequence[Option]) -> Option | None:
    match = _PLACE.fullmatch(said)
    if not match:
        return None
    word = match["zh"] or match["en"]
    place = _ORDINAL.get(word) or _number(word.rstrip("stndrh") if word[0].isdigit() else word)
    return options[place - 1] if place is not None and 0 < place <= len(options) else None


def _numbered_words(said: str, options: Sequence[Option]) -> Option | None:
    """2 中等程度: both have to mean the same."""
    match = _WITH_WORDS.fullmatch(said)
    if not match:
        return None
    keyed, words = _keyed(match["n"], options), match["words"].strip(_EDGES)
    return (
        keyed if keyed and words and (plain(keyed.label).startswith(words) or words in keyed.words) else None
    )


def _beginning(said: str, options: Sequence[Option]) -> Option | None:
    if len(said) == 1 and said.isascii():
        return None
    return _only([o for o in options if plain(o.label).startswith(said)])


_WAYS = (_exact, _by_number, _by_place, _numbered_words, _beginning)


def _keyed(number: str, options: Sequence[Option]) -> Option | None:
    value = _number(number)
    return _only([o for o in options if o.key == str(value)])


def _number(word: str) -> int | None:
    if word.isdecimal():
        return int(word)
    if word in _ENGLISH:
        return _ENGLISH[word]
    if word in _CHINESE:
        return _CHINESE[word]
    tens, ten, ones = word.partition("十")
    if not ten or (tens and tens not in _CHINESE) or (ones and ones not in _CHINESE):
        return None
    return 10 * (_CHINESE[tens] if tens else 1) + (_CHINESE[ones] if ones else 0)


def _only(found: Sequence[Option]) -> Option | None:
    return found[0] if len(found) == 1 else None
