"""What Kanri is connected to, and how that fares as far as it is known.

One is a file `shared/usecases/integrations/<name>.py` with one `INTEGRATION`. It tells what is stored
of past use; only of PostgreSQL, which answers anyhow, does it tell how it is now.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.core.kind import Kind
from shared.core.text import Text

type Fares = Literal["ok", "degraded", "failing", "paused", "absent", "unknown"]

FARES: dict[Fares, Text] = {
    "ok": Text("It was used well last.", "直近の利用は正常でした。"),
    "degraded": Text("A part of it fails.", "一部が失敗しています。"),
    "failing": Text("It fails.", "失敗しています。"),
    "paused": Text("It is not used, by somebody's will.", "意図的に停止されています。"),
    "absent": Text("It is not set up.", "設定されていません。"),
    "unknown": Text(
        "It was not used yet, or nothing tells.", "まだ利用されていないか、確認できません。"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How one connection fares. `tenant_id` is the tenant that it is of, None for the deployment.

    `error_code` is that of the last error, which came at `error_at`, None if none is known.
    """

    state: Fares
    success_at: datetime | None = None
    error_at: datetime | None = None
    error_code: str | None = None
    tenant_id: UUID | None = None
    details: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration[D]:
    """One integration. `name` is filled in by the registry from the file name; `D` is what it looks through.

    `look` returns one connection of the deployment, or, `of_tenants`, one of each tenant.
    """

    title: Text
    look: Callable[[D], Iterable[Connection]]
    of_tenants: bool = False
    name: str = field(default="", compare=False)


type AnyIntegration = Integration[Any]

INTEGRATIONS: Kind[AnyIntegration] = Kind(
    "shared.usecases.integrations", "INTEGRATION", Integration, named="name"
)
