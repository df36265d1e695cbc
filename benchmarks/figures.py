"""A figure and what it must reach, as it is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

__all__ = ["Figure", "median", "ratios"]


@dataclass(frozen=True)
class Figure:
    """`raw` holds every run's own numbers, by what was measured."""

    name: str
    value: float
    bound: float
    raw: Mapping[str, Sequence[float]]
    at_most: bool = False

    @property
    def holds(self) -> bool:
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def row(self) -> str:
        sign = "≤" if self.at_most else "≥"
        runs = "; ".join(f"{name} {' '.join(_short(x) for x in values)}" for name, values in self.raw.items())
        return f"| {self.name} | {self.value:.3g} | {sign} {self.bound:g} | {'yes' if self.holds else 'NO'} | {runs} |"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Run by run, so that a machine whose speed drifts spoils neither."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def _short(x: float) -> str:
    return f"{x:.0f}" if x >= 100 else f"{x:.3g}"
