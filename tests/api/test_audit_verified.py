"""What the owner of the database does to an audit log is found and named, over HTTP."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta
from typing import Any, Never
from uuid import UUID, uuid4

import jsonschema  # type: ignore[import-untyped]
import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.control.audit_heads import AuditHeads
from shared.core import clock
from shared.core.audit_proof import Head
from shared.core.settings import Settings, StoragePlace
from shared.identity.storage import open_tables
from shared.store.audit.verifications import Verifications
from shared.usecases.anchor_audit import anchor_audit, day_prefix
from shared.usecases.doors import WorkDoors
from shared.usecases.verify_audit import ANCHOR_DAYS, Outside, verify_audit
from tests.api.conftest import TENANT, Api, KeyMaker
from tests.api.doors import Doors
from tests.api.running_host import Host
from tests.infra.cli.kanri import kanri

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/audit/verification"


def no_graph(_: UUID) -> Never:
    raise AssertionError("an anchor asks Graph nothing")


def test_the_command_names_what_was_done_and_says_so_by_its_exit(
    host: Host, postgres_server: Postgres
) -> None:
    def verify() -> tuple[int, list[str]]:
        done = kanri("audit", "verify", "--url", host.url, KANRI_API_KEY=host.key)
        return done.returncode, done.stdout.splitlines()

    def change(days: int) -> dict[str, object]:
        return {"thresholds": {"staleDays": days}}

    path = f"v1/tenants/{TENANT}/settings"
    for days in (30, 60):
        assert host.send("PATCH", path, change(days), if_match="*")[0] == 200
    code, lines = verify()
    assert (code, len(lines)) == (0, 2)
    assert [line.split()[0] for line in lines] == ["ok", "ok"]
    assert lines[1].startswith(f"ok {TENANT} events=2 ")
    with psycopg.connect(postgres_server.url(str(host.engine.url.database))) as session:
        session.execute("SET session_replication_role = replica")
        session.execute("DELETE FROM kanri.audit_events WHERE seq = 1")
    code, lines = verify()
    assert code == 1
    assert "  removed 1-1: The events 1 to 1 have been removed." in lines
    assert kanri("audit", "verify", KANRI_API_KEY="").returncode == 2


@pytest.fixture
def doors(app_engine: Any, app_settings: Settings, azurite: str) -> Doors:
    return Doors(app_engine, app_settings, azurite)


@pytest.fixture
def log(api: Api) -> Api:
    """Six acts in the chain of the tenant; the storage account knows none of them."""
    for _ in range(3):
        for verb in ("pause", "resume"):
            assert api.post(f"/v1/tenants/{TENANT}/{verb}").status == 200
    return api


type Owner = Callable[..., None]


@pytest.fixture
def owner(api: Api, postgres_server: Postgres) -> Owner:
    """Run statements as the database's owner, whom no trigger stops."""

    def run(*statements: str) -> None:
        with psycopg.connect(postgres_server.url(str(api.doors.engine.url.database))) as session:
            session.execute("SET session_replication_role = replica")
            for statement in statements:
                session.execute(statement.encode())

    return run


def anchored(api: Api, ahead: timedelta = timedelta()) -> int:
    doors = WorkDoors(
        engine=api.doors.engine,
        graph=no_graph,
        slice_seconds=60,
        audit_heads=api.doors.audit_heads,
        archive=api.doors.archive,
        keyring=api.doors.keyring,
    )
    return anchor_audit(doors, clock.now() + ahead)


def verified(api: Api) -> tuple[bool, list[tuple[str, int, int]]]:
    answer = api.get(PATH)
    assert answer.status == 200, answer.body
    found = [(one["fault"], one["first"], one["last"]) for one in answer.json["findings"]]
    assert all(one["detail"] for one in answer.json["findings"])
    return answer.json["intact"], found


FORGED = """
    INSERT INTO kanri.audit_events
    SELECT tenant_id, 4, at, act, result, 'key:x', authority, address, target, request_id, times,
        before, after, hash, hash
    FROM kanri.audit_events {} = 3
"""
OF_IT = f"WHERE tenant_id = '{TENANT}' AND seq"


def test_that_a_chain_was_verified_is_remembered(log: Api, owner: Owner) -> None:
    notes = Verifications(log.doors.engine)
    assert notes.of([TENANT]) == {}
    anchored(log)
    assert verified(log) == (True, [])
    assert notes.of([TENANT])[TENANT].intact
    owner(f"DELETE FROM kanri.audit_events {OF_IT} = 3")
    assert verified(log)[0] is False
    last = notes.of([TENANT])[TENANT]
    assert (last.intact, clock.now() - last.verified_at < timedelta(minutes=5)) == (False, True)


