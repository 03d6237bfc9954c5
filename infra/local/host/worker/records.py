"""Log records of the app as single lines, the form in which the platform shows them."""

import logging
import sys
from datetime import UTC, datetime

SYSTEM = ("azure.functions", "azure_functions")


class LineHandler(logging.Handler):
    """Writes each record as one line; a record that is a JSON object passes unchanged."""

    def __init__(self, *, verbose: bool) -> None:
        super().__init__()
        self.verbose = verbose

    def filter(self, record: logging.LogRecord) -> bool | logging.LogRecord:
        """The library worker's own chatter is a system log: hidden unless it warns."""
        if record.levelno < logging.WARNING and record.name.startswith(SYSTEM):
            return self.verbose
        return super().filter(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line to standard error, which the host shares with its workers."""
        try:
            line = self.format(record)
            if not (line.startswith("{") and line.endswith("}")):
                moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
                level = f"{record.levelname} " if record.levelno >= logging.WARNING else ""
                line = f"[{moment}] {level}{line}"
            sys.stderr.write(line.replace("\n", "\\n") + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - logging's own contract: report, never raise
            self.handleError(record)
