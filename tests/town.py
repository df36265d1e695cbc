"""A whole town for a test: the service as it runs, the stand-in for LINE, both over HTTP on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot import web, wiring
from bot.clock import PlanClock
from bot.config import Settings
from bot.runtime import Runtime
from simulator.app import create_app
from simulator.client import Phone, Simulator
from simulator.platform import Platform
from simulator.server import Server
from storage.crypto import new_master_key
from storage.session import Tx

SECRET, TOKEN = "town-secret", "town-token"
MASTER_KEY = new_master_key()


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


@dataclass
class Town:
    """What a test holds: phones through `line`, the database through `tx`, the bot through `run`."""

    settings: Settings
    platform: Platform
    line: Simulator
    clock: PlanClock
    runs: list[Runtime] = field(default_factory=list)

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
        """Nothing waits: no event, no reply under way, no webhook."""
        from storage import inbox, outbox

        if not self.line.quiet(0.2):
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
    **changes: Any,
) -> Iterator[Town]:
    """A running town. `workers`: how many whole services share the database; the first one has the webhook."""
    from bot.processes import start_all

    clock = PlanClock()
    platform = Platform(secret=SECRET, token=TOKEN, rate_limits=False, capture=capture)
    platform.on_clock(clock.advance)
    with Server(create_app(platform)) as line:
        chosen = settings(database_url, line.url, folder, **changes)
        desk = wiring.desk_of(chosen)
        runs = [wiring.runtime(chosen, desk, clock) for _ in range(workers)]
        with Server(web.create(chosen, runs[0])) as bot:
            platform.webhook.target = f"{bot.url}/callback"
            stops = [start_all(run) for run in runs] if start else []
            here = Town(chosen, platform, Simulator(line.url), clock, runs)
            try:
                if start:
                    eventually(lambda: runs[0].is_ready or "expected" in str(runs[0].trouble))
                yield here
            finally:
                for stop in stops:
                    stop()
                platform.close()


def at(moment: str) -> datetime:
    """An instant written the way a test reads best."""
    return datetime.fromisoformat(moment).astimezone(UTC)


HOUR = timedelta(hours=1)
