"""The generated settings file: private, complete, and understood by the app's own settings class."""

import json
import stat
from pathlib import Path

from infra.local.settings_file import write_settings
from infra.local.tenant_file import TenantLogin
from shared.core.settings import read_settings


def test_the_app_reads_what_the_stack_writes(tmp_path: Path) -> None:
    path = tmp_path / "local.settings.json"
    login = TenantLogin(
        tenant_id="00000000-0000-4000-8000-000000000001",
        client_id="c",
        client_secret="s3cret",
        graph_endpoint="https://localhost:1",
        ca_file="ca.pem",
    )
    write_settings(
        path, login=login, sandbox=True, database_url="postgresql://x", storage="UseAccount"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    values = json.loads(path.read_text())["Values"]
    settings = read_settings(values)
    assert settings.client_secret == "s3cret"
    assert settings.graph_endpoint == "https://localhost:1"
    assert len(settings.owner_secret) >= 32
    assert settings.ca_file == Path("ca.pem")
    assert settings.client_certificate_file is None
    assert values["AzureWebJobsStorage"] == "UseAccount"
    assert "s3cret" not in repr(login)
    write_settings(
        path, login=login, sandbox=True, database_url="postgresql://x", storage="UseAccount"
    )
    again = json.loads(path.read_text())["Values"]
    assert again["KANRI_SEALING_KEYS"] == values["KANRI_SEALING_KEYS"] == settings.sealing_keys
    assert stat.S_IMODE(path.with_name("sealing-key").stat().st_mode) == 0o600
