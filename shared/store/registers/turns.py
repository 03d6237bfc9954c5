"""Turns: whoever changes who may do what waits for whoever else does.

A right that is given while its giver loses it would else outlive him.
"""

from sqlalchemy import Connection, text

# Its name is as old as the keys, which had it first.
_TAKE = text("SELECT pg_advisory_xact_lock(hashtextextended('kanri.api_keys', 0))")


def take_turns(connection: Connection) -> None:
    """Wait for the others; until the end of the transaction."""
    connection.execute(_TAKE)
