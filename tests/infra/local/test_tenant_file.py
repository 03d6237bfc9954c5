"""The tenant file: what is accepted, and that the refusal says why."""

import json
from pathlib import Path

import pytest

from infra.local.errors import BadStart
from infra.local.tenant_file import read_tenant_file

_ID = "11111111-1111-1111-1111-111111111111"


def _file(folder: Path, **content: object) -> Path:
    path = folder / "tenant.json"
    path.write_text(json.dumps({"tenantId": _ID, "clientId": _ID, **content}))
    return path


def test_the_global_cloud_is_the_default(tmp_path: Path) -> None:
    login = read_tenant_file(_file(tmp_path, clientSecret="s"))
    assert login.graph_endpoint == "https://graph.microsoft.com"
    assert login.authority_host == "https://login.microsoftonline.com"
    assert login.ca_file == ""


def test_files_are_looked_up_beside_the_tenant_file(tmp_path: Path) -> None:
    (tmp_path / "kanri.pem").write_text("PEM")
    login = read_tenant_file(_file(tmp_path, certificateFile="kanri.pem"))
    assert login.certificate_file == str(tmp_path / "kanri.pem")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({}, "one of clientSecret and certificateFile"),
        ({"clientSecret": "s", "certificateFile": "x"}, "one of clientSecret and certificateFile"),
        ({"certificateFile": "missing.pem"}, "no file missing.pem"),
        ({"clientSecret": "s", "clientsecret": "s"}, "clientsecret"),
        ({"clientSecret": "s", "tenantId": 1}, "tenantId"),
        ({"clientSecret": "s", "tenantId": "contoso.com"}, "tenantId must be a GUID"),
        ({"clientSecret": "s", "clientId": ""}, "clientId must be a GUID"),
        ({"clientSecret": "s", "graphEndpoint": "http://graph.example"}, "begin with https://"),
    ],
)
def test_a_file_that_cannot_work_is_refused(
    tmp_path: Path, content: dict[str, object], why: str
) -> None:
    with pytest.raises(BadStart, match=why):
        read_tenant_file(_file(tmp_path, **content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadStart, match="No such file"):
        read_tenant_file(tmp_path / "none.json")
