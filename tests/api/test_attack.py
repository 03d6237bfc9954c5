"""The attack from outside: crafted credentials, input of every route, floods; bounded, on loopback only.

Each case is counted; run with `-s` to see how many there were. Whatever is sent, the answer is one that
the OpenAPI document names for that route: never a 500, never a code it does not know.
"""

import base64
import itertools
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

import jwt
import pytest
from sqlalchemy import Engine, text

from shared.core import clock, registry
from shared.core.format import FORMATS
from shared.core.messages import parse_claim
from shared.core.report_parameters import VOCABULARY
from shared.core.settings import Settings
from shared.store.session.engine import open_engine
from shared.store.work.runs import Runs
from shared.web.openapi_problems import refusals
from shared.web.route import Route
from shared.web.routes import routes
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

FOREIGN = "99999999-9999-9999-9999-999999999999"

# What has broken readers of text: signs, lengths, numbers, instants, encodings, other languages.
TEXTS = (
    *(
        "",
        " ",
        "'",
        '"',
        "''",
        "\\",
        "%",
        "%00",
        "\0",
        "\x1b[2J",
        "\u202eabc",
        "\ud800",
        "é",
        "𝟙",
        "🙂",
    ),
    *(
        "null",
        "true",
        "NaN",
        "Infinity",
        "-1",
        "0",
        "1e999",
        "9" * 400,
        "0x1",
        "1_0",
        "١",
        "--",
        "desc",
    ),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00"),
    *("2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00 09:00"),
    *("2026-01-01T24:00:00Z", "20260101T000000Z", "2026-W01-1T00:00:00Z", "2020-01-01T00:00:00,5Z"),
    *(
        "../../etc/passwd",
        "..",
        "/",
        "C:\\",
        "localtime",
        "posix/UTC",
        "Etc",
        "America",
        "zone.tab",
    ),
    *(
        "' OR 1=1 --",
        "id eq 'x'; DROP TABLE kanri.tenants",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "*",
        "a" * 5000,
    ),
    *("id,id", "id desc,id", ",", "id desc asc", "id nulls last", "display_name", "nowhere"),
    *("[]", "{}", "W10", "WyJhIixbXV0", "=" * 7, "A" * 4001, base64.b64encode(b"x" * 90).decode()),
)
FILTERS = (
    *("id eq", "eq", "(", ")", "not", "id in ()", "id in ('a'", "id eq 'a' and", 'id eq "a"'),
    *("created_at ge 0001-01-01T00:00:00+14:00", "created_at ge 9999-12-31T23:59:59-14:00"),
    *("created_at ge 2026-01-01T00:00:00 09:00", "created_at eq 2026-13-01", "created_at gt null"),
    *("inactive_days eq 99999999999999999999", "inactive_days eq 1.5", "inactive_days eq 1e5"),
    *("startsWith(display_name,'S')", "ENDSWITH(display_name,'S')", "contains(enabled,'x')"),
    *("contains(display_name,'%_\\')", "startswith(display_name,'\U0010ffff')", "id eq '\ud7ff'"),
    *("not " * 25 + "id eq 'a'", "(" * 25 + "id eq 'a'", " or ".join(["id eq 'a'"] * 101)),
    *("id in (" + ",".join(["'a'"] * 201) + ")", "id eq 'a' or enabled eq true", "id ne null"),
)
BODIES = (
    *(
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff\xfe",
        b"{}{}",
        b'{"a":' * 3000,
        b"[" * 100_000,
    ),
    *(
        b'{"displayName":"\\ud800"}',
        b'{"name":"\\u0000"}',
        b'{"name":"a\\u202eb"}',
        b"{" + b" " * 2000,
    ),
)
STALE: tuple[object, ...] = ("90", 1.5, -1, 0, 10**30, True, [], {}, None)
FIELDS: dict[str, tuple[object, ...]] = {
    "tenantId": (None, 5, "", "contoso", FOREIGN, "{" + FOREIGN + "}", [FOREIGN], "g" * 36),
    "displayName": (None, 5, "", "x" * 201, "a\u202eb", "a\x85b", "\u2028", "a\nb", ["x"]),
    "datasets": (None, [], ["nowhere"], ["../users"], ["users"] * 201, "users", [5], [None], {}),
    "name": (None, "", "x" * 101, "a\u2066b", "tab\t", 5, {}),
    "permissions": (None, [], ["root"], ["report:read"] * 101, "report:read", [5], ["\ud800"]),
    "tenantIds": ([], [FOREIGN], ["x"], [str(TENANT)] * 1001, "x", 5),
    "expiresAt": (
        *(None, 5, "", "tomorrow", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00"),
        *("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.9999999Z", "2026-02-30T00:00:00Z"),
    ),
    "environment": (None, "prod", 5, ["live"]),
    "thresholds": (
        *(None, 5, [], {}, "staleDays", {"": 1}, {"x" * 5000: 1}, {"a\u202eb": 1}, {"\ud800": 1}),
        *({"staleDays": value} for value in STALE),
        {f"t{number}": number for number in range(1000)},
    ),
}
HEADERS = (
    {"accept-language": "ja;q=nan,en;q=inf"},
    {"accept-language": "x" * 5000},
    {"accept-encoding": "gzip;q=,*;q=-1,;;"},
    {"if-none-match": '"' * 400},
    {"if-none-match": "W/" * 2000},
    {"x-request-id": "a\r\nb"},
    {"traceparent": "00-" + "f" * 32},
    {"host": "evil.example", "x-forwarded-host": "evil.example"},
    {"content-type": "application/json; charset=utf-7"},
    {"content-type": "text/plain"},
)


@pytest.fixture(scope="module")
def app_settings(fresh_database: Callable[[], Settings]) -> Settings:
    """One database for all; Entra is nowhere: what would ask it is answered by a problem."""
    settings = fresh_database()
    nowhere = "https://localhost:1"
    return replace(
        settings,
        graph_endpoint=nowhere,
        authority_host=nowhere,
        client_id="kanri",
        client_secret="no",
        home_tenant_id=FOREIGN,
        api_audience="api://kanri",
    )


@pytest.fixture(scope="module")
def app_engine(app_settings: Settings) -> Iterator[Engine]:
    engine = open_engine(app_settings)
    yield engine
    engine.dispose()


def say(line: str) -> None:
    """Tell the figures of a case to who runs the tests with `-s`."""
    sys.stdout.write(f"\n{line}\n")


class Tally:
    """Sends cases and counts them; each answer must be one that the route is documented to give."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.answers: Counter[int] = Counter()

    def send(self, route: Route, path: str, query: dict[str, str], **more: Any) -> Answer:
        answer = self._api.send(route.method, path, query, **more)
        self.judge(route, answer, (route.method, path[:80], query, more))
        return answer

    def judge(self, route: Route, answer: Answer, case: object) -> None:
        self.answers[answer.status] += 1
        if answer.status in (route.status, *route.also):
            return
        problem = answer.json
        assert problem["code"] in refusals(route).get(answer.status, ()), (
            answer.status,
            problem,
            case,
        )
        assert answer.status < 500 or answer.status == 502, (problem, case)

    def say(self, what: str) -> None:
        say(f"{what}: {self.answers.total()} cases, {dict(sorted(self.answers.items()))}")


@pytest.fixture
def tally(api: Api, app_engine: Engine) -> Tally:
    people = [
        {"id": f"u{n}", "display_name": f"N {n}", "created_at": clock.now()} for n in range(5)
    ]
    if not Runs(app_engine).status(TENANT, clock.now()):  # else another test of this file did it
        collect(app_engine, TENANT, "users", people)
    return Tally(api)


def filled(route: Route, tenant: str = str(TENANT), key: str = "users", id_: str = FOREIGN) -> str:
    path = route.path.replace("{tenant}", tenant).replace("{key}", key).replace("{id}", id_)
    return f"/{path}"


def harmless(route: Route) -> bool:
    """Connecting asks Entra, which is slow to be nowhere; removing ends what other cases need."""
    return route.method == "GET" and "consent" not in route.path


def test_no_query_breaks_a_route(tally: Tally) -> None:
    for route in routes():
        if not harmless(route):
            continue
        names = [*(parameter.name for parameter in route.parameters), "lang", "nowhere"]
        for name, value in itertools.product(names, TEXTS):
            tally.send(route, filled(route), {name: value})
        if "filter" in names:
            for value in FILTERS:
                tally.send(route, filled(route), {"filter": value})
    tally.say("queries")
    assert tally.answers.total() > 1000


def test_no_pair_of_parameters_breaks_a_report(tally: Tally) -> None:
    (route,) = (entry for entry in routes() if entry.path.endswith("reports/{key}"))
    choice = random.Random(6)
    own = {parameter.name: parameter for parameter in VOCABULARY}
    everywhere = [entry.name for entry in route.parameters if entry.name not in own]
    for _ in range(1000):
        key = choice.choice(registry.report_keys())
        taken = [parameter.name for parameter in registry.report(key).parameters]
        names = [*everywhere, *taken, choice.choice(sorted(own))]
        columns = [column.id for column in registry.report(key).columns]
        good = {
            "filter": f"{choice.choice(columns)} {choice.choice(['eq', 'ne'])} null",
            "orderBy": f"{choice.choice(columns)} desc",
            "select": ",".join(choice.sample(columns, 2)),
            "top": "3",
            "count": "true",
            "format": choice.choice([*registry.of(FORMATS)]),
            "compat": "powershell",
            "timeZone": "America/Sao_Paulo",
            "totals": "true",
            **{name: parameter.written(parameter.default) for name, parameter in own.items()},
            "lang": "ja",
        }
        query = {
            name: choice.choice(TEXTS + FILTERS) if choice.random() < 0.2 else good.get(name, "")
            for name in choice.sample(sorted({*names}), 3)
        }
        tally.send(route, filled(route, key=key), query)
    tally.say("sets of parameters")
    assert tally.answers[200] > 20


def test_no_path_header_or_body_breaks_a_route(tally: Tally) -> None:
    for route in routes():
        if harmless(route):
            for headers in HEADERS:
                tally.send(route, filled(route), {}, headers=headers)
        for value in (entry for entry in TEXTS if entry and "/" not in entry):
            if "{key}" in route.path:
                tally.send(route, filled(route, key=value), {})
            if "{id}" in route.path:
                tally.send(route, filled(route, id_=value), {})
            if "{tenant}" in route.path:
                tally.send(route, filled(route, tenant=value), {}, body=b"{}")
        if route.body is not None:
            for body in (*BODIES, *crafted(route.body.__name__)):
                tally.send(route, filled(route), {}, body=body)
            tally.send(route, filled(route), {}, body=b" " * 1_000_001)
            tally.send(route, filled(route), {}, body=b"{}", media_type="text/xml")
    tally.say("paths, headers and bodies")


def crafted(kind: str) -> Iterator[bytes]:
    """A good body with one field spoilt at a time; none that would ask Entra."""
    good: dict[str, dict[str, object]] = {
        "NewTenant": {"tenantId": "not-a-guid"},
        "CollectNow": {},
        "SettingsChange": {"thresholds": {"staleDays": 90}},
        "NewKey": {
            "name": "k",
            "permissions": ["report:read"],
            "expiresAt": (clock.now() + timedelta(minutes=5)).isoformat(),
        },
    }
    fields = {
        "NewTenant": ("displayName", "datasets"),
        "CollectNow": ("datasets", "name"),
        "SettingsChange": ("thresholds", "name"),
        "NewKey": ("name", "permissions", "tenantIds", "expiresAt", "environment", "tenantId"),
    }
    for field in fields[kind]:
        for value in FIELDS[field]:
            yield json.dumps({**good[kind], field: value}).encode()
    if kind == "NewTenant":
        for value in FIELDS["tenantId"]:
            if value not in (FOREIGN, "{" + FOREIGN + "}"):
                yield json.dumps({"tenantId": value}).encode()


def test_every_time_zone_that_we_take_is_one_of_the_database(app_engine: Engine) -> None:
    """A zone that PostgreSQL does not know would break an export."""
    from shared.core.errors import BadRequest
    from shared.core.question import time_zone

    taken = []
    for name in sorted(available_timezones()):
        try:
            taken.append(time_zone({"timeZone": name}))
        except BadRequest:
            continue
    with app_engine.connect() as connection:
        known = set(connection.execute(text("SELECT name FROM pg_timezone_names")).scalars())
    assert set(taken) - known == set()
    say(f"time zones: {len(taken)} cases")


def test_no_crafted_credential_gets_in(api: Api, make_key: KeyMaker) -> None:
    good, tally = make_key(), Tally(api)
    plain = jwt.encode({"tid": FOREIGN, "roles": ["Kanri.Admin"], "aud": "api://kanri"}, "x" * 32)
    unsigned = jwt.encode({"tid": FOREIGN, "roles": ["Kanri.Admin"]}, "", "none")
    credentials = [
        *(
            good[:-1],
            good + "x",
            good.upper(),
            good[::-1],
            f"{good} {good}",
            good.replace("_", "-"),
        ),
        *("kanri_", "kanri_live_", "kanri_test_" + "A" * 43, "kanri_" + "x" * 20_000, "kanri_é"),
        *(
            plain,
            unsigned,
            plain[:-5],
            plain.replace(".", ""),
            ".".join(["e30"] * 3),
            "..",
            "a.b.c",
        ),
        *(plain + "A" * 16_384, "null", "undefined", "' OR 1=1 --", "\x00", "%00", "🙂", "Bearer"),
        jwt.encode({"tid": "x"}, "x" * 32),
        jwt.encode({"tid": ["a"]}, "x" * 32),
        jwt.encode({"tid": str(TENANT)}, "x" * 32),
        jwt.encode({"tid": FOREIGN}, "x" * 32, headers={"kid": "../../x", "jku": "https://x"}),
    ]
    ways: tuple[Callable[[str], dict[str, str]], ...] = (
        lambda value: {"x_api_key": value},
        lambda value: {"authorization": f"Bearer {value}"},
        lambda value: {"authorization": f"bearer  {value}"},
        lambda value: {"authorization": f"Basic {value}"},
        lambda value: {"authorization": value},
        lambda value: {"x_api_key": value, "authorization": f"Bearer {good}"},
    )
    for route in routes():
        if route.permission == "anonymous":
            continue
        for way, value in itertools.product(ways, credentials):
            answer = api.as_caller(**way(value)).send(route.method, filled(route), {}, b"{}")
            tally.judge(route, answer, (way(value), route.path))
            assert answer.status in (401, 502), (way(value), answer.json)
    tally.say("credentials")
    assert tally.answers.total() > 2000


def test_each_permission_alone_opens_its_own_routes_only(api: Api, make_key: KeyMaker) -> None:
    tally = Tally(api)
    permissions = sorted({route.permission for route in routes()} - {"anonymous"})
    for permission, tenants in itertools.product(permissions, (None, [OTHER])):
        caller = api.as_caller(x_api_key=make_key(permission, tenants=tenants))
        for route in routes():
            if route.permission == "anonymous" or (route.permission == permission and not tenants):
                continue
            answer = caller.send(route.method, filled(route), {}, b"{}")
            tally.judge(route, answer, (permission, tenants, route.path))
            if route.permission != permission:
                assert answer.json["code"] == "permission_missing"
            elif "{tenant}" in route.path or route.every_tenant:
                assert answer.json["code"] in ("tenant_forbidden", "scope_too_narrow")
    tally.say("permissions")


def test_a_flood_is_merged_and_answered(api: Api, make_key: KeyMaker) -> None:
    """Forty posts at once of one key, and sixty reads beside them: no message twice, no 500."""
    caller, tally = api.as_caller(x_api_key=make_key()), Tally(api)
    by_path = {(route.method, route.path): route for route in routes()}
    start = by_path["POST", "v1/tenants/{tenant}/collections"]
    read = by_path["GET", "v1/tenants/{tenant}/reports/{key}"]
    turns = [start] * 40 + [read] * 60
    random.Random(6).shuffle(turns)
    with ThreadPoolExecutor(8) as pool:
        sent = [
            (route, pool.submit(caller.send, route.method, filled(route), {}, b"{}"))
            for route in turns
        ]
        answers = [(route, future.result(300)) for route, future in sent]
    for route, answer in answers:
        tally.judge(route, answer, route.path)
    messages = [parse_claim(body) for _, answer in answers for body in answer.messages]
    assert len({message.subject for message in messages}) == len(messages)
    tally.say("flood")
