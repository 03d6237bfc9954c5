"""The database of the embedded stack: a login for the app that owns nothing."""

import secrets

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.local.stack import PreparedDatabase

APP_ROLE = "kanri_app"
LOGIN = "kanri_local"


def prepare_database(owner_url: str) -> PreparedDatabase:
    """Give the app a login to the database behind the owner's URL."""
    return PreparedDatabase(app_url=application_login(owner_url), api_key="")


def application_login(owner_url: str, *, role: str = APP_ROLE, login: str = LOGIN) -> str:
    """Return the URL of `login`, a member of the application role `role`, with a new password.

    The login is of this stack alone: a deployment that shares the database keeps its own.
    """
    password = secrets.token_urlsafe(24)
    with psycopg.connect(owner_url) as connection:
        for name in (role, login):
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(login), sql.Literal(password)
            )
        )
        connection.execute(
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(login))
        )
    where = conninfo_to_dict(owner_url)
    return f"postgresql://{login}:{password}@{where['host']}:{where['port']}/{where['dbname']}"
