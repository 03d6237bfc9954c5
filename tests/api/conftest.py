"""The API driven through its front door, on real doors and a real database, without a host."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.rate_limit import limits_in_force
from shared.core.role_permissions import PERMISSIONS
from shared.core.settings import Settings
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.tenants import Tenants
from shared.store.session.engine import open_engine
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import receive
from shared.web.front import respond
from shared.web.http import Request, Response
from shared.web.route import Route
from shared.web.routes import routes
from tests.api.doors import Doors
from tests.api.running_host import Host, running_host
from tests.fixtures.seed import Object, collect

TENANT = UUID("11111111-1111-1111-1111-111111111111")
OTHER = UUID("22222222-2222-2222-2222-222222222222")
AUDIENCE = "api://kanri"
YESTERDAY = clock.now() - timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """A response as a client sees it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    messages: tuple[str, ...]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Api:
    """Sends requests to the routes; `headers` go with every one."""

    doors: Doors
    headers: Mapping[str, str]

    def as_caller(self, **headers: str) -> "Api":
        return replace(self, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: object) -> Answer:
        return self.send("GET", path, query, headers=headers)

    def post(
        self,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        **query: object,
    ) -> Answer:
        return self.send("POST", path, query, json.dumps(body or {}).encode(), headers=headers)

    def delete(
        self, path: str, headers: Mapping[str, str] | None = None, **query: object
    ) -> Answer:
        return self.send("DELETE", path, query, headers=headers)

    def follow(self, link: str) -> Answer:
        parts = urlsplit(link)
        return self.send("GET", parts.path.removeprefix("/api"), dict(parse_qsl(parts.query)))

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, object],
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        media_type: str = "application/json",
    ) -> Answer:
        route, values = _find(method, path)
        texts = {name: str(value) for name, value in query.items()}
        request = Request(
            method,
            f"https://kanri.example/api{path}"
            + (f"?{urlencode(texts, errors='replace')}" if texts else ""),
            texts,
            {**self.headers, "content-type": media_type, **(headers or {})},
            values,
            body,
        )
        return _answer(respond(route, request, self.doors))


def _find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    parts = path.strip("/").split("/")
    for route in routes():
        names = route.path.split("/")
        if route.method == method and len(names) == len(parts):
            pairs = list(zip(names, parts, strict=True))
            if all(name.startswith("{") or name == part for name, part in pairs):
                return route, {name[1:-1]: part for name, part in pairs if name.startswith("{")}
    raise AssertionError(f"no route for {method} {path}")


def _answer(response: Response) -> Answer:
    messages = tuple(sent.message.model_dump_json() for sent in response.messages)
    return Answer(response.status, response.headers, response.body, messages)


def work_off(doors: Doors, answer: Answer) -> None:
    """Do the work that an answer has sent messages for, as the queue would have it done."""
    through = WorkDoors(engine=doors.engine, graph=doors.fresh_graph, slice_seconds=60)
    for number, body in enumerate(answer.messages):
        asyncio.run(receive(body.encode(), f"m{number}", through, "collect"))


def purge(api: Api, tenant_id: UUID) -> Answer:
    """Remove the tenant and have its data deleted; return what was answered."""
    answer = api.delete(f"/v1/tenants/{tenant_id}", purge="true")
    assert answer.status == 202, answer.json
    work_off(api.doors, answer)
    return answer


@pytest.fixture(scope="module")
def host_storage(fresh_storage: Callable[[], str]) -> str:
    """The storage account of `host`."""
    return fresh_storage()


