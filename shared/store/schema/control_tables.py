"""The fixed tables of schema `kanri` as SQLAlchemy metadata; migrations create them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

SCHEMA = "kanri"

METADATA = MetaData(schema=SCHEMA)

_INSTANT = TIMESTAMP(timezone=True)

COUNTS = ("read", "inserted", "updated", "unchanged", "closed", "rejected")


def _counts() -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False, server_default="0") for name in COUNTS]


TENANTS = Table(
    "tenants",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("paused_by", Text),
    Column("added_at", _INSTANT, nullable=False),
    Column("updated_at", _INSTANT, nullable=False),
)

# One row per tenant (or core.work.DEPLOYMENT), kind of work and subject: where its run stands, and what
# the last finished run left. For collecting the subject is the dataset. `phase` is idle, pending (a message is on its way), running or deferred (throttled).
# `version` fences writers; `data_version` counts transactions that changed rows.
WORK_STATE = Table(
    "work_state",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("phase", Text, nullable=False, server_default="idle"),
    Column("run_id", Uuid),
    Column("part", Integer, nullable=False, server_default="0"),
    Column("trigger", Text),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("data_version", BigInteger, nullable=False, server_default="0"),
    Column("started_at", _INSTANT),
    Column("lease_until", _INSTANT),
    Column("pending_until", _INSTANT),
    Column("next_due", _INSTANT),
    Column("run_checkpoint", JSONB),
    Column("checkpoint", JSONB),
    *_counts(),
    # Rows that ended with their parent while no run was under way: the next run tells of them.
    Column("closed_between", BigInteger, nullable=False, server_default="0"),
    Column("state", Text),
    Column("cause", Text),
    Column("last_started_at", _INSTANT),
    Column("finished_at", _INSTANT),
    Column("complete_at", _INSTANT),
    Column("first_collected_at", _INSTANT),
    Column("rows", BigInteger, nullable=False, server_default="0"),
    Column("report_date", Text),
    Column("final_until", _INSTANT),
)

LEDGER = Table(
    "ledger",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("run_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", _INSTANT, nullable=False),
    Column("finished_at", _INSTANT, nullable=False),
    Column("complete_at", _INSTANT),
    Column("parts", Integer, nullable=False),
    *_counts(),
    Column("rows", BigInteger, nullable=False),
    Column("report_date", Text),
    Column("window_from", _INSTANT),
    Column("window_to", _INSTANT),
    Column("final_until", _INSTANT),
    Column("healed", BigInteger),
    Column("cause", Text),
    Column("cause_detail", Text),
)

# What the pages of a full read contained: 64-bit hashes of the ids, one row per page.
SEEN_PAGES = Table(
    "seen_pages",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("run_id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("hashes", ARRAY(BigInteger), nullable=False),
)

BUDGETS = Table(
    "budgets",
    METADATA,
    Column("app", Text, primary_key=True),
    Column("tenant_id", Uuid, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("spent_until", _INSTANT, nullable=False),
    Column("blocked_until", _INSTANT, nullable=False),
)

# Which tenant's reports a login role of the read-only role reads. Whoever owns the database says so.
READERS = Table(
    "readers",
    METADATA,
    Column("role_name", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("key_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("tenant_ids", ARRAY(Uuid)),
    Column("created_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Column("revoked_at", _INSTANT),
    Column("made_by", Text),
    Column("lineage", ARRAY(Uuid), nullable=False, server_default="{}"),
)

API_KEY_USES = Table(
    "api_key_uses",
    METADATA,
    Column("key_id", Uuid, primary_key=True),
    Column("last_used_at", _INSTANT, nullable=False),
)

SECRETS = Table(
    "secrets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
)

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("letter_id", BigInteger, Identity(), primary_key=True),
    Column("queue", Text, nullable=False),
    Column("message_id", Text, unique=True),
    Column("body", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("detail", Text),
    Column("received_at", _INSTANT, nullable=False),
)
