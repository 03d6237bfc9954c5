"""Roles of the deployment's own: a name and its permissions, beside the built-in ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Engine, Row, Table, Text, delete, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from shared.core import clock
from shared.core.access import Permission
from shared.core.act import tell
from shared.core.errors import Conflict, NotFound
from shared.core.role_permissions import ROLE_PERMISSIONS
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.turns import take_turns
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import operator_session

OWN_ROLES = Table(
    "roles",
    METADATA,
    Column("role", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("made_by", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
)

# Whether the caller may do what is about to happen: it raises Forbidden if not. It is asked within
# the transaction, so that what it was told still holds when that ends.
type Check[**P] = Callable[P, None]


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that the deployment has defined; instants are UTC."""

    role: str
    title: str
    permissions: tuple[str, ...]
    made_by: str | None
    created_at: datetime
    updated_at: datetime


class Roles:
    """The deployment's own roles."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[OwnRole]:
        """Return them by id."""
        with operator_session(self._engine) as connection:
            rows = connection.execute(select(OWN_ROLES).order_by(OWN_ROLES.c.role))
            return [_role(row) for row in rows]

    def get(self, role: str) -> OwnRole:
        """Return one; NotFound if there is none of its own by that id."""
        with operator_session(self._engine) as connection:
            return _found(connection, role)

    def create(
        self, role: str, title: str, permissions: Sequence[Permission], made_by: str
    ) -> OwnRole:
        """Define a role; Conflict if the id is taken, by a built-in role too."""
        now = clock.now()
        row = {
            "role": role,
            "title": title,
            "permissions": sorted(permissions),
            "made_by": made_by,
            "created_at": now,
            "updated_at": now,
        }
        with operator_session(self._engine) as connection:
            take_turns(connection)
            taken = select(OWN_ROLES.c.role).filter_by(role=role)
            if role in ROLE_PERMISSIONS or connection.execute(taken).first() is not None:
                raise Conflict("role_exists", parameter="role", value=role)
            made = connection.execute(insert(OWN_ROLES).values(row).returning(OWN_ROLES)).one()
            tell(target=f"role:{role}", after={"permissions": made.permissions})
            return _role(made)

    def change(
        self,
        role: str,
        title: str | None,
        permissions: Sequence[Permission] | None,
        check: Check[[OwnRole]],
    ) -> OwnRole:
        """Change what is not None; whoever has the role may do what it says now, at once.

        `check` is asked about the role as it stands. NotFound if there is none.
        """
        values: dict[str, object] = {"updated_at": clock.now()}
        if title is not None:
            values["title"] = title
        if permissions is not None:
            values["permissions"] = sorted(permissions)
        with operator_session(self._engine) as connection:
            take_turns(connection)
            found = _found(connection, role)
            check(found)
            change = update(OWN_ROLES).filter_by(role=role).values(values).returning(OWN_ROLES)
            changed = _role(connection.execute(change).one())
            before, after = ({"permissions": each.permissions} for each in (found, changed))
            tell(target=f"role:{role}", before=before, after=after)
            return changed

    def delete(self, role: str, check: Check[[OwnRole]]) -> None:
        """Delete a role that nobody has; Conflict if somebody does, NotFound if there is none."""
        with operator_session(self._engine) as connection:
            take_turns(connection)
            found = _found(connection, role)
            check(found)
            has = select(MEMBERSHIPS.c.membership_id).filter_by(role=role).limit(1)
            if connection.execute(has).first() is not None:
                raise Conflict("role_in_use", parameter="role", value=role)
            connection.execute(delete(OWN_ROLES).filter_by(role=role))
            tell(target=f"role:{role}", before={"permissions": found.permissions})


def permissions_of_role(connection: Connection, role: str) -> frozenset[Permission]:
    """Return what a role may do, built-in or own, on an operator's session; NotFound for none."""
    built_in = ROLE_PERMISSIONS.get(role)
    return frozenset(_found(connection, role).permissions) if built_in is None else built_in


def _found(connection: Connection, role: str) -> OwnRole:
    row = connection.execute(select(OWN_ROLES).filter_by(role=role)).first()
    if row is None:
        raise NotFound("role_unknown", parameter="role", value=role)
    return _role(row)


def _role(row: Row[tuple[object, ...]]) -> OwnRole:
    return OwnRole(
        role=row.role,
        title=row.title,
        permissions=tuple(row.permissions),
        made_by=row.made_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