@pytest.mark.parametrize(
    ("tampering", "findings"),
    [
        (["UPDATE kanri.audit_events SET caller = 'key:other' {} = 3"], [("altered", 3, 3)]),
        (["UPDATE kanri.audit_events SET after = NULL {} = 3"], [("altered", 3, 3)]),
        (["DELETE FROM kanri.audit_events {} = 3"], [("removed", 3, 3)]),
        (
            [
                "DELETE FROM kanri.audit_events {} = 3",
                "UPDATE kanri.audit_events SET seq = seq - 1 {} > 3",
            ],
            [("removed", 3, 3), ("cut", 6, 6)],
        ),
        (
            [
                "UPDATE kanri.audit_events SET seq = -seq {} > 3",
                "UPDATE kanri.audit_events SET seq = 1 - seq {} < 0",
                FORGED,
            ],
            [("inserted", 4, 4), ("rewritten", 6, 6)],
        ),
        (
            [
                "UPDATE kanri.audit_events SET seq = 99 {} = 2",
                "UPDATE kanri.audit_events SET seq = 2 {} = 5",
                "UPDATE kanri.audit_events SET seq = 5 {} = 99",
            ],
            [("swapped", 2, 5)],
        ),
        (["DELETE FROM kanri.audit_events {} > 4"], [("cut", 5, 6)]),
        (["DELETE FROM kanri.audit_events {} > 0"], [("cut", 1, 6)]),
    ],
)
def test_what_was_done_to_the_log_is_named(
    log: Api, owner: Owner, tampering: list[str], findings: list[tuple[str, int, int]]
) -> None:
    assert verified(log) == (True, [])
    anchored(log)
    assert verified(log) == (True, [])
    owner(*(statement.format(OF_IT) for statement in tampering))
    assert verified(log) == (False, findings)


def test_the_head_is_kept_and_an_anchor_signed(log: Api) -> None:
    day = day_prefix(clock.now())
    before = len(log.doors.archive().names(day))
    assert anchored(log) == 0
    assert len(log.doors.archive().names(day)) == before + 1
    answer = log.get(PATH).json
    assert answer["kept"] == answer["head"]
    assert answer["anchors"] >= 1


def test_a_chain_that_went_back_does_not_take_its_head_along(log: Api, owner: Owner) -> None:
    anchored(log)
    owner("DELETE FROM kanri.audit_events " + OF_IT + " > 4")
    assert anchored(log) == 1
    kept = log.doors.audit_heads().of(TENANT)
    assert kept is not None
    assert kept.seq == 6
    assert verified(log) == (False, [("cut", 5, 6)])


class Overtaken(AuditHeads):
    """Heads that somebody else keeps a later one of, between the first look and the writing."""

    overtake: Callable[[], object] | None = None

    def _entity(self, tenant_id: UUID) -> Any:
        found, overtake = super()._entity(tenant_id), self.overtake
        self.overtake = None
        if overtake is not None:
            overtake()
        return found


@pytest.mark.parametrize("before", [None, 3])
def test_of_two_who_keep_a_head_at_once_the_later_one_stays(
    doors: Doors, azurite: str, before: int | None
) -> None:
    chain, tables = uuid4(), open_tables(StoragePlace(azurite), doors.settings())
    slow, other = Overtaken(tables, "overtaken"), AuditHeads(tables, "overtaken")
    if before is not None:
        other.keep(Head(chain, before, bytes(32)))
    slow.overtake = lambda: other.keep(Head(chain, 7, b"7" * 32))
    found = slow.keep(Head(chain, 5, b"5" * 32))
    assert (found, other.of(chain)) == (Head(chain, 7, b"7" * 32),) * 2


def test_an_anchor_of_somebody_else_counts_for_nothing_and_is_named(log: Api) -> None:
    later = clock.now() + timedelta(seconds=5)
    name = f"{day_prefix(later)}235959.999999.json"
    log.doors.archive().put(name, b'{"anchor":"{}","signature":"00"}')
    answer = log.get(PATH).json
    assert (answer["intact"], answer["forgedAnchors"]) == (False, [name])


def test_without_what_is_outside_nothing_is_proved(log: Api) -> None:
    alone = replace(log, doors=Doors(log.doors.engine, log.doors.settings()))
    answer = alone.get(PATH)
    assert (answer.status, answer.json["code"]) == (503, "storage_missing")


def test_anchors_are_listed_by_the_month_and_the_newest_of_each_day_counts(
    log: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ago in (0, 9, 9, 30, 31):
        anchored(log, -timedelta(days=ago))
    doors, now, listed = log.doors, clock.now(), list[str]()
    archive = doors.archive()
    days = [day_prefix(now - timedelta(days=back)) for back in range(ANCHOR_DAYS)]
    forged = f"{days[9]}999999.json"
    archive.put(forged, b"{}")
    names = archive.names

    def noting(prefix: str) -> list[str]:
        listed.append(prefix)
        return names(prefix)

    monkeypatch.setattr(archive, "names", noting)
    outside = Outside(doors.audit_heads(), archive, doors.secrets().anchor_key, doors.keyring())
    found = verify_audit(doors.engine, outside, TENANT, now)
    assert found.forged == (forged,), "it is the newest of its day"
    assert found.anchors == sum(bool(names(day)) for day in days) - 1 >= 2
    assert len([one for one in listed if one.startswith("anchors/")]) <= 3, listed


def test_the_deployment_has_a_verification_of_its_own(log: Api, make_key: KeyMaker) -> None:
    answer = log.get("/v1/audit/verification").json
    assert (answer["intact"], answer["kept"]) == (True, None)
    described = log.get("/openapi.json").json
    for path, given in (("/v1/audit/verification", answer), (PATH, log.get(PATH).json)):
        operation = described["paths"][path.replace(str(TENANT), "{tenant}")]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(given, {**schema, "components": described["components"]})
    narrow = log.as_caller(x_api_key=make_key("audit:read", tenants=[TENANT]))
    assert narrow.get("/v1/audit/verification").status == 403
