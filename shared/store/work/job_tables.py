"""The tables of jobs: what a caller has asked for, and the runs of work that it takes."""

from sqlalchemy import Boolean, Column, Index, Table, Text, Uuid

from shared.store.schema.metadata import INSTANT, METADATA

JOBS = Table(
    "jobs",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("job_id", Uuid, primary_key=True),
    Column("act", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("cancelled_at", INSTANT),
    Index("jobs_newest", "asked_at", "job_id"),
    Index("jobs_id", "job_id"),
)

# `own` are the runs that were begun for the job; others were under way, and it waits for them.
JOB_RUNS = Table(
    "job_runs",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("job_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("own", Boolean, nullable=False),
)
