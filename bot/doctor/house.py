"""Our own side: keys, database, spool, disk, content, and what waits or has failed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot import alarms, facts, wiring
from bot.alarms import DISK_LOW
from bot.config import Settings, SettingWrong
from bot.doctor.account import is_stand_in
from bot.doctor.findings import Finding, bad, ok, warn
from bot.facts import Facts, Free
from care.content import ContentError
from care.desk import Desk
from storage import confirmations, keyring, schema
from storage.crypto import KeyUnusable, MasterKeys, SealBroken
from storage.keyring import Keyring
from storage.session import Database, Tx

OLDEST_POSTGRESQL = 14
KEY_AGE = timedelta(days=2 * 365)
# As many as Taiwan has at the very least; fewer means that the table ends before this year does.
FEWEST_HOLIDAYS = 8
PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"}


@dataclass
class House:
    """What one look has opened for the next one."""

    settings: Settings
    now: datetime
    free: Free
    master: MasterKeys | None = None
    known: Mapping[str, date] | None = None


def look(house: House) -> Iterator[Finding]:
    """Keys first, for the database is checked with them; each line stands by itself."""
    yield from _modes(house.settings)
    yield from _keys(house)
    yield from _database(house)
    yield from _spool(house.settings.eap_spool_dir)
    yield _disk(house)
    yield from _content(house)


def _modes(settings: Settings) -> Iterator[Finding]:
    if settings.eap_now is not None:
        yield warn(
            "plan_clock", "EAP_NOW moves the plan's clock: what is due is a rehearsal's", "unset EAP_NOW"
        )
    if is_stand_in(settings):
        yield warn(
            "line",
            f"LINE_API_BASE is not LINE's: this talks to {settings.line_api_base}",
            "unset LINE_API_BASE",
        )
    if settings.log_level == "DEBUG":
        yield warn("log", "LOG_LEVEL is DEBUG", "set it to INFO")


def _keys(house: House) -> Iterator[Finding]:
    try:
        house.master = wiring.master_keys(house.settings)
    except KeyUnusable as error:
        yield bad(
            "keys",
            str(error),
            "put the keys back into EAP_MASTER_KEYS (newest first); only for a new installation make one with"
            " `python -m bot keys generate`",
        )


def _database(house: House) -> Iterator[Finding]:
    url = house.settings.database_url
    file = _file(url)
    if file is not None and not file.exists():
        yield bad(
            "database",
            "the SQLite file is not there",
            "check DATABASE_URL; a new one: `python -m bot migrate`",
        )
        return
    database = Database(url, wait=wiring.DATABASE_WAIT)
    try:
        with database.read() as c:
            yield _kind(c, file)
            yield from _opened(house, c)
    except SQLAlchemyError as error:
        yield bad(
            "database",
            f"the database does not answer ({type(error).__name__})",
            "start it; check host, name and user in DATABASE_URL, and that this host may connect",
        )
    finally:
        database.close()


def _file(url: str) -> Path | None:
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _kind(c: Connection, file: Path | None) -> Finding:
    if file is None:
        return _postgresql(c)
    wrong = [
        name for name, want in PRAGMAS.items() if str(c.exec_driver_sql(f"pragma {name}").scalar()) != want
    ]
    if wrong:
        return bad(
            "database",
            f"SQLite does not keep to {', '.join(wrong)}",
            "put the file on a local disk (not NFS or SMB), where SQLite can keep its write-ahead log",
        )
    if file.stat().st_mode & 0o077:
        return warn("database", "others on this host can read the SQLite file", f"chmod 600 {file.name}*")
    return ok("database", "SQLite answers, with a write-ahead log, flushed at every commit")


def _postgresql(c: Connection) -> Finding:
    version = int(str(c.exec_driver_sql("show server_version_num").scalar())) // 10_000
    off = [
        name
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if c.exec_driver_sql(f"show {name}").scalar() == "off"
    ]
    if off:
        return bad(
            "database",
            f"PostgreSQL runs with {', '.join(off)} off: a power cut loses what LINE was told is kept",
            "set it on in postgresql.conf and restart PostgreSQL",
        )
    if version < OLDEST_POSTGRESQL:
        return warn("database", f"PostgreSQL {version} is old", f"move to {OLDEST_POSTGRESQL} or newer")
    return ok("database", f"PostgreSQL {version} answers")


def _opened(house: House, c: Connection) -> Iterator[Finding]:
    found, head = schema.current(c), schema.head()
    if found != head:
        yield bad(
            "migrations",
            f"the database is at schema {found or 'none'}, this code at {head}",
            "run `python -m bot migrate`"
            if found is None or found < head
            else "run the code this database was made for",
        )
        return
    yield ok("migrations", f"schema {found}, as this code wants it")
    house.known = confirmations.days(c)
    keys = None
    if house.master is not None:
        try:
            keys = keyring.unlock(c, house.master)
        except (KeyUnusable, SealBroken) as error:
            yield bad("keys", str(error), "put the named key back into EAP_MASTER_KEYS; nothing was changed")
        else:
            yield _wrapped(house, c, house.master)
    if keys is None:
        yield warn("state", "without the keys nobody can tell what waits", "mend the keys first")
    else:
        yield from _state(house, c, keys)


def _wrapped(house: House, c: Connection, master: MasterKeys) -> Finding:
    newest = master.newest.id
    since = (house.known or {}).get(f"key {newest}")
    age = f"in use since {since:%Y-%m-%d}" if since else "nobody noted since when it is in use"
    people = keyring.people_by_key(c)
    old = sum(count for key, count in people.items() if key != newest)
    if old:
        return warn(
            "keys",
            f"{old} people are still under an older key than {newest}",
            "run `python -m bot keys rotate`",
        )
    if since and house.now.date() - since > KEY_AGE:
        return warn("keys", f"key {newest} is {age}", "rotate it: docs/operator.md, Keys")
    spare = [key for key in master.ids if key not in (newest, *keyring.needed(c))]
    more = f"; {', '.join(spare)} is only needed for backups made before" if spare else ""
    return ok("keys", f"key {newest} opens everything, {age}{more}")


def _state(house: House, c: Connection, keys: Keyring) -> Iterator[Finding]:
    kept = facts.kept(Tx(c, keys), house.now, house.now - timedelta(hours=1))
    found = alarms.wrong(Facts(True, None, None, 0, DISK_LOW, kept))
    yield from (bad(alarm.name, alarm.says, alarm.remedy) for alarm in found)
    if not found:
        yield ok("state", "nothing waits too long, nothing has failed, the calendar is held")


def _spool(folder: Path) -> Iterator[Finding]:
    try:
        _write_and_forget(folder)
    except OSError as error:
        yield bad(
            "spool",
            f"EAP_SPOOL_DIR cannot be written ({error.strerror or type(error).__name__}): without the database,"
            " messages would be lost",
            "make it a folder on a disk that stays, owned by the user who runs `web`, mode 700",
        )
        return
    waiting = sum(1 for _ in folder.glob("*.spool"))
    if waiting:
        yield warn(
            "spool",
            f"{waiting} file(s) of webhooks wait in EAP_SPOOL_DIR",
            "nothing while the database is away or has just come back; if it stays, a key is missing. Never delete it",
        )
    else:
        yield ok("spool", "can be written, and nothing waits in it")


def _write_and_forget(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    probe = folder / f"{secrets.token_hex(8)}.probe"
    try:
        with probe.open("wb") as file:
            file.write(b"probe")
            file.flush()
            os.fsync(file.fileno())
    finally:
        probe.unlink(missing_ok=True)


def _disk(house: House) -> Finding:
    left = facts.least_free(wiring.disks(house.settings), house.free)
    if left < DISK_LOW:
        return bad(
            "disk",
            f"{left // 2**20} MB left where the database or the spool lies",
            f"make room: below {DISK_LOW // 2**20} MB webhooks may soon be refused",
        )
    return ok("disk", f"{left // 2**30} GB left" if left >= 2**30 else f"{left // 2**20} MB left")


def _content(house: House) -> Iterator[Finding]:
    try:
        desk = wiring.desk_of(house.settings)
    except (ContentError, SettingWrong) as error:
        yield bad(
            "content", str(error), "mend it as the message says; `python -m bot plan check` lists every fault"
        )
        return
    plan = desk.plan
    yield ok("content", f"plan {plan.name} can be used")
    if plan.demo and not is_stand_in(house.settings):
        yield bad("plan", "the plan is a demo's, with made-up places", "set EAP_PLAN to your own agency's")
    if not plan.contact.phone:
        yield warn(
            "contact",
            "the plan names no telephone of the contact desk",
            f"content/plans/{plan.name}.yaml: contact",
        )
    uncalled = sum(line.checked is None for line in desk.hotlines)
    if uncalled:
        yield warn(
            "hotlines",
            f"{uncalled} number(s) in content/hotlines.yaml have not been called",
            "call each, and write the day into `checked`",
        )
    yield from _holidays(desk, house.now)


def _holidays(desk: Desk, now: datetime) -> Iterator[Finding]:
    this = desk.local_date(now).year
    for year in (this, this + 1):
        days = (date(year, 1, 1) + timedelta(days=number) for number in range(365))
        found = sum(desk.calendar.is_holiday(day) for day in days)
        if found < FEWEST_HOLIDAYS:
            yield bad(
                "holidays",
                f"only {found} holidays of {year} are known: sessions would be announced on days off",
                "update the package `holidays`, or put the year's office calendar (政府行政機關辦公日曆表) into"
                " content/holidays/",
            )
            return
    yield ok("holidays", f"{this} and {this + 1} are known")
