"""The sandbox tenant as a child: its ready line signs in, its admin client switches it."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady

pytestmark = pytest.mark.stack


def test_the_ready_line_is_enough_to_read_users(
    sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    tenant = sandbox.tenants[0]
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    form = {
        "grant_type": "client_credentials",
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        "scope": f"{sandbox.graph_endpoint}/.default",
    }
    url = f"{sandbox.authority_host}/{tenant.tenant_id}/oauth2/v2.0/token"
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(url, body, timeout=30, context=context) as answer:
        token = json.load(answer)["access_token"]
    users = urllib.request.Request(
        f"{sandbox.graph_endpoint}/v1.0/users?$top=5", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(users, timeout=30, context=context) as answer:
        assert len(json.load(answer)["value"]) == 5

    sandbox_admin.faults({"kind": "unavailable"})
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(users, timeout=30, context=context)
    with refusal.value as answer:
        assert answer.code == 503
