"""How far two places are apart, without asking anybody."""

from __future__ import annotations

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt

from care.desk import Resource

Place = tuple[float, float]
"""Latitude and longitude in degrees."""

# The mean radius of the earth (IUGG).
_RADIUS_KM = 6371.0088


def kilometres(one: Place, other: Place) -> float:
    """Along the earth's surface, by the haversine formula."""
    (lat1, lon1), (lat2, lon2) = ((radians(lat), radians(lon)) for lat, lon in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _RADIUS_KM * asin(min(1.0, sqrt(half)))


def nearest(resources: Iterable[Resource], here: Place, most: int) -> list[tuple[float, Resource]]:
    """The nearest first, with how far. Whatever has no coordinates is not near anything."""
    ranked = [(kilometres(here, one.place), one) for one in resources if one.place is not None]
    return sorted(ranked, key=lambda found: found[0])[:most]
