"""`python -m infra.deploy.migrate`: bring the database in Azure up to date, as its owner.

Reads the outputs of the template from the environment: KANRI_DATABASE_HOST, KANRI_DATABASE_NAME,
KANRI_APP_ROLE, KANRI_IDENTITY_PRINCIPAL_ID, KANRI_DATABASE_DOOR; and KANRI_DATABASE_OWNER_NAME, the
Entra administrator of the server that runs it. KANRI_OPERATOR_ADDRESS lets that one address through
to a private server meanwhile. Whoever is signed in (Azure CLI, azd, a pipeline by OIDC) must be
that administrator.
"""

import os
import time
from urllib.parse import quote

import psycopg
from psycopg import sql

from infra.deploy.door import open_door
from shared.core.clouds import cloud_of
from shared.store.schema.migrate import migrate
from shared.store.session.server_trust import verified

# A new firewall rule and a new administrator take up to five minutes to be known everywhere:
# https://learn.microsoft.com/azure/postgresql/security/security-firewall-rules
_PATIENCE_SECONDS = 300.0
_PAUSE_SECONDS = 10.0


def database_url(host: str, database: str, user: str, password: str) -> str:
    """Return the URL of one database for one role, good for the server of that name only."""
    who = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return verified(f"postgresql://{who}@{host}/{database}")


def wait_until_open(
    server_url: str, patience: float = _PATIENCE_SECONDS, pause: float = _PAUSE_SECONDS
) -> None:
    """Return once the server lets us in; psycopg.OperationalError if not within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            psycopg.connect(server_url, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if time.monotonic() + pause > deadline:
                raise
            print(f"the server does not let us in yet: {error}")
            time.sleep(pause)
        else:
            return


def prepare(server_url: str, database: str, app_role: str, principal_id: str) -> None:
    """Create the database and the app's role, which signs in by Entra; nothing if both exist.

    The owner creates the database itself, because only who owns it may change its schema. The role
    is bound to the identity's object id: another identity may have the same name.
    https://learn.microsoft.com/azure/postgresql/security/security-manage-entra-users
    """
    with psycopg.connect(server_url, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [app_role])
        if known.fetchone() is None:
            connection.execute(
                "SELECT pgaadauth_create_principal_with_oid(%s, %s, 'service', false, false)",
                [app_role, principal_id],
            )
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def main() -> None:
    """Sign in as the owner and migrate; KeyError names an output that is missing."""
    from azure.identity import DefaultAzureCredential

    host, database = os.environ["KANRI_DATABASE_HOST"], os.environ["KANRI_DATABASE_NAME"]
    owner, app_role = os.environ["KANRI_DATABASE_OWNER_NAME"], os.environ["KANRI_APP_ROLE"]
    principal_id = os.environ["KANRI_IDENTITY_PRINCIPAL_ID"]
    server_id = os.environ["KANRI_DATABASE_DOOR"]
    # The variable by which azure-identity knows a national cloud.
    databases = cloud_of(os.environ.get("AZURE_AUTHORITY_HOST", "")).databases
    token = DefaultAzureCredential().get_token(f"{databases}/.default").token
    server_url = database_url(host, "postgres", owner, token)
    with open_door(server_id, os.environ.get("KANRI_OPERATOR_ADDRESS", "")):
        wait_until_open(server_url)
        prepare(server_url, database, app_role, principal_id)
        migrate(database_url(host, database, owner, token), app_role=app_role, app_password=None)
    print(f"{database} on {host} is up to date; {app_role} may use it")


if __name__ == "__main__":
    main()
