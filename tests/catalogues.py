"""A catalogue of any size, made out of the ones that ship: the same services in many invented places."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from care import content
from care.content.resources import catalogue, finder, kinds
from care.desk import Desk, Resource
from care.search import Finder

_LANGUAGES = ("zh-Hant", "en")
_FILES = ("demo-town", "chiayi-city", "chiayi-county", "national")
_FIRST = "東西南北中前後上下大小新舊安和平仁義禮智信忠孝廉"
_SECOND = "山水林田園里庄港寮埔崙坑湖溪橋門城光明豐"


def many(count: int) -> tuple[Finder, list[Resource]]:
    """So many resources, each with a name of its own, and the index over them."""
    known = kinds(content.FOLDER, _LANGUAGES)
    shipped = catalogue(content.FOLDER, _FILES, _LANGUAGES, known, ()).resources
    places = ["".join(pair) for pair in product(_FIRST, _SECOND)]
    made = [
        _moved(shipped[n % len(shipped)], places[n // len(shipped) % len(places)], n) for n in range(count)
    ]
    return finder(content.FOLDER, made, known), made


def with_many(desk: Desk, count: int) -> Desk:
    """The desk with a catalogue of this size in place of its own."""
    found, made = many(count)
    return replace(desk, resources=tuple(made), finder=found)


def _moved(resource: Resource, place: str, number: int) -> Resource:
    name = {language: f"{place}{said}" for language, said in resource.name.items()}
    owner = {language: f"{place}{said}" for language, said in resource.owner.items()}
    return replace(resource, id=f"{resource.id}-{number}", name=name, owner=owner)
