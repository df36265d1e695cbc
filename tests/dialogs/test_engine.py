"""The engine, with a small script of its own: choosing a lunch."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from care.desk import Desk
from dialogs import engine, states
from dialogs.engine import Advance
from dialogs.inputs import Control, Input, Other, Pressed, Words
from dialogs.messages import Message, Text
from dialogs.outcomes import LanguageChosen, LeftAsItIs, Outcome
from dialogs.states import BrokenState, State
from dialogs.steps import Context, HandBack, Option, Place, Script, Step, View


def _options(*values: str):
    return lambda _: tuple(Option(value, value, str(n)) for n, value in enumerate(values, 1))


def _says(words: str):
    def text(_: View, place: Place) -> tuple[Message, ...]:
        return (Text(f"{place.number}/{place.of} {words}"),)

    return text


def _finish(view: View) -> Outcome | HandBack:
    if view.answers["dish"] == "fish":
        return HandBack("dish", "engine.changed")
    return LanguageChosen(view.answers["dish"] or "")


LUNCH = Script(
    "lunch",
    "1",
    (
        Step("where", _says("where?"), _options("here", "away")),
        Step(
            "table",
            _says("table?"),
            _options("in", "out"),
            when=lambda view: view.answers.get("where") == "here",
        ),
        Step(
            "dish", _says("dish?"), _options("rice", "soup", "fish"), alarm=lambda _, value: value == "soup"
        ),
        Step("drink", _says("drink?"), _options("tea", "water"), optional=True),
    ),
    _finish,
)


@pytest.fixture(scope="module")
def context(desk: Desk) -> Context:
    return desk.context("zh-Hant")


class Guest:
    """Somebody at lunch. Between two turns the state becomes JSON and comes back."""

    def __init__(self, context: Context, script: Script = LUNCH) -> None:
        self.context, self.script = context, script
        self.seen: Advance = engine.start(script, {}, context, turn=100)

    @property
    def state(self) -> State:
        assert self.seen.state is not None
        return states.load(json.loads(json.dumps(states.dump(self.seen.state))))

    def does(self, said: Input, source: str | None = None) -> Advance:
        self.seen = engine.advance(self.script, self.state, said, self.context, source)
        return self.seen

    def says(self, *texts: str) -> Advance:
        for text in texts:
            self.does(Words(text), source=f"message:{text}")
        return self.seen

    def asked(self) -> str:
        last = self.seen.reply.messages[-1]
        assert isinstance(last, Text)
        return last.text

    def told(self) -> str:
        first = self.seen.reply.messages[0]
        assert isinstance(first, Text)
        return first.text


@pytest.fixture
def guest(context: Context) -> Guest:
    return Guest(context)


def test_only_what_applies_is_asked(guest: Guest) -> None:
    guest.says("away")

    assert guest.asked() == "2/3 dish?"


def test_the_last_answer_finishes_with_an_outcome_and_no_state(guest: Guest) -> None:
    seen = guest.says("away", "1", "tea")

    assert seen.state is None
    assert seen.outcome == LanguageChosen("rice")


def test_going_back_forgets_everything_after_it(guest: Guest) -> None:
    guest.says("here", "in", "rice")
    guest.does(Control("back"))
    guest.does(Control("back"))

    assert guest.asked() == "2/4 table?"
    assert guest.state.answers == {"where": "here"}
    assert guest.state.sources == {"where": "message:here"}


def test_a_changed_mind_drops_what_no_longer_applies(guest: Guest) -> None:
    guest.says("here", "in")
    guest.does(Control("back"))
    guest.does(Control("back"))
    guest.says("away")

    assert guest.state.answers == {"where": "away"}
    assert guest.asked() == "2/3 dish?"


def test_a_button_counts_only_for_the_question_and_turn_it_was_shown_in(
    guest: Guest, context: Context
) -> None:
    shown = Pressed("lunch", "where", 100, "here")
    for stale in (
        replace(shown, turn=99),
        replace(shown, step="dish"),
        replace(shown, dialog="dinner"),
        replace(shown, value="nowhere"),
    ):
        seen = guest.does(stale)
        assert seen.signals == ("stale",)
        assert guest.state.answers == {}
        assert guest.told() == context.texts.say("engine.stale")

    assert guest.does(shown).signals == ("answered",)


def test_the_same_button_twice_counts_once_and_is_not_scolded(guest: Guest) -> None:
    guest.does(Pressed("lunch", "where", 100, "away"))
    seen = guest.does(Pressed("lunch", "where", 100, "away"))

    assert seen.signals == ("repeated",)
    assert len(seen.reply.messages) == 1
    assert guest.asked() == "2/3 dish?"


def test_nonsense_and_pictures_leave_the_question_open_and_its_buttons_alive(guest: Guest) -> None:
    guest.says("什麼")
    guest.does(Other("sticker"))
    guest.does(Other("hologram"))

    assert guest.asked() == "1/4 where?" or guest.asked() == "1/3 where?"
    assert guest.does(Pressed("lunch", "where", 100, "away")).signals == ("answered",)


def test_only_what_may_be_skipped_is_skipped(guest: Guest, context: Context) -> None:
    guest.does(Control("skip"))
    assert guest.told() == context.texts.say("engine.no_skip")

    guest.says("away", "rice")
    assert guest.does(Control("skip")).outcome == LanguageChosen("rice")


def test_cancel_and_restart_work_in_every_step(context: Context) -> None:
    for answers in ((), ("here",), ("here", "in"), ("here", "in", "rice")):
        guest = Guest(context)
        guest.says(*answers)
        guest.does(Control("restart"))
        assert guest.state.answers == {}
        assert guest.does(Control("cancel")).state is None


def test_finish_may_hand_a_step_back_with_a_reason(guest: Guest, context: Context) -> None:
    guest.says("away", "fish", "tea")

    assert guest.told() == context.texts.say("engine.changed")
    assert guest.asked() == "2/3 dish?"
    assert guest.state.answers == {"where": "away", "drink": "tea"}
    assert guest.says("rice").outcome == LanguageChosen("rice")


def test_an_alarming_answer_is_signalled_at_once_and_not_only_at_the_end(guest: Guest) -> None:
    seen = guest.says("away", "soup")

    assert "alarm" in seen.signals
    assert seen.state is not None


def test_an_unsent_message_takes_its_answer_along(guest: Guest, context: Context) -> None:
    guest.says("here", "in", "rice")

    state = engine.take_back(LUNCH, guest.state, "message:in", context)

    assert state is not None
    assert (state.open, dict(state.answers)) == ("table", {"where": "here", "dish": "rice"})
    assert engine.take_back(LUNCH, guest.state, "message:else", context) is None


def test_what_todays_script_would_not_accept_is_dropped_before_the_reply_is_read(guest: Guest) -> None:
    guest.says("here", "in")
    steps = (LUNCH.steps[0], replace(LUNCH.steps[1], choices=_options("roof", "cellar")), *LUNCH.steps[2:])
    guest.script = replace(LUNCH, version="2", steps=steps)

    seen = guest.says("1")

    assert seen.signals == ("changed",)
    assert guest.state.answers == {"where": "here"}
    assert guest.asked() == "2/4 table?"
    guest.says("1")
    assert guest.state.answers == {"where": "here", "table": "roof"}


def test_another_version_never_reads_a_number_meant_for_the_old_one(guest: Guest) -> None:
    guest.script = replace(LUNCH, version="2")

    seen = guest.says("1")

    assert seen.signals == ("changed",)
    assert guest.state.answers == {}


def test_a_scored_script_starts_afresh_when_its_wording_changed(guest: Guest, context: Context) -> None:
    guest.says("here", "in")
    guest.script = replace(LUNCH, version="2", on_change="restart")

    guest.says("rice")

    assert guest.state.answers == {}
    assert guest.told() == context.texts.say("engine.restarted")


def test_a_script_that_lost_its_last_question_does_not_finish_unasked(guest: Guest) -> None:
    guest.says("away", "rice")
    guest.script = replace(LUNCH, version="2", steps=LUNCH.steps[:3])

    seen = guest.says("1")

    assert seen.outcome is None
    assert guest.asked() == "2/2 dish?"


def test_a_step_that_no_longer_exists_strands_nobody(guest: Guest) -> None:
    guest.says("here")
    guest.script = replace(LUNCH, version="2", steps=(LUNCH.steps[0], *LUNCH.steps[2:]))

    assert guest.says("1").signals == ("changed",)
    assert guest.asked() == "2/3 dish?"


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"script": "lunch"},
        {"script": 1, "version": "1", "args": {}, "answers": {}, "sources": {}, "open": "a", "turn": 1},
    ],
)
def test_a_broken_state_says_so(kept: dict[str, object]) -> None:
    with pytest.raises(BrokenState):
        states.load(kept)


def test_nothing_happens_when_nothing_is_asked(context: Context) -> None:
    empty = Script("empty", "1", (), lambda _: LeftAsItIs())

    with pytest.raises(ValueError, match="asks nothing"):
        engine.start(empty, {}, context, 1)
