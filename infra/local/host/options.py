"""What the host can be told."""

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
    blob_poll: float = 10.0
    """Pause between two looks for new blobs; the platform's value is fixed, tests shorten it."""
