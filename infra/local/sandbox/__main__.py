"""Starts the sandbox: `python -m infra.local.sandbox --users 2000 --data DIR`."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from infra.local.sandbox.config import SandboxConfig
from infra.local.sandbox.server import run

MIN_USERS, MAX_USERS = 50, 500_000


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _users(text: str) -> int:
    count = int(text)
    if not MIN_USERS <= count <= MAX_USERS:
        raise argparse.ArgumentTypeError(f"between {MIN_USERS} and {MAX_USERS}")
    return count


def parse(arguments: list[str] | None = None) -> SandboxConfig:
    """The configuration from the command line."""
    parser = argparse.ArgumentParser(prog="infra.local.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--users", type=_users, default=2_000, help="users per tenant")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tenants", type=int, default=1)
    parser.add_argument("--data", type=Path, required=True, help="folder of the certificates")
    parser.add_argument("--start-time", type=_instant, help="ISO instant the tenant starts at")
    parser.add_argument("--wire-log", type=Path, help="write every Graph exchange to this file")
    parser.add_argument("--throttle-scale", type=float, default=1.0, help="0 switches it off")
    parser.add_argument("--clock-file", type=Path, help="follow a clock that tests move")
    return SandboxConfig(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    run(parse())
