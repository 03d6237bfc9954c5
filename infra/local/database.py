"""The database of the embedded stack: migrated, with a login of this stack's own for the app."""

import secrets
from urllib.parse import quote, urlsplit

from infra.local.stack import PreparedDatabase

# Not the role of a deployment: `kanri demo --database` leaves that one's password alone.
APP_ROLE = "kanri_local"


def prepare_database(owner_url: str) -> PreparedDatabase:
    """Migrate the database behind the owner's URL and give the app a login with a new password."""
    # Opened here: SQLAlchemy and Alembic would make every `kanri --help` wait.
    from shared.store.migrate import migrate

    password = secrets.token_urlsafe(24)
    migrate(owner_url, app_role=APP_ROLE, app_password=password)
    return PreparedDatabase(app_url=_as_user(owner_url, APP_ROLE, password), api_key="")


def _as_user(url: str, user: str, password: str) -> str:
    """Return the URL with other credentials; host, port, database and options stay."""
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(user)}:{quote(password)}@{where}").geturl()
