"""What the host itself prints: one plain line per event."""

import sys
from datetime import UTC, datetime
from typing import TextIO


class Console:
    """Writes to standard output, or to standard error where that is kept for the ready line."""

    def __init__(self, *, use_stderr: bool, verbose: bool) -> None:
        self.stream: TextIO = sys.stderr if use_stderr else sys.stdout
        self.verbose = verbose

    def plain(self, text: str) -> None:
        """Print text as it is."""
        print(text, file=self.stream, flush=True)

    def event(self, text: str) -> None:
        """Print one event with its time (UTC), in the form of Azure Functions Core Tools."""
        self.plain(f"[{datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z] {text}")

    def detail(self, text: str) -> None:
        """Print an event that only `--verbose` shows."""
        if self.verbose:
            self.event(text)
