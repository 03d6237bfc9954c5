"""The attack from outside: crafted credentials, input of every route, floods; bounded, on loopback only.

Each case is counted; run with `-s` to see how many there were. Whatever is sent, the answer is one that
the OpenAPI document names for that route: never a 500, never a code it does not know.
"""

import itertools
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import replace
from datetime import timedelta
from zoneinfo import available_timezones

import jwt
import msgspec
import pytest
from sqlalchemy import Engine, text

from shared.core import clock, registry
from shared.core.format import FORMATS
from shared.core.messages import parse_claim
from shared.core.report_parameters import VOCABULARY
from shared.core.settings import Settings
from shared.store.work.runs import Runs
from shared.web.openapi_examples import example_of
from shared.web.routes import routes
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.api.refused.spoilt_input import (
    BODIES,
    FIELDS,
    FILTERS,
    FOREIGN,
    GOOD_BODIES,
    HEADERS,
    STRANGE,
    TENANTS_OF_ENTRA,
    TEXTS,
)
from tests.api.refused.tally import Tally, filled, harmless, say
from tests.fixtures.seed import collect

pytestmark = [pytest.mark.stack, pytest.mark.slow]


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


@pytest.fixture
def tally(api: Api, app_engine: Engine) -> Tally:
    people = [
        {"id": f"u{n}", "display_name": f"N {n}", "created_at": clock.now()} for n in range(5)
    ]
    if not Runs(app_engine).status(TENANT, clock.now()):  # else another test of this file did it
        collect(app_engine, TENANT, "users", people)
    return Tally(api)


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
    (route,) = (entry for entry in routes() if entry.path.endswith("{tenant}/reports/{key}"))
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
            for body in (*BODIES, *crafted(route.body)):
                tally.send(route, filled(route), {}, body=body)
            tally.send(route, filled(route), {}, body=b" " * 1_000_001)
            tally.send(route, filled(route), {}, body=b"{}", media_type="text/xml")
    tally.say("paths, headers and bodies")


def test_no_file_breaks_a_route(tally: Tally) -> None:
    for route in routes():
        if route.text is not None:
            kind = route.text.media_type
            for body in (*BODIES, route.text.example.encode(), b" " * (route.text.most + 1)):
                tally.send(route, filled(route), {}, body=body, media_type=kind)
            tally.send(route, filled(route), {}, body=b"{}", media_type="text/xml")
    assert tally.answers[200] > 0
    tally.say("files")


def crafted(body: type) -> Iterator[bytes]:
    """A good body with one field spoilt at a time, or one that it has not; none that would ask Entra."""
    kind, (schema,), components = body.__name__, *msgspec.json.schema_components([body])
    good: dict[str, object] = {**GOOD_BODIES.get(kind, example_of(schema, components))}
    if kind == "NewKey":
        good["expiresAt"] = (clock.now() + timedelta(minutes=5)).isoformat()
    for field in {*(each.encode_name for each in msgspec.structs.fields(body)), "name"}:
        for value in FIELDS.get(field, STRANGE):
            if field != "tenantId" or kind != "NewTenant" or value not in TENANTS_OF_ENTRA:
                yield json.dumps({**good, field: value}).encode()


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


def forged(good: str) -> list[str]:
    """Credentials that are none, some of them made of one that is good."""
    plain = jwt.encode({"tid": FOREIGN, "roles": ["Kanri.Admin"], "aud": "api://kanri"}, "x" * 32)
    unsigned = jwt.encode({"tid": FOREIGN, "roles": ["Kanri.Admin"]}, "", "none")
    return [
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


def test_no_crafted_credential_gets_in(api: Api, make_key: KeyMaker) -> None:
    good, tally = make_key(), Tally(api)
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
        for way, value in itertools.product(ways, forged(good)):
            answer = api.as_caller(**way(value)).send(route.method, filled(route), {}, b"{}")
            tally.judge(route, answer, (way(value), route.path))
            assert answer.status in (401, 502), (way(value), answer.json)
    tally.say("credentials")
    assert tally.answers.total() > 2000


def test_each_permission_alone_opens_its_own_routes_only(api: Api, make_key: KeyMaker) -> None:
    tally = Tally(api)
    permissions = sorted({route.permission for route in routes()} - {"anonymous", "signed_in"})
    for permission, tenants in itertools.product(permissions, (None, [OTHER])):
        caller = api.as_caller(x_api_key=make_key(permission, tenants=tenants))
        for route in routes():
            if route.permission in ("anonymous", "signed_in"):
                continue
            if route.permission == permission and not tenants:
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
