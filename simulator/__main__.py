"""python -m simulator: LINE's stand-in and the phones alone, for a bot that runs elsewhere on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from simulator.app import create_app
from simulator.guard import RealLine, refuse_if_public, refuse_if_real
from simulator.platform import Platform
from simulator.server import Server


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Exit status 2 when it would be near a real LINE channel."""
    options = _options(arguments)
    try:
        refuse_if_real(os.environ)
        refuse_if_public(options.host)
    except RealLine as reason:
        sys.stderr.write(f"{reason}\n")
        return 2
    platform = Platform(
        secret=options.secret,
        token=options.token,
        webhook=options.webhook,
        state=options.state,
        capture=options.capture,
        quota=options.quota,
        rate_limits=not options.no_rate_limits,
    )
    server = Server(create_app(platform), host=options.host, port=options.port)
    sys.stdout.write(f"{server.url}/simulator\n")
    sys.stdout.flush()
    try:
        server.serve()
    except KeyboardInterrupt:
        pass
    platform.close()
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--webhook", help="where the bot listens, such as http://127.0.0.1:8000/callback")
    parser.add_argument("--secret", default="simulated-channel-secret", help="what webhooks are signed with")
    parser.add_argument(
        "--token", default="simulated-access-token", help="the access token the bot must show"
    )
    parser.add_argument("--state", type=Path, help="a file to remember chats in")
    parser.add_argument("--capture", type=Path, help="a file for every request the bot makes, a line each")
    parser.add_argument("--quota", type=int, help="pushes a month; none without it")
    parser.add_argument("--no-rate-limits", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
