"""A whole town for a test: the service as it runs, the stand-in for LINE, both over HTTP on loopback."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot import web, wiring
from bot.clock import PlanClock, machine_now
from bot.config import Settings
from bot.facts import Free, free_bytes
from bot.runtime import Runtime
from care.desk import Desk
from simulator.app import create_app
from simulator.client import Phone, Simulator
from simulator.platform import Platform
from simulator.server import Server
from storage.crypto import new_master_key
from storage.session import Tx
from tests import captures
from tests.clocks import FastClock

SECRET, TOKEN = "town-secret", "town-token"
# Where people would reach the town from outside; tests go to its own address instead.
PUBLIC_URL = "https://eap.example.gov.tw"
MASTER_KEY = new_master_key()
# Tests say in a second what people say in ten minutes.
AS_FAST_AS_IT_GOES = 1_000_000
# Werkzeug compiles an app's routes, and CPython 3.11 cannot do that in two threads at once (python/cpython#106905).
_ONE_APP_AT_A_TIME = threading.Lock()


def settings(database_url: str, line: str, folder: Path, **changes: Any) -> Settings:
    """Settings as a process would read them, without an environment."""
    given: dict[str, Any] = {
        "line_channel_secret": SecretStr(SECRET),
        "line_channel_access_token": SecretStr(TOKEN),
        "line_api_base": line,
        "database_url": database_url,
        "eap_plan": "demo-town",
        "eap_master_keys": SecretStr(MASTER_KEY),
        "eap_spool_dir": folder / "spool",
        "eap_public_url": PUBLIC_URL,
        "eap_now": None,
        "port": 8000,
        "web_concurrency": 1,
        "log_level": "INFO",
    }
    return Settings.model_construct(**(given | changes))


def eventually(fact: Callable[[], Any], seconds: float = 10.0) -> Any:
    """The first true value of `fact`, asked again and again; an assertion error when time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = fact()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never came true")


@cache
def _desk(plan: str, public_url: str) -> Desk:
    """What a town knows and says; read once for all towns that say the same."""
    return wiring.desk_of(settings("", "", Path(), eap_plan=plan, eap_public_url=public_url))


@dataclass
class Town:
    """What a test holds: phones through `line`, the database through `tx`, the bot through `run`."""

    settings: Settings
    platform: Platform
    line: Simulator
    clock: PlanClock
    runs: list[Runtime] = field(default_factory=list)
    webs: list[str] = field(default_factory=list)
    """The address of each service's own webhook."""

    @property
    def run(self) -> Runtime:
        return self.runs[0]

    def person(self, name: str = "林", **how: Any) -> Phone:
        return self.line.person(name, **how)

    @contextmanager
    def tx(self) -> Iterator[Tx]:
        assert self.run.store is not None
        with self.run.store.begin() as tx:
            yield tx

    def settled(self) -> bool:
        """Nothing waits: no event, no reply under way, no webhook, nothing kept aside."""
        from storage import inbox, outbox

        if not self.line.quiet(0.2) or not all(run.intake.spool_is_empty() for run in self.runs):
            return False
        with self.tx() as tx:
            return inbox.backlog(tx).pending == 0 and outbox.oldest_open_at(tx) is None

    def wait(self, seconds: float = 15.0) -> None:
        eventually(self.settled, seconds)


@contextmanager
def town(
    database_url: str,
    folder: Path,
    *,
    workers: int = 1,
    start: bool = True,
    capture: Path | None = None,
    clock: PlanClock | None = None,
    platform: Platform | None = None,
    per_minute: int = AS_FAST_AS_IT_GOES,
    free: Free = free_bytes,
    **changes: Any,
) -> Iterator[Town]:
    """A running town. `workers`: how many whole services share the database; the first one has the webhook.

    `platform`: a LINE that was there before, and outlives this town. LINE's time is the plan's; a FastClock moves the
    machine's along. What the bot sends is captured, and judged when all tests have run. `per_minute`: how many messages
    of one person count. `free`: how much room its disks seem to have.
    """
    from bot.processes import start_all

    clock = clock or PlanClock()
    machine = clock.machine if isinstance(clock, FastClock) else machine_now
    capture = capture or captures.folder() / f"{secrets.token_hex(8)}.jsonl"
    with ExitStack() as open_until_the_end:
        if platform is None:
            platform = Platform(secret=SECRET, token=TOKEN, rate_limits=False, clock=clock, capture=capture)
            open_until_the_end.callback(platform.close)
        with _ONE_APP_AT_A_TIME:
            stand_in = create_app(platform)
        line = open_until_the_end.enter_context(Server(stand_in))
        chosen = settings(database_url, line.url, folder, **changes)
        desk = _desk(chosen.eap_plan, chosen.eap_public_url)
        runs = [wiring.runtime(chosen, desk, clock, machine, per_minute, free) for _ in range(workers)]
        phones = Simulator(line.url)
        open_until_the_end.callback(phones.close)
        for run in runs if start else []:
            open_until_the_end.callback(start_all(run))
        # Their doors close first: nothing comes in while a service stops.
        with _ONE_APP_AT_A_TIME:
            apps = [web.create(chosen, run) for run in runs]
        bots = [open_until_the_end.enter_context(Server(app)) for app in apps]
        platform.webhook.target = f"{bots[0].url}/callback"
        if start:
            eventually(lambda: all(run.is_ready or run.trouble not in (None, "starting") for run in runs))
        yield Town(chosen, platform, phones, clock, runs, [f"{bot.url}/callback" for bot in bots])


def at(moment: str) -> datetime:
    """An instant written the way a test reads best."""
    return datetime.fromisoformat(moment).astimezone(UTC)


HOUR = timedelta(hours=1)
