"""schemathesis tries every operation of the running product, as its own OpenAPI document describes it.

All phases (examples, coverage, fuzzing, stateful) and all checks but two, see schemathesis.toml. What
is judged: no server error, no answer or header that is not described, nothing accepted that does not
fit the description, nothing refused for its form that does, credentials that count, nothing found
that was deleted. `SCHEMATHESIS` is how many requests an operation gets in a phase (default 1; the
record is kept with 50), `SCHEMATHESIS_SEED` the dice:
`SCHEMATHESIS=50 uv run pytest tests/api/described/test_schemathesis.py -n 0 -s`.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from infra.local.repository import ROOT
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.settings import Settings
from tests.api.conftest import AUDIENCE
from tests.api.refused.tally import say
from tests.api.running_host import Host, running_host
from tests.fixtures.seed import collect

EXAMPLES = int(os.environ.get("SCHEMATHESIS", "1"))
SEED = os.environ.get("SCHEMATHESIS_SEED", "1")
_LIVES = 600 + 600 * EXAMPLES

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(_LIVES)]

CONFIG = Path(__file__).parent / "schemathesis.toml"


@pytest.fixture(scope="module")
def host(
    fresh_database: Callable[[], Settings],
    host_storage: str,
    sandbox: SandboxReady,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """The product; the sandbox's own tenant is connected and has rows."""
    folder, home = tmp_path_factory.mktemp("tried_host"), UUID(sandbox.tenants[0].tenant_id)
    with running_host(fresh_database(), host_storage, sandbox, folder, home) as host:
        people = [{"id": f"u{n}", "display_name": f"山田 {n}"} for n in range(30)]
        collect(host.engine, home, "users", people)
        yield host


@pytest.fixture
def settings_file(sandbox: SandboxReady, tmp_path: Path) -> Path:
    """The settings of schemathesis for the tenant that is connected."""
    file, text = tmp_path / CONFIG.name, CONFIG.read_text(encoding="utf-8")
    file.write_text(text.replace("TENANT", sandbox.tenants[0].tenant_id), encoding="utf-8")
    return file


def test_the_product_is_as_it_describes_itself(
    host: Host, admin: SandboxAdmin, sandbox: SandboxReady, settings_file: Path, tmp_path: Path
) -> None:
    described = tmp_path / "openapi.json"
    described.write_bytes(host.send("GET", "openapi.json")[2])
    home = sandbox.tenants[0].tenant_id
    # A key would be revoked by what it does; an owner of the directory stays one.
    token = admin.token(AUDIENCE, home, user=home, roles=["Kanri.Owner"], expiresIn=_LIVES)
    ended = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "schemathesis"), "--config-file", settings_file),
            *("run", described, "--url", f"{host.url}/api", "--no-color"),
            *("--max-examples", str(EXAMPLES), "--seed", SEED, "--generation-deterministic"),
            *os.environ.get("SCHEMATHESIS_MORE", "").split(),
        ],
        cwd=tmp_path,
        env={**os.environ, "API_TOKEN": token, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=_LIVES,
    )
    said = ended.stdout[-20_000:] + ended.stderr[-2_000:]
    say(said[said.find("Test Phases:") :])
    assert ended.returncode == 0, said
