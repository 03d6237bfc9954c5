"""The Functions host as a part of the stack: what a start says when the app is broken."""

import json
from pathlib import Path

import pytest

from infra.local.child import ChildFailed
from infra.local.host_process import HostProcess


@pytest.mark.stack
def test_an_app_that_cannot_be_imported_is_told_with_its_reason(
    tmp_path: Path, azurite: str
) -> None:
    (tmp_path / "host.json").write_text('{"version": "2.0"}', encoding="utf-8")
    (tmp_path / "function_app.py").write_text("import no_such_module\n", encoding="utf-8")
    settings = tmp_path / "settings.json"
    values = {"AzureWebJobsStorage": azurite}
    settings.write_text(json.dumps({"Values": values}), encoding="utf-8")
    host = HostProcess(tmp_path, settings=settings, log_file=tmp_path / "host.log")
    host.start()
    with pytest.raises(ChildFailed, match="no function in the app") as failure:
        host.wait_ready()
    assert "no_such_module" in failure.value.detail
    assert not host.running
