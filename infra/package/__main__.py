"""`python -m infra.package build --out dist/kanri.zip`: build the package and print what it is."""

import argparse
from pathlib import Path

from infra.package.build import build

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Parse the command line, build, print size, file count and hash."""
    parser = argparse.ArgumentParser(prog="python -m infra.package")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("build", help="build the deployment package")
    command.add_argument("--out", type=Path, default=ROOT / "dist" / "kanri.zip")
    package = build(ROOT, parser.parse_args().out)
    print(f"{package.path}: {package.packed:,} bytes, {package.files:,} files")
    print(f"unpacked: {package.unpacked:,} bytes")
    print(f"sha256: {package.sha256}")


if __name__ == "__main__":
    main()
