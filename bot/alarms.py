"""What is wrong, by name, with what to do about it: one function, read by /readyz, /metrics, doctor and the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.facts import Facts, Kept
from storage.models import SendState

# Well below the two minutes within which somebody has to know, well above what a busy minute makes people wait.
TOO_OLD = 60.0
CLOCK_FREE = 30.0
DISK_LOW = 500 * 2**20
# As many failures in a row as make the outbox leave LINE alone for a while.
LINE_FAILS = 5

NAMES = (
    "database_away",
    "keys_unusable",
    "not_migrated",
    "not_open",
    "spool_waiting",
    "disk_low",
    "events_waiting",
    "events_parked",
    "messages_unsent",
    "messages_given_up",
    "line_refuses_token",
    "line_quota_used_up",
    "line_failing",
    "work_given_up",
    "clock_unheld",
)

_SHUT = {"KeyUnusable": "keys_unusable", "NotMigrated": "not_migrated", "database": "database_away"}


@dataclass(frozen=True)
class Alarm:
    """`says` is what is wrong, `remedy` what to do; neither names a person."""

    name: str
    says: str
    remedy: str


def wrong(facts: Facts) -> list[Alarm]:
    """Everything that somebody has to look at now."""
    found = [*_process(facts), *(_stored(facts.kept) if facts.kept is not None else ())]
    assert all(alarm.name in NAMES for alarm in found)
    return found


def _process(facts: Facts) -> Iterator[Alarm]:
    if facts.fault is not None:
        name = _SHUT.get(facts.fault, "not_open")
        yield Alarm(name, facts.trouble or "the database is not open", _REMEDIES[name])
    if facts.spool_files:
        yield Alarm(
            "spool_waiting",
            f"{facts.spool_files} file(s) of webhooks wait outside the database",
            "nothing if it is gone within seconds of the database's return; if it stays, the key it was sealed with is"
            " missing from EAP_MASTER_KEYS (spool_unreadable in the log). Never delete it: people wait behind it",
        )
    if facts.disk_free < DISK_LOW:
        yield Alarm(
            "disk_low",
            f"{facts.disk_free // 2**20} MB left on the disk of the database or the spool",
            f"make room: below {DISK_LOW // 2**20} MB webhooks may soon be refused",
        )


_REMEDIES = {
    "database_away": "bring the database back (DATABASE_URL); webhooks are spooled, calls for help answered meanwhile",
    "keys_unusable": "put the named key back into EAP_MASTER_KEYS and restart; until then only calls for help work",
    "not_migrated": "run `python -m bot migrate` with the code that is running",
    "not_open": "look for database_not_open in the log",
}


def _stored(kept: Kept) -> Iterator[Alarm]:
    if (kept.oldest_event or 0) > TOO_OLD:
        yield Alarm(
            "events_waiting",
            f"{kept.waiting} event(s) wait, the oldest for {kept.oldest_event:.0f} s",
            "is a `web` or `worker` running? Does it log drain_failed?",
        )
    if kept.parked:
        yield Alarm(
            "events_parked",
            f"{kept.parked} event(s) failed five times; their senders were told",
            "look for turn_failed in the log, which names the class of the error, and report it; gone after seven days",
        )
    if (kept.oldest_unsent or 0) > TOO_OLD:
        yield Alarm(
            "messages_unsent",
            f"a message has waited {kept.oldest_unsent:.0f} s to be sent",
            "LINE's status page; the token; the month's quota; is a `worker` running?",
        )
    if given_up := kept.sends.get(SendState.NEEDS_HUMAN, 0):
        yield Alarm(
            "messages_given_up",
            f"{given_up} message(s) of the last seven days were tried for 24 hours in vain",
            "find out why; if it was many, put a notice where employees look",
        )
    yield from _line(kept)
    if kept.given_up:
        yield Alarm(
            "work_given_up",
            f"{kept.given_up} piece(s) of due work failed five times",
            "look for due_row_failed in the log, which names kind and class of the error, and report it",
        )
    if (kept.clock_free or 0) > CLOCK_FREE:
        yield Alarm(
            "clock_unheld",
            f"nobody has held the calendar for {kept.clock_free:.0f} s: nothing that falls due is done",
            "start a `worker` (or `serve`)",
        )


def _line(kept: Kept) -> Iterator[Alarm]:
    errors = kept.errors
    if errors.get("status 401") or errors.get("status 403"):
        yield Alarm(
            "line_refuses_token",
            "LINE refuses our token",
            "issue a new one (LINE Developers Console > Messaging API > Channel access token), put it into"
            " LINE_CHANNEL_ACCESS_TOKEN and restart",
        )
    if errors.get("quota used up"):
        yield Alarm(
            "line_quota_used_up",
            "this month's pushes are used up; answers still go out",
            "buy more in LINE Official Account Manager (方案), or wait for the month to end",
        )
    if sum(tries for error, tries in errors.items() if _is_lines_fault(error)) >= LINE_FAILS:
        yield Alarm(
            "line_failing",
            "LINE takes nothing: no answer, or errors of its own",
            "LINE's status page; the line from here to api.line.me",
        )


def _is_lines_fault(error: str) -> bool:
    return not error.startswith(("status 4", "token expired", "quota used up"))
