"""The one script of every scored questionnaire: its items in order, then the answers as they are."""

from __future__ import annotations

from dialogs.messages import Card, Message, Paragraph
from dialogs.outcomes import ScreeningFinished
from dialogs.questionnaires import Item, Questionnaire
from dialogs.steps import Option, Place, Script, Step, View


def script(questionnaire: Questionnaire) -> Script:
    def finish(view: View) -> ScreeningFinished:
        return ScreeningFinished(questionnaire.id, questionnaire.version, dict(view.answers))

    return Script(
        name=questionnaire.id,
        version=questionnaire.version,
        steps=tuple(_step(questionnaire.id, item) for item in questionnaire.items),
        finish=finish,
        on_change="restart",
        cancelled="screening.cancelled",
    )


def _step(questionnaire: str, item: Item) -> Step:
    """Cells look the wording up in the person's language; what counts (names, scores) is the same in all."""

    def choices(view: View) -> tuple[Option, ...]:
        return view.context.questionnaires[questionnaire].scale

    def text(view: View, place: Place) -> tuple[Message, ...]:
        return _question(view, view.context.questionnaires[questionnaire], item.name, place)

    def alarm(_: View, score: str) -> bool:
        return Questionnaire.is_alarm(item, score)

    return Step(item.name, text, choices, optional=True, alarm=alarm)


def _question(view: View, questionnaire: Questionnaire, name: str, place: Place) -> tuple[Message, ...]:
    """A card, because its preview can keep quiet about what is asked."""
    wording = next(item.text for item in questionnaire.items if item.name == name)
    title = view.texts.say("engine.place", number=place.number, of=place.of)
    if place.number == 1:
        scale = questionnaire.scale
        how = view.texts.say("screening.how", first=scale[0].key, last=scale[-1].key)
        before = [Paragraph(questionnaire.instruction), Paragraph(how, "muted")]
    else:
        before = [Paragraph(questionnaire.week, "muted")]
    return (Card(title, title, (*before, Paragraph(wording, "asked"))),)
