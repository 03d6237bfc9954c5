"""Azure Monitor, which the worker sends telemetry to; whether it arrives nobody tells us."""

from collections.abc import Iterator

from shared.core.integration import Connection, Integration
from shared.core.settings import sends_telemetry
from shared.core.text import Text
from shared.usecases.deployment_view import DeploymentView


def _look(_: DeploymentView) -> Iterator[Connection]:
    yield Connection(state="unknown" if sends_telemetry() else "absent")


INTEGRATION = Integration(
    title=Text("Telemetry (Azure Monitor)", "テレメトリ (Azure Monitor)"), look=_look
)