@pytest.fixture(scope="module")
def host(
    fresh_database: Callable[[], Settings],
    host_storage: str,
    sandbox: SandboxReady,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """The product behind the Functions host, one for all tests of a file."""
    folder = tmp_path_factory.mktemp("api_host")
    with running_host(fresh_database(), host_storage, sandbox, folder, TENANT) as host:
        yield host


@pytest.fixture(scope="module")
def settings_with_graph_of(
    fresh_database: Callable[[], Settings], sandbox: SandboxReady
) -> Callable[[], Settings]:
    """Make a database of its own, and settings for the sandbox's Entra and Graph."""
    app = sandbox.tenants[0]

    def make() -> Settings:
        return replace(
            fresh_database(),
            graph_endpoint=sandbox.graph_endpoint,
            authority_host=sandbox.authority_host,
            ca_file=Path(sandbox.ca_file),
            client_id=app.client_id,
            client_secret=app.client_secret,
        )

    return make


@pytest.fixture
def settings_with_graph(settings_with_graph_of: Callable[[], Settings]) -> Settings:
    """A database of the test's own, and the sandbox's Entra and Graph: connecting asks them."""
    return settings_with_graph_of()


@pytest.fixture
def settings_with_tokens(settings_with_graph: Settings, sandbox: SandboxReady) -> Settings:
    """The same, and the API takes tokens: the sandbox's first tenant is home."""
    home = sandbox.tenants[0].tenant_id
    return replace(settings_with_graph, home_tenant_id=home, api_audience=AUDIENCE)


@pytest.fixture(scope="module")
def admin(sandbox: SandboxReady) -> SandboxAdmin:
    """Who gives tokens of the sandbox's people and apps."""
    return SandboxAdmin(sandbox.admin_url, sandbox.ca_file, sandbox.admin_token)


type KeyMaker = Callable[..., str]


@pytest.fixture
def doors(app_engine: Engine, app_settings: Settings) -> Doors:
    return Doors(app_engine, app_settings)


@pytest.fixture
def make_key(doors: Doors) -> KeyMaker:
    """Make a key: all permissions and tenants for an hour unless said otherwise; its text."""

    def make(*permissions: str, tenants: list[UUID] | None = None, hours: float = 1.0) -> str:
        return key_of(doors.engine, permissions or PERMISSIONS, tenants, hours)

    return make


def key_of(
    engine: Engine,
    permissions: Iterable[str],
    tenants: list[UUID] | None = None,
    hours: float = 1.0,
) -> str:
    """Make a key; its text."""
    plain, _ = ApiKeys(engine).create(
        "test",
        environment="test",
        permissions=sorted(permissions),
        tenant_ids=tenants,
        expires_at=clock.now() + timedelta(hours=hours),
    )
    return plain


@pytest.fixture(scope="module")
def odd(fresh_database: Callable[[], Settings]) -> Iterator[Api]:
    """The API over odd rows of every dataset, one for all tests of a file: they only read."""
    from tests.api.odd_rows import fill_all

    settings = fresh_database()
    engine = open_engine(settings)
    Tenants(engine).add(TENANT, "Contoso")
    fill_all(engine, TENANT)
    yield Api(Doors(engine, settings), {"x-api-key": key_of(engine, PERMISSIONS)})
    engine.dispose()


@pytest.fixture
def api(doors: Doors, make_key: KeyMaker) -> Api:
    """The API with an all-powerful key; two tenants are connected."""
    Tenants(doors.engine).add(TENANT, "Contoso")
    Tenants(doors.engine).add(OTHER, "Fabrikam")
    return Api(doors, {"x-api-key": make_key()})


@pytest.fixture
def one_window(tmp_path: Path) -> Iterator[Path]:
    """A clock that stands at the beginning of a window of every limit: none ends in a test.

    The file that moves it.
    """
    longest = max(limit.seconds for limit in limits_in_force(""))
    clock.follow(tmp_path / "clock")
    clock.move(tmp_path / "clock", timedelta(seconds=longest - clock.now().timestamp() % longest))
    yield tmp_path / "clock"
    clock.follow(None)


@pytest.fixture
def behind(api: Api) -> Api:
    """The API with one proxy of ours before it."""
    doors = Doors(api.doors.engine, replace(api.doors.settings(), trusted_proxies=1))
    return replace(api, doors=doors)


@pytest.fixture
def strict(api: Api, app_settings: Settings) -> Api:
    """The API where large actions wait; three objects are many, and so are two tenants."""
    settings = replace(
        app_settings, approvals="on", approval_from_objects=3, approval_from_tenants=2
    )
    return replace(api, doors=Doors(api.doors.engine, settings))


@pytest.fixture
def second(strict: Api, make_key: KeyMaker) -> Api:
    """Somebody else, who may decide."""
    return strict.as_caller(x_api_key=make_key("approval:read", "approval:decide"))


def person(number: int, name: str | None = None) -> Object:
    """A user, by his number."""
    return {"id": f"u{number:02}", "display_name": name or f"Name {number:02}"}


@pytest.fixture
def people(api: Api, app_engine: Engine) -> Api:
    """The API; since yesterday the tenant has twenty users."""
    collect(app_engine, TENANT, "users", [person(n) for n in range(20)], at=YESTERDAY)
    return api
