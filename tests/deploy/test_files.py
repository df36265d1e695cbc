"""The files under deploy/ are true: systemd takes the units, the image has all it needs, a backup night works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot import config
from bot.config import Settings
from tests.figures import Figure
from tests.serving import ROOT, environment
from tests.town import MASTER_KEY

DEPLOY = ROOT / "deploy"
INSTALLED = "/opt/eapline/current"
UNITS = sorted(path.name for path in DEPLOY.glob("eapline-*.*"))
SERVICES = [name for name in UNITS if name.endswith(".service")]
ROOMS = ("bot", "care", "content", "dialogs", "handlers", "line", "scheduler", "storage")
# As an image starts: the whole service is imported, its content read, its database made.
START = """
import runpy, sys
import bot.processes
from care import content
content.load("demo-town")
sys.argv[1:] = ["migrate"]
runpy.run_module("bot", run_name="__main__")
"""
systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="this machine has no systemd-analyze"
)


@systemd
def test_systemd_takes_every_unit_without_a_word(tmp_path: Path) -> None:
    for name in UNITS:
        (tmp_path / name).write_text(_text(name).replace(INSTALLED, str(ROOT)))

    said = _systemd("verify", "--man=no", "--recursive-errors=no", *(str(tmp_path / name) for name in UNITS))

    assert said.returncode == 0, said.stderr
    assert "eapline" not in said.stderr


@systemd
def test_a_service_can_do_little_else_than_its_work(tmp_path: Path, figure: Figure) -> None:
    exposure = {}
    for name in SERVICES:
        (tmp_path / name).write_text(_text(name).replace(INSTALLED, str(ROOT)))
        said = _systemd("security", "--offline=true", "--no-pager", str(tmp_path / name)).stdout
        [exposure[name]] = re.findall(r"exposure level for \S+: ([\d.]+)", said)

    figure(
        f"systemd-analyze security, 0 is best and 10 worst: {', '.join(f'{n} {e}' for n, e in exposure.items())}"
    )
    assert max(map(float, exposure.values())) < 2


def test_every_service_is_hemmed_in_alike_and_gets_its_secrets_as_credentials() -> None:
    hems = {
        name: _text(name).partition("StateDirectoryMode=")[2].partition("\n[")[0].strip() for name in SERVICES
    }

    assert "NoNewPrivileges=yes" in hems["eapline-web.service"]
    assert len(set(hems.values())) == 1
    for name in SERVICES:
        assert not re.search(r"(SECRET|TOKEN|KEYS)=", _text(name)), name
        for each in re.findall(r"LoadCredential=(\w+):(\S+)", _text(name)):
            assert each[0].lower() in Settings.model_fields
            assert each[1] == f"/etc/eapline/secrets/{each[0]}"
    assert "EAP_MASTER_KEYS" not in _text("eapline-backup.service"), "a backup needs no keys"


def test_secrets_come_from_systemds_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "LINE_CHANNEL_SECRET": "one,two",
        "LINE_CHANNEL_ACCESS_TOKEN": "token",
        "EAP_MASTER_KEYS": MASTER_KEY,
        "DATABASE_URL": "postgresql://eapline@/eapline",
    }
    for name, value in given.items():
        monkeypatch.delenv(name, raising=False)
        (tmp_path / name).write_text(value + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    settings = config.read()

    assert settings.secrets == ("one", "two")
    assert settings.line_channel_access_token.get_secret_value() == "token"
    assert settings.eap_master_keys.get_secret_value() == MASTER_KEY
    assert settings.database_url == given["DATABASE_URL"]


def test_the_example_of_settings_is_read_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (DEPLOY / "environment.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    for name, value in given.items():
        assert name.lower() in Settings.model_fields
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LINE_CHANNEL_SECRET", "secret")
    monkeypatch.setenv("LINE_CHANNEL_ACCESS_TOKEN", "token")

    assert str(config.read().eap_spool_dir) == "/var/lib/eapline/spool"


def test_the_operators_command_has_what_the_services_have(tmp_path: Path) -> None:
    (tmp_path / "systemd-run").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "systemd-run").chmod(0o755)
    command = ["sh", str(DEPLOY / "eapline"), "keys", "rotate"]

    said = subprocess.run(
        command,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    assert said[-5:] == [f"{INSTALLED}/.venv/bin/python", "-m", "bot", "keys", "rotate"]
    serve = _text("eapline-serve.service").splitlines()
    for line in serve:
        if line.startswith(
            ("LoadCredential=", "User=", "Group=", "EnvironmentFile=", "StateDirectory", "UMask=")
        ):
            assert f"--property={line}" in said


def test_the_image_holds_all_that_a_service_needs_and_nothing_to_rehearse_with(tmp_path: Path) -> None:
    """What the Containerfile copies, in an empty folder that cannot be written, is started there."""
    copied = re.findall(r"^COPY (?!--)(?!requirements)(.+) (\S+)$", _text("Containerfile"), re.MULTILINE)
    for sources, target in copied:
        for source in sources.split():
            copy = tmp_path / target / source if target == "./" else tmp_path / target
            kind = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            kind(ROOT / source, copy)
    env = environment(
        "http://127.0.0.1:9", f"sqlite:///{tmp_path / 'state' / 'eap.sqlite'}", tmp_path / "state"
    )
    env["PYTHONDONTWRITEBYTECODE"] = "1"

    started = subprocess.run(
        [sys.executable, "-c", START], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert started.returncode == 0, started.stderr
    assert not (tmp_path / "simulator").exists()
    assert "\nUSER 10001" in _text("Containerfile")
    assert "--require-hashes" in _text("Containerfile")


def test_a_backup_night_adds_one_and_ends_those_past_their_days(
    sqlite_template: Path, tmp_path: Path
) -> None:
    here, kept = tmp_path / "release", tmp_path / "backups"
    (here / "deploy").mkdir(parents=True)
    kept.mkdir()
    shutil.copy(DEPLOY / "backup.sh", here / "deploy")
    for name in (".venv", *ROOMS):
        (here / name).symlink_to(ROOT / name)
    for name, days in {"eapline-young.backup": 20, "eapline-old.backup": 30, "other-old.backup": 90}.items():
        (kept / name).write_text("earlier")
        moment = time.time() - days * 86400
        os.utime(kept / name, (moment, moment))

    env = environment("http://127.0.0.1:9", f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}", tmp_path)
    night = [str(here / "deploy/backup.sh"), str(kept), "29"]
    made = subprocess.run(night, env=env, capture_output=True, text=True, check=False)
    env["DATABASE_URL"] = "sqlite:////nowhere"
    failed = subprocess.run([*night[:2], "20"], env=env, capture_output=True, text=True, check=False)

    assert made.returncode == 0, made.stderr
    assert (failed.returncode, failed.stderr) == (1, "DATABASE_URL: there is no database to back up\n")
    names = sorted(each.name for each in kept.iterdir())
    assert len(names) == 2
    assert re.fullmatch(r"eapline-\d{8}T\d{6}Z\.backup", names[0])
    assert names[1] == "other-old.backup", "what is past its days goes on a bad night too; strangers stay"


def _text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def _systemd(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)
