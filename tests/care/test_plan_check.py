"""`plan check` on plans people have got wrong: everything that is wrong, where it is, and nothing that is not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from care import content
from care.content import ContentError
from care.content.pages import shown
from tests.figures import Figure

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken_plans").glob("*.yaml"))
TODAY = date(2026, 11, 22)
EXPECTS = "# expects: "


def expected(path: Path) -> list[tuple[int, str]]:
    """Written in the file's second line: the line and the field of each fault."""
    for line in path.read_bytes().decode("utf-8-sig", errors="replace").splitlines():
        if line.startswith(EXPECTS):
            each = (one.split(" ", 1) for one in line.removeprefix(EXPECTS).split("; "))
            return sorted((int(number), field) for number, field in each)
    raise AssertionError(f"{path.name} does not say what is wrong with it")


@pytest.fixture(scope="module")
def found() -> dict[str, list[ContentError]]:
    """What one run says of all of them, by file."""
    by_file: dict[str, list[ContentError]] = {}
    for fault in content.look([str(path) for path in BROKEN], TODAY).faults:
        by_file.setdefault(fault.file, []).append(fault)
    return by_file


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_fault_is_named_with_its_file_line_and_field(
    path: Path, found: dict[str, list[ContentError]]
) -> None:
    faults = found[shown(path)]

    assert sorted((fault.line, fault.field or "page") for fault in faults) == expected(path)
    for fault in faults:
        assert str(fault).startswith(f"{shown(path)}:{fault.line}: {fault.field or 'page'}: ")


def test_twenty_broken_plans_and_more(figure: Figure) -> None:
    named = sum(len(expected(path)) for path in BROKEN)
    figure(f"plan check: {len(BROKEN)} broken plans, {named} faults, each named by file, line and field")
    assert len(BROKEN) >= 20
