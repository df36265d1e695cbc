"""The command line: `python -m bot ...`. Exit 0: done; 1: could not; 2: asked wrongly."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bot import config, logs
from bot.config import Settings, SettingWrong


def _settings() -> Settings:
    settings = config.read()
    logs.configure(settings.log_level)
    return settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """EAP Line: the front door of an employee assistance programme on LINE."""


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default: PORT or 8000).")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def serve(port: int | None, host: str) -> None:
    """Everything in one process, on the embedded database unless DATABASE_URL says otherwise."""
    from bot import processes, wiring

    settings = _with_port(_settings(), port)
    processes.run_serve(settings, wiring.desk_of(settings), host)


@main.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104  # a proxy is in front
def web(host: str) -> None:
    """Take LINE's webhooks and drain after the answer. Without keys or database: crisis replies only."""
    from bot import processes, wiring

    settings = _settings()
    processes.run_web(settings, wiring.desk_of(settings), host)


@main.command()
def worker() -> None:
    """Deliver what waits, take up what a crash left, hold the calendar."""
    from bot import processes, wiring

    settings = _settings()
    processes.run_worker(settings, wiring.desk_of(settings))


@main.command()
def migrate() -> None:
    """Bring the database to today's schema; a new one gets its keys."""
    from bot import wiring

    click.echo(f"schema {wiring.migrate(_settings())}")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Copy the database into a new FILE while the service runs. Master keys and the spool are not in it."""
    from bot import backup

    backup.run(_settings(), file, click.echo)


@main.group()
def richmenu() -> None:
    """The menu of six tiles below the chat."""


@richmenu.command("apply")
def richmenu_apply() -> None:
    """Put today's menu up for everybody. Run again it changes nothing; cut off, it goes on where it stopped."""
    from bot import richmenu, wiring

    settings = _settings()
    token = settings.line_channel_access_token.get_secret_value()
    done = richmenu.apply(wiring.desk_of(settings), settings.line_api_base, token)
    click.echo(f"{done.menu_id}: created {done.created}, deleted {done.deleted}")


@main.group()
def keys() -> None:
    """Master keys: make one, or rotate to the newest of EAP_MASTER_KEYS."""


@keys.command()
def generate() -> None:
    """Print one new value for EAP_MASTER_KEYS. It is shown once and kept nowhere."""
    from storage.crypto import new_master_key

    click.echo(new_master_key())


@keys.command()
def rotate() -> None:
    """Re-wrap everything with the newest key while the service runs. Cut off, it goes on where it stopped."""
    from bot import rotation

    rotation.run(_settings(), click.echo)


@main.group()
def plan() -> None:
    """The plan files, and everything else under content/."""


@plan.command()
@click.argument("names", nargs=-1, metavar="[NAME_OR_PATH]...")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="Judge what is due as of this day.")
def check(names: tuple[str, ...], today: datetime | None) -> None:
    """Look at these plans (default: all) and all content they use; say everything that is wrong or due."""
    from bot import checking

    if not checking.run(names, today.date() if today else date.today(), click.echo):  # noqa: DTZ011  # the reader's day
        raise SystemExit(1)


@main.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For machines: every finding as JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Look at everything the service rests on; each fault with its remedy. Exit 1 when something is bad."""
    if context.invoked_subcommand is not None:
        return
    from bot import doctor

    try:
        found = doctor.examine(config.read())
    except SettingWrong as error:
        found = doctor.settings_wrong(str(error))
    click.echo(doctor.as_json(found) if as_json else doctor.as_text(found))
    if doctor.is_bad(found):
        raise SystemExit(1)


@doctor.command()
@click.argument("name")
@click.option("--by", required=True, help="Who has looked: a role rather than a name.")
def confirm(name: str, by: str) -> None:
    """Write down that NAME, which no interface tells, was looked at today."""
    from bot import doctor

    if name not in doctor.BY_HAND:
        raise click.BadParameter(f"one of {', '.join(doctor.BY_HAND)}", param_hint="NAME")
    click.echo(f"{name}: confirmed on {doctor.confirm(_settings(), name, by[:80])}")


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, envvar="PORT")
@click.option("--plan", default="demo-town", show_default=True, help="Whose programme, by name or path.")
def demo(port: int, plan: str) -> None:
    """A demo town on this machine: the service, a stand-in for LINE, and phones in the browser."""
    from bot.demo import run as run_town

    run_town(port, click.echo, plan)


def _with_port(settings: Settings, port: int | None) -> Settings:
    return settings if port is None else settings.model_copy(update={"port": port})


def run() -> None:
    """The entry: errors that an operator can mend are one clear line, never a traceback."""
    raise SystemExit(_guarded(lambda: main(standalone_mode=False)))


def _guarded(call: Callable[[], Any]) -> int:
    from sqlalchemy.exc import OperationalError

    from bot.backup import BackupFailed
    from bot.processes import PortTaken
    from bot.wiring import NotMigrated
    from care.content import ContentError
    from line.richmenus import MenuRefused
    from storage.crypto import KeyUnusable

    try:
        call()
    except click.ClickException as error:
        error.show()
        return 2
    except (SettingWrong, ContentError) as error:
        return _say(str(error), 2)
    except (PortTaken, NotMigrated, KeyUnusable, BackupFailed, MenuRefused) as error:
        return _say(str(error), 1)
    except OperationalError:
        return _say("DATABASE_URL: the database does not answer", 1)
    except (click.Abort, KeyboardInterrupt):
        return 1
    return 0


def _say(message: str, status: int) -> int:
    print(message, file=sys.stderr)
    return status
