"""`python -m infra.deploy.migrate`: bring the database in Azure up to date, as its owner.

Reads the outputs of the template from the environment: KANRI_DATABASE_HOST, KANRI_DATABASE_NAME,
KANRI_APP_ROLE, and KANRI_DATABASE_OWNER_NAME, the Entra administrator of the server that runs it.
Whoever is signed in (Azure CLI, azd, a pipeline by OIDC) must be that administrator.
"""

import os
from urllib.parse import quote

import psycopg
from psycopg import sql

from shared.store.engine import ENTRA_SCOPE
from shared.store.migrate import migrate


def database_url(host: str, database: str, user: str, password: str, tls: str = "require") -> str:
    """Return the URL of one database for one role."""
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@{host}/{database}?sslmode={tls}"


def prepare(server_url: str, database: str, app_role: str) -> None:
    """Create the database and the app's role, which signs in by Entra; nothing if both exist.

    The owner creates the database itself, because only who owns it may change its schema. The role
    must be known to Entra before it gets any right:
    https://learn.microsoft.com/azure/postgresql/flexible-server/security-manage-entra-users
    """
    with psycopg.connect(server_url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [app_role])
        if known.fetchone() is None:
            connection.execute(
                "SELECT * FROM pgaadauth_create_principal(%s, false, false)", [app_role]
            )
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def main() -> None:
    """Sign in as the owner and migrate; KeyError names an output that is missing."""
    from azure.identity import DefaultAzureCredential

    host, database = os.environ["KANRI_DATABASE_HOST"], os.environ["KANRI_DATABASE_NAME"]
    owner, app_role = os.environ["KANRI_DATABASE_OWNER_NAME"], os.environ["KANRI_APP_ROLE"]
    token = DefaultAzureCredential().get_token(ENTRA_SCOPE).token
    prepare(database_url(host, "postgres", owner, token), database, app_role)
    migrate(database_url(host, database, owner, token), app_role=app_role, app_password=None)
    print(f"{database} on {host} is up to date; {app_role} may use it")


if __name__ == "__main__":
    main()
