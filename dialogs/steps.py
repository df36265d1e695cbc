"""What a guided conversation is made of: a script is an ordered table of named steps, with functions in the cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dialogs.messages import Message
from dialogs.texts import Texts

if TYPE_CHECKING:
    from dialogs.outcomes import Outcome
    from dialogs.questionnaires import Questionnaires

Answers = Mapping[str, str | None]
"""Values by step name; None where the person preferred not to answer."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer a step accepts. `key` is the number one types for it; `words` mean the same as the label."""

    value: str
    label: str
    key: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """What is agreed to under one scope, in one language. `name` is how it is called among one's own data."""

    scope: str
    version: str
    name: str
    title: str
    preview: str
    paragraphs: tuple[str, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Everything conversations say in one language. Values only: dialogs read no files."""

    texts: Texts
    questionnaires: Questionnaires
    consents: Mapping[str, Consent]

    @property
    def language(self) -> str:
        return self.texts.language


@dataclass(frozen=True, slots=True)
class View:
    """What a cell may look at: the texts, what was answered so far, what the conversation was begun with."""

    context: Context
    answers: Answers
    args: Mapping[str, str]

    @property
    def texts(self) -> Texts:
        return self.context.texts


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the conversation a question stands: the second of six."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class HandBack:
    """`finish` will not have this answer: ask the step again, with the sentence of this key as the reason."""

    step: str
    reason: str


def always(_: View) -> bool:
    return True


def never(_: View, __: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Step:
    """One question. The next one asked is the first that applies (`when`) and has no valid answer.

    `when`, `choices` and `text` see the answers of earlier steps only. `alarm` says whether an answer calls for help at
    once.
    """

    name: str
    text: Callable[[View, Place], tuple[Message, ...]]
    choices: Callable[[View], tuple[Option, ...]]
    when: Callable[[View], bool] = always
    optional: bool = False
    alarm: Callable[[View, str], bool] = never


@dataclass(frozen=True, slots=True)
class Script:
    """`on_change="restart"`: answers to an old wording are never mixed with a new one. Effects are in `finish` only."""

    name: str
    version: str
    steps: tuple[Step, ...]
    finish: Callable[[View], Outcome | HandBack]
    on_change: Literal["keep", "restart"] = "keep"
    cancelled: str = "engine.cancelled"


Scripts = Mapping[str, Script]
