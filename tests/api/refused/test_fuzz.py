"""Requests that no client would send: each is answered as the description of the API says.

No server error, no answer of another form, no secret or personal value in a refusal or in the log.
`FUZZ` is how many requests are sent (default 2,000; the record is kept with 100,000), `FUZZ_SEED`
the dice: `FUZZ=100000 uv run pytest tests/api/refused/test_fuzz.py -n 0 -s`.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import replace
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import pytest

from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.settings import Settings
from shared.store.registers.tenants import Tenants
from shared.web.front import respond
from shared.web.http import Request
from shared.web.openapi import document
from shared.web.routes import routes
from tests.api.conftest import Answer, Api, KeyMaker
from tests.api.refused.fuzz import MARK, Fuzz, Sent
from tests.api.refused.judge import Judge
from tests.api.refused.spoilt_input import FOREIGN
from tests.api.refused.tally import say
from tests.fixtures.seed import collect

REQUESTS = int(os.environ.get("FUZZ", "2000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
# So often the tenant is brought back: some requests take it away.
_RENEWED = 500

pytestmark = [pytest.mark.stack, pytest.mark.slow, pytest.mark.timeout(600 + REQUESTS // 20)]

NAME = "Kazuo Watanabe"


@pytest.fixture(scope="module")
def app_settings(settings_with_graph_of: Callable[[], Settings]) -> Settings:
    """Entra and Graph are the sandbox's: what asks them is answered."""
    return replace(settings_with_graph_of(), owner_secret="nobody-is-told-this-secret")


class Listener(logging.Handler):
    """Keeps what is logged and ought not to be."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self._words = (*words, "request_failed", "refusal_untold", "Traceback")
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        self.heard += [line for word in self._words if word in line]


@pytest.fixture
def listener(app_settings: Settings, api: Api) -> Iterator[Listener]:
    heard = Listener([MARK, NAME, *secrets(app_settings, api)])
    logging.getLogger("kanri").addHandler(heard)
    yield heard
    logging.getLogger("kanri").removeHandler(heard)


def secrets(settings: Settings, api: Api) -> list[str]:
    """What nobody may be told, as it would stand in a text."""
    password = urlsplit(settings.database_url).password or ""
    sealing = [entry.partition(":")[2] for entry in settings.sealing_keys.split()]
    own = (settings.client_secret, settings.owner_secret, password, api.headers["x-api-key"])
    return [word for word in (*own, *sealing) if len(word) > 8]


def send(api: Api, sent: Sent) -> Answer:
    """Answer as the function of the endpoint does, whatever the bytes are."""
    [route] = [
        route for route in routes() if (route.method, f"/{route.path}") == (sent.method, sent.path)
    ]
    path = sent.path
    for name, value in sent.values.items():
        path = path.replace(f"{{{name}}}", quote(value, safe="", errors="surrogatepass"))
    query = "&".join(
        f"{quote(name, errors='replace')}={quote(value, errors='replace')}"
        for name, value in sent.query.items()
    )
    url = f"https://kanri.example/api{path}?{query}"
    headers = {**api.headers, **sent.headers}
    request = Request(sent.method, url, sent.query, headers, sent.values, sent.body)
    response = respond(route, request, api.doors)
    return Answer(response.status, response.headers, response.body, ())


def test_whatever_is_sent_is_answered_as_described(
    api: Api,
    make_key: KeyMaker,
    listener: Listener,
    app_settings: Settings,
    sandbox: SandboxReady,
) -> None:
    home = UUID(sandbox.tenants[0].tenant_id)
    described, choice = document(routes(), "en"), Random(SEED)
    judge = Judge(described, secrets(app_settings, api), [NAME])
    known = {
        "tenant": [str(home)] * 9 + [FOREIGN],
        "key": ["users", "weekly", "conditional"],
        "role": ["reader", "desk", "text"],
    }
    fitting: dict[str, Sequence[Any]] = {
        "expiresAt": [(clock.now() + timedelta(minutes=minutes)).isoformat() for minutes in (1, 9)],
        "permissions": [["report:read"], ["tenant:read", "job:read"]],
        "environment": ["test", None],
        "tenantIds": [[str(home)], None],
        "tenantId": [str(home), None],
        "directory": [str(home), None],
        "ranges": [["203.0.113.0/24"], None],
        "datasets": [["users"], None],
        "role": ["reader", "desk", "text"],
        "scope": ["tenant", "all", "tag"],
        "tag": ["gold", None],
    }
    fuzz = Fuzz(described, choice, known, fitting)
    callers = [api] * 17 + [
        api.as_caller(x_api_key=make_key("report:read", "tenant:read", tenants=[UUID(FOREIGN)])),
        api.as_caller(x_api_key="kanri_test_" + "x" * 43),
        api.as_caller(),
    ]
    Tenants(api.doors.engine).add(home, "Contoso")
    people = [{"id": f"u{n}", "display_name": f"{NAME} {n}"} for n in range(5)]
    collect(api.doors.engine, home, "users", people)
    found: list[str] = []
    for number in range(REQUESTS):
        if number % _RENEWED == 0:
            Tenants(api.doors.engine).add(home, "Contoso")
        sent = fuzz.next()
        faults = judge.faults(sent.method, sent.path, send(choice.choice(callers), sent))
        found += [f"{fault}: {sent}"[:2000] for fault in faults]
        found += [f"logged {line[:1500]}: {sent}"[:3000] for line in listener.heard]
        listener.heard.clear()
        if len(found) > 20:
            break
    say(f"fuzz: {judge.answers.total()} requests, {dict(sorted(judge.answers.items()))}")
    assert found == [], "\n".join(found)
    assert judge.answers.total() == REQUESTS
    assert Counter({200, 400, 404}) <= judge.answers
