"""A worker that can be killed: does one collect message in a process of its own."""

import asyncio
import sys

from shared.core.messages import parse_collect
from shared.core.settings import settings
from shared.store.engine import open_engine
from shared.usecases.collect import collect
from tests.properties.world import make_workshop


def main() -> None:
    """Say when everything is imported, then collect until done or killed."""
    message = parse_collect(sys.argv[1])
    engine = open_engine(settings())
    workshop = make_workshop(settings(), engine)
    print("ready", flush=True)  # noqa: T201
    asyncio.run(collect(message, workshop))


if __name__ == "__main__":
    main()
