"""The table of memberships. Apart from `memberships`: tenants, keys and roles look at it too."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from shared.store.schema.metadata import INSTANT, METADATA

# No column is called tenant_id: who may do what is the operator's to keep, not the tenant's to see.
MEMBERSHIPS = Table(
    "memberships",
    METADATA,
    Column("membership_id", Uuid, primary_key=True),
    Column("subject_kind", Text, nullable=False),
    Column("subject_directory", Uuid),
    Column("subject_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("scope_tenant", Uuid),
    Column("scope_tag", Text),
    Column("made_by", Text),
    Column("lineage", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT),
    CheckConstraint(
        "subject_kind IN ('user', 'group', 'app', 'key')", "memberships_subject_kind_check"
    ),
    CheckConstraint(
        "(subject_kind = 'key') = (subject_directory IS NULL)", "memberships_directory_check"
    ),
    CheckConstraint("scope_tenant IS NULL OR scope_tag IS NULL", "memberships_scope_check"),
    UniqueConstraint(
        *("subject_id", "subject_directory", "subject_kind", "role", "scope_tenant", "scope_tag"),
        name="memberships_once",
        postgresql_nulls_not_distinct=True,
    ),
    Index("memberships_newest", "created_at", "membership_id"),
    Index("memberships_lineage", "lineage", postgresql_using="gin"),
)
