"""The table of the state of work: a line per tenant (or deployment), kind and subject."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.store.schema.metadata import INSTANT, METADATA, when_made

COUNTS = ("read", "inserted", "updated", "unchanged", "closed", "rejected")


def counts() -> list[Column[int]]:
    """Return the columns that count what became of the rows of a run."""
    return [Column(name, BigInteger, nullable=False, server_default=text("0")) for name in COUNTS]


# Where the run stands, and what the last finished run left. For collecting the subject is the
# dataset. `phase` is idle, pending (a message is on its way), running or deferred (throttled).
# `version` fences writers; `data_version` grows with every transaction that changed rows, and none
# comes twice (see `store/datasets/checkpoints.py`).
WORK_STATE = Table(
    "work_state",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("phase", Text, nullable=False, server_default="idle"),
    Column("run_id", Uuid),
    Column("part", Integer, nullable=False, server_default=text("0")),
    Column("trigger", Text),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("data_version", BigInteger, nullable=False, server_default=text("0")),
    Column("started_at", INSTANT),
    Column("lease_until", INSTANT),
    Column("pending_until", INSTANT),
    Column("next_due", INSTANT),
    Column("run_checkpoint", JSONB),
    Column("checkpoint", JSONB),
    *counts(),
    # Rows that ended with their parent while no run was under way: the next run tells of them.
    Column("closed_between", BigInteger, nullable=False, server_default=text("0")),
    Column("state", Text),
    Column("cause", Text),
    Column("last_started_at", INSTANT),
    Column("finished_at", INSTANT),
    Column("complete_at", INSTANT),
    Column("first_collected_at", INSTANT),
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    Column("report_date", Text),
    Column("final_until", INSTANT),
    CheckConstraint(
        "phase IN ('idle', 'pending', 'running', 'deferred')", "work_state_phase_check"
    ),
)
# Rewritten by every page of a run, in place.
when_made(WORK_STATE, "SET (fillfactor = 50)")
