"""Looking for a sentence in bytes, in every form a leak could have: plain, wide, escaped, base64, hex."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

PIECE, STEP = 8, 3
"""Logs and columns may cut a sentence: pieces of eight characters are looked for, one beginning at every third."""

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def forms(piece: str) -> dict[str, list[bytes]]:
    """Every way a piece of text may lie in a file, by name."""
    plain = {name: piece.encode(name) for name in ENCODINGS}
    plain["json"] = json.dumps(piece)[1:-1].encode()
    found: dict[str, list[bytes]] = {name: [data] for name, data in plain.items()}
    found["json upper"] = [_upper_escapes(plain["json"])]
    for name, data in plain.items():
        found[f"{name} in hex"] = [data.hex().encode(), data.hex().upper().encode()]
        for shift in range(3):
            standard = _base64(data, shift)
            found[f"{name} in base64, {shift}"] = [standard]
            found[f"{name} in urlsafe base64, {shift}"] = [standard.replace(b"+", b"-").replace(b"/", b"_")]
    return found


def pieces(sentence: str) -> list[str]:
    return [sentence[start : start + PIECE] for start in range(0, max(1, len(sentence) - PIECE + 1), STEP)]


def leaks(canaries: Iterable[str], files: Mapping[str, bytes]) -> list[str]:
    """Where any piece of any canary is found in any form: "file: form"."""
    needles = {
        needle: name for canary in canaries for piece in pieces(canary) for name, many in forms(piece).items()
        for needle in many
    }  # fmt: skip
    # Snapshots of one file are often the same.
    different = {data: file for file, data in files.items()}
    found = (
        (file, name) for data, file in different.items() for needle, name in needles.items() if needle in data
    )
    return sorted({f"{file}: {name}" for file, name in found})


def contents(*places: Path) -> dict[str, bytes]:
    """The bytes of files, and of all files in folders."""
    found: dict[str, bytes] = {}
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file():
                found[file.name] = file.read_bytes()
    return found


def _base64(data: bytes, shift: int) -> bytes:
    """The part of the base64 that is the same whatever stands before and after, `shift` bytes into a group of three."""
    whole = base64.b64encode(b"\0" * shift + data)
    first = -(-shift * 8 // 6)
    last = (shift + len(data)) * 8 // 6
    return whole[first:last]


def _upper_escapes(escaped: bytes) -> bytes:
    return b"\\u".join(
        part if n == 0 else part[:4].upper() + part[4:] for n, part in enumerate(escaped.split(b"\\u"))
    )
