"""Whoever writes first must not wait for a library: all a reply needs is imported before the service is ready."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STORY = """
import sys, tempfile
from pathlib import Path
from tests.conftest import _migrate
from tests.town import town
folder = Path(tempfile.mkdtemp())
url = f"sqlite:///{folder / 'eap.sqlite'}"
_migrate(url)
with town(url, folder) as place:
    before = set(sys.modules)
    mei = place.line.person("Mei")
    mei.sees(3)
    for said in ("screening", "1", "2", "help"):
        mei.says(said)
        mei.sees(1)
    place.wait()
    print(sorted(set(sys.modules) - before))
"""


def test_nothing_is_imported_once_the_service_is_ready(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", STORY], capture_output=True, text=True, timeout=60, check=False)

    assert told.stdout.strip().splitlines()[-1:] == ["[]"], told.stderr[-2000:] + told.stdout
