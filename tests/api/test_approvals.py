"""What is too large for one person waits for a second one, who approves of exactly what he has seen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid5

import pytest
from sqlalchemy import Engine, insert, text, update

from shared.core import clock
from shared.core.role_permissions import PERMISSIONS
from shared.core.work import DEPLOYMENT
from shared.store.registers.approvals import APPROVALS
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.registers.tenants import Tenants
from shared.store.session.sessions import operator_session
from shared.usecases.decide_approval import close_expired
from tests.api.approving import PEOPLE, approve, ask_for_purge, code, key_id, key_of, new_key
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker, work_off
from tests.fixtures.audited import chain_of
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

NOBODY = "99999999-9999-9999-9999-999999999999"


def rows(engine: Engine) -> int:
    with operator_session(engine) as connection:
        connection.execute(
            text("SELECT set_config('kanri.tenant_id', :t, true)"), {"t": str(TENANT)}
        )
        return int(connection.execute(text("SELECT count(*) FROM data.users")).scalar_one())


def acts(engine: Engine, tenant_id: UUID = DEPLOYMENT) -> list[tuple[str, str]]:
    return [(event.act, event.result) for event in chain_of(engine, tenant_id)]


def test_a_purge_waits_shows_its_exact_effect_and_is_done_when_a_second_person_approves(
    strict: Api, second: Api
) -> None:
    engine = strict.doors.engine
    approval = ask_for_purge(strict)
    assert (Tenants(engine).get(TENANT).state, rows(engine)) == ("removed", 3)
    shown = second.get(f"/v1/approvals/{approval}").json
    assert shown["effect"] == {
        "tenants": [str(TENANT)],
        "objects": 3,
        "counts": {"users": 3},
        "privileged": [],
        "items": ["Contoso", str(TENANT)],
    }
    assert (shown["state"], shown["changed"], shown["action"]) == ("waiting", False, "purge_tenant")
    done = approve(second, approval)
    assert (done.status, done.json["state"]) == (200, "approved"), done.json
    assert len(done.messages) == 1
    work_off(strict.doors, done)
    job = strict.get(f"/v1/jobs/{done.json['jobId']}").json
    assert (job["state"], job["askedBy"]) == ("succeeded", shown["requestedBy"])
    assert rows(engine) == 0
    assert code(approve(second, approval)) == (409, "approval_decided")
    found = second.get(f"/v1/approvals/{approval}").json
    assert (found["state"], found["effect"]) == ("approved", shown["effect"])
    assert acts(engine, TENANT) == [("tenant.remove", "done"), ("approval.approve", "done")]


def test_it_is_never_ones_own_nor_of_a_key_that_is(strict: Api, second: Api) -> None:
    approval = ask_for_purge(strict)
    assert code(approve(strict, approval)) == (403, "approval_own")
    assert code(strict.post(f"/v1/approvals/{approval}/reject", {})) == (403, "approval_own")
    engine = strict.doors.engine
    own = key_of(strict, sorted(PERMISSIONS))
    below = key_of(own, sorted(PERMISSIONS))
    for caller in (own, below):
        assert code(approve(caller, approval)) == (403, "approval_own")
    until = strict.get("/v1/me").json["until"]
    rotated = strict.post(f"/v1/keys/{key_id(below)}/rotate", {"expiresAt": until})
    assert code(approve(strict.as_caller(x_api_key=rotated.json["key"]), approval)) == (
        403,
        "approval_own",
    )
    assert rows(engine) == 3
    assert approve(second, approval).status == 200


def test_who_made_the_key_that_asked_is_no_second_person_either(strict: Api, second: Api) -> None:
    own = key_of(strict, sorted(PERMISSIONS))
    approval = ask_for_purge(own)
    assert code(approve(strict, approval)) == (403, "approval_own")
    sibling = key_of(strict, sorted(PERMISSIONS))
    assert code(approve(sibling, approval)) == (403, "approval_own")
    assert approve(second, approval).status == 200


def test_what_has_another_effect_than_he_saw_is_not_approved_and_he_is_asked_again(
    strict: Api, second: Api
) -> None:
    engine = strict.doors.engine
    approval = ask_for_purge(strict)
    seen = second.get(f"/v1/approvals/{approval}").json["digest"]
    with operator_session(engine) as connection:
        connection.execute(
            text("SELECT set_config('kanri.tenant_id', :t, true)"), {"t": str(TENANT)}
        )
        connection.execute(text("DELETE FROM data.users WHERE id = 'u0'"))
    assert code(approve(second, approval, seen)) == (409, "effect_changed")
    assert (rows(engine), second.get(f"/v1/approvals/{approval}").json["state"]) == (2, "waiting")
    now = second.get(f"/v1/approvals/{approval}").json
    assert (now["changed"], now["effect"]["objects"], now["digest"] != seen) == (True, 2, True)
    assert code(approve(second, approval, "0" * 64)) == (409, "effect_changed")
    assert approve(second, approval, now["digest"]).status == 200


def test_what_cannot_be_done_any_more_says_why(strict: Api, second: Api) -> None:
    approval = ask_for_purge(strict)
    seen = second.get(f"/v1/approvals/{approval}").json["digest"]
    Tenants(strict.doors.engine).add(TENANT, "Contoso")
    shown = second.get(f"/v1/approvals/{approval}").json
    assert (shown["changed"], shown["obstacle"]) == (True, "tenant_not_removed")
    assert code(approve(second, approval, seen)) == (409, "tenant_not_removed")
    assert rows(strict.doors.engine) == 3


def test_nothing_is_approved_after_its_time(strict: Api, second: Api) -> None:
    engine = strict.doors.engine
    approval = ask_for_purge(strict)
    seen = second.get(f"/v1/approvals/{approval}").json["digest"]
    with operator_session(engine) as connection:
        connection.execute(update(APPROVALS).values(expires_at=clock.now()))
    assert second.get(f"/v1/approvals/{approval}").json["state"] == "expired"
    assert code(approve(second, approval, seen)) == (409, "approval_expired")
    assert rows(engine) == 3
    assert close_expired(engine, clock.now()) == 1
    assert close_expired(engine, clock.now()) == 0
    assert code(approve(second, approval, seen)) == (409, "approval_expired")
    assert ("approval.expire", "done") in acts(engine)
    again = strict.delete(f"/v1/tenants/{TENANT}", purge="true").json["approval"]["approvalId"]
    assert again != approval
    assert approve(second, again).status == 200


def test_of_many_who_decide_at_once_one_does(strict: Api, make_key: KeyMaker) -> None:
    approval = ask_for_purge(strict)
    deciders = [strict.as_caller(x_api_key=make_key("approval:decide")) for _ in range(6)]
    seen = strict.get(f"/v1/approvals/{approval}").json["digest"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda one: approve(one, approval, seen), deciders))
    assert sorted(code(answer) for answer in answers) == [
        (200, ""),
        *[(409, "approval_decided")] * 5,
    ]
    assert sum(len(answer.messages) for answer in answers) == 1
    keyed = strict.as_caller(x_api_key=make_key("approval:decide"))
    assert code(approve(keyed, approval, seen, key="k")) == (409, "approval_decided")


def test_what_was_asked_with_a_key_that_has_ended_is_not_done(strict: Api, second: Api) -> None:
    own = key_of(strict, sorted(PERMISSIONS))
    revoked = key_id(own)
    approval = ask_for_purge(own)
    assert strict.delete(f"/v1/keys/{revoked}").status == 204
    assert code(approve(second, approval)) == (409, "requester_gone")


def test_asking_again_for_the_same_asks_once(strict: Api) -> None:
    approval = ask_for_purge(strict)
    again = strict.delete(f"/v1/tenants/{TENANT}", purge="true").json["approval"]
    assert again["approvalId"] == approval
    assert len(strict.get("/v1/approvals").json["approvals"]) == 1


def test_what_is_small_is_done_at_once(strict: Api) -> None:
    collect(strict.doors.engine, TENANT, "users", PEOPLE[:2])
    answer = strict.delete(f"/v1/tenants/{TENANT}", purge="true")
    assert (answer.status, answer.json["approval"], len(answer.messages)) == (202, None, 1)


def test_who_has_no_say_in_all_that_it_is_about_does_not_see_it(
    strict: Api, make_key: KeyMaker
) -> None:
    purge = ask_for_purge(strict)
    key = strict.post("/v1/keys", new_key()).json["approval"]["approvalId"]
    about = ("approval:read", "approval:decide")
    here = strict.as_caller(x_api_key=make_key(*about, tenants=[OTHER]))
    assert here.get("/v1/approvals").json["approvals"] == []
    for approval in (purge, key, NOBODY):
        assert code(here.get(f"/v1/approvals/{approval}")) == (404, "approval_unknown")
        decided = here.post(f"/v1/approvals/{approval}/approve", {"digest": "0" * 64})
        assert code(decided) == (404, "approval_unknown")
    reader = strict.as_caller(x_api_key=make_key("approval:read"))
    listed = [one["approvalId"] for one in reader.get("/v1/approvals").json["approvals"]]
    assert listed == [key, purge]
    assert code(approve(reader, purge)) == (403, "permission_missing")


@pytest.fixture
def appoint(api: Api) -> Callable[[str, str], None]:
    """Give a role to a user, or a group, on every tenant."""

    def give(kind: str, role: str) -> None:
        subject = uuid5(TENANT, f"{kind} {role} {clock.now()}")
        row = {
            "membership_id": subject,
            "subject_kind": kind,
            "subject_directory": TENANT,
            "subject_id": subject,
            "role": role,
            "created_at": clock.now(),
        }
        with operator_session(api.doors.engine) as connection:
            connection.execute(insert(MEMBERSHIPS).values(row))

    return give


@pytest.mark.parametrize(
    ("people", "waits"),
    [
        ([], False),
        ([("user", "owner")], False),
        ([("user", "owner"), ("user", "administrator")], False),
        ([("user", "owner"), ("app", "owner")], False),
        ([("user", "owner"), ("user", "approver")], True),
        ([("group", "approver")], True),
    ],
)
def test_by_default_it_takes_two_who_could_approve_for_anything_to_wait(
    api: Api, appoint: Callable[[str, str], None], people: list[tuple[str, str]], waits: bool
) -> None:
    for kind, role in people:
        appoint(kind, role)
    assert (api.post("/v1/keys", new_key()).status == 202) == waits
