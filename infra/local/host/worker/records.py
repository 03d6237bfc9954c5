"""What the app logs and prints, in the form in which Azure Functions Core Tools show it.

Test suites written for Core Tools compare lines after cutting off the time in brackets, so there is
no level in front of a message.
"""

import io
import logging
import sys
from datetime import UTC, datetime

SYSTEM = ("azure.functions", "azure_functions")
MARK = "LanguageWorkerConsoleLog"


class LineHandler(logging.Handler):
    """Writes each record with its time; a record that is a JSON object passes unchanged."""

    def __init__(self, *, verbose: bool) -> None:
        super().__init__()
        self.verbose = verbose

    def filter(self, record: logging.LogRecord) -> bool | logging.LogRecord:
        """The library worker's own chatter is a system log: hidden unless it warns."""
        if record.levelno < logging.WARNING and record.name.startswith(SYSTEM):
            return self.verbose
        return super().filter(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record to standard error, which the host shares with its workers."""
        try:
            line = self.format(record)
            if not (line.startswith("{") and line.endswith("}")):
                moment = datetime.fromtimestamp(record.created, UTC)
                line = f"[{moment.strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z] {line}"
            sys.stderr.write(line + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - logging's own contract: report, never raise
            self.handleError(record)


class ConsoleStream(io.TextIOWrapper):
    """Standard output or error of the app; the mark of a worker's own line is cut off.

    The platform takes such a line for a system log and shows it without the mark.
    """

    def write(self, text: str) -> int:
        """Write a text; its length counts, as in any text stream."""
        super().write(text.removeprefix(MARK))
        return len(text)


def take_console() -> None:
    """Send everything that the app prints, on either stream, to standard error line by line."""
    for name, number in (("stdout", 1), ("stderr", 2)):
        raw = open(number, "wb", closefd=False)  # noqa: SIM115 - lives as long as the process
        stream = ConsoleStream(
            raw, encoding="utf-8", errors="backslashreplace", line_buffering=True
        )
        setattr(sys, name, stream)
