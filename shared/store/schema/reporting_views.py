"""One view per report in schema `reporting`: the report's own query over the current state."""

from collections.abc import Iterable

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from shared.core.report import Report
from shared.store.answers.sources import CollectorOf
from shared.store.answers.view_sources import ViewSources
from shared.store.session.sessions import cursor

SCHEMA = "reporting"

# A view has no parameters: every value is written out, and no percent sign is doubled.
_DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]


def recreate_views(
    connection: Connection, reports: Iterable[Report], collector_of: CollectorOf
) -> None:
    """Replace the views of `reports`.

    A view reads with the rights of its owner, so that its reader needs none on the tables, and is a
    security barrier: no function of the reader's sees a row before the view has chosen its tenant,
    the one that kanri.readers names for the role that signed in.
    """
    for report in reports:
        body = report.query(ViewSources(collector_of)).subquery("r")
        query = body.select().with_only_columns(*(body.c[column.id] for column in report.columns))
        compiled = query.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
        view = f'{SCHEMA}."{report.key}"'
        with cursor(connection) as owner:
            owner.execute(f"DROP VIEW IF EXISTS {view}".encode())
            owner.execute(
                f"CREATE VIEW {view} WITH (security_barrier = true) AS {compiled.string}".encode()
            )
