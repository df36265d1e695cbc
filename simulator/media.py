"""Stand-ins for pictures and sounds that nobody really sent: small, valid, and our own."""

from __future__ import annotations

import struct
import zlib

_SIZE = 64


def picture() -> bytes:
    """A quiet PNG: a pale square with a darker rim."""
    rim, field = b"\x9f\xb4\xc7", b"\xe8\xee\xf3"
    rows = []
    for y in range(_SIZE):
        edge_row = y in (0, _SIZE - 1)
        rows.append(
            b"\x00" + b"".join(rim if edge_row or x in (0, _SIZE - 1) else field for x in range(_SIZE))
        )
    head = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def silence() -> bytes:
    """A second of silence, as WAV."""
    samples = b"\x80" * 8000
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(samples),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        8000,
        1,
        8,
        b"data",
        len(samples),
    )
    return head + samples


def drawn(kind: str) -> tuple[str, bytes]:
    """Content type and bytes of a message of this kind."""
    if kind == "image":
        return "image/png", picture()
    if kind in ("audio", "video"):
        return "audio/wav", silence()
    return "application/octet-stream", b"%PDF-1.4\n%%EOF\n"
