"""Whether a rehearsal ended well: nothing lost, nothing twice, and what could not be known was counted as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.crash.facts import Facts
from tests.crash.far_side import Call, Truth
from tests.crash.flows import TEAM, Flow, line_id


@dataclass(frozen=True)
class Ending:
    """How a rehearsal ended: by the database, and on the phones."""

    facts: Facts
    truth: Truth


@dataclass(frozen=True)
class Script:
    """How it goes when nobody dies: the ending, what each person is told then, and the neutral push."""

    ending: Ending
    told: dict[str, list[tuple[str, ...]]]
    nudge: tuple[str, ...]


def wrong(flow: Flow, script: Script, seen: Ending, *, died: bool) -> list[str]:
    """Everything that is not as promised; empty when all is well. Who did not die has no excuse to say things twice."""
    return [
        *_different(script.ending.facts.must_equal, seen.facts.must_equal),
        *_sends(flow, script.ending.facts.sends, seen.facts),
        *(line for who in flow.people for line in _person(flow, script, seen, who, 2 if died else 1)),
        *_group(flow, script, seen),
    ]


def _different(expected: Any, found: Any, at: str = "") -> Iterator[str]:
    """Names the place, and the values only where they are short."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in expected.keys() | found.keys():
            yield from _different(expected.get(name), found.get(name), f"{at}/{name}")
    elif expected != found:
        yield f"{at[1:]}: {str(expected)[:60]} expected, {str(found)[:60]} found"


def _sends(flow: Flow, expected: Counter[str], seen: Facts) -> Iterator[str]:
    """As many parcels as there would have been, all at their end: sent, or a reply counted as unknown."""
    ended = seen.sends["SENT"] + seen.sends["UNKNOWN"]
    if flow.erases:
        # What comes too late for its reply token is no push to somebody who is gone.
        ended += min(seen.sends["DROPPED"], 1)
    # A safety copy is written or not, as the crisis line is slower or faster than the drain.
    spare = 1 if flow.is_crisis else 0
    if seen.sends.total() != ended or abs(ended - expected.total()) > spare:
        yield f"parcels: {dict(expected)} expected, {dict(seen.sends)} found"
    counted = sum(seen.unheard.values())
    if not (counted <= seen.sends["UNKNOWN"] <= counted + flow.erases):
        yield f"unheard: {seen.sends['UNKNOWN']} replies are unknown, {counted} counted"


def _person(flow: Flow, script: Script, seen: Ending, who: str, most: int) -> Iterator[str]:
    calls = seen.truth.shown.get(line_id(who), [])
    expected, unheard = script.told[who], seen.facts.unheard.get(who, 0)
    if any(call.times != 1 for call in calls):
        yield f"{who}: one call was shown more than once"
    if flow.is_crisis:
        yield from _crisis(who, expected, calls, most)
        return
    if any(call.via == "push" and call.words != script.nudge for call in calls):
        yield f"{who}: a push told more than that something waits"
    replies = Counter(call.words for call in calls if call.via == "reply")
    if replies - Counter(expected):
        yield f"{who}: a reply that was not due, or was shown twice"
    if len(calls) > len(expected):
        yield f"{who}: {len(calls)} messages instead of {len(expected)}"
    # Of somebody who is gone nothing can be counted: her one answer may be lost, and be nobody's.
    unheard += flow.erases and seen.facts.must_equal[who] == "nobody"
    if len(calls) + unheard < len(expected):
        yield f"{who}: {len(calls)} of {len(expected)} messages, {unheard} counted as unheard"


def _crisis(who: str, expected: list[tuple[str, ...]], calls: list[Call], most: int) -> Iterator[str]:
    """At least once whatever happens, at most twice (once where nobody died), whole, and nothing else."""
    if not 1 <= len(calls) <= most:
        yield f"{who}: the crisis reply was shown {len(calls)} times"
    if any(call.words != expected[0] for call in calls):
        yield f"{who}: something else than the crisis reply was shown"


def _group(flow: Flow, script: Script, seen: Ending) -> Iterator[str]:
    if seen.truth.groups != script.ending.truth.groups:
        yield "group: the bot is not where it belongs"
    farewells, expected = (one.truth.shown.get(line_id(TEAM), []) for one in (seen, script.ending))
    if len(farewells) > len(expected) or any(call.times != 1 for call in farewells):
        yield "group: the farewell was said more than once"
    if any(call.words != expected[0].words for call in farewells):
        yield "group: something else than the farewell was said"
