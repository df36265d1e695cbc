"""What each word that always works does, in whatever state the person is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from care import (
    caring,
    contacts,
    conversations,
    erasures,
    exports,
    forms,
    harassment,
    languages,
    life_events,
    menu,
    my_data,
    notices,
    programme,
    resources,
    risk,
    says,
    screenings,
)
from care.turns import Turn
from dialogs.inputs import Control, Order
from dialogs.messages import Reply, Text
from dialogs.scripts import consent, withdrawal
from storage import consents
from storage import screenings as kept

Answer = Callable[[Turn], Reply]


def answer(turn: Turn, action: str) -> Reply:
    """The reply to a word; whatever conversation was open stays open unless the word is about ending it."""
    if action in _SHOWN:
        return beside(turn, _SHOWN[action](turn))
    return _DONE[action](turn)


def known() -> frozenset[str]:
    """Every word there is an answer to."""
    return frozenset(_SHOWN) | frozenset(_DONE)


def crisis(turn: Turn, seen: risk.Risk, language: str) -> Reply:
    """The fixed reply, unless it has gone out already; what was open can be gone on with."""
    conversations.set_aside(turn, conversations.CRISIS)
    return Reply(()) if turn.crisis_answered else risk.crisis_reply(turn.desk, language, seen)


def gently(turn: Turn) -> Reply:
    """Small talk after the crisis reply: a kind word, and the open question waits until she asks for it."""
    return Reply(
        (Text(turn.say("courtesy.gently")),), controls=says.offer(turn, "help", "resume", "contact", "menu")
    )


def unclear(turn: Turn, key: str) -> Reply:
    """Nothing is open and this is no word we know: something kind, and the menu."""
    shown = menu.show(turn)
    return replace(shown, messages=(Text(turn.say(key)), *shown.messages))


def beside(turn: Turn, reply: Reply, shown: str = conversations.ELSEWHERE) -> Reply:
    """Something shown in the middle of a conversation, with the way back to it."""
    if not conversations.set_aside(turn, shown):
        return reply
    return replace(reply, controls=(*says.offer(turn, "resume"), *reply.controls))


def _menu(turn: Turn) -> Reply:
    return beside(turn, menu.show(turn), conversations.MENU)


def _hello(turn: Turn) -> Reply:
    if _follows_crisis(turn):
        return gently(turn)
    return conversations.resume(turn, "courtesy.hello") or unclear(turn, "courtesy.hello")


def _thanks(turn: Turn) -> Reply:
    if _follows_crisis(turn):
        return gently(turn)
    return conversations.resume(turn, "courtesy.welcome") or Reply(
        (Text(turn.say("courtesy.welcome")),), controls=says.offer(turn, "menu")
    )


def _follows_crisis(turn: Turn) -> bool:
    found = conversations.find(turn)
    return found is not None and found.follows_crisis


def _resume(turn: Turn) -> Reply:
    return conversations.resume(turn) or unclear(turn, "courtesy.nothing_open")


def _order(order: Order) -> Answer:
    def give(turn: Turn) -> Reply:
        found = conversations.find(turn)
        if found is None:
            return unclear(turn, "courtesy.explain" if order == "explain" else "courtesy.nothing_open")
        reply = conversations.feed(turn, found, Control(order))
        return replace(reply, controls=says.offer(turn, "menu")) if not reply.choices else reply

    return give


def _quick_exit(turn: Turn) -> Reply:
    """Somebody is coming: an ordinary sentence at the bottom of the screen, and the list in sight forgotten."""
    conversations.set_aside(turn)
    conversations.out_of_sight(turn)
    return Reply((Text(turn.say("courtesy.left", agency=turn.desk.plan.agency[turn.language])),), keep=True)


def _stop(turn: Turn) -> Reply:
    conversations.stop(turn)
    return Reply(
        (Text(turn.say("courtesy.stopped")),), controls=says.offer(turn, "my_data", "menu"), keep=True
    )


def _screen(turn: Turn) -> Reply:
    """Start the plan's questionnaire; the question of consent comes before it, once per version."""
    wanted, agreed = turn.desk.plan.screening, turn.context.consents[screenings.SCOPE]
    if consents.current(turn.tx, turn.person).get(screenings.SCOPE) == agreed.version:
        return conversations.begin(turn, wanted)
    return conversations.begin(turn, consent.name(screenings.SCOPE), {"then": wanted})


def _forget(turn: Turn) -> Reply:
    count = kept.count(turn.tx, turn.person)
    if not count:
        return Reply(
            (Text(turn.say("forgetting.none")),), controls=says.offer(turn, "my_data", "menu"), keep=True
        )
    return conversations.begin(turn, "forgetting", {"count": str(count)})


def _erase(turn: Turn) -> Reply:
    """Everything, not only the results: asked once more, with the two ways there are."""
    return conversations.begin(turn, "erasing")


def _withdraw(turn: Turn) -> Reply:
    if screenings.SCOPE not in consents.current(turn.tx, turn.person):
        return Reply(
            (Text(turn.say("withdrawal.none")),), controls=says.offer(turn, "my_data", "menu"), keep=True
        )
    return conversations.begin(turn, withdrawal.name(screenings.SCOPE))


def _choose_language(turn: Turn) -> Reply:
    if len(turn.desk.contexts) == 1:
        return unclear(turn, "language.only")
    return conversations.begin(turn, "language")


def _speak(language: str) -> Answer:
    def speak(turn: Turn) -> Reply:
        conversations.end(turn, "language")
        languages.speak(turn, language)
        return conversations.resume(turn, "language.now") or unclear(turn, "language.now")

    return speak


def _help(turn: Turn) -> Reply:
    return crisis(turn, risk.Risk("help"), turn.language)


def _later(name: str) -> Answer:
    """A service that is not there yet: said plainly, with what can be done instead today."""

    def say(turn: Turn) -> Reply:
        return Reply(
            (Text(turn.say(f"later.{name}")),),
            controls=says.offer(turn, "contact", "help", "menu"),
            keep=True,
        )

    return say


_SHOWN: Mapping[str, Answer] = {
    "contact": contacts.show,
    "eligibility": programme.eligibility,
    "calendar": programme.calendar,
    "my_data": my_data.show,
    "export": exports.show,
    "notice": notices.full,
    "settings": my_data.settings,
    "result": screenings.last_result,
    "trend": screenings.trend,
    "book": _later("book"),
    "my_bookings": _later("my_bookings"),
    "life_events": life_events.show,
    "care": caring.show,
    "harassment": harassment.show,
    "forms": forms.show,
    "resources": resources.show,
}
_DONE: Mapping[str, Answer] = {
    "menu": _menu,
    "help": _help,
    "hello": _hello,
    "thanks": _thanks,
    "resume": _resume,
    "back": _order("back"),
    "cancel": _order("cancel"),
    "restart": _order("restart"),
    "skip": _order("skip"),
    "explain": _order("explain"),
    "stop": _stop,
    "quick_exit": _quick_exit,
    "screening": _screen,
    "forget": _forget,
    "erase": _erase,
    "erase_now": _erase,
    "undo_erasing": erasures.nothing_to_undo,
    "withdraw": _withdraw,
    "language": _choose_language,
    "speak_zh": _speak("zh-Hant"),
    "speak_en": _speak("en"),
}
