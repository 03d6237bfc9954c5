"""The database of the embedded stack: migrated, with a login and an API key of this stack's own."""

import secrets
from datetime import timedelta
from urllib.parse import quote, urlsplit

from infra.local.stack import PreparedDatabase

# Not the role of a deployment: `kanri demo --database` leaves that one's password alone.
APP_ROLE = "kanri_local"
KEY_NAME = "kanri local stack"

_KEY_LIFE = timedelta(days=90)


def prepare_database(owner_url: str) -> PreparedDatabase:
    """Migrate the database behind the owner's URL; give the app a login and make an API key.

    Password and key are new at each start, and the keys of earlier starts are revoked: none of
    them is kept anywhere but in the generated settings.
    """
    # Opened here: SQLAlchemy and Alembic would make every `kanri --help` wait.
    from shared.store.schema.migrate import migrate

    password = secrets.token_urlsafe(24)
    migrate(owner_url, app_role=APP_ROLE, app_password=password)
    app_url = _as_user(owner_url, APP_ROLE, password)
    return PreparedDatabase(app_url=app_url, api_key=_new_key(app_url))


def _new_key(app_url: str) -> str:
    from shared.core import clock
    from shared.core.role_permissions import PERMISSIONS
    from shared.core.settings import Settings
    from shared.store.registers.api_keys import ApiKeys
    from shared.store.session.engine import open_engine

    engine = open_engine(Settings(database_url=app_url))
    try:
        keys = ApiKeys(engine)
        for key in keys.all():
            if key.name == KEY_NAME and key.revoked_at is None:
                keys.revoke(key.key_id)
        plain, _ = keys.create(
            KEY_NAME,
            environment="test",
            permissions=sorted(PERMISSIONS),
            tenant_ids=None,
            expires_at=clock.now() + _KEY_LIFE,
        )
    finally:
        engine.dispose()
    return plain


def _as_user(url: str, user: str, password: str) -> str:
    """Return the URL with other credentials; host, port, database and options stay."""
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{quote(user)}:{quote(password)}@{where}").geturl()
