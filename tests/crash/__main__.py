"""`python -m tests.crash`: kill the bot at so many instructions, and say what came of it."""

from __future__ import annotations

import argparse
import sys

from tests.crash import sweep


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--points", type=int, default=5100, help="kill points, spread evenly over all flows")
    parser.add_argument("--mutants", type=int, default=50, help="for each planted mistake, where it can show")
    parser.add_argument("--seed", type=int, default=20260302)
    given = parser.parse_args()
    well = sweep.run(given.points, given.mutants, given.seed, say)
    return 0 if well else 1


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a command speaks by printing


if __name__ == "__main__":
    sys.exit(main())
