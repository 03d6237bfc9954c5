"""Finds out in which groups somebody is whose token has no room to say so."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core.errors import GraphUnavailable, KanriError
from shared.core.logs import log

if TYPE_CHECKING:
    from uuid import UUID

    from shared.core.access import Subject
    from shared.graph.client import GraphClient

# So long an answer of Graph serves; who leaves a group loses what it has after that at the latest.
# Entra itself takes an hour, the life of a token, for those whose groups fit in.
GROUPS_LIVE_SECONDS = 300.0
_MOST = 10_000


class KnownGroups:
    """The groups of those who asked lately, as Graph told them. Threads may share it."""

    def __init__(
        self, graph: "Callable[[UUID], GraphClient]", lives: float = GROUPS_LIVE_SECONDS
    ) -> None:
        """`graph` opens a client of a directory's Graph, for one answer."""
        self._graph = graph
        self._lives = lives
        self._known: dict[Subject, tuple[float, frozenset[UUID]]] = {}

    def of(self, subject: "Subject") -> "frozenset[UUID]":
        """Return the groups of a user or an app, asked for again after five minutes.

        Raises GraphUnavailable if they cannot be read, for whatever cause: he is not taken for
        somebody who is in none.
        """
        found = self._known.get(subject)
        if found is not None and time.monotonic() - found[0] < self._lives:
            return found[1]
        groups = self._ask(subject)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[subject] = (time.monotonic(), groups)
        return groups

    def _ask(self, subject: "Subject") -> "frozenset[UUID]":
        try:
            return asyncio.run(self._read(subject))
        except KanriError as error:
            log("groups_unreadable", level=logging.WARNING, cause=error.code)
            raise GraphUnavailable("groups_unreadable", reason=error.code) from error

    async def _read(self, subject: "Subject") -> "frozenset[UUID]":
        from shared.graph.member_objects import member_objects

        if subject.directory is None or subject.kind in ("group", "key"):
            raise ValueError(f"a {subject.kind} signs in with no token")
        client = self._graph(subject.directory)
        try:
            return await member_objects(
                client, "user" if subject.kind == "user" else "app", subject.id
            )
        finally:
            await client.aclose()
