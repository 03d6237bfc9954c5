"""Starting the host: the worker indexes the app while the host still imports its own libraries."""

import asyncio
import signal
from pathlib import Path

from infra.local.host.console import Console
from infra.local.host.errors import HostError
from infra.local.host.host_json import load_host_json
from infra.local.host.options import HostOptions
from infra.local.host.settings import load_settings, worker_environment
from infra.local.host.worker_pool import WorkerPool
from shared.core import clock


def serve(options: HostOptions) -> int:
    """Run the host until a signal ends it; returns the exit code."""
    console = Console(use_stderr=options.json_ready, verbose=options.verbose)
    try:
        asyncio.run(_serve(options, console))
    except HostError as error:
        console.plain(f"The host cannot start: {error}")
        return 1
    return 0


async def _serve(options: HostOptions, console: Console) -> None:
    settings = load_settings(options)
    if moved := settings.get("KANRI_CLOCK_FILE"):  # timers go by the app's time, on this host alone
        clock.follow(Path(moved))
    host_json = load_host_json(options.app / "host.json", settings)
    pool = WorkerPool(options, worker_environment(settings), console)
    stopping = asyncio.Event()
    _watch_signals(stopping)
    try:
        await pool.begin()
        # Half a second of importing, on another core than the worker's.
        from infra.local.host.service import Host

        await Host(options, settings, host_json, pool, console).run(stopping)
    finally:
        await pool.close()


def _watch_signals(stopping: asyncio.Event) -> None:
    """Set the event on SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopping.set)
        except NotImplementedError:
            # Event loops on Windows watch no signals: a handler of the process wakes the loop instead.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
