"""Random walks through everything the bot offers, every event doubled and given to two workers at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from storage import outbox
from storage.models import SendState
from tests.clocks import FastClock
from tests.figures import Figure
from tests.path.posting import EveryDoor
from tests.path.walkers import Act, Walker, effects, walk, walk_again
from tests.town import Town, town

STEPS, FURTHER = 7, 9


@dataclass(frozen=True)
class Walk:
    """What one person did, and everything that came of it."""

    seed: int
    acts: tuple[Act, ...]
    effects: dict[str, Any]


@dataclass(frozen=True)
class Doubled:
    """The same walks, each event posted four times: twice to each of two workers at the same moment."""

    kind: str
    walks: list[Walk]
    events: int

    def differences(self, plain: Sequence[Walk]) -> list[tuple[int, str, Any, Any]]:
        """What did not come to the same: the walk's seed, and the effect both ways."""
        return [
            (one.seed, name, other.effects[name], one.effects.get(name))
            for one, other in zip(self.walks, plain, strict=True)
            for name in other.effects
            if one.effects.get(name) != other.effects[name]
        ]


def test_doubled_events_and_two_workers_change_nothing(
    sqlite_template: Path, sqlite_url: str, postgres_copy: str, tmp_path: Path, figure: Figure
) -> None:
    plain = _plain(range(40), sqlite_template, tmp_path)

    # One after the other: side by side they starve each other on a busy machine, and what is offered then differs.
    on_sqlite = _doubled(plain[:30], sqlite_url, tmp_path / "doubled")
    on_postgresql = _doubled(plain[30:], postgres_copy, tmp_path / "postgresql")

    assert on_sqlite.differences(plain[:30]) == []
    assert on_postgresql.differences(plain[30:]) == []
    assert len({walk.acts for walk in plain}) == 40
    figure(_told(on_sqlite))
    figure(_told(on_postgresql))


@pytest.mark.sweep
@pytest.mark.parametrize("block", range(10))
def test_doubled_events_and_two_workers_change_nothing_in_a_thousand_walks(
    block: int,
    sqlite_template: Path,
    sqlite_url: str,
    postgres_copies: Callable[[], str],
    tmp_path: Path,
    walked: set[tuple[Act, ...]],
    figure: Figure,
) -> None:
    plain = _plain(range(1000 + 100 * block, 1100 + 100 * block), sqlite_template, tmp_path, FURTHER)

    doubled = _doubled(plain, postgres_copies() if block % 4 == 3 else sqlite_url, tmp_path / "doubled")

    assert doubled.differences(plain) == []
    acts = {walk.acts for walk in plain}
    assert (len(acts), acts & walked) == (100, set())
    walked |= acts
    figure(f"{_told(doubled)} (of {len(walked)} so far)")


@pytest.fixture(scope="module")
def walked() -> set[tuple[Act, ...]]:
    """Every walk of the sweep so far: no two are alike."""
    return set()


def _plain(seeds: Sequence[int], template: Path, folder: Path, steps: int = STEPS) -> list[Walk]:
    """Random walks, each event given once to one worker."""
    folder.mkdir(exist_ok=True)
    url = f"sqlite:///{shutil.copy(template, folder / 'plain.sqlite')}"
    with ThreadPoolExecutor(8) as phones, town(url, folder / "plain", clock=FastClock()) as place:
        walkers = walk(place, seeds, steps, phones)
        _check_the_books(place)
        return [_over(seed, walker) for seed, walker in zip(seeds, walkers, strict=True)]


def _doubled(plain: Sequence[Walk], url: str, folder: Path) -> Doubled:
    seeds = [walk.seed for walk in plain]
    with ThreadPoolExecutor(8) as phones, town(url, folder, workers=2, clock=FastClock()) as place:
        place.platform.webhook.target = EveryDoor(place)
        place.platform.webhook.change(duplicate=1)
        walkers = walk_again(place, seeds, [walk.acts for walk in plain], phones)
        _check_the_books(place)
        events = place.platform.webhook.counts["events"] // 2
        walks = [_over(seed, walker) for seed, walker in zip(seeds, walkers, strict=True)]
        return Doubled(url.partition(":")[0], walks, events)


def _over(seed: int, walker: Walker) -> Walk:
    return Walk(seed, tuple(walker.done), effects(walker))


def _check_the_books(place: Town) -> None:
    """No answer failed, none is in doubt, and LINE showed nothing twice."""
    with place.tx() as tx:
        counts = outbox.counts(tx)
    assert set(counts) <= {SendState.SENT}, counts
    assert set(place.platform.shown.values()) == {1}


def _told(doubled: Doubled) -> str:
    return (
        f"{len(doubled.walks)} random walks on {doubled.kind}, no two alike: {doubled.events} events, "
        f"each given four times to two workers: 0 double effects"
    )
