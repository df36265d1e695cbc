"""`python -m bot doctor`: looks at everything a running service rests on, and says of each fault what to do."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.exc import SQLAlchemyError

from bot import wiring
from bot.clock import machine_now
from bot.config import Settings
from bot.doctor import account, confirmed, house
from bot.doctor.confirmed import BY_HAND
from bot.doctor.findings import Finding, as_json, as_text, bad, is_bad, ok
from bot.facts import Free, free_bytes
from storage import confirmations, schema
from storage.session import Database
from storage.store import Now

__all__ = ["BY_HAND", "Finding", "as_json", "as_text", "confirm", "examine", "is_bad", "settings_wrong"]


def settings_wrong(message: str) -> list[Finding]:
    """When not even the settings can be read, that is all there is to say."""
    remedy = "README.md lists every variable; nothing else was looked at"
    return [bad("settings", line, remedy) for line in message.splitlines()]


def examine(settings: Settings, machine: Now = machine_now, free: Free = free_bytes) -> list[Finding]:
    """Every finding, in the order to mend them. Changes nothing, here or at LINE's; needs neither database nor keys."""
    looked = house.House(settings, machine(), free)
    found = [ok("settings", "every variable can be read")]
    found += account.look(settings, machine)
    found += house.look(looked)
    found += confirmed.look(looked.known, _local(machine()))
    return found


def confirm(settings: Settings, name: str, by: str, machine: Now = machine_now) -> date:
    """Write down that somebody has looked at this today. Needs no keys. Raises NotMigrated, or a database error."""
    today = _local(machine())
    database = Database(settings.database_url, wait=wiring.DATABASE_WAIT)
    try:
        with database.begin() as c:
            if schema.current(c) != schema.head():
                raise wiring.NotMigrated("the database is not at today's schema: run `python -m bot migrate`")
            confirmations.confirm(c, name, today, by)
    except SQLAlchemyError:
        raise wiring.NotMigrated("DATABASE_URL: the database does not answer") from None
    finally:
        database.close()
    return today


def _local(now: datetime) -> date:
    """The host's own calendar day: whoever confirms looks at the clock on the wall."""
    return now.astimezone().date()
