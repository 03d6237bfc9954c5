"""Tags of tenants: words by which roles are given for many tenants at once."""

from collections.abc import Callable, Collection
from uuid import UUID

from sqlalchemy import Connection, Engine, select, update

from shared.core import clock
from shared.core.access import Permission
from shared.core.act import tell
from shared.core.errors import BadRequest, NotFound
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.roles import permissions_of_role
from shared.store.registers.tenant_table import TENANTS
from shared.store.registers.turns import take_turns
from shared.store.session.sessions import operator_session

MOST = 50


def change_tags(
    engine: Engine,
    tenant_id: UUID,
    *,
    add: Collection[str],
    remove: Collection[str],
    may_give: Callable[[frozenset[Permission]], None],
) -> None:
    """Add tags to a connected tenant and take some from it; what is named in neither stays.

    `may_give` is asked, within the transaction, about all that the members of the new tags get by
    it. BadRequest for more than MOST tags, NotFound if the tenant is not connected.
    """
    with operator_session(engine) as connection:
        take_turns(connection)
        one = select(TENANTS.c.tags).where(
            TENANTS.c.tenant_id == tenant_id, TENANTS.c.state != "removed"
        )
        tags = connection.execute(one).scalar_one_or_none()
        if tags is None:
            raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
        wanted = ({*tags} - {*remove}) | {*add}
        if len(wanted) > MOST:
            raise BadRequest("tags_many", parameter="addTags", limit=MOST)
        may_give(_given_by(connection, wanted - {*tags}))
        change = update(TENANTS).where(TENANTS.c.tenant_id == tenant_id)
        connection.execute(change.values(tags=sorted(wanted), updated_at=clock.now()))
        tell(before={"tags": sorted(tags)}, after={"tags": sorted(wanted)})


def _given_by(connection: Connection, tags: Collection[str]) -> frozenset[Permission]:
    roles = select(MEMBERSHIPS.c.role).where(MEMBERSHIPS.c.scope_tag.in_(tags)).distinct()
    return frozenset().union(
        *(permissions_of_role(connection, role) for role in connection.execute(roles).scalars())
    )
