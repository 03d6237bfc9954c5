"""Security incidents as days go by."""

import pytest

from tests.infra.sandbox.conftest import Sandbox
from tests.infra.sandbox.test_security_incidents import PATH, by_id

pytestmark = pytest.mark.stack


def test_only_what_changed_since_is_told(sandbox: Sandbox) -> None:
    since = sandbox.moment()
    known = by_id(sandbox)
    sandbox.admin.advance(5 * 86_400)
    told = by_id(sandbox, f"{PATH}?$filter=lastUpdateDateTime ge {since:%Y-%m-%dT%H:%M:%SZ}")
    now = by_id(sandbox)
    changed = {key for key, row in now.items() if row != known.get(key)}
    assert changed == told.keys()
    assert changed & known.keys()
    assert changed - known.keys()
