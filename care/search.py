"""Finding resources by what people type: pairs of characters, words people use for things, and a list of synonyms.

Most Chinese words have two characters, which rules out the trigram indexes of both databases, and word cutters get
Traditional Chinese wrong. So every run of characters is indexed as its pairs, in memory, once at the start; Latin
letters and numbers as whole words. Simplified and Traditional, wide and narrow, are one.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from care.lexicon import said

if TYPE_CHECKING:
    from care.desk import Resource

# What a hit is worth by where it is found: the name says most, the summary least.
_NAME, _WORD, _KIND, _TEXT = 6.0, 4.5, 2.5, 1.5
# A whole phrase says more than its pairs; by its length, for longer ones are less often there by chance.
_PHRASE, _BY_KIND, _SECOND_KIND = 4.0, 14.0, 7.0
# What was typed is the name itself, or one of the words.
_WHOLE = 30.0
_SINGLE = 0.4
# Single characters only help to choose among what is near (車 and 撞, where nobody wrote 車禍).
_CHARACTER = 0.12
_FAINT = 2.5
# A character that so many resources have tells little, and would cost the most.
_TOO_MANY = 300
_LONGEST = 12
_SURE = 0.6
# The first lines are for the place where one works; the national ones come after, all else being equal.
_ELSEWHERE = 0.92
_WORDS = re.compile(r"[a-z0-9]+|[^\x00-\x7f\s]+")
_NUMBER = re.compile(r"\d[\d\s-]*\d")


@dataclass(frozen=True, slots=True)
class Synonym:
    """Whoever says one of these means these kinds of help, or might as well have used these words."""

    say: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """`is_sure`: most of what was typed is about it, or a phrase of it is in there; else it is only the nearest."""

    resource: Resource
    score: float
    is_sure: bool


@dataclass
class _Score:
    points: float = 0.0
    matched: float = 0.0
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class _Query:
    """What is looked for: grams from the words themselves and (counted less) from synonyms."""

    closed: str
    latin: str
    grams: frozenset[str]
    more: frozenset[str] = field(default=frozenset())


class Finder:
    """Built once. Asking takes well under a millisecond for a catalogue of hundreds; it writes nothing."""

    def __init__(
        self,
        resources: Sequence[Resource],
        kinds: Mapping[str, Iterable[str]],
        synonyms: Iterable[Synonym] = (),
        ignored: Iterable[str] = (),
    ) -> None:
        self._resources = tuple(resources)
        self._by_gram: dict[str, list[tuple[int, float]]] = {}
        self._by_phrase: dict[str, list[int]] = defaultdict(list)
        self._by_kind: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._by_character: dict[str, dict[int, float]] = defaultdict(dict)
        self._synonyms: dict[str, list[Synonym]] = defaultdict(list)
        self._ignored = _pattern(ignored)
        for place, resource in enumerate(self._resources):
            self._add(place, resource, kinds)
        for synonym in synonyms:
            for phrase in synonym.say:
                self._synonyms[_key(phrase)].append(synonym)
            self._hint(synonym)
        self._rare = math.log(1 + len(self._resources))

    def find(self, text: str, most: int = 3) -> list[Found]:
        """The best first; empty when nothing typed is about anything here."""
        query = self._query(text)
        scores: dict[int, _Score] = defaultdict(_Score)
        self._score_phrases(query, scores)
        self._score_grams(query, scores)
        self._score_characters(query, scores)
        near = [place for place, score in scores.items() if score.points >= _FAINT]
        ranked = sorted(near, key=lambda place: (-self._points(place, scores[place]), place))
        whole = sum(self._weight(gram) for gram in query.grams) or 1.0
        return [
            Found(
                self._resources[place],
                self._points(place, scores[place]),
                scores[place].is_named or scores[place].matched / whole >= _SURE,
            )
            for place in ranked[:most]
        ]

    def _add(self, place: int, resource: Resource, kinds: Mapping[str, Iterable[str]]) -> None:
        weights: dict[str, float] = {}

        def index(texts: Iterable[str], weight: float) -> None:
            for text in texts:
                for gram in _grams(text):
                    weights[gram] = max(weights.get(gram, 0.0), weight)

        index(resource.name.values(), _NAME)
        index(resource.words, _WORD)
        index([resource.phone, resource.email], _NAME)
        for kind in resource.kinds:
            index(kinds.get(kind, ()), _KIND)
        index([*resource.owner.values(), *resource.summary.values(), resource.address], _TEXT)
        index([room for session in resource.sessions for room in session.room.values()], _TEXT)
        for gram, weight in weights.items():
            self._by_gram.setdefault(gram, []).append((place, weight))
            for character in gram if not gram.isascii() else ():
                hints = self._by_character[character]
                hints[place] = max(hints.get(place, 0.0), weight)
        for phrase in {_key(word) for word in (*resource.words, *resource.name.values())}:
            if len(phrase) > 1:
                self._by_phrase[phrase].append(place)
        for number, kind in enumerate(resource.kinds):
            self._by_kind[kind].append((place, _SECOND_KIND if number else _BY_KIND))

    def _hint(self, synonym: Synonym) -> None:
        """The characters of what people say speak a little for the first kind it means."""
        characters = {c for phrase in synonym.say for c in _key(phrase) if not c.isascii()}
        for kind in synonym.kinds[:1]:
            for place, weight in self._by_kind.get(kind, ()):
                for character in characters:
                    hints = self._by_character[character]
                    hints[place] = max(hints.get(place, 0.0), weight / _BY_KIND * _KIND)

    def _query(self, text: str) -> _Query:
        heard = said(text)
        kept = self._ignored.sub(" ", f" {_simplified(text)} ")
        return _Query(heard.closed, heard.worded, frozenset(_grams(kept)) or frozenset(_grams(text)))

    def _score_phrases(self, query: _Query, scores: dict[int, _Score]) -> None:
        meant: dict[str, float] = {}
        more: set[str] = set()
        for phrase in _phrases(query):
            for place in self._by_phrase.get(phrase, ()):
                scores[place].points += _PHRASE * math.sqrt(len(phrase))
                scores[place].is_named = True
            for synonym in self._synonyms.get(phrase, ()):
                # The first kind named is the one meant most.
                for number, kind in enumerate(synonym.kinds):
                    meant[kind] = max(meant.get(kind, 0.0), 1.0 / (1 + 0.35 * number))
                more.update(synonym.words)
        for place in self._by_phrase.get(query.closed, ()):
            scores[place].points += _WHOLE
            scores[place].is_named = True
        for kind, share in meant.items():
            for place, weight in self._by_kind.get(kind, ()):
                scores[place].points += weight * share
                scores[place].is_named = True
        for word in more:
            for place in self._by_phrase.get(_key(word), ()):
                scores[place].points += _PHRASE * math.sqrt(len(word))
                scores[place].is_named = True
            for gram in _grams(word):
                self._score_gram(gram, scores, 0.5)

    def _score_grams(self, query: _Query, scores: dict[int, _Score]) -> None:
        for gram in query.grams:
            self._score_gram(gram, scores, 1.0)
            for place, _ in self._by_gram.get(gram, ()):
                scores[place].matched += self._weight(gram)

    def _score_characters(self, query: _Query, scores: dict[int, _Score]) -> None:
        characters = {c for gram in query.grams if not gram.isascii() for c in gram}
        for character in characters:
            hints = self._by_character.get(character, {})
            if len(hints) > _TOO_MANY:
                continue
            rarity = math.log(1 + len(self._resources) / len(hints)) if hints else 0.0
            for place, weight in hints.items():
                scores[place].points += _CHARACTER * rarity * weight

    def _score_gram(self, gram: str, scores: dict[int, _Score], share: float) -> None:
        rarity = self._weight(gram) * share
        for place, weight in self._by_gram.get(gram, ()):
            scores[place].points += rarity * weight

    def _weight(self, gram: str) -> float:
        """How much a gram tells: what nearly every resource has tells little, what none has counts as rare."""
        having = len(self._by_gram.get(gram, ()))
        rarity = math.log(1 + len(self._resources) / having) if having else self._rare
        return rarity * (_SINGLE if len(gram) == 1 else 1.0)

    def _points(self, place: int, score: _Score) -> float:
        is_national = self._resources[place].category == "emergency"
        return score.points * (_ELSEWHERE if is_national else 1.0)


def _key(phrase: str) -> str:
    """One form for a phrase: Latin words with their spaces, everything else closed up."""
    heard = said(phrase)
    return heard.worded if heard.worded.isascii() else heard.closed


def _simplified(text: str) -> str:
    """Character by character as the index has it, but with the gaps left where they were."""
    return " ".join(said(part).closed for part in said(text).worded.split(" "))


def _phrases(query: _Query) -> Iterable[str]:
    """Every stretch that could be a phrase: of characters, and of one to three Latin words."""
    seen: set[str] = set()
    closed = query.closed[:200]
    for start in range(len(closed)):
        for end in range(start + 1, min(start + _LONGEST, len(closed)) + 1):
            stretch = closed[start:end]
            if not stretch.isascii():
                seen.add(stretch)
    words = [_stem(word) for word in re.findall(r"[a-z0-9]+", query.latin)][:60]
    spoken = re.findall(r"[a-z0-9]+", query.latin)[:60]
    for some in (words, spoken):
        for start in range(len(some)):
            seen.update(" ".join(some[start : start + length]) for length in (1, 2, 3))
    return seen


def _grams(text: str) -> set[str]:
    grams: set[str] = set()
    heard = said(text).worded
    for number in _NUMBER.findall(heard):
        grams.add(re.sub(r"\D", "", number))
    for run in _WORDS.findall(heard):
        if run.isascii():
            grams.add(_stem(run))
            continue
        closed = said(run).closed
        grams.update(closed[n : n + 2] for n in range(len(closed) - 1))
        if len(closed) == 1:
            grams.add(closed)
    return grams


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _pattern(ignored: Iterable[str]) -> re.Pattern[str]:
    """What is said around a question (請問, 怎麼辦, how do i) and tells nothing about it."""
    closed: list[str] = []
    latin: list[str] = []
    for phrase in ignored:
        heard = said(phrase)
        (latin if heard.worded.isascii() else closed).append(re.escape(_key(phrase)))
    parts = sorted(closed, key=len, reverse=True)
    parts += [rf"(?<![a-z]){word}(?![a-z])" for word in sorted(latin, key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else re.compile(r"(?!)")
