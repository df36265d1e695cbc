"""Every figure, one table: `make bench`. `python -m benchmarks NAME ...` runs some; `--runs 1` for a quick look."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import acks, replies, resources, starts, turns
from benchmarks.figures import Figure
from tests import postgres


def _on_postgresql(runs: int) -> list[Figure]:
    server = postgres.Postgres(durable=True)
    try:
        with postgres.fresh_database(server.url) as url:
            return turns.postgresql(url, runs)
    finally:
        server.remove()


BENCHES: dict[str, Callable[[int], list[Figure]]] = {
    "acks": acks.rates,
    "tail": acks.tail,
    "turns": turns.sqlite_against_raw,
    "postgresql": _on_postgresql,
    "replies": replies.latency,
    "many": turns.many_against_few,
    "start": starts.start,
    "resources": resources.lookups,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHES])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print("| figure | median | must be | holds | runs |\n|---|---|---|---|---|", flush=True)
    missed = 0
    for name in options.names or BENCHES:
        for figure in BENCHES[name](options.runs):
            print(figure.row(), flush=True)
            missed += not figure.holds
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
