"""Entry point: `python -m infra.local.host host start --port N`."""

import sys

from infra.local.host import run
from infra.local.host.command_line import parse_arguments

sys.exit(run(parse_arguments(sys.argv[1:])))
