"""`python -m bot richmenu apply`, as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import richmenu
from care import content
from line.richmenus import MenuRefused
from simulator.app import create_app
from simulator.platform import Platform
from simulator.server import Server
from tests.serving import bot, environment
from tests.town import SECRET, TOKEN


def test_typed_twice_it_makes_one_menu_and_says_what_it_did(tmp_path: Path) -> None:
    platform = Platform(secret=SECRET, token=TOKEN, webhook=lambda *_: 200)
    with Server(create_app(platform)) as line:
        env = environment(line.url, "sqlite:///unused.sqlite", tmp_path)

        first, second = bot("richmenu", "apply", env=env), bot("richmenu", "apply", env=env)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "created 1, deleted 0" in first.stdout
    assert "created 0, deleted 0" in second.stdout
    assert len(platform.menus.menus) == 1
    assert platform.menus.default in platform.menus.pictures
    platform.close()


def test_without_line_it_says_which_step_and_that_it_may_be_typed_again() -> None:
    with pytest.raises(MenuRefused, match="could not list the menus: no answer from LINE"):
        richmenu.apply(content.load("demo-town"), "http://127.0.0.1:1", TOKEN)
