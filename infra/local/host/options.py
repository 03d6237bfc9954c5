"""What the host can be told: the options object and its command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

type WorkerLayout = Literal["group", "single"]


@dataclass(frozen=True, slots=True)
class HostOptions:
    """How to run one function app. Times are seconds."""

    app: Path
    """Folder with host.json and function_app.py."""
    settings: Path | None = None
    """File shaped like local.settings.json; None means that file in `app`, over the environment."""
    port: int = 7071
    """0 picks a free port."""
    address: str = "127.0.0.1"
    workers: WorkerLayout = "group"
    """`group`: one process per scale group, as Flex Consumption; `single`: one for everything."""
    enforce_keys: bool = True
    verbose: bool = False
    json_ready: bool = False
    """Print one JSON line on stdout when listening; everything else then goes to stderr."""
    ready_fd: int | None = None
    """Also write that line to this inherited file descriptor."""
    drain: float = 5.0
    """How long a stopping host waits for running invocations."""
    queue_lease: float = 600.0
    """Invisibility of a received message; the platform's value is fixed, tests shorten it."""
    timer_lease: int = 60
    """Singleton lease of a timer (15 to 60); the platform's value is fixed, tests shorten it."""
    timer_retry: float = 60.0
    """Pause before asking again for a timer lease held elsewhere."""


def parse_arguments(arguments: list[str]) -> HostOptions:
    """Read `host start ...` or `start ...`, the form of Azure Functions Core Tools."""
    parser = argparse.ArgumentParser(prog="host")
    commands = parser.add_subparsers(dest="command", required=True)
    _add_options(commands.add_parser("start", help="run the functions of an app"))
    if arguments[:1] == ["host"]:
        arguments = arguments[1:]
    # Core Tools accept options of other languages and tunnels; harnesses pass them along.
    known, _ = parser.parse_known_args(arguments)
    return HostOptions(
        app=known.app.resolve(),
        settings=known.settings.resolve() if known.settings else None,
        port=known.port,
        address=known.address,
        workers=known.workers,
        enforce_keys=not known.no_keys,
        verbose=known.verbose,
        json_ready=known.json,
        ready_fd=known.ready_fd,
        drain=known.drain,
        queue_lease=known.queue_lease,
        timer_lease=known.timer_lease,
        timer_retry=known.timer_retry,
    )


def _add_options(parser: argparse.ArgumentParser) -> None:
    defaults = HostOptions(app=Path())
    parser.add_argument("--app", "--script-root", type=Path, default=Path())
    parser.add_argument("--settings", type=Path)
    parser.add_argument("--port", "-p", type=int, default=defaults.port)
    parser.add_argument("--address", default=defaults.address)
    parser.add_argument("--workers", choices=("group", "single"), default=defaults.workers)
    parser.add_argument("--no-keys", action="store_true", help="let every caller in, as Core Tools")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--json", action="store_true", help="one JSON line on stdout when ready")
    parser.add_argument("--ready-fd", type=int)
    parser.add_argument("--drain", type=float, default=defaults.drain)
    parser.add_argument("--queue-lease", type=float, default=defaults.queue_lease)
    parser.add_argument("--timer-lease", type=int, default=defaults.timer_lease)
    parser.add_argument("--timer-retry", type=float, default=defaults.timer_retry)
