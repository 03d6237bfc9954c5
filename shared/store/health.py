"""Whether the database can be reached, how fast, and whether its schema is the one we know."""

import re
import time
from pathlib import Path

from sqlalchemy import Engine, text

from shared.core.errors import StoreUnavailable
from shared.store.sessions import operator_session

_VERSIONS = Path(__file__).with_name("migrations") / "versions"
_VERSION_FILE = re.compile(r"v(\d{4})_")


class Health:
    """The database's own check."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check(self) -> dict[str, object]:
        """Return `reachable`, `cause` if not, `schema_current`, and the round trip in `ms`."""
        started = time.perf_counter()
        try:
            with operator_session(self._engine) as connection:
                stored = connection.execute(
                    text("SELECT version_num FROM kanri.schema_version")
                ).scalar_one_or_none()
        except StoreUnavailable as error:
            return {"reachable": False, "cause": error.code, "schema_current": None, "ms": None}
        return {
            "reachable": True,
            "cause": None,
            "schema_current": stored == newest_version(),
            "ms": round((time.perf_counter() - started) * 1000, 1),
        }


def newest_version() -> str:
    """Return the newest schema version this code has, read from file names: no Alembic at run time."""
    found = (_VERSION_FILE.match(file.name) for file in _VERSIONS.glob("v*.py"))
    return max((match[1] for match in found if match), default="")
