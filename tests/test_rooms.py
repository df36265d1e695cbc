"""The rooms keep to their size, their names and their doors; import-linter checks the directions between them."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ["bot", "handlers", "dialogs", "care", "line", "scheduler", "storage", "console", "simulator"]
MODULES = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}


def test_every_room_is_checked_by_import_linter() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    checked = settings["tool"]["importlinter"]["root_packages"]

    present = {file.parent.name for file in ROOT.glob("*/__init__.py")}

    assert present - {"tests", "benchmarks"} <= set(checked), "add the new room to [tool.importlinter] root_packages"


@pytest.mark.parametrize("module", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_can_be_read_in_a_sitting(module: Path) -> None:
    source = module.read_text()

    assert not EMPTY_NAMES & {module.stem, *module.relative_to(ROOT).parts}, "name it after what it holds"
    assert source.count("\n") <= 400, "look for the second subject"
    assert not source or ast.get_docstring(ast.parse(source)), "open with one line on what the module is for"


@pytest.mark.parametrize("module", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_only_care_content_opens_the_content_folder(module: Path) -> None:
    if module.relative_to(ROOT).parts[:2] in {("care", "content.py"), ("care", "content")}:
        return

    lines = content_paths(module.read_text())

    assert not lines, f"lines {lines}: take the value from care.content instead"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('Path("content")', 1),
        ('ROOT / "content" / "texts"', 1),
        ('open("content/plans/moenv.yaml")', 1),
        ('root.joinpath("content", name)', 1),
        ('event["content"]', 0),
        ('{"type": "content/json", "body": "a content/b"}', 0),
        ('headers.get("content")', 0),
    ],
)
def test_a_path_into_content_is_recognised(source: str, found: int) -> None:
    assert len(content_paths(source)) == found


def content_paths(source: str) -> list[int]:
    """The lines that build a path into content/, whichever way it is spelled."""
    expressions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr))
    return sorted({node.lineno for node in expressions if _leads_into_content(node)})


def _leads_into_content(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_content(node.left) or _is_content(node.right)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in {"Path", "open", "joinpath", "join", "files", "PurePath"} and any(map(_is_content, node.args))
    return False


def _is_content(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    return node.value == "content" or node.value.startswith(("content/", "./content/"))
