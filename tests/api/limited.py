"""The API as a worker with quotas of the test's own, one proxy before it."""

from copy import replace
from typing import Any

from tests.api.conftest import Answer, Api
from tests.api.doors import Doors


def limited(api: Api, quotas: str, **settings: Any) -> Api:
    """Return a worker that has just begun, on the same database."""
    ours = replace(api.doors.settings(), trusted_proxies=1, rate_limits=quotas, **settings)
    return replace(api, doors=Doors(api.doors.engine, ours))


def from_(address: str) -> dict[str, str]:
    """Return the headers of a request from `address`."""
    return {"x-forwarded-for": address}


def found(answer: Answer) -> tuple[int, str]:
    """Return the status and the code of an answer."""
    return answer.status, answer.json.get("code", "") if answer.body else ""
