"""What a finished conversation asks the service to do, as plain values; `care.outcomes` does it."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.steps import Answers


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """`then` is the script the person wanted when the question of consent came up, or empty."""

    scope: str
    version: str
    then: str


@dataclass(frozen=True, slots=True)
class ConsentDeclined:
    scope: str


@dataclass(frozen=True, slots=True)
class ScreeningFinished:
    questionnaire: str
    version: str
    answers: Answers


@dataclass(frozen=True, slots=True)
class HistoryForgotten:
    pass


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    scope: str
    forget: bool


@dataclass(frozen=True, slots=True)
class PersonErased:
    """`now`: not with a day to take it back."""

    now: bool


@dataclass(frozen=True, slots=True)
class LeftAsItIs:
    """The person looked and changed nothing."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str


Outcome = (
    ConsentGiven
    | ConsentDeclined
    | ScreeningFinished
    | HistoryForgotten
    | ConsentWithdrawn
    | PersonErased
    | LeftAsItIs
    | LanguageChosen
)
