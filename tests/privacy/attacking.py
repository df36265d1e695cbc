"""Somebody who has the master key and every byte that is left: what can still be opened with it?

Nothing is asked of the database: its files are read as bytes, and every place where something sealed may begin is
tried. GCM is counter mode with a tag: without knowing how long a value is or where it belongs it can still be read,
from its first byte on.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.crypto import KEY_BYTES, NONCE, VERSION, MasterKey

LONGEST = 2000
_TAG = 16


class Attacker:
    def __init__(self, master: str) -> None:
        raw = base64.urlsafe_b64decode(master)
        self._wrapping = AESGCM(_derived(raw, b"eapline wrapping v1"))
        self._transport = _derived(raw, b"eapline transport v1")
        self._id = MasterKey.parse(master).id.encode()

    def said(self, files: Mapping[str, bytes], words: list[str]) -> list[str]:
        """In which files something sealed under the master key itself says one of these words."""
        found = set()
        for name, data in files.items():
            for start in _all(data, self._id + VERSION):
                told = _read(self._transport, data[start + len(self._id) :])
                found |= {name for word in words if word.encode() in told}
        return sorted(found)

    def key_of(self, files: Mapping[str, bytes], person: int) -> bytes | None:
        """This person's own key, if it still lies anywhere."""
        size = len(VERSION) + NONCE + KEY_BYTES + _TAG
        place = f"key of {person}".encode()
        for data in files.values():
            for start in _all(data, VERSION):
                blob = data[start : start + size]
                try:
                    return self._wrapping.decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], place)
                except (InvalidTag, ValueError):
                    continue
        return None

    @staticmethod
    def opened_with(key: bytes, files: Mapping[str, bytes], words: list[str]) -> list[str]:
        """In which files her own key, kept by somebody, still opens one of these words."""
        return sorted(
            {
                name
                for name, data in files.items()
                for start in _all(data, VERSION)
                if any(word.encode() in _read(key, data[start:]) for word in words)
            }
        )


def _read(key: bytes, blob: bytes) -> bytes:
    nonce, sealed = blob[1 : 1 + NONCE], blob[1 + NONCE : 1 + NONCE + LONGEST]
    if len(nonce) < NONCE:
        return b""
    return Cipher(AES(key), CTR(nonce + b"\x00\x00\x00\x02")).decryptor().update(sealed)


def _all(data: bytes, mark: bytes) -> Iterator[int]:
    start = data.find(mark)
    while start >= 0:
        yield start
        start = data.find(mark, start + 1)


def _derived(raw: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(raw)
