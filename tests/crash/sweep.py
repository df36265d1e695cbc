"""Many kill points over all flows, shared by two lanes of processes, and what came of them."""

from __future__ import annotations

import gc
import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bot import logs, wiring
from care.desk import Desk
from line import render
from storage import keyring, schema
from storage.crypto import MasterKeys
from storage.session import Database
from tests.crash.flows import BY_NAME, FLOWS, Flow
from tests.crash.mutants import MUTANTS, Mutant
from tests.crash.rehearsals import Point, Rehearsal, Tried
from tests.town import MASTER_KEY, settings

LANES = 2
ROUNDS = 5
# Where there is one, a file system in memory: only kills are rehearsed here, not the loss of power.
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of one's own is made in it

Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """Everything that was tried of one flow, or of one mutant on its flow."""

    name: str
    instructions: int
    tried: tuple[Tried, ...]

    @property
    def killed(self) -> int:
        return sum(one.killed for one in self.tried)

    @property
    def wrong(self) -> list[Tried]:
        return [one for one in self.tried if one.problems]


class Sweep:
    """Prepares every flow once; then runs points. Nothing is open and no thread runs in this process when it forks."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._desk = _warm(folder)
        for mutant in MUTANTS:
            mutant.compile()
        templates, empty = folder / "templates", _empty(folder)
        templates.mkdir()
        self._lanes = [Rehearsal(templates, folder / f"lane{n}", empty, self._desk) for n in range(LANES)]
        first = self._lanes[0]
        for flow in FLOWS:
            first.prepare(flow)
        for lane in self._lanes:
            lane.warm(FLOWS)
        self._scripts = {flow.name: first.script(flow) for flow in FLOWS}
        self._totals = {flow.name: first.instructions(flow) for flow in FLOWS}
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()

    @property
    def total(self) -> int:
        return sum(self._totals.values())

    def flows(self, points: int) -> Iterator[Result]:
        """So many points, spread evenly over every instruction of every flow; one more per flow dies nowhere."""
        for flow in FLOWS:
            total = self._totals[flow.name]
            chosen = self._spread(flow, max(2, round(points * total / self.total)), (0, total))
            yield Result(flow.name, total, self._run([Point(flow.name, 0), *chosen], None))

    def mutants(self, points: int) -> Iterator[Result]:
        """So many points each, where its mistake can show: a stretch of a few hundred instructions.

        Threads shift where an instruction falls, so one that was missed gets as many again, a few times.
        """
        for mutant in MUTANTS:
            tried: tuple[Tried, ...] = ()
            for _ in range(ROUNDS):
                chosen = self._spread(BY_NAME[mutant.flow], points, self._lanes[0].window(mutant))
                tried += self._run(chosen, mutant)
                if any(one.problems for one in tried):
                    break
            yield Result(mutant.name, self._totals[mutant.flow], tried)

    def _spread(self, flow: Flow, points: int, window: tuple[int, int]) -> list[Point]:
        chance, offset, (start, end) = self._random, self._random.random(), window
        return [
            Point(
                flow.name,
                1 + int(start + (place + offset) * (end - start) / points),
                is_late=chance.random() < 0.5,
                comes_again_at_once=chance.random() < 0.5,
            )
            for place in range(points)
        ]

    def _run(self, points: Sequence[Point], mutant: Mutant | None) -> tuple[Tried, ...]:
        fork = multiprocessing.get_context("fork")
        lanes = []
        for number, rehearsal in enumerate(self._lanes):
            mine, its = fork.Pipe(duplex=False)
            lane = fork.Process(target=self._lane, args=(rehearsal, points[number::LANES], mutant, its))
            lane.start()
            its.close()
            lanes.append((lane, mine))
        found: list[Tried] = []
        for lane, mine in lanes:
            found += mine.recv()
            lane.join()
        return tuple(sorted(found, key=lambda one: one.point.at))

    def _lane(
        self, rehearsal: Rehearsal, points: Sequence[Point], mutant: Mutant | None, back: Connection
    ) -> None:
        tried = [rehearsal.die(BY_NAME[one.flow], self._scripts[one.flow], one, mutant) for one in points]
        back.send(tried)


def run(points: int, mutant_points: int, seed: int, say: Say) -> bool:
    """The whole harness; says what it finds. True when no point is wrong and every mutant was caught."""
    began = time.monotonic()
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="eap-crash-", dir=place) as folder:
        sweep = Sweep(Path(folder), seed)
        say(f"kill -9 by bytecode: {sweep.total:,} instructions in {len(FLOWS)} flows, seed {seed}")
        started = time.monotonic()
        flows = [_told(result, say, 5) for result in sweep.flows(points)]
        seconds = time.monotonic() - started
        tried, killed = sum(len(one.tried) for one in flows), sum(one.killed for one in flows)
        wrong = sum(len(one.wrong) for one in flows)
        say(
            f"points tried {tried:,} of {sweep.total:,}, killed {killed:,}, wrong {wrong},"
            f" {seconds:.0f} s, {tried / seconds:.0f} a second"
        )
        caught = [_told(result, say, 1) for result in sweep.mutants(mutant_points)]
        say(
            f"mutants caught {sum(bool(one.wrong) for one in caught)} of {len(caught)},"
            f" {time.monotonic() - began:.0f} s in all"
        )
        sweep.close()
    return not wrong and all(one.wrong for one in caught)


def _told(result: Result, say: Say, details: int) -> Result:
    say(
        f"  {result.name:<46} {result.instructions:>7,} instructions, tried {len(result.tried):>5,},"
        f" killed {result.killed:>5,}, wrong {len(result.wrong):>4,}"
    )
    for one in result.wrong[:details]:
        say(f"      {one.point}: {'; '.join(one.problems)}")
    return result


def _warm(folder: Path) -> Desk:
    """Import and read everything now, so that each child has it for nothing."""
    logs.configure("CRITICAL")
    render.warm()
    return wiring.desk_of(settings("", "http://127.0.0.1:1", folder))


def _empty(folder: Path) -> Path:
    """A migrated database with its keys and nobody in it, in one file."""
    file = folder / "empty.sqlite"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database)
    with database.begin() as c:
        keyring.install(c, MasterKeys.parse(MASTER_KEY))
    with database.engine.connect() as c:
        c.connection.cursor().execute("pragma wal_checkpoint(truncate)")
    database.close()
    return file
