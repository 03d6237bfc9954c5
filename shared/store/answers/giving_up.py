"""What is told when the server has given up on a question."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from shared.core.errors import StoreUnavailable


@contextmanager
def given_up(code: str, seconds: float) -> Iterator[None]:
    """Name the way out when the server has given up on a question for want of time."""
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise StoreUnavailable(code, seconds=f"{seconds:g}") from error
