"""The doctor names what was planted, with its remedy, and changes nothing; asked over HTTP as LINE would be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, delete, insert

from bot import doctor
from bot.clock import machine_now
from bot.config import Settings
from bot.doctor import BY_HAND, Finding
from storage import confirmations, schema
from storage.crypto import new_master_key
from storage.models import Confirmation, InboxEvent, Lease
from storage.session import Database
from tests.figures import Figure
from tests.serving import bot, environment
from tests.town import MASTER_KEY, SECRET, TOKEN, Town, settings, town

PLENTY = 10**12
TODAY = machine_now().astimezone().date()


@dataclass(frozen=True)
class Visit:
    """What the doctor is given: settings, a clock, a disk."""

    settings: Settings
    ahead: timedelta = timedelta()
    free: int = PLENTY

    def but(self, **changes: Any) -> Visit:
        return Visit(self.settings.model_copy(update=changes), self.ahead, self.free)


@contextmanager
def well(url: str, folder: Path) -> Iterator[tuple[Town, Visit]]:
    """A town in which everything is as it should be. Its threads stand still: only its door is needed."""
    (folder / "spool").mkdir(mode=0o700)
    with town(url, folder, start=False) as place, written(url) as c:
        for name in BY_HAND:
            confirmations.confirm(c, name, TODAY, "the provider's operator")
        c.execute(insert(Lease).values(name="clock", owner=1, until=machine_now() + timedelta(hours=1)))
        c.commit()
        if url.startswith("sqlite"):
            Path(url.removeprefix("sqlite:///")).chmod(0o600)
        place.platform.endpoint = place.webs[0]
        address = place.webs[0].removesuffix("/callback")
        yield place, Visit(place.settings.model_copy(update={"eap_public_url": address}))


@contextmanager
def written(url: str) -> Iterator[Connection]:
    """The database, to be changed behind the service's back."""
    database = Database(url)
    try:
        with database.engine.connect() as c:
            yield c
    finally:
        database.close()


def examined(visit: Visit) -> list[Finding]:
    return doctor.examine(visit.settings, lambda: machine_now() + visit.ahead, lambda _: visit.free)


Plant = Callable[[Town, Visit, Path], Visit]


def _another_token(place: Town, visit: Visit, folder: Path) -> Visit:
    return visit.but(line_channel_access_token=SecretStr("not-the-token"))


def _no_line(place: Town, visit: Visit, folder: Path) -> Visit:
    return visit.but(line_api_base="http://127.0.0.1:9")


def _chat_on(place: Town, visit: Visit, folder: Path) -> Visit:
    place.line.call("POST", "/account", {"chat_mode": "chat"})
    return visit


def _no_webhook(place: Town, visit: Visit, folder: Path) -> Visit:
    place.platform.endpoint = ""
    return visit


def _elsewhere(place: Town, visit: Visit, folder: Path) -> Visit:
    return visit.but(eap_public_url="https://eap.example.gov.tw")


def _switched_off(place: Town, visit: Visit, folder: Path) -> Visit:
    place.line.call("POST", "/account", {"use_webhook": False})
    return visit


def _another_secret(place: Town, visit: Visit, folder: Path) -> Visit:
    place.platform.webhook.secret = "the-secret-of-another-channel"
    return visit


def _nobody_there(place: Town, visit: Visit, folder: Path) -> Visit:
    place.platform.webhook.target = place.platform.endpoint = "http://127.0.0.1:9/callback"
    return visit.but(eap_public_url="http://127.0.0.1:9")


def _quota_gone(place: Town, visit: Visit, folder: Path) -> Visit:
    place.line.quota(0)
    return visit


def _clock_wrong(place: Town, visit: Visit, folder: Path) -> Visit:
    return Visit(visit.settings, timedelta(seconds=-200), visit.free)


def _no_keys(place: Town, visit: Visit, folder: Path) -> Visit:
    return visit.but(eap_master_keys=SecretStr(""))


def _wrong_key(place: Town, visit: Visit, folder: Path) -> Visit:
    return visit.but(eap_master_keys=SecretStr(new_master_key()))


