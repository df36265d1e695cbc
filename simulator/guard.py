"""Keeps the simulator away from the real LINE and from the network."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

CREDENTIALS = ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN")


class RealLine(Exception):
    """This looks like a real installation. The text is one line and names the variable."""


def refuse_if_real(environ: Mapping[str, str]) -> None:
    """Raises RealLine when the environment holds a credential of LINE's, or points anywhere but here."""
    for name in CREDENTIALS:
        if environ.get(name):
            raise RealLine(f"{name} is set: the simulator does not start beside a real LINE channel")
    base = environ.get("LINE_API_BASE")
    if base and not is_loopback(urlsplit(base).hostname or ""):
        raise RealLine(
            "LINE_API_BASE is not on this machine: the simulator does not start beside a real LINE channel"
        )


def refuse_if_public(host: str) -> None:
    """Raises RealLine when the simulator would listen to more than this machine."""
    if not is_loopback(host):
        raise RealLine(
            f"--host {host} is not on this machine: the simulator has no log-in and listens to loopback only"
        )


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
