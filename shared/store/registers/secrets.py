"""Secrets that all instances of the deployment share: random, made on first use, sealed in PostgreSQL."""

import secrets
from contextvars import Context
from functools import cached_property

from sqlalchemy import Column, Engine, LargeBinary, Table, Text, select
from sqlalchemy.dialects.postgresql import insert

from shared.core import clock
from shared.core.sealing import Keyring, Label
from shared.core.work import DEPLOYMENT
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session

_BYTES = 32

# What all instances of the deployment share and nobody else knows; each made on first use, and sealed:
# who reads the database, or its backup, does not have them.
SECRETS = Table(
    "secrets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", INSTANT, nullable=False),
)


class Secrets:
    """The shared secrets; each is read once per process. All raise SealBroken if it does not open."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine, self._keyring = engine, keyring

    @cached_property
    def cursor_key(self) -> bytes:
        """Return what page cursors are signed with: 32 bytes, the same in every instance."""
        return self._own("cursor")

    @cached_property
    def pseudonym_secret(self) -> bytes:
        """Return what the keys of pseudonyms are made of: 32 bytes, the same in every instance."""
        return self._own("pseudonym")

    @cached_property
    def anchor_key(self) -> bytes:
        """Return what anchors of the audit log are signed with: 32 bytes, the same in every instance."""
        return self._own("anchor")

    def _own(self, name: str) -> bytes:
        """Return the secret `name`, looked up apart from whatever is under way.

        It is remembered here, so it may not be a part of a transaction that could be rolled back, and
        that it was made is no act of who needed it (`joined`, `closing_with`).
        """
        return Context().run(self._named, name)

    def _named(self, name: str) -> bytes:
        """Return the secret `name`. Of several instances that make it at once, one does."""
        label = Label(DEPLOYMENT, "secret", name)
        sealed = self._keyring.seal(secrets.token_bytes(_BYTES), label)
        fresh = insert(SECRETS).values(name=name, value=sealed, created_at=clock.now())
        with operator_session(self._engine) as connection:
            connection.execute(fresh.on_conflict_do_nothing())
            found: bytes = connection.execute(
                select(SECRETS.c.value).filter_by(name=name)
            ).scalar_one()
        return self._keyring.open(found, label)
