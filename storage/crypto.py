"""Keys and sealed fields: master keys wrap one data key per person; a sealed field opens only where it was written.

Every blob begins with a version byte. AES-256-GCM throughout; the associated data names person, table, column and row,
so a ciphertext moved anywhere else is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
NONCE = 12
KEY_BYTES = 32

KekId = NewType("KekId", str)


class KeyUnusable(Exception):
    """A master key is malformed, missing or the wrong one. The message names key ids, never key material."""


class SealBroken(Exception):
    """A sealed value did not open: other key, other place, or changed bytes."""


def new_master_key() -> str:
    """One fresh value for EAP_MASTER_KEYS: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def seal(key: AESGCM, data: bytes, place: bytes) -> bytes:
    """Encrypt for one place. The nonce is random: safe far beyond the messages one person's key will ever see."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + key.encrypt(nonce, data, place)


def unseal(key: AESGCM, blob: bytes, place: bytes) -> bytes:
    """Decrypt what `seal` wrote for the same place, or raise SealBroken."""
    if blob[:1] != VERSION:
        raise SealBroken("unknown version")
    try:
        return key.decrypt(blob[1 : 1 + NONCE], blob[1 + NONCE :], place)
    except InvalidTag:
        raise SealBroken("refused") from None


def place(owner: int, table: str, column: str, row: int) -> bytes:
    """Where a sealed field belongs, as associated data."""
    return f"{owner}|{table}|{column}|{row}".encode()


@dataclass(frozen=True)
class MasterKey:
    """One master key: a short id that may be shown, and the subkeys derived from it."""

    id: KekId
    wrapping: AESGCM = field(repr=False)
    transport: AESGCM = field(repr=False)

    @classmethod
    def parse(cls, value: str) -> MasterKey:
        try:
            raw = base64.urlsafe_b64decode(value.strip().encode())
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != KEY_BYTES:
            raise KeyUnusable("EAP_MASTER_KEYS: each key is 32 bytes in base64, as `keys generate` prints")
        return cls(
            KekId(hashlib.sha256(b"eapline key id" + raw).hexdigest()[:8]),
            AESGCM(_derive(raw, b"eapline wrapping v1")),
            AESGCM(_derive(raw, b"eapline transport v1")),
        )


class MasterKeys:
    """The master keys in use, newest first. New wrappings use the first; older ones still open what they closed."""

    def __init__(self, keys: Sequence[MasterKey]) -> None:
        if not keys:
            raise KeyUnusable("EAP_MASTER_KEYS is empty: `python -m bot keys generate` prints a key")
        self.newest = keys[0]
        self._by_id = {key.id: key for key in keys}

    @classmethod
    def parse(cls, value: str) -> MasterKeys:
        return cls([MasterKey.parse(part) for part in value.split(",") if part.strip()])

    @property
    def ids(self) -> tuple[KekId, ...]:
        return tuple(self._by_id)

    def get(self, kek_id: str) -> MasterKey:
        """The key with this id, or KeyUnusable naming it."""
        try:
            return self._by_id[KekId(kek_id)]
        except KeyError:
            offered = ", ".join(self._by_id)
            raise KeyUnusable(
                f"master key {kek_id} is needed by this database and missing from EAP_MASTER_KEYS (it holds: {offered})"
            ) from None

    def seal_transport(self, data: bytes, where: bytes) -> bytes:
        """Seal what has no person yet (webhook events, the spool) under the newest key, whose id goes along."""
        return self.newest.id.encode() + seal(self.newest.transport, data, where)

    def open_transport(self, blob: bytes, where: bytes) -> bytes:
        return unseal(self.get(blob[:8].decode("ascii", "replace")).transport, blob[8:], where)


@dataclass(frozen=True)
class WrappedKey:
    """A data key as it lies in the database."""

    kek_id: str
    blob: bytes

    @classmethod
    def fresh(cls, keys: MasterKeys, owner: str) -> WrappedKey:
        return cls.wrap(keys, os.urandom(KEY_BYTES), owner)

    @classmethod
    def wrap(cls, keys: MasterKeys, raw: bytes, owner: str) -> WrappedKey:
        return cls(keys.newest.id, seal(keys.newest.wrapping, raw, b"key of " + owner.encode()))

    def raw(self, keys: MasterKeys, owner: str) -> bytes:
        return unseal(keys.get(self.kek_id).wrapping, self.blob, b"key of " + owner.encode())

    def rewrapped(self, keys: MasterKeys, owner: str) -> WrappedKey:
        return self.wrap(keys, self.raw(keys, owner), owner)


class BlindIndex:
    """A keyed, truncated hash: finds equal values without keeping them. Each kind of value has its own space."""

    def __init__(self, key: bytes) -> None:
        # Copied per call: cheaper than a new one, and unlike hmac.digest it keeps the interpreter lock for small data:
        # letting it go and coming back costs more than the hash when many threads want it.
        self._keyed = hmac.new(key, digestmod="sha256")

    def __call__(self, kind: str, value: str) -> bytes:
        mac = self._keyed.copy()
        mac.update(f"{kind}:{value}".encode())
        return mac.digest()[:16]


def _derive(raw: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose).derive(raw)
