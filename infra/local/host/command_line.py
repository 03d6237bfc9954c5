"""The host's command line, a subset of that of Azure Functions Core Tools."""

import argparse
from pathlib import Path

from infra.local.host.options import HostOptions


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
        blob_poll=known.blob_poll,
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
    parser.add_argument("--blob-poll", type=float, default=defaults.blob_poll)
