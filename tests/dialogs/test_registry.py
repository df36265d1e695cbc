"""Every script, every step, every language: within LINE's limits, answerable by number, complete, and quiet outside.

docs/scripts-listing.md lists what is asked. A change of a step, a choice or the wording of a scored script needs a new
version: `EAP_WRITE_LISTING=1 python -m pytest tests/dialogs/test_registry.py` writes the listing, never without one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from care.desk import Desk
from care.requests import known
from dialogs import engine
from dialogs.inputs import Control, Pressed, read_button
from dialogs.messages import Card, Reply, Text
from dialogs.steps import Context, Script
from line.limits import problems
from line.render import wire

LISTING = Path(__file__).parents[2] / "docs" / "scripts-listing.md"
SENSITIVE = re.compile(
    "諮商|心理|精神|自殺|輕生|自傷|自殘|憂鬱|霸凌|家暴|性騷擾|性侵|危機|輔導|創傷|量表|困擾"
    "|suicid|depress|counsel|psych|mental|harass|bully|violence|crisis|distress",
    re.IGNORECASE,
)
ARGS = {"count": "3", "then": "bsrs5"}


def asked(script: Script, context: Context) -> Iterator[Reply]:
    """Every question of a script on the way of its first answers, and its cancelling."""
    seen = engine.start(script, ARGS, context, 1)
    while seen.state is not None:
        yield seen.reply
        yield engine.advance(script, seen.state, Control("cancel"), context).reply
        pressed = read_button(seen.reply.choices[0].data)
        assert pressed is not None
        seen = engine.advance(script, seen.state, pressed, context)


def everything(desk: Desk) -> Iterator[tuple[str, Reply]]:
    for language, context in desk.contexts.items():
        for script in desk.scripts.values():
            for reply in asked(script, context):
                yield f"{script.name} in {language}", reply
    for key, reply in desk.crisis.items():
        yield f"crisis {key}", reply


def test_line_takes_every_question_in_every_language(desk: Desk) -> None:
    for where, reply in everything(desk):
        assert problems(wire(reply)) == [], where
        assert len(wire(reply)) <= 5, where


def test_every_question_can_be_answered_by_typing_its_number(desk: Desk) -> None:
    for where, reply in everything(desk):
        keys = [choice.key for choice in reply.choices]
        assert len(set(keys)) == len(keys), where
        assert keys in ([str(n) for n in range(1, len(keys) + 1)], [str(n) for n in range(len(keys))]), where
        shown = json.dumps(wire(reply), ensure_ascii=False)
        assert all(f"{choice.key}　{choice.label}" in shown for choice in reply.choices), where


def test_no_label_on_a_phone_is_cut_short(desk: Desk) -> None:
    for where, reply in everything(desk):
        for label in [*(c.label for c in reply.choices), *(s.label for s in reply.controls)]:
            assert len(label) <= 20, (where, label)
        assert len(reply.choices) + len(reply.controls) <= 13, where


def test_nothing_outside_the_chat_says_what_this_is_about(desk: Desk) -> None:
    for where, reply in everything(desk):
        for message in reply.messages:
            first = message.text.splitlines()[0] if isinstance(message, Text) else message.title
            assert not SENSITIVE.search(first), (where, first)
            if isinstance(message, Card):
                assert not SENSITIVE.search(message.preview), (where, message.preview)


def test_previews_and_titles_among_the_texts_are_quiet_too(desk: Desk) -> None:
    quiet = [
        "screening.preview", "screening.result_title", "trend.preview", "trend.title", "contact.preview",
        "contact.title",
        "my_data.preview", "my_data.title", "notice.preview", "notice.title", "crisis.preview", "crisis.card",
        "courtesy.nudge", "courtesy.farewell", "courtesy.unheard", "courtesy.away",
    ]  # fmt: skip
    for context in desk.contexts.values():
        for key in quiet:
            assert not SENSITIVE.search(context.texts.say(key)), (context.language, key)


def test_the_steps_and_values_are_the_same_in_every_language(desk: Desk) -> None:
    for script in desk.scripts.values():
        spoken = []
        for context in desk.contexts.values():
            replies = [reply for reply in asked(script, context) if reply.choices]
            spoken.append([[_bare(choice.data) for choice in reply.choices] for reply in replies])
        assert all(one == spoken[0] for one in spoken), script.name


def test_every_word_that_always_works_has_an_answer_and_every_offered_word_is_one(desk: Desk) -> None:
    for context in desk.contexts.values():
        for key in (
            "back", "skip", "cancel", "resume", "result", "trend", "contact", "menu", "my_data", "screening",
            "forget", "withdraw", "notice", "language",
        ):  # fmt: skip
            action = desk.words.action(context.texts.say(f"control.{key}"))
            assert action == key
            assert action in known()
        assert desk.lexicon.find(context.texts.say("control.help")) == "help"


def test_no_answer_is_also_a_word_that_always_works(desk: Desk) -> None:
    """Such a word would be taken for the word, and the answer could never be typed."""
    for where, reply in everything(desk):
        for choice in reply.choices:
            for typed in (choice.label, choice.key):
                action = desk.words.action(typed)
                assert action is None or (where.startswith("language") and action.startswith("speak_")), (
                    where,
                    typed,
                )
                assert desk.lexicon.find(typed) is None, (where, typed)


def test_the_listing_is_of_today_and_no_change_goes_without_a_new_version(desk: Desk) -> None:
    today = {script.name: (script.version, _listed(script, desk)) for script in desk.scripts.values()}
    written = _read(LISTING.read_text(encoding="utf-8")) if LISTING.exists() else {}

    for name, (version, body) in today.items():
        if name in written and written[name][0] == version:
            assert written[name][1] == body, f"{name} has changed and still calls itself version {version}"
    if os.environ.get("EAP_WRITE_LISTING"):
        LISTING.write_text(_page(today), encoding="utf-8")
    assert LISTING.read_text(encoding="utf-8") == _page(today), "EAP_WRITE_LISTING=1 writes the listing"


def _bare(data: str) -> tuple[str, str, str]:
    pressed = read_button(data)
    assert isinstance(pressed, Pressed)
    return pressed.dialog, pressed.step, pressed.value


def _listed(script: Script, desk: Desk) -> str:
    """Steps and choices; for a script that restarts on change also a digest of every word of it."""
    first = next(iter(desk.contexts.values()))
    lines = []
    for reply in asked(script, first):
        if reply.choices:
            _, step, _ = _bare(reply.choices[0].data)
            options = "、".join(
                f"{choice.key}={_bare(choice.data)[2]}（{choice.label}）" for choice in reply.choices
            )
            lines.append(f"- `{step}`: {options}")
    if script.on_change == "restart":
        words = json.dumps(
            [_wording(script, context) for context in desk.contexts.values()], ensure_ascii=False
        )
        lines.append(f"- wording: {hashlib.sha256(words.encode()).hexdigest()[:16]}")
    return "\n".join(lines)


def _wording(script: Script, context: Context) -> list[str]:
    """What the person answers to; how to answer it may be said otherwise without a new version."""
    scored = context.questionnaires.get(script.name)
    if scored:
        items = [item.text for item in scored.items]
        return [scored.instruction, scored.week, *items, *(option.label for option in scored.scale)]
    consent = context.consents[script.name.removeprefix("consent.")]
    return [consent.title, *consent.paragraphs, *(option.label for option in consent.options)]


def _page(today: dict[str, tuple[str, str]]) -> str:
    parts = [
        "# Every script, its steps and choices\n",
        "Written by tests/dialogs/test_registry.py, which says how.\n",
    ]
    parts += [
        f"## {name}\n\nVersion {version}\n\n{body}\n" for name, (version, body) in sorted(today.items())
    ]
    return "\n".join(parts)


def _read(page: str) -> dict[str, tuple[str, str]]:
    found = re.findall(r"^## (\S+)\n\nVersion (\S+)\n\n((?:- .*\n?)*)", page, re.MULTILINE)
    return {name: (version, body.strip()) for name, version, body in found}


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_the_menu_fits_too(desk: Desk, language: str) -> None:
    from care import menu

    labels = [desk.context(language).texts.say(f"menu.{entry}") for entry in menu.ENTRIES]

    assert all(len(label) <= 20 for label in labels)
    assert set(menu.ENTRIES) <= known()
