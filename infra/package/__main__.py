"""`python -m infra.package build|measure`: build the package, or time its start."""

import argparse
from pathlib import Path

from infra.package.build import build
from infra.package.cold_start import index_cpu_seconds, unpacked

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ROOT / "dist" / "kanri.zip"


def main() -> None:
    """Parse the command line, do it, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m infra.package")
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="build the deployment package")
    building.add_argument("--out", type=Path, default=DEFAULT)
    measuring = commands.add_parser("measure", help="time a cold start with and without bytecode")
    measuring.add_argument("--package", type=Path, default=DEFAULT)
    options = parser.parse_args()
    print(_built(options.out) if options.command == "build" else _measured(options.package))


def _built(out: Path) -> str:
    package = build(ROOT, out)
    return (
        f"{package.path}: {package.packed:,} bytes, {package.files:,} files\n"
        f"unpacked: {package.unpacked:,} bytes\n"
        f"sha256: {package.sha256}"
    )


def _measured(path: Path) -> str:
    with unpacked(path) as places:
        compiled, plain = (min(index_cpu_seconds(place) for _ in range(5)) for place in places)
    return (
        f"index the app: {compiled * 1000:.0f} ms of CPU with bytecode, {plain * 1000:.0f} ms without: "
        f"{plain / compiled:.1f} times as long"
    )


if __name__ == "__main__":
    main()
