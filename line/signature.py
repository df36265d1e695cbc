"""LINE's signature over a webhook body: HMAC-SHA256 of the raw bytes, checked before anything is parsed."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence

HEADER = "X-Line-Signature"


def sign(body: bytes, secret: str) -> str:
    """What LINE puts into the header for this body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def is_valid(body: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets (two during a rotation) signed exactly these bytes. Constant time in the signature.

    Source: LINE reference, "Signature validation".
    """
    try:
        given = base64.b64decode((header or "").encode("ascii", "replace"), validate=True)
    except (binascii.Error, ValueError):
        return False
    # Every secret is tried, so that time tells nothing about which one matched.
    matches = [
        hmac.compare_digest(hmac.new(secret.encode(), body, "sha256").digest(), given) for secret in secrets
    ]
    return any(matches)
