"""The digest of what decides an answer: entity tags are made of it, and cursors are bound to it."""

import hashlib


def digest_of(*known: object) -> str:
    """Return 24 hexadecimal digits that change with any of `known`, told by its `repr`."""
    return hashlib.sha256(repr(known).encode()).hexdigest()[:24]
