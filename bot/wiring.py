"""How the parts are put together: from settings to an open store, a runtime, a web application, a worker's ticks."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.clock import PlanClock, machine_now
from bot.config import Settings, SettingWrong
from bot.facts import Free, free_bytes
from bot.intake import Intake
from bot.runtime import Runtime
from bot.spool import Spool
from care import content
from care.desk import Desk
from handlers.drain import PER_MINUTE
from line.client import LineClient
from scheduler.calendar import KINDS, CalendarTick
from scheduler.outbox import BATCH, OutboxTick
from storage import confirmations, keyring, schema
from storage.crypto import KeyUnusable, MasterKeys
from storage.session import Database, random_id
from storage.store import Now, Store

# Long enough for a busy database, short enough for LINE's two seconds.
DATABASE_WAIT = 1.0


class NotMigrated(Exception):
    """The schema is older or newer than this code."""


def desk_of(settings: Settings) -> Desk:
    """Raises SettingWrong for a plan that is not there, ContentError for one that cannot be used."""
    try:
        return replace(content.load(settings.eap_plan), public_url=settings.eap_public_url)
    except content.PlanMissing as error:
        raise SettingWrong(f"EAP_PLAN: {error.fault}") from error


def master_keys(settings: Settings) -> MasterKeys:
    """The master keys of the environment, or KeyUnusable."""
    return MasterKeys.parse(settings.eap_master_keys.get_secret_value())


def open_store(settings: Settings, clock: PlanClock, machine: Now = machine_now) -> Store:
    """The open database of this installation. Reads only. `machine` differs only where a test moves it past leases.

    Raises KeyUnusable (naming the key id), NotMigrated, or a database error while it is away.
    """
    master = master_keys(settings)
    database = Database(settings.database_url, wait=DATABASE_WAIT)
    try:
        with database.read() as c:
            found = schema.current(c)
            if found != schema.head():
                here = f"the database is at schema {found or 'none'}, this code at {schema.head()}"
                raise NotMigrated(f"{here}: run `python -m bot migrate`")
            keys = keyring.unlock(c, master)
    except BaseException:
        database.close()
        raise
    return Store(database, keys, random_id(), machine, clock.now)


def migrate(settings: Settings) -> str:
    """Bring the database to today's schema and give a new one its keys. Refuses, unchanged, when keys do not fit."""
    master = master_keys(settings)
    database = Database(settings.database_url)
    try:
        with database.read() as c:
            if schema.current(c) is not None and keyring.needed(c):
                keyring.unlock(c, master)
        schema.upgrade(database)
        with database.begin() as c:
            keyring.install(c, master)
            keyring.unlock(c, master)
            confirmations.note_once(c, f"key {master.newest.id}", machine_now().date(), "migrate")
    finally:
        database.close()
    return schema.head()


def runtime(
    settings: Settings,
    desk: Desk,
    clock: PlanClock,
    machine: Now = machine_now,
    per_minute: int = PER_MINUTE,
    free: Free = free_bytes,
) -> Runtime:
    """The threads of one process, not started yet. Works without keys or database, then for crisis replies only.

    `per_minute`: how many messages of one person are looked at; other than 20 only where a test talks at its own pace.
    """

    def make_intake(store: Callable[[], Store | None]) -> Intake:
        return Intake(store, _spool(settings), machine, clock.now)

    return Runtime(
        desk=desk,
        connect=lambda: LineClient(
            settings.line_api_base, settings.line_channel_access_token.get_secret_value()
        ),
        open_store=lambda: open_store(settings, clock, machine),
        make_intake=make_intake,
        machine=machine,
        plan=clock.now,
        per_minute=per_minute,
        folders=disks(settings),
        free=free,
    )


def disks(settings: Settings) -> list[Path]:
    """The folders whose disk must not fill up: the spool's, and the database's where it is a file of ours."""
    file = make_url(settings.database_url).database if settings.database_url.startswith("sqlite") else None
    return [settings.eap_spool_dir, *([Path(file).parent] if file and file != ":memory:" else [])]


def ticks(run: Runtime, store: Store) -> tuple[OutboxTick, CalendarTick]:
    """What a worker's bell rings."""
    executor = ThreadPoolExecutor(BATCH, "outbox")
    outbox = OutboxTick(store, run.deliver.send, run.deliver.push_body, executor, owner=random_id())
    return outbox, CalendarTick(store, KINDS)


def _spool(settings: Settings) -> Spool | None:
    try:
        return Spool(settings.eap_spool_dir, master_keys(settings))
    except KeyUnusable:
        return None
