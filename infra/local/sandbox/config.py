"""How a sandbox is started."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Options of one sandbox process.

    `users` is per tenant (50 to 500,000). `start_time` fixes the instant the seeded tenant
    describes and the sandbox clock's first present; without it the instant of the first start
    in `data` is kept there, so that a restart finds the same tenant. `throttle_scale` multiplies
    the documented budgets, 0 switches throttling off. `clock_file` is the clock of the stack, which
    moves ours too (shared.core.clock).
    """

    data: Path
    port: int = 0
    users: int = 2_000
    seed: int = 1
    tenants: int = 1
    start_time: datetime | None = None
    wire_log: Path | None = None
    throttle_scale: float = 1.0
    clock_file: Path | None = None