def _old_schema(place: Town, visit: Visit, folder: Path) -> Visit:
    database = Database(f"sqlite:///{folder / 'old.sqlite'}")
    schema.upgrade(database, "0001")
    database.close()
    return visit.but(database_url=f"sqlite:///{folder / 'old.sqlite'}")


def _no_file(place: Town, visit: Visit, folder: Path) -> Visit:
    return visit.but(database_url=f"sqlite:///{folder / 'nowhere' / 'eap.sqlite'}")


def _no_postgresql(place: Town, visit: Visit, folder: Path) -> Visit:
    return visit.but(database_url=f"postgresql://nobody@/none?host={folder}")


def _spool_is_a_file(place: Town, visit: Visit, folder: Path) -> Visit:
    (folder / "file").write_text("a file stands where the folder should be")
    return visit.but(eap_spool_dir=folder / "file")


def _disk_full(place: Town, visit: Visit, folder: Path) -> Visit:
    return Visit(visit.settings, visit.ahead, 100 * 2**20)


def _broken_plan(place: Town, visit: Visit, folder: Path) -> Visit:
    plan = (
        Path("content/plans/demo-town.yaml").read_text(encoding="utf-8").replace("languages:", "langages:", 1)
    )
    (folder / "broken.yaml").write_text(plan, encoding="utf-8")
    return visit.but(eap_plan=str(folder / "broken.yaml"))


def _parked(place: Town, visit: Visit, folder: Path) -> Visit:
    now = machine_now()
    with written(visit.settings.database_url) as c:
        c.execute(insert(InboxEvent).values(event_key=b"broken", state=2, happened_at=now, received_at=now))
        c.commit()
    return visit


# What is planted, the line of the doctor that has to say so, and a word of its remedy.
PLANTED: tuple[tuple[Plant, str, str], ...] = (
    (_another_token, "token", "Channel access token"),
    (_no_line, "token", "api.line.me"),
    (_chat_on, "chat", "聊天"),
    (_no_webhook, "webhook", "Webhook URL: http://127.0.0.1"),
    (_elsewhere, "webhook", "Webhook URL: https://eap.example.gov.tw/callback"),
    (_switched_off, "webhook_on", "Use webhook"),
    (_another_secret, "webhook_test", "LINE_CHANNEL_SECRET"),
    (_nobody_there, "webhook_test", "running?"),
    (_quota_gone, "quota", "方案"),
    (_clock_wrong, "clock", "set-ntp"),
    (_no_keys, "keys", "EAP_MASTER_KEYS"),
    (_wrong_key, "keys", "EAP_MASTER_KEYS"),
    (_old_schema, "migrations", "python -m bot migrate"),
    (_no_file, "database", "DATABASE_URL"),
    (_no_postgresql, "database", "DATABASE_URL"),
    (_spool_is_a_file, "spool", "folder"),
    (_disk_full, "disk", "make room"),
    (_broken_plan, "content", "plan check"),
    (_parked, "events_parked", "turn_failed"),
)


@pytest.fixture(scope="module")
def named() -> Iterator[list[str]]:
    """What has been planted and named; said when all have been."""
    from tests import figures

    found: list[str] = []
    yield found
    figures.note(
        f"doctor: {len(found)} of {len(PLANTED)} planted faults named with their remedy: {', '.join(found)}"
    )


def test_where_all_is_well_nothing_is_bad(sqlite_url: str, tmp_path: Path) -> None:
    with well(sqlite_url, tmp_path) as (_, visit):
        found = examined(visit)

    assert [one for one in found if one.status == "bad"] == []
    # A stand-in for LINE, and the demo plan's empty telephone, numbers nobody has called.
    assert {one.name for one in found if one.status == "warn"} <= {"line", "contact", "hotlines"}
    assert len(found) >= 18


