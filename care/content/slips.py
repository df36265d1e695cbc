"""Slips of the pen in a page of content, said the way the person who made them can mend them."""

from __future__ import annotations

import re

import yaml

_FULL_COLON = re.compile(r"^\s*(?:- )?[\w.-]+：")
_NO_SPACE = re.compile(r"^\s*(?:- )?[\w-]+:[^\s:/]")
_TAB = re.compile(r"^[ ]*\t")
_WIDE_SPACE = re.compile(r"^[ \t]*\u3000")
ALIAS = "an alias"
_SAID = {
    "mapping values are not allowed here": "a : where none can be; put the text in quotes, or look at the indents",
    "could not find expected ':'": "a line without a : after the field's name",
    "found unexpected end of stream": "quotes that are opened and not closed again",
    ALIAS: "& and * mean something to YAML; put the text in quotes",
}
_NEVER_CLOSED = ("found unexpected end of stream", "expected ',' or")
_STARTS = {
    "expected <block end>": "is not indented like the lines around it",
    "expected ',' or '}'": "a { that is not closed, or a comma missing between two fields",
    "expected ',' or ']'": "a [ that is not closed, or a comma missing between two entries",
    "expected the node content": "something is missing here; a closing bracket, or a field's text",
    "expected a single document": "a line --- ends the page; write everything into one",
    "found character": "a sign that cannot stand here; put the text in quotes",
    "while parsing": "cannot be read; look at the quotes and indents",
}


def decoded(raw: bytes) -> tuple[str, int]:
    """The page as text and 0, or what could be read and the line that is no UTF-8. A BOM is no matter."""
    try:
        return raw.decode("utf-8-sig"), 0
    except UnicodeDecodeError as error:
        return "", raw[: error.start].count(b"\n") + 1


def unreadable(text: str, error: yaml.YAMLError) -> tuple[int, str]:
    """The line of the slip behind a page that is no YAML, and what is wrong there."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return _sign_that_is_none(text), "a sign that no editor shows; delete the line and write it anew"
    line, problem = error.problem_mark.line + 1, str(error.problem)
    found = _before(text.splitlines(), line)
    # What is never closed is noticed far below; it was opened here.
    opened = problem.startswith(_NEVER_CLOSED) and error.context_mark
    return found or (opened.line + 1 if opened else line, _said(problem))


def near(text: str) -> str:
    """What to add to a fault where the text looks as if a sign had the wrong width, else nothing."""
    for wide, narrow in (("：", ":"), ("，", ",")):
        if wide in text:
            return f"; there is a full-width {wide}, write {narrow} and a space"
    return "; a space is missing after the :" if _NO_SPACE.match(text) else ""


def stray(name: str, node: yaml.Node) -> str:
    """What to add where a field is not known: a comma inside { } begins a new one, which then holds nothing."""
    if node.tag.endswith(":null") and not near(name):
        return "; a comma inside { } ends the text before it: put that text in quotes"
    return near(name)


def _before(lines: list[str], line: int) -> tuple[int, str] | None:
    """YAML stumbles a line or two after the slip; the nearest one that explains it, from there backwards."""
    for number in range(min(line, len(lines)), max(0, line - 3), -1):
        text = lines[number - 1]
        if _TAB.match(text):
            return number, "is indented with a tab; use spaces"
        if _WIDE_SPACE.match(text):
            return number, "is indented with a full-width space; use ordinary spaces"
        if _FULL_COLON.match(text):
            return number, "has a full-width ： after the field's name; write : and a space"
    for number in range(min(line, len(lines)), max(0, line - 3), -1):
        if _NO_SPACE.match(lines[number - 1]):
            return number, "a space is missing after the :"
    return None


def _said(problem: str) -> str:
    if problem in _SAID:
        return _SAID[problem]
    return next((said for start, said in _STARTS.items() if problem.startswith(start)), problem)


def _sign_that_is_none(text: str) -> int:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    return text[: found.start()].count("\n") + 1 if found else 0
