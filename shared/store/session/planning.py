"""Which statements are planned anew each time, and which by the plan that the server keeps for them.

A kept plan is made for whatever instant and value: it saves a page of a few milliseconds more than half
of them. But of what is read as a whole it expects a ninth, and goes by an index, row by row and without help,
where all of a table was to be read at once. So what took long is planned for its values from then on,
until it takes little time even so.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

# Planning takes a few milliseconds, of the longest statements 40.
_LONG, _SHORT = 0.2, 0.04
# Texts of statements; there are more shapes of questions than are worth remembering.
_MANY = 512
_long: dict[str, None] = {}


@contextmanager
def planned(sql: str) -> Iterator[bool | None]:
    """Run a statement in the block, with what psycopg is to be told by `prepare`."""
    begun = time.monotonic()
    try:
        yield False if sql in _long else None
    finally:
        took = time.monotonic() - begun
        if took > _LONG:
            _long[sql] = None
            if len(_long) > _MANY:
                _long.pop(next(iter(_long)), None)
        elif took < _SHORT:
            _long.pop(sql, None)
