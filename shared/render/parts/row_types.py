"""A row as an object of JSON."""

from functools import lru_cache
from typing import Any

import msgspec


@lru_cache(maxsize=64)
def row_type(columns: tuple[str, ...]) -> type[msgspec.Struct]:
    """Return what a row of these columns is made an object of.

    A struct is made and written several times as fast as a dict.
    """
    return msgspec.defstruct("Row", [(name, Any) for name in columns])
