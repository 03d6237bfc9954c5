"""What a request is called in its answer, the logs and the audit log."""

import re
import uuid

from shared.web.http import Request

_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")


def id_of(request: Request) -> str:
    """Return the id that the caller gave (`X-Request-Id`), if it is a plain one, else a new one."""
    given = request.headers.get("x-request-id", "")
    return given if _GIVEN.fullmatch(given) else str(uuid.uuid4())
