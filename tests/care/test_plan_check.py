"""`plan check` on plans people have got wrong: everything that is wrong, where it is, and nothing that is not."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from care import content
from care.content import ContentError
from care.content.pages import Faults, collecting, shown
from care.content.plans import plan
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


def mutated(text: str, rng: random.Random) -> str:
    """One or a few slips somewhere: a sign lost, doubled or put in, a line lost, moved or indented."""
    for _ in range(rng.randint(1, 3)):
        lines = text.split("\n")
        at = rng.randrange(len(lines))
        place = rng.randrange(len(lines[at]) + 1)
        match rng.randrange(6):
            case 0:
                lines[at] = lines[at][:place] + lines[at][place + 1 :]
            case 1:
                sign = rng.choice(":：，,[]{}\"'#&*!|>%@`-?\t\u3000\u0000\ufeff\x85 ~0言")
                lines[at] = lines[at][:place] + sign + lines[at][place:]
            case 2:
                del lines[at]
            case 3:
                lines.insert(rng.randrange(len(lines)), lines[at])
            case 4:
                lines[at] = " " * rng.randint(1, 3) + lines[at]
            case 5:
                name, colon, _ = lines[at].partition(":")
                lines[at] = (
                    name
                    + colon
                    + rng.choice((" 1:30", " 0x1F", " ~", " []", " {}", " 是", " 2026-13-01", ""))
                )
        text = "\n".join(lines)
    return text


def slips(tmp_path: Path, tries: int) -> int:
    """How many of the mutated plans were refused. None may end in anything but its faults, each with a place."""
    good, refused = (HERE / "plans" / "seabreeze.yaml").read_text(encoding="utf-8"), 0
    rng, file = random.Random(7), tmp_path / "slip.yaml"
    for _ in range(tries):
        file.write_bytes(mutated(good, rng).encode("utf-8"))
        faults = Faults()
        with collecting(faults):
            plan(content.FOLDER, str(file))
        refused += bool(faults)
        assert all(fault.line >= 1 and fault.fault and fault.file == str(file) for fault in faults)
        assert _loads(file) is not bool(faults)
    return refused


def _loads(file: Path) -> bool:
    """Whether a start would take it: it stops at the first fault, and at none that the check does not find."""
    try:
        plan(content.FOLDER, str(file))
    except ContentError:
        return False
    return True


def test_no_slip_ends_in_anything_but_its_line_and_field(tmp_path: Path, figure: Figure) -> None:
    refused = slips(tmp_path, 150)

    figure(f"plan check: 150 plans with random slips, {refused} refused by line and field, 0 tracebacks")
    assert refused > 75


@pytest.mark.sweep
def test_no_slip_of_thousands_does(tmp_path: Path, figure: Figure) -> None:
    refused = slips(tmp_path, 5000)

    figure(f"plan check: 5,000 plans with random slips, {refused} refused by line and field, 0 tracebacks")
