"""No test speaks to anything but this machine: whoever tries is told so."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any


class OutsideConnection(RuntimeError):
    """A test tried to reach another machine. Not an OSError, so that no retry or fallback can swallow it."""


def forbid_outside() -> None:
    """From here to the end of the process. C libraries (libpq, SQLite) are not seen; they get local sockets only."""
    sys.addaudithook(_refuse_outside)


def _refuse_outside(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = arguments[:1]
    else:
        return
    # A unix socket's address is a path; an internet address starts with the host.
    if isinstance(address, tuple) and not _is_here(address[0]):
        raise OutsideConnection(f"{event} to {address[0]!r}: tests reach loopback addresses only")


def _is_here(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(str(name))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
