"""A demo town on this machine: the service as it is, a stand-in for LINE beside it, and phones in the browser.

Everything a phone does goes out as a signed webhook over HTTP and comes back through LINE's own paths.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Thread
from typing import Any

import structlog
from pydantic import SecretStr

from bot import logs, processes, richmenu, web, wiring
from bot.clock import PlanClock
from bot.config import Settings, SettingWrong
from bot.welcome import page
from care.desk import Desk
from line.richmenus import MenuRefused
from simulator import acts
from simulator.api import PREFIXES
from simulator.app import create_app
from simulator.guard import RealLine, refuse_if_real
from simulator.platform import Platform
from storage.crypto import new_master_key

log = structlog.get_logger()

HOST = "127.0.0.1"
HOME = Path("var/demo")
TOWN = "demo-town"
# Phones poll, the stand-in calls the webhook, the service calls the stand-in: all through one server.
THREADS = 48
# Half a second apart: a slow machine has half a minute to come up.
TRIES = 60
FIRST_PEOPLE = ("林小姐", "陳先生")
# A lock screen shows the account's name with every message, so the name does not say what the account is for.
ACCOUNT = "示範鎮公所同仁服務"

Say = Callable[[str], None]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def run(port: int, say: Say, plan: str = TOWN) -> None:
    """Serve until interrupted. Run again, it goes on where it was; `make demo-reset` starts over.

    `plan`: whose programme is shown, by name or path. Raises SettingWrong beside a real LINE channel, PortTaken when
    the port is in use.
    """
    try:
        refuse_if_real(os.environ)
    except RealLine as reason:
        raise SettingWrong(str(reason)) from None
    processes.check_port(HOST, port)
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = _settings(port, plan)
    logs.configure("WARNING")
    desk = wiring.desk_of(settings)
    wiring.migrate(settings)

    def make() -> tuple[Wsgi, Callable[[], None]]:
        clock = PlanClock()
        platform = _platform(settings, clock)
        service = wiring.runtime(settings, desk, clock)
        stop = processes.start_all(service)

        def stop_all() -> None:
            stop()
            platform.close()

        # The telephones can be looked at before it is there, as with LINE itself.
        Thread(target=_put_up_menu, args=(desk, settings), name="richmenu", daemon=True).start()
        bot = web.create(settings, service)
        bot.register_blueprint(page(desk))
        return _Streets(create_app(platform), bot), stop_all

    say(
        f"EAP Line, demo town: http://{HOST}:{port}    phones: http://{HOST}:{port}/simulator    Ctrl-C ends it"
    )
    processes.serve_app(make, HOST, port, THREADS)


def _put_up_menu(desk: Desk, settings: Settings) -> None:
    """The rich menu, as an operator would put it up; this process has to answer first."""
    token = settings.line_channel_access_token.get_secret_value()
    for _ in range(TRIES):
        try:
            richmenu.apply(desk, settings.line_api_base, token)
        except MenuRefused:
            time.sleep(0.5)
        else:
            return
    log.warning("richmenu_not_up")


class _Streets:
    """LINE's own paths and the phones lead to the simulator, everything else to the service."""

    def __init__(self, simulator: Wsgi, bot: Wsgi) -> None:
        self._simulator, self._bot = simulator, bot

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_line = environ["PATH_INFO"].startswith(("/simulator", *PREFIXES))
        return (self._simulator if is_line else self._bot)(environ, start_response)


def _settings(port: int, plan: str) -> Settings:
    """Made here, not read: no variable of a real installation can reach the demo."""
    return Settings.model_construct(
        line_channel_secret=SecretStr("demo-town-channel-secret"),
        line_channel_access_token=SecretStr("demo-town-access-token"),
        line_api_base=f"http://{HOST}:{port}",
        database_url=f"sqlite:///{HOME / 'eapline.sqlite'}",
        eap_plan=plan,
        eap_master_keys=SecretStr(_key()),
        eap_spool_dir=HOME / "spool",
        eap_public_url=f"http://{HOST}:{port}",
        eap_now=None,
        port=port,
        web_concurrency=1,
        log_level="WARNING",
    )


def _key() -> str:
    """The town's own master key, made at the first run and kept beside its database."""
    file = HOME / "master.key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(new_master_key())
    return file.read_text()


def _platform(settings: Settings, clock: PlanClock) -> Platform:
    platform = Platform(
        secret=settings.secrets[0],
        token=settings.line_channel_access_token.get_secret_value(),
        webhook=f"{settings.line_api_base}/callback",
        state=HOME / "simulator.journal",
        capture=HOME / "capture.jsonl",
        name=ACCOUNT,
    )
    platform.on_clock(clock.advance)
    if not platform.chats.people:
        for name in FIRST_PEOPLE:
            acts.join(platform, name)
    return platform
