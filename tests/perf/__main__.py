"""Runs benchmarks: `uv run python -m tests.perf [name ...] [--rounds N] [--rows N] [--json FILE]`."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from tests.perf.ground import standing
from tests.perf.outcome import Options, Outcome

NAMES = tuple(
    sorted(file.stem.removeprefix("bench_") for file in Path(__file__).parent.glob("bench_*.py"))
)


def run(names: list[str], options: Options) -> list[Outcome]:
    """Run the named benchmarks on one server and return what they found, in that order."""
    outcomes = []
    with standing() as ground:
        for name in names:
            outcome: Outcome = import_module(f"tests.perf.bench_{name}").run(ground, options)
            print("\n".join(outcome.lines()), flush=True)
            outcomes.append(outcome)
    return outcomes


def main() -> None:
    """Print ratios beside their targets. A missed target is shown, it is not an error."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {' '.join(NAMES)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=50_000, help="users in the tenant")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark called {', '.join(sorted(unknown))}")
    options = Options(arguments.rounds, arguments.rows, _say)
    outcomes = run(arguments.names or list(NAMES), options)
    if arguments.json is not None:
        document = {outcome.name: outcome.document() for outcome in outcomes}
        arguments.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _say(text: str) -> None:
    print(f"  .. {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
