"""One kill point: the bot dies there, is started twice more, gets its webhook again, and the ending is judged."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from care import courtesies
from care.desk import Desk
from line import render
from simulator.words import plain
from storage import people
from storage.models import Conversation
from storage.rows import table
from tests.crash.facts import Book
from tests.crash.far_side import FarSide
from tests.crash.flows import BY_NAME, LIN, Flow, line_id
from tests.crash.lives import Life, Remains, live
from tests.crash.mutants import Mutant
from tests.crash.trap import Trap
from tests.crash.verdicts import Ending, Script, wrong
from tests.crash.warmth import Warmth
from tests.town import settings

LIVED, FAILED = 42, 1
HANGS_AFTER = 40
# Past the fifteen seconds of every lease; past LINE's minute as well.
SOON, LATE = 16.0, 75.0


@dataclass(frozen=True)
class Point:
    """Where the bot dies (0: nowhere), how long it is dead, and whether an acknowledged body comes again at once."""

    flow: str
    at: int
    is_late: bool = False
    comes_again_at_once: bool = True


@dataclass(frozen=True)
class Tried:
    point: Point
    killed: bool
    problems: tuple[str, ...]


class Rehearsal:
    """Runs points one after another on one database file. Opens no connection and starts no thread of its own."""

    def __init__(self, templates: Path, place: Path, empty: Path, desk: Desk) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self._templates, self._file, self._desk = templates, place / "eap.sqlite", desk
        self._far, self._remains, self._book = FarSide(), Remains(), Book(self._file)
        self._settings = settings(f"sqlite:///{self._file}", self._far.url, place)
        self._empty = empty
        self._copy(empty)
        self._warmth = Warmth(self._settings, desk)

    def warm(self, flows: Iterable[Flow]) -> None:
        """Makes every later life cheap; needs the templates."""
        for flow in flows:
            self._copy(self._template(flow))
            self._warmth.rehearse(self._far.scene(flow.name, flow.body, faults=False))

    def close(self) -> None:
        self._far.close()

    def prepare(self, flow: Flow) -> None:
        """Live through what came before a flow, and keep the database as its template."""
        self._copy(self._empty)
        for act in flow.before:
            if self._fork((self._far.scene(flow.name, (act,), faults=False),)) != LIVED:
                raise RuntimeError(f"{flow.name}: what comes before it fails")
        if flow.spoilt:
            self._spoil(flow.spoilt)
        with contextlib.closing(sqlite3.connect(self._file)) as c:
            c.execute("pragma wal_checkpoint(truncate)")
        shutil.copyfile(self._file, self._template(flow))

    def script(self, flow: Flow) -> Script:
        """How the flow goes with nobody dying; once without LINE's faults, for what would be said then."""
        well, ending = (self._whole(flow, faults=faults) for faults in (False, True))
        told = {
            who: [call.words for call in well.truth.shown.get(line_id(who), [])] for who in flow.people
        }
        _is_what_it_says(flow, ending)
        nudge = tuple(plain(one) for one in render.wire(courtesies.nudge(self._desk, "zh-Hant")))
        return Script(ending, told, nudge)

    def instructions(self, flow: Flow) -> int:
        """How many instructions of ours one life of this flow takes."""
        self._start(flow, Trap(0), None, faults=True)
        return self._remains.counted()[2]

    def window(self, mutant: Mutant) -> tuple[int, int]:
        """From where to where one has to die for a mistake to show."""
        self._start(BY_NAME[mutant.flow], Trap(0, mutant.way), mutant, faults=True)
        start, end, total = self._remains.counted()
        return (start, end) if start < end else (0, total)

    def die(self, flow: Flow, script: Script, point: Point, mutant: Mutant | None = None) -> Tried:
        """Live, die at the point, live twice more; says what is wrong in the end."""
        body, status = self._start(flow, Trap(point.at) if point.at else None, mutant, faults=True)
        problems = [] if status in (LIVED, -signal.SIGKILL) else [f"first life: {status}"]
        for again in (1, 2):
            answered, ahead = self._remains.read()
            # The last one comes when the calendar's leases, a minute long, are over too.
            ahead += LATE if point.is_late or again == 2 else SOON
            self._far.clock(ahead)
            self._far.all_well()
            missing = again == 1 and answered and not point.comes_again_at_once
            bodies = () if missing else (self._far.again(body),)
            if self._fork(bodies, ahead, mutant=mutant) != LIVED:
                problems.append(f"life {again + 1} failed")
        died = status == -signal.SIGKILL
        problems += wrong(flow, script, self._ending(flow), died=died)
        return Tried(point, died, tuple(problems))

    def _whole(self, flow: Flow, *, faults: bool) -> Ending:
        _, status = self._start(flow, None, None, faults=faults)
        if status != LIVED:
            raise RuntimeError(f"{flow.name}: an undisturbed life ends with {status}")
        return self._ending(flow)

    def _start(self, flow: Flow, trap: Trap | None, mutant: Mutant | None, *, faults: bool) -> tuple[bytes, int]:
        """The first life, or of an orphaned body the second."""
        self._copy(self._template(flow))
        body = self._far.scene(flow.name, flow.body, faults=faults)
        if not flow.orphan:
            return body, self._fork((body,), trap=trap, mutant=mutant)
        self._fork((body,), only_stores=True, mutant=mutant)
        self._far.clock(SOON)
        return body, self._fork((), SOON, trap=trap, mutant=mutant)

    def _ending(self, flow: Flow) -> Ending:
        return Ending(self._book.facts(flow.people), self._far.truth())

    def _fork(
        self,
        bodies: tuple[bytes, ...],
        ahead: float = 0.0,
        *,
        trap: Trap | None = None,
        mutant: Mutant | None = None,
        only_stores: bool = False,
    ) -> int:
        """One life in a child; its exit code, or the negative number of the signal it died of."""
        child = os.fork()
        if child == 0:
            self._be(Life(self._settings, self._file, bodies, ahead, only_stores), trap, mutant)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _be(self, life: Life, trap: Trap | None, mutant: Mutant | None) -> None:
        """In the child: never returns."""
        signal.alarm(HANGS_AFTER)
        code = FAILED
        try:
            if mutant is not None:
                mutant.apply()
            if trap is not None:
                trap.set()
            live(life, self._desk, self._warmth, self._remains)
            code = LIVED
            if trap is not None:
                start, end = trap.seen[-2:] if len(trap.seen) > 1 else (0, 0)
                self._remains.count(start, end, trap.passed())
        except BaseException:  # noqa: BLE001  # the parent learns of it by the exit code
            traceback.print_exc()
        finally:
            os._exit(code)

    def _spoil(self, who: str) -> None:
        with self._book.open() as tx:
            person = people.find(tx, line_id(who))
            assert person is not None
            rows = table(Conversation)
            tx.c.execute(rows.update().where(rows.c.person_id == person.id).values(body=b"\x01spoilt" * 9))

    def _copy(self, source: Path) -> None:
        for left in ("-wal", "-shm"):
            self._file.with_name(self._file.name + left).unlink(missing_ok=True)
        shutil.copyfile(source, self._file)

    def _template(self, flow: Flow) -> Path:
        return self._templates / f"{flow.name}.sqlite"


def _is_what_it_says(flow: Flow, ending: Ending) -> None:
    """A flow that no longer runs into its trouble would prove nothing."""
    if flow.spoilt and "PARKED sealed" not in ending.facts.must_equal["events"]:
        raise RuntimeError(f"{flow.name}: the poisoned turn did not fail")
    if flow.becomes_push and [call.via for call in ending.truth.shown[line_id(LIN)]] != ["push"]:
        raise RuntimeError(f"{flow.name}: it did not")
