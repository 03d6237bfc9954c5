"""How an audit event is appended: in the transaction of its act, or alone."""

from typing import LiteralString

from sqlalchemy import Connection, Engine

from shared.core.audit import AuditEvent
from shared.store.session.sessions import ask_as_operator, cursor

_GIVEN = (
    "tenant_id, at, act, result, caller, authority, address, target, request_id, times, "
    "before, after"
)
_VALUES = """
    %(tenant_id)s, %(at)s, %(act)s, %(result)s, %(caller)s, %(authority)s, %(address)s, %(target)s,
    %(request_id)s, %(times)s, %(before)s, %(after)s
"""
_APPEND: LiteralString = f"INSERT INTO kanri.audit_events ({_GIVEN}) VALUES ({_VALUES})"  # noqa: S608
# A transaction has an id as soon as it has written something, or holds a row to do so.
_APPEND_IF_WRITTEN: LiteralString = f"""
    INSERT INTO kanri.audit_events ({_GIVEN})
    SELECT {_VALUES} WHERE pg_current_xact_id_if_assigned() IS NOT NULL
"""
_AS_OPERATOR = "SELECT set_config('kanri.scope', 'operator', true)"


def append(engine: Engine, event: AuditEvent) -> None:
    """Store `event` in a transaction of its own, one round trip; StoreUnavailable if that fails."""
    ask_as_operator(engine, _APPEND, _values(event))


def append_if_written(connection: Connection, event: AuditEvent) -> bool:
    """Store `event` as the last thing of a transaction that has written anything; tell whether it has.

    Whatever the transaction was bound to, the event finds its chain. One round trip; who else
    appends to the chain waits from here to the end of the transaction, and no longer.
    """
    with cursor(connection) as query:
        with query.connection.pipeline():
            query.connection.execute(_AS_OPERATOR)
            query.execute(_APPEND_IF_WRITTEN, _values(event))
        return query.rowcount == 1


def _values(event: AuditEvent) -> dict[str, object]:
    return {name: getattr(event, name) for name in _GIVEN.replace(" ", "").split(",")}
