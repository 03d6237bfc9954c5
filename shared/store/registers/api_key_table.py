"""The tables of API keys. Apart from `api_keys`: rotation and memberships look at them too."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY

from shared.store.schema.metadata import INSTANT, METADATA, when_made

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("key_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("tenant_ids", ARRAY(Uuid)),
    Column("ranges", ARRAY(Text)),
    Column("replaces", Uuid),
    Column("created_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT),
    Column("revoked_at", INSTANT),
    Column("waits", Boolean, nullable=False, server_default=false()),
    Column("made_by", Text),
    Column("lineage", ARRAY(Uuid), nullable=False, server_default="{}"),
    CheckConstraint("environment IN ('live', 'test')", "api_keys_environment_check"),
    Index("api_keys_newest", "created_at", "key_id"),
    Index("api_keys_lineage", "lineage", postgresql_using="gin"),
)

# Apart from the keys: a use neither waits for who changes a key nor holds him up.
API_KEY_USES = Table(
    "api_key_uses",
    METADATA,
    Column("key_id", Uuid, primary_key=True),
    Column("last_used_at", INSTANT, nullable=False),
)
# Rewritten in place.
when_made(API_KEY_USES, "SET (fillfactor = 50)")
