"""Whatever anybody does, in whatever order: no fault, the same again the same, and nothing lost on the way to JSON."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from care import content
from dialogs import engine, states
from dialogs.inputs import Control, Input, Other, Pressed, Words, button, read_button
from dialogs.steps import Script
from line.limits import problems
from line.render import wire

DESK = content.load("demo-town")
SCRIPTS = [DESK.scripts[name] for name in sorted(DESK.scripts)]
CONTEXTS = [DESK.contexts[language] for language in sorted(DESK.contexts)]

said: st.SearchStrategy[Input] = st.one_of(
    st.builds(Words, st.text(max_size=40)),
    st.builds(Words, st.sampled_from(["0", "1", "２", "第二個", "同意", "輕微", "yes", "delete", "3 厲害"])),
    st.builds(Control, st.sampled_from(["back", "cancel", "restart", "skip", "explain"])),
    st.builds(Other, st.sampled_from(["sticker", "image", "hologram"])),
    st.builds(
        Pressed,
        st.sampled_from(sorted(DESK.scripts)),
        st.text(max_size=8),
        st.integers(0, 12),
        st.text(max_size=3),
    ),
    st.just(Pressed("", "", 0, "")),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SCRIPTS), st.sampled_from(CONTEXTS), st.lists(said, max_size=14), st.booleans())
def test_any_conversation_holds(script: Script, context, acts: list[Input], tapping: bool) -> None:
    seen = engine.start(script, {"count": "3", "then": "bsrs5"}, context, 1)
    for act in acts:
        assert seen.state is not None
        kept = json.loads(json.dumps(states.dump(seen.state)))
        state = states.load(kept)
        assert states.dump(state) == kept
        if tapping and isinstance(act, Pressed):
            act = read_button(seen.reply.choices[act.turn % len(seen.reply.choices)].data) or act

        once = engine.advance(script, state, act, context, "key")
        again = engine.advance(script, states.load(kept), act, context, "key")

        assert once == again
        assert states.dump(state) == kept
        if once.reply.messages:
            assert problems(wire(once.reply)) == []
        if once.state is None:
            return
        assert once.reply.choices
        assert once.state.open not in once.state.answers
        seen = once


@given(st.text(max_size=6), st.text(max_size=6), st.integers(0, 10**7), st.text(max_size=6))
def test_a_button_comes_back_as_it_was_made(dialog: str, step: str, turn: int, value: str) -> None:
    pressed = Pressed(dialog, step, turn, value, "en")

    assert read_button(button(pressed)) == pressed


@given(st.text(max_size=400))
def test_any_data_is_a_button_or_none(data: str) -> None:
    assert read_button(data) is None or isinstance(read_button(data), Pressed)
