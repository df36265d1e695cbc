"""`python -m tests.crash --points 5000`: kill the bot at so many instructions, and say what came of it."""

from __future__ import annotations

import argparse
import sys

from tests.crash import sweep


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--points", type=int, default=5000, help="kill points, spread evenly over all flows")
    parser.add_argument("--mutants", type=int, default=100, help="kill points for each planted mistake")
    parser.add_argument("--aimed", action="store_true", help="mutants: only where their mistake can show")
    parser.add_argument("--seed", type=int, default=20260302)
    given = parser.parse_args()
    well = sweep.run(
        given.points, given.mutants, given.seed, lambda line: print(line, flush=True), aimed=given.aimed  # noqa: T201  # a command speaks by printing
    )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