@pytest.mark.parametrize(
    "plant, name, remedy", PLANTED, ids=[plant.__name__.strip("_") for plant, _, _ in PLANTED]
)
def test_a_planted_fault_is_named_with_its_remedy(
    plant: Plant, name: str, remedy: str, sqlite_url: str, tmp_path: Path, named: list[str]
) -> None:
    with well(sqlite_url, tmp_path) as (place, visit):
        visit = plant(place, visit, tmp_path)

        found = examined(visit)

    wrong = [one for one in found if one.status == "bad"]
    assert name in {one.name for one in wrong}, wrong
    assert any(remedy in one.remedy for one in wrong if one.name == name), wrong
    assert all(one.remedy for one in found if one.status != "ok")
    named.append(plant.__name__.strip("_"))


def test_what_nobody_has_confirmed_and_what_was_long_ago_is_asked_for(
    sqlite_url: str, tmp_path: Path
) -> None:
    with well(sqlite_url, tmp_path) as (_, visit):
        with written(sqlite_url) as c:
            c.execute(delete(Confirmation).where(Confirmation.name == "redelivery"))
            confirmations.confirm(c, "greeting-off", TODAY - timedelta(days=367), "someone")
            confirmations.confirm(c, "roles", TODAY - timedelta(days=200), "someone")
            c.commit()
        found = {one.name: one for one in examined(visit)}

        doctor.confirm(visit.settings, "redelivery", "the provider's operator")
        mended = {one.name: one for one in examined(visit)}

    assert {name for name in BY_HAND if found[name].status == "warn"} == {
        "redelivery",
        "greeting-off",
        "roles",
    }
    assert all(
        f"doctor confirm {name}" in found[name].remedy for name in ("redelivery", "greeting-off", "roles")
    )
    assert mended["redelivery"].status == "ok"
    assert "operator" not in mended["redelivery"].says


def test_the_command_says_it_to_people_and_machines(sqlite_url: str, tmp_path: Path, figure: Figure) -> None:
    with well(sqlite_url, tmp_path) as (place, visit):
        env = environment(
            visit.settings.line_api_base, sqlite_url, tmp_path, EAP_PUBLIC_URL=visit.settings.eap_public_url
        )
        fine = bot("doctor", env=env)
        confirmed = bot("doctor", "confirm", "redelivery", "--by", "provider", env=env)
        unknown = bot("doctor", "confirm", "the-weather", "--by", "provider", env=env)
        place.line.call("POST", "/account", {"chat_mode": "chat"})
        for_machines = bot("doctor", "--json", env=env)
        without = bot("doctor", "--json", env={**env, "PORT": "none", "EAP_MASTER_KEYS": ""})

    assert (fine.returncode, confirmed.returncode, unknown.returncode) == (0, 0, 2), fine.stdout + fine.stderr
    assert "0 bad" in fine.stdout
    told = json.loads(for_machines.stdout)
    assert (for_machines.returncode, told["bad"]) == (1, True)
    assert [one["name"] for one in told["findings"] if one["status"] == "bad"] == ["chat"]
    assert (without.returncode, json.loads(without.stdout)["findings"][0]["name"]) == (1, "settings")
    said = "".join(one.stdout + one.stderr for one in (fine, confirmed, unknown, for_machines, without))
    assert not [secret for secret in (SECRET, TOKEN, MASTER_KEY, MASTER_KEY[:12]) if secret in said]
    figure(f"doctor where all is well: {fine.stdout.splitlines()[-1]}")


def test_it_leaves_everything_as_it_was(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "still.sqlite"
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), copy)
    spool = tmp_path / "spool"
    spool.mkdir(mode=0o700)
    visit = Visit(settings(f"sqlite:///{copy}", "http://127.0.0.1:9", tmp_path))
    before = copy.read_bytes()

    examined(visit)
    examined(visit.but(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'eap.sqlite'}"))

    assert copy.read_bytes() == before
    assert list(spool.iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_it_speaks_of_postgresql_too(postgres_copy: str, tmp_path: Path) -> None:
    with well(postgres_copy, tmp_path) as (_, visit):
        found = examined(visit)

    said = {one.name: one for one in found}
    # The servers of the tests do without fsync.
    assert said["database"].status in ("ok", "bad")
    assert "PostgreSQL" in said["database"].says
    assert said["migrations"].status == said["keys"].status == said["state"].status == "ok"
