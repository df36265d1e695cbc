"""Questionnaires: wording, scale, bands and rules, in every language of the plan."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from care.content.pages import Section, page
from dialogs.messages import Tone
from dialogs.questionnaires import Band, Item, Questionnaire
from dialogs.steps import Option

TONES = ("plain", "good", "mild", "warn", "strong", "muted")


def questionnaires(folder: Path, languages: tuple[str, ...]) -> dict[str, dict[str, Questionnaire]]:
    """By language, then by id. Raises ContentError."""
    read: dict[str, dict[str, Questionnaire]] = {language: {} for language in languages}
    for path in sorted((folder / "questionnaires").glob("*.yaml")):
        for language, questionnaire in _questionnaire(path, languages).items():
            read[language][questionnaire.id] = questionnaire
    return read


def _questionnaire(path: Path, languages: tuple[str, ...]) -> dict[str, Questionnaire]:
    sheet = page(path)
    sheet.day("checked")
    sheet.integer("review_every")
    own, version = sheet.text("id"), sheet.text("version")
    if own != path.stem:
        sheet.refuse("id", f"must be the name of the file, {path.stem}")
    said = {
        name: sheet.spoken(name, languages)
        for name in (
            "title",
            "source",
            "instruction",
            "week",
            "total_label",
            "alarm",
            "mention",
            "disclaimer",
        )
    }
    scale = [_option(section, languages) for section in sheet.sections("scale")]
    items = [_item(section, languages) for section in sheet.sections("items")]
    bands = [_band(section, languages) for section in sheet.sections("bands")]
    sheet.done()
    made = {
        language: Questionnaire(
            id=own,
            version=version,
            scale=tuple(one[language] for one in scale),
            items=tuple(one[language] for one in items),
            bands=tuple(one[language] for one in bands),
            **{name: text[language] for name, text in said.items()},
        )
        for language in languages
    }
    if sheet.is_sound():
        _adds_up(sheet, made[languages[0]])
    return made


def _option(sheet: Section, languages: tuple[str, ...]) -> dict[str, Option]:
    score, label = str(sheet.integer("score")), sheet.spoken("label", languages)
    words = sheet.lists("words", languages)
    sheet.done()
    return {language: Option(score, label[language], score, words[language]) for language in languages}


def _item(sheet: Section, languages: tuple[str, ...]) -> dict[str, Item]:
    name, text, scored = sheet.text("name"), sheet.spoken("text", languages), sheet.yes("scored")
    alarm_at = sheet.integer("alarm_at") if sheet.has("alarm_at") else None
    mention_at = sheet.integer("mention_at") if sheet.has("mention_at") else None
    sheet.done()
    return {language: Item(name, text[language], scored, alarm_at, mention_at) for language in languages}


def _band(sheet: Section, languages: tuple[str, ...]) -> dict[str, Band]:
    name, upto = sheet.text("name"), sheet.integer("upto")
    tone = cast(Tone, sheet.one_of("tone", *TONES))
    label, advice, after = (sheet.spoken(field, languages) for field in ("label", "advice", "next"))
    sheet.done()
    return {
        language: Band(name, upto, tone, label[language], advice[language], after[language])
        for language in languages
    }


def _adds_up(sheet: Section, questionnaire: Questionnaire) -> None:
    """Names once each, bands rising up to the highest total there can be."""
    names = [item.name for item in questionnaire.items]
    if not names or len(set(names)) != len(names):
        sheet.refuse("items", "need one name each")
    upto = [band.upto for band in questionnaire.bands]
    if upto != sorted(set(upto)) or not upto or upto[-1] != questionnaire.most:
        sheet.refuse("bands", f"must rise and end at {questionnaire.most}, the highest total there can be")
