"""Entry point: `python -m infra.local.host.worker APP VERBOSE`, started by the host."""

import sys
from pathlib import Path

from infra.local.host.worker.process import run

run(Path(sys.argv[1]), verbose=sys.argv[2] == "verbose")
