"""A fresh machine gets a working .venv from make, or one line that says what is missing and what to type."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ["sh", "make", "awk", "grep", "rm", "touch", "uname"]


class Machine:
    """A folder with the house in it, and a PATH that holds the few tools every machine has."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.bin = folder / "eap line", folder / "bin"  # a space, as on people's desktops
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)
        shutil.copytree(ROOT / "setup", self.checkout / "setup")
        for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
            shutil.copy(ROOT / name, self.checkout)

    def has(self, program: str, script: str) -> None:
        file = self.bin / program
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def runs(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.checkout,
            env={"PATH": str(self.bin), "HOME": str(self.checkout), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def refuses(self, *command: str, **environment: str) -> str:
        """Run what must fail with exactly one line, and return that line."""
        done = self.runs(*command, **environment)
        assert done.returncode, done.stdout
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        return lines[0]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_make_alone_lists_the_commands(machine: Machine) -> None:
    listed = machine.runs("make").stdout

    for command in ("demo", "demo-reset", "test", "check", "sweep", "bench", "lock"):
        assert re.search(rf"^  make {command} +\S", listed, re.MULTILINE)


def test_an_old_python_is_named(machine: Machine) -> None:
    machine.has("python3", 'case "$*" in *platform*) echo "Python 3.9.18";; *) exit 1;; esac')

    line = machine.refuses("setup/venv.sh", "requirements.lock")

    assert "needs Python 3.11 or newer and found Python 3.9.18" in line


def test_no_python_at_all_is_said(machine: Machine) -> None:
    line = machine.refuses("setup/venv.sh", "requirements.lock")

    assert "found no Python 3" in line


def test_a_newer_python_beside_an_old_one_is_taken(machine: Machine) -> None:
    machine.has("python3", "exit 1")
    machine.has("python3.12", 'case "$*" in *ensurepip*) exit 1;; esac')

    line = machine.refuses("setup/venv.sh", "requirements.lock")

    assert line.startswith("make: python3.12 ")


def test_a_missing_venv_module_is_named_with_its_package(machine: Machine) -> None:
    machine.has("python3", f'case "$*" in *ensurepip*) exit 1;; *) exec {sys.executable} "$@";; esac')

    line = machine.refuses("setup/venv.sh", "requirements.lock")

    assert "apt install python3-venv" in line


def test_no_network_is_told_from_other_failures(machine: Machine) -> None:
    with_venv(machine)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"

    line = machine.refuses("setup/venv.sh", "one.lock", PIP_INDEX_URL=nobody, PIP_CONFIG_FILE=os.devnull)

    assert "is there a network" in line


def test_a_package_that_is_not_the_locked_one_is_refused(machine: Machine) -> None:
    with_venv(machine)
    shelf = machine.bin.parent / "shelf"
    shelf.mkdir()
    (shelf / "absent_package-1.0-py3-none-any.whl").write_bytes(b"something else")

    line = machine.refuses("setup/venv.sh", "one.lock", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(shelf))

    assert "hash mismatch" in line


def test_a_failed_install_is_tried_again_next_time(machine: Machine) -> None:
    with_venv(machine)
    machine.has("uv", 'case "$*" in "pip install"*) echo "$@" >> tried; exit 1;; esac')

    for _ in range(2):
        assert machine.runs("make", ".venv/.runtime").returncode

    assert (machine.checkout / "tried").read_text().count("requirements.lock") == 2


def test_a_second_run_installs_nothing_and_a_changed_lock_does(machine: Machine) -> None:
    with_venv(machine)
    machine.has("uv", 'case "$*" in "pip install"*) echo "$@" >> installed;; esac')
    installed = machine.checkout / "installed"

    machine.runs("make", ".venv/.runtime")
    machine.runs("make", ".venv/.runtime")
    assert installed.read_text().count("\n") == 1

    later = (machine.checkout / ".venv/.runtime").stat().st_mtime + 1
    os.utime(machine.checkout / "requirements.lock", (later, later))
    machine.runs("make", ".venv/.runtime")
    assert installed.read_text().count("\n") == 2


def test_a_missing_browser_is_asked_for_in_one_line(machine: Machine) -> None:
    machine.has("id", "echo 1000")

    line = machine.refuses("setup/chromium.sh")

    assert "sudo apt-get install -y chromium" in line


@pytest.mark.parametrize("browser", ["chromium", "google-chrome"])
def test_a_browser_that_is_there_is_enough(machine: Machine, browser: str) -> None:
    machine.has(browser, "")

    assert machine.runs("setup/chromium.sh").returncode == 0


def test_root_gets_debians_chromium(machine: Machine) -> None:
    machine.has("id", "echo 0")
    machine.has("apt-get", 'echo "$@" >> asked')

    assert machine.runs("setup/chromium.sh").returncode == 0

    update, install = (machine.checkout / "asked").read_text().splitlines()
    assert "update" in update
    assert install.endswith("chromium")


def test_a_missing_nginx_is_asked_for_in_one_line(machine: Machine) -> None:
    machine.has("id", "echo 1000")

    line = machine.refuses("setup/nginx.sh", SBIN="/nowhere")

    assert "sudo apt-get install -y nginx" in line


def test_an_nginx_that_is_there_is_enough(machine: Machine) -> None:
    machine.has("nginx", "")

    assert machine.runs("setup/nginx.sh", SBIN="/nowhere").returncode == 0


def test_root_and_ci_get_debians_nginx(machine: Machine) -> None:
    machine.has("apt-get", 'echo "$@" >> asked')
    machine.has("sudo", '[ "$1" = -n ] && shift && exec "$@"')
    for user, ci in (("0", ""), ("1000", "true")):
        machine.has("id", f"echo {user}")

        assert machine.runs("setup/nginx.sh", SBIN="/nowhere", CI=ci).returncode == 0

        update, install = (machine.checkout / "asked").read_text().splitlines()[-2:]
        assert "update" in update
        assert install.endswith("nginx")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert "\n--" not in text, "no option belongs in a lock: it would carry one machine's settings to another"
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text) if "==" in block)


def test_the_locks_hold_what_pyproject_names() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, everything = pinned("requirements.lock"), pinned("requirements-dev.lock")

    wanted = {name_of(each) for each in settings["project"]["dependencies"]}
    tools = {name_of(each) for each in settings["dependency-groups"]["dev"]}

    assert wanted <= runtime.keys(), "make lock"
    assert tools <= everything.keys(), "make lock"
    assert runtime.items() <= everything.items(), "make lock"


def with_venv(machine: Machine) -> None:
    """Give the machine a .venv as the script would have made it, and a lock of one package that is nowhere."""
    (machine.checkout / ".venv/bin").mkdir(parents=True)
    python = machine.checkout / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (machine.checkout / "one.lock").write_text(f"absent-package==1.0 --hash=sha256:{'0' * 64}\n")


def pinned(lock: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)(?:\[\w+\])?==(.+?) *\\?$", (ROOT / lock).read_text(), re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


def name_of(requirement: str) -> str:
    return re.split(r"[\[<>=]", requirement)[0].strip().lower().replace("_", "-")
