"""A conversation between two turns: plain values, ready to be kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialogs.steps import Answers


class BrokenState(ValueError):
    """What was kept is not a conversation this code can read."""


@dataclass(frozen=True, slots=True)
class State:
    """`open` names the question asked, `turn` numbers it; `sources` says which message an answer came in."""

    script: str
    version: str
    args: Mapping[str, str]
    answers: Answers
    sources: Mapping[str, str]
    open: str
    turn: int


def dump(state: State) -> dict[str, Any]:
    return {
        "script": state.script,
        "version": state.version,
        "args": dict(state.args),
        "answers": dict(state.answers),
        "sources": dict(state.sources),
        "open": state.open,
        "turn": state.turn,
    }


def load(kept: Mapping[str, Any]) -> State:
    """The state that was dumped. Raises BrokenState."""
    try:
        state = State(**kept)
    except TypeError as error:
        raise BrokenState("not a conversation") from error
    shapes = {
        "script": str,
        "version": str,
        "open": str,
        "turn": int,
        "args": dict,
        "answers": dict,
        "sources": dict,
    }
    if not all(isinstance(kept[name], shape) for name, shape in shapes.items()):
        raise BrokenState("not a conversation")
    return state
