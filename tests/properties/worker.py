"""A worker that can be killed: does one message in a process of its own."""

import asyncio
import sys

# The SDK is there before the message is: a kill shall strike the work, not the imports.
import azure.identity  # noqa: F401
import msgraph.graph_request_adapter  # noqa: F401

from shared.core.messages import parse_claim
from shared.core.settings import settings
from shared.store.session.engine import open_engine
from shared.usecases.receive import work_on
from tests.properties.world import make_doors


def main() -> None:
    """Say when everything is imported, then do the message that comes in until done or killed."""
    engine = open_engine(settings())
    doors = make_doors(settings(), engine)
    print("ready", flush=True)  # noqa: T201
    line = sys.stdin.readline()
    if line:
        asyncio.run(work_on(parse_claim(line), doors))


if __name__ == "__main__":
    main()
