"""What people do in the rehearsals: how it came to this point, and the one webhook body during which the bot dies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

LIN, CHEN, WANG, HUANG = "lin", "chen", "wang", "huang"
TEAM = "team"


def line_id(who: str) -> str:
    """The LINE id of a person, or of the one group."""
    return ("C" if who == TEAM else "U") + hashlib.sha256(who.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Act:
    """One event. `message` is the id of the message said or taken back, the same in every rehearsal."""

    who: str
    kind: str
    text: str = ""
    message: str = ""


@dataclass(frozen=True)
class Flow:
    """`before` is lived through once, an act a webhook; `body` arrives as one webhook, and the bot dies on it.

    `spoilt`: whose open conversation can no longer be read, so that every turn of hers fails. `faults`: LINE's answers
    by endpoint. `orphan`: a process stored the body and died before anything else; its successor is killed too.
    `erases`: she is destroyed, so there is nobody to tell that an answer may not have arrived.
    """

    name: str
    body: tuple[Act, ...]
    before: tuple[Act, ...] = ()
    spoilt: str = ""
    faults: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    is_crisis: bool = False
    becomes_push: bool = False
    orphan: bool = False
    erases: bool = False

    @property
    def people(self) -> list[str]:
        return sorted({act.who for act in (*self.before, *self.body) if act.who != TEAM})


def _says(who: str, *texts: str) -> tuple[Act, ...]:
    return tuple(Act(who, "message", text, f"{who}{n}") for n, text in enumerate(texts, 1))


def _screening(who: str, *answers: str) -> tuple[Act, ...]:
    """Added the account, asked for the questionnaire, agreed, and answered so far."""
    return (Act(who, "follow"), *_says(who, "檢測", "1", *answers))


def _ask_to_erase(who: str) -> Act:
    return Act(who, "message", "刪除全部資料", f"{who}-erase")


def _now(who: str, text: str) -> Act:
    return Act(who, "message", text, f"{who}-now")


RISK = "我不想活了"

FLOWS: tuple[Flow, ...] = (
    Flow("an answer", (_now(LIN, "1"),), before=_screening(LIN, "2", "3", "0")),
    Flow("the last answer", (_now(LIN, "0"),), before=_screening(LIN, "2", "3", "0", "1", "1")),
    Flow(
        "a refused reply becomes a push",
        (_now(LIN, "1"),),
        before=_screening(LIN, "2"),
        faults={"reply": ("400",)},
        becomes_push=True,
    ),
    Flow(
        "a reply LINE cuts off",
        (_now(LIN, "1"),),
        before=_screening(LIN, "2"),
        faults={"reply": ("cut_after",)},
    ),
    Flow(
        "a shared commit with one poisoned turn",
        (_now(CHEN, "2"), _now(LIN, "1"), _now(WANG, "選單"), _now(HUANG, "你好")),
        before=(*_screening(LIN, "2"), *_screening(CHEN, "1"), Act(WANG, "follow")),
        spoilt=CHEN,
    ),
    Flow("crisis words", (_now(LIN, RISK),), before=_screening(LIN, "2"), is_crisis=True),
    Flow(
        "crisis words a dead process left",
        (_now(LIN, RISK),),
        before=_screening(LIN, "2"),
        is_crisis=True,
        orphan=True,
    ),
    Flow(
        "coming, and taking back",
        (
            Act(HUANG, "follow"),
            Act(LIN, "unsend", message="lin4"),
            _now(WANG, "檢測"),
            Act(WANG, "unsend", message="wang-now"),
        ),
        before=(*_screening(LIN, "2", "3"), Act(WANG, "follow")),
    ),
    Flow(
        "everything destroyed",
        (_now(LIN, "2"), _now(CHEN, "2")),
        before=(*_screening(LIN, "2"), _ask_to_erase(LIN), *_screening(CHEN, "1")),
        erases=True,
    ),
    Flow("invited into a group", (Act(TEAM, "join"),)),
)
BY_NAME = {flow.name: flow for flow in FLOWS}
