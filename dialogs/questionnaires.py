"""A scored questionnaire in one language: its wording, its scale, its bands, and the sums done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.messages import Tone
from dialogs.steps import Answers, Option


@dataclass(frozen=True, slots=True)
class Item:
    """`alarm_at`: from this score on help is shown at once. `mention_at`: from here the result speaks of it."""

    name: str
    text: str
    scored: bool
    alarm_at: int | None = None
    mention_at: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Totals up to and including `upto`, from where the band before ends."""

    name: str
    upto: int
    tone: Tone
    label: str
    advice: str
    next: str


@dataclass(frozen=True, slots=True)
class Questionnaire:
    id: str
    version: str
    title: str
    instruction: str
    week: str
    total_label: str
    source: str
    disclaimer: str
    alarm: str
    mention: str
    scale: tuple[Option, ...]
    items: tuple[Item, ...]
    bands: tuple[Band, ...]

    @property
    def most(self) -> int:
        """The highest total there can be."""
        return sum(item.scored for item in self.items) * max(int(option.value) for option in self.scale)

    def total(self, answers: Answers) -> int | None:
        """The sum of the scored items; None when one of them was skipped: a part of a scale is not a score."""
        scores = [answers.get(item.name) for item in self.items if item.scored]
        given = [int(score) for score in scores if score is not None]
        return sum(given) if len(given) == len(scores) else None

    def band(self, total: int) -> Band:
        return next(band for band in self.bands if total <= band.upto)

    def label_of(self, band: str) -> str:
        """What a kept band is called today; one that no longer exists keeps its own name."""
        return next((one.label for one in self.bands if one.name == band), band)

    def alarms(self, answers: Answers) -> bool:
        """Whether an answer calls for help at once, whatever the total."""
        return any(self.is_alarm(item, answers.get(item.name)) for item in self.items)

    def mentions(self, answers: Answers) -> bool:
        return any(_reaches(answers.get(item.name), item.mention_at) for item in self.items)

    @staticmethod
    def is_alarm(item: Item, score: str | None) -> bool:
        return _reaches(score, item.alarm_at)


def _reaches(score: str | None, at: int | None) -> bool:
    return score is not None and at is not None and int(score) >= at


Questionnaires = Mapping[str, Questionnaire]
