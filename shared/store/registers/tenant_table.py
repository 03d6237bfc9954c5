"""The table of the tenants. Apart from `tenants`: what a tenant has, and keys to it, look at it too."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from shared.store.schema.metadata import INSTANT, METADATA

TENANTS = Table(
    "tenants",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("paused_by", Text),
    Column("added_at", INSTANT, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
    Column("tags", ARRAY(Text), nullable=False, server_default="{}"),
    CheckConstraint("state IN ('active', 'paused', 'removed')", "tenants_state_check"),
    CheckConstraint("paused_by IN ('operator', 'tenant')", "tenants_paused_by_check"),
    CheckConstraint("(state = 'paused') = (paused_by IS NOT NULL)", "tenants_check"),
    Index("tenants_tags", "tags", postgresql_using="gin"),
)
