"""The engine of guided conversations: a script, what was answered, what the person does now -> what comes next.

Pure and deterministic. The next question is the first step that applies and has no valid answer; nothing points
at a step but the answers themselves, so a change of the script can never strand anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.inputs import Control, Input, Other, Pressed, Words, button
from dialogs.messages import Choice, Message, Reply, Say, Text
from dialogs.outcomes import Outcome
from dialogs.reading import choose
from dialogs.states import State
from dialogs.steps import Answers, Context, HandBack, Option, Place, Script, Step, View

LONG = 30
"""From this length on typed words are not a mistyped answer but somebody telling us something."""

_OTHERS = frozenset({"sticker", "image", "video", "audio", "file", "location"})


@dataclass(frozen=True, slots=True)
class Advance:
    """`state` is None when the conversation is over; `outcome` then says what it came to, if to anything.

    `signals` are fixed names for logs and for care: answered, alarm, stale, unclear, changed, restarted, cancelled, …
    """

    state: State | None
    reply: Reply
    outcome: Outcome | None = None
    signals: tuple[str, ...] = ()


def start(script: Script, args: Mapping[str, str], context: Context, turn: int) -> Advance:
    """Begin. `turn` should differ from that of earlier conversations, so that their buttons stay old."""
    view = View(context, {}, args)
    first = _next(script, view)
    if first is None:
        raise ValueError(f"{script.name} asks nothing")
    state = State(script.name, script.version, args, {}, {}, first.name, turn)
    return _ask(script, state, context)


def advance(
    script: Script, state: State, said: Input, context: Context, source: str | None = None
) -> Advance:
    """One turn. `source` is the keyed id of the message, kept with the answer so that an unsend can take it back."""
    today, changed = _settle(script, state, context)
    if changed:
        return _ask(script, today, context, changed, signals=(changed.removeprefix("engine."),))
    if isinstance(said, Pressed):
        return _press(script, today, said, context, source)
    if isinstance(said, Words):
        return _read(script, today, said, context, source)
    if isinstance(said, Control):
        return _order(script, today, said, context)
    return _ask(script, today, context, _other(said), signals=("other",))


def ask_again(script: Script, state: State, context: Context, reason: str | None = None) -> Advance:
    """The open question once more, after whatever came in between."""
    today, changed = _settle(script, state, context)
    return _ask(script, today, context, changed or reason)


def understands(script: Script, state: State, text: str, context: Context) -> bool:
    """Whether these words answer the open question, so that it moves on."""
    today, changed = _settle(script, state, context)
    return not changed and choose(text, _step(script, today.open).choices(_view(today, context))) is not None


def hand_back(script: Script, state: State, again: HandBack, context: Context) -> Advance:
    """Take one answer back and say why: what was chosen cannot be had any more."""
    answers = {name: value for name, value in state.answers.items() if name != again.step}
    return _ask(
        script, _moved(script, state, answers, context), context, again.reason, signals=("handed_back",)
    )


def take_back(script: Script, state: State, source: str, context: Context) -> State | None:
    """The state without the answers that came in this message, or None if none did."""
    gone = {name for name, kept in state.sources.items() if kept == source}
    if not gone:
        return None
    answers = {name: value for name, value in state.answers.items() if name not in gone}
    return _moved(script, state, answers, context)


def _settle(script: Script, state: State, context: Context) -> tuple[State, str | None]:
    """Drop what today's script would not ask or accept, before anything is read. A reason, if the question moved."""
    if state.version != script.version and script.on_change == "restart":
        return _moved(script, state, {}, context), "engine.restarted"
    answers = _valid(script, state.answers, state.args, context)
    step = _next(script, View(context, answers, state.args))
    if step is None:
        # Everything left is answered, but nobody said so: ask the last question again rather than act unasked.
        answers = dict(list(answers.items())[:-1])
        return _moved(script, state, answers, context), "engine.changed"
    if state.version == script.version and step.name == state.open and len(answers) == len(state.answers):
        return state, None
    return _moved(script, state, answers, context), "engine.changed"


def _valid(
    script: Script, given: Answers, args: Mapping[str, str], context: Context
) -> dict[str, str | None]:
    kept: dict[str, str | None] = {}
    for step in script.steps:
        if step.name in given:
            view, value = View(context, kept, args), given[step.name]
            if step.when(view) and (step.optional if value is None else _option(step, view, value)):
                kept[step.name] = value
    return kept


def _next(script: Script, view: View) -> Step | None:
    return next((step for step in script.steps if step.name not in view.answers and step.when(view)), None)


def _option(step: Step, view: View, value: str) -> Option | None:
    return next((option for option in step.choices(view) if option.value == value), None)


def _step(script: Script, name: str) -> Step:
    return next(step for step in script.steps if step.name == name)


