"""A worker that can be killed: does one collect message in a process of its own."""

import asyncio
import sys

# The SDK is there before the message is: a kill shall strike the work, not the imports.
import azure.identity  # noqa: F401
import msgraph.graph_request_adapter  # noqa: F401

from shared.core.messages import parse_collect
from shared.core.settings import settings
from shared.store.session.engine import open_engine
from shared.usecases.collect import collect
from tests.properties.world import make_workshop


def main() -> None:
    """Say when everything is imported, then do the message that comes in until done or killed."""
    engine = open_engine(settings())
    workshop = make_workshop(settings(), engine)
    print("ready", flush=True)  # noqa: T201
    line = sys.stdin.readline()
    if line:
        asyncio.run(collect(parse_collect(line), workshop))


if __name__ == "__main__":
    main()
