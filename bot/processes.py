"""The processes of the Procfile, and `serve`, which is all of them in one."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import structlog

from bot import web, wiring
from bot.clock import PlanClock
from bot.config import Settings
from bot.logs import Complaint
from bot.runtime import Runtime
from bot.server import Server
from care.desk import Desk
from scheduler import bell
from scheduler.calendar import CalendarTick
from scheduler.outbox import OutboxTick
from storage.session import DATABASE_AWAY

log = structlog.get_logger()

OUTBOX_EVERY = 0.5
CALENDAR_EVERY = 2.0


class PortTaken(Exception):
    """Says which port is in use and what to do."""


def check_port(host: str, port: int) -> None:
    """Raise PortTaken now rather than let a server try again and again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(
                f"port {port} is in use: stop what runs there, or choose another with PORT=8001"
            ) from None


def run_web(settings: Settings, desk: Desk, host: str) -> None:
    """Take webhooks and drain after the answer. Starts without keys or database, then for crisis replies only."""
    check_port(host, settings.port)

    def make() -> tuple[Any, Callable[[], None]]:
        clock = PlanClock(settings.eap_now)
        run = wiring.runtime(settings, desk, clock)
        run.start()
        return web.create(settings, run), run.stop

    Server(make, host=host, port=settings.port, workers=settings.web_concurrency).run()


def run_worker(settings: Settings, desk: Desk) -> None:
    """Deliver the outbox, take up what a crash left, hold the calendar. Ends on SIGTERM after what is under way."""
    clock = PlanClock(settings.eap_now)
    wiring.open_store(settings, clock).database.close()
    run = wiring.runtime(settings, desk, clock)
    run.start()
    stop_ticks = start_ticks(run)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()
    stop_ticks()
    run.stop()


def run_serve(settings: Settings, desk: Desk, host: str) -> None:
    """Web and worker in one process, on a database brought to today's schema."""
    wiring.migrate(settings)
    check_port(host, settings.port)

    def make() -> tuple[Any, Callable[[], None]]:
        run = wiring.runtime(settings, desk, PlanClock(settings.eap_now))
        return web.create(settings, run), start_all(run)

    Server(make, host=host, port=settings.port, workers=1).run()


def serve_app(make: Callable[[], tuple[Any, Callable[[], None]]], host: str, port: int, threads: int) -> None:
    """Any application in one process with its own threads."""
    Server(make, host=host, port=port, workers=1, threads=threads).run()


def start_all(run: Runtime) -> Callable[[], None]:
    """Everything a single process does; returns what stops it."""
    run.start()
    stop_ticks = start_ticks(run)

    def stop() -> None:
        stop_ticks()
        run.stop()

    return stop


def start_ticks(run: Runtime) -> Callable[[], None]:
    """Ring the outbox and the calendar as soon as the database is open; returns what ends it."""
    ticker = _Ticker(run)
    scheduler = bell.ring(
        {"outbox": (ticker.outbox, OUTBOX_EVERY), "calendar": (ticker.calendar, CALENDAR_EVERY)}
    )

    def stop() -> None:
        scheduler.shutdown(wait=True)
        ticker.let_go()

    return stop


class _Ticker:
    """The ticks, made when the database is there; a tick that fails is logged and rings again."""

    def __init__(self, run: Runtime) -> None:
        self._run = run
        self._made: tuple[OutboxTick, CalendarTick] | None = None
        self._troubles = {
            name: Complaint(log.bind(which=name), "tick_failed") for name in ("outbox", "calendar")
        }

    def outbox(self) -> None:
        ticks = self._ticks()
        if ticks is not None:
            _repeat(ticks[0], self._troubles["outbox"])

    def calendar(self) -> None:
        ticks = self._ticks()
        if ticks is not None:
            _repeat(ticks[1], self._troubles["calendar"])

    def let_go(self) -> None:
        if self._made is not None:
            try:
                self._made[1].let_go()
            except DATABASE_AWAY as error:
                log.warning("clock_not_let_go", error=type(error).__name__)

    def _ticks(self) -> tuple[OutboxTick, CalendarTick] | None:
        if self._made is None and self._run.is_ready and self._run.store is not None:
            self._made = wiring.ticks(self._run, self._run.store)
        return self._made


def _repeat(tick: Callable[[], int], trouble: Complaint) -> None:
    try:
        while tick():
            pass
        trouble.went_well()
    except Exception as error:  # noqa: BLE001  # the bell rings again
        trouble.failed(error)