def _moved(script: Script, state: State, answers: Answers, context: Context) -> State:
    """The same conversation with other answers: a new turn, so that every older button is old."""
    kept = _valid(script, answers, state.args, context)
    step = _next(script, View(context, kept, state.args))
    if step is None:
        kept = dict(list(kept.items())[:-1])
        step = _next(script, View(context, kept, state.args))
        assert step is not None
    sources = {name: source for name, source in state.sources.items() if name in kept}
    return State(script.name, script.version, state.args, kept, sources, step.name, state.turn + 1)


def _press(script: Script, state: State, press: Pressed, context: Context, source: str | None) -> Advance:
    if (press.dialog, press.step, press.turn) == (script.name, state.open, state.turn):
        return _accept(script, state, press.value, context, source)
    if press.dialog == script.name and state.answers.get(press.step, press) == press.value:
        # The same button twice: the first one counted, and there is nothing to explain.
        return _ask(script, state, context, signals=("repeated",))
    return _ask(script, state, context, "engine.stale", signals=("stale",))


def _read(script: Script, state: State, words: Words, context: Context, source: str | None) -> Advance:
    step, view = _step(script, state.open), _view(state, context)
    option = choose(words.text, step.choices(view))
    if option:
        return _accept(script, state, option.value, context, source)
    reason = "engine.long" if len(words.text) >= LONG else "engine.unclear"
    return _ask(script, state, context, reason, signals=("unclear",))


def _accept(script: Script, state: State, value: str | None, context: Context, source: str | None) -> Advance:
    step, view = _step(script, state.open), _view(state, context)
    if value is not None and not _option(step, view, value):
        return _ask(script, state, context, "engine.stale", signals=("stale",))
    answers = _valid(script, {**state.answers, step.name: value}, state.args, context)
    sources = {**state.sources, step.name: source} if source else state.sources
    signals = ("answered", "alarm") if value is not None and step.alarm(view, value) else ("answered",)
    then = _next(script, View(context, answers, state.args))
    moved = State(
        script.name,
        script.version,
        state.args,
        answers,
        sources,
        then.name if then else step.name,
        state.turn + 1,
    )
    if then:
        return _ask(script, moved, context, signals=signals)
    outcome = script.finish(View(context, answers, state.args))
    if isinstance(outcome, HandBack):
        return hand_back(script, moved, outcome, context)
    return Advance(None, Reply(()), outcome, (*signals, "finished"))


def _order(script: Script, state: State, control: Control, context: Context) -> Advance:
    if control.order == "cancel":
        return Advance(None, Reply((Text(context.texts.say(script.cancelled)),)), None, ("cancelled",))
    if control.order == "restart":
        return _ask(script, _moved(script, state, {}, context), context, signals=("restarted",))
    if control.order == "back":
        return _back(script, state, context)
    if control.order == "skip":
        if _step(script, state.open).optional:
            return _accept(script, state, None, context, None)
        return _ask(script, state, context, "engine.no_skip", signals=("unclear",))
    return _ask(script, state, context, "engine.explain", signals=("explained",))


def _back(script: Script, state: State, context: Context) -> Advance:
    """To the question before. It and everything after it is forgotten, so nothing chosen for another answer lingers."""
    before = _before(script, state)
    if not before:
        return _ask(script, state, context, "engine.first", signals=("first",))
    kept = {name: state.answers[name] for name in before[:-1]}
    return _ask(script, _moved(script, state, kept, context), context, signals=("back",))


def _before(script: Script, state: State) -> list[str]:
    names = [step.name for step in script.steps]
    return [name for name in names[: names.index(state.open)] if name in state.answers]


def _other(said: Other) -> str:
    return f"engine.{said.kind}" if said.kind in _OTHERS else "engine.other"


def _view(state: State, context: Context) -> View:
    return View(context, state.answers, state.args)


def _ask(
    script: Script, state: State, context: Context, reason: str | None = None, signals: tuple[str, ...] = ()
) -> Advance:
    step, view = _step(script, state.open), _view(state, context)
    options = step.choices(view)
    messages: tuple[Message, ...] = step.text(view, _place(script, view, step))
    if reason:
        first, last = (options[0].key, options[-1].key) if options else ("", "")
        messages = (Text(context.texts.say(reason, first=first, last=last)), *messages)
    choices = tuple(
        Choice(o.label, button(Pressed(script.name, step.name, state.turn, o.value, context.language)), o.key)
        for o in options
    )
    return Advance(state, Reply(messages, choices, _controls(script, state, step, context)), None, signals)


def _place(script: Script, view: View, step: Step) -> Place:
    applying = [s.name for s in script.steps if s.name in view.answers or s.when(view)]
    return Place(applying.index(step.name) + 1, len(applying))


def _controls(script: Script, state: State, step: Step, context: Context) -> tuple[Say, ...]:
    """The words that always work, as far as they lead anywhere from here."""
    names = ["cancel", "help"]
    if step.optional:
        names.insert(0, "skip")
    if _before(script, state):
        names.insert(0, "back")
    words = (context.texts.say(f"control.{name}") for name in names)
    return tuple(Say(word, word) for word in words)
