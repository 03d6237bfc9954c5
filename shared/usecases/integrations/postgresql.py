"""PostgreSQL, which has just answered."""

from collections.abc import Iterator

from shared.core.integration import Connection, Integration
from shared.core.text import Text
from shared.store.registers.health import Health
from shared.usecases.deployment_view import DeploymentView


def _look(view: DeploymentView) -> Iterator[Connection]:
    seen = Health(view.engine).check()
    current, cause = bool(seen["schema_current"]), seen["cause"]
    if not seen["reachable"]:
        yield Connection(state="failing", error_at=view.now, error_code=str(cause))
        return
    yield Connection(
        state="ok" if current else "degraded",
        success_at=view.now,
        details={"schemaCurrent": current},
    )


INTEGRATION = Integration(title=Text("PostgreSQL", "PostgreSQL"), look=_look)
