"""Keys that open nothing before a second person has approved of them."""

from uuid import UUID

from sqlalchemy import Engine, update

from shared.core.act import tell
from shared.core.errors import Conflict
from shared.store.registers.api_key_table import API_KEYS
from shared.store.registers.turns import take_turns
from shared.store.session.sessions import operator_session


def open_key(engine: Engine, key_id: UUID) -> None:
    """Let a key that waits be taken from now on; Conflict if it does not wait, or was revoked."""
    waits = (API_KEYS.c.key_id == key_id) & API_KEYS.c.waits & API_KEYS.c.revoked_at.is_(None)
    with operator_session(engine) as connection:
        take_turns(connection)
        if connection.execute(update(API_KEYS).where(waits).values(waits=False)).rowcount == 0:
            raise Conflict("key_ended", parameter="id", value=str(key_id))
        tell(after={"opened": key_id})
