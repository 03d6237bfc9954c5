"""A person's data: all of it told, all of it put under a veil, and attested; nobody else's touched."""

import json
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from shared.store.persons.finding import Mention, who_is
from shared.store.session.sessions import tenant_session
from shared.usecases.export_person import (
    export_person,
    found_person,
    read_place,
    written_place,
)
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.api.persons_data.ann import (
    ANN,
    ANN_ID,
    HOLDS,
    JOANN,
    NAMESAKE,
    NOW,
    PERSONS,
    code,
    erase,
    rows_of,
    run,
    scan,
    seed,
    work_off,
)
from tests.fixtures.audited import chain_of
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack


def test_an_export_tells_all_that_is_his_and_of_others_what_names_him(people: Api) -> None:
    answer = people.post(f"{PERSONS}/exports", {"userPrincipalName": "ANN@contoso.com"})
    assert answer.status == 200, answer.json
    told = answer.json
    assert (told["person"]["shared"], told["person"]["present"]) == (["Ann Smith"], False)
    assert ANN_ID in told["person"]["alone"]
    found = [(one["dataset"], one["his"], one["until"] is None) for one in told["rows"]]
    assert found == [
        ("mailbox_usage", True, True),
        ("sign_ins", True, True),
        ("users", True, False),
        ("users", True, False),
    ]
    assert told["rows"][1]["properties"]["ip_address"] == "203.0.113.0"
    assert told["rows"][0]["reportDate"] == "2026-11-01"
    assert told["cursor"] is None
    event = chain_of(people.doors.engine, TENANT)[-1]
    assert (event.act, event.target) == ("person.export", f"person:{told['pseudonym']}")
    assert "ann" not in str(event).lower()


def test_an_export_tells_nothing_of_the_rights_on_other_tenants(
    people: Api, make_key: KeyMaker
) -> None:
    """Who may export persons of one tenant names whom he likes: another tenant too, to see if it is there."""
    ends = (NOW + timedelta(minutes=50)).isoformat()
    kept = {}
    for tenants in ([TENANT], [OTHER], [TENANT, OTHER], None):
        asked = {
            "name": "for ann@contoso.com",
            "permissions": ["job:read"],
            "expiresAt": ends,
            "tenantIds": None if tenants is None else list(map(str, tenants)),
        }
        made = people.post("/v1/keys", asked)
        assert made.status == 201, made.json
        kept[made.json["details"]["keyId"]] = tenants
    role = {"subjectKind": "user", "role": "masked_reader", "scope": "tenant", "expiresAt": ends}
    given = {}
    for directory, tenant in ((TENANT, TENANT), (OTHER, OTHER)):
        body = {"directory": str(directory), "tenantId": str(tenant), "subjectId": ANN_ID}
        made = people.post("/v1/memberships", {**role, **body})
        assert made.status == 201, made.json
        given[made.json["membershipId"]] = tenant
    own = people.as_caller(x_api_key=make_key("person:export", tenants=[TENANT]))

    def told(**whom: str) -> dict[str, list[dict[str, str]]]:
        records = own.post(f"{PERSONS}/exports", whom).json["records"]
        of_rights = ("api_keys", "memberships")
        return {
            name: [one["key"] for one in records if one["register"] == name] for name in of_rights
        }

    [key] = [one for one, tenants in kept.items() if tenants == [TENANT]]
    [membership] = [one for one, tenant in given.items() if tenant == TENANT]
    found = told(userPrincipalName="ann@contoso.com")
    assert found == {
        "api_keys": [{"key_id": key}],
        "memberships": [{"membership_id": membership}],
    }
    assert told(userId=str(OTHER)) == {"api_keys": [], "memberships": []}


def test_the_pages_of_an_export_add_up(people: Api) -> None:
    engine = people.doors.engine
    found = found_person(engine, TENANT, ANN_ID, "", b"secret")
    whole = export_person(engine, TENANT, found, "key:1", NOW)
    walked: list[Mention] = []
    records, onward = 0, None
    for _ in range(10):
        page = export_person(engine, TENANT, found, "key:1", NOW, onward, page=1)
        walked += page.mentions
        records += len(page.records)
        if page.onward is None:
            break
        onward = read_place(json.loads(json.dumps(written_place(page.onward), default=str)))
    assert walked == [*whole.mentions]
    assert (len(walked), records) == (4, len(whole.records))


def test_a_name_of_one_word_and_an_address_of_two_are_no_names_of_his_alone(api: Api) -> None:
    engine = api.doors.engine
    desk = {**ANN, "display_name": "Reception", "mail": "desk@contoso.com"}
    collect(engine, TENANT, "users", [desk, {**JOANN, "mail": "Desk@contoso.com"}])
    found = who_is(engine, TENANT, user_id=ANN_ID).identity
    assert found.terms == {ANN_ID, "ann@contoso.com"}
    assert found.shared == {"Reception"}


def test_an_export_is_permitted_apart_and_not_kept(people: Api, make_key: KeyMaker) -> None:
    body = {"userId": ANN_ID}
    reader = people.as_caller(x_api_key=make_key("report:read", "report:personal"))
    assert code(reader.post(f"{PERSONS}/exports", body)) == (403, "permission_missing")
    assert code(people.post(f"{PERSONS}/exports", {})) == (400, "person_unnamed")
    for word in ("the", "   ", "a b@c", "@contoso.com"):
        assert code(erase(people, userPrincipalName=word)) == (400, "body_invalid")
    key = {"idempotency-key": "k1"}
    assert people.post(f"{PERSONS}/exports", body, headers=key).json["rows"]
    again = people.post(f"{PERSONS}/exports", body, headers=key)
    assert (again.headers["Idempotency-Replayed"], again.json["rows"]) == ("true", None)


def test_an_erasure_waits_and_leaves_no_name_of_his_and_everybody_elses(
    strict: Api, second: Api, owner: psycopg.Connection
) -> None:
    engine = strict.doors.engine
    terms = who_is(engine, TENANT, user_id=ANN_ID).identity
    others = rows_of(engine, "users", "id, display_name, valid_from")
    with tenant_session(engine, TENANT) as connection:
        link = {"tenant": TENANT, "id": ANN_ID, "link": f"https://graph/users/{ANN_ID}/drive"}
        insert = "INSERT INTO kanri.parent_links VALUES (:tenant, 'user_drives', :id, 'x', :link)"
        connection.execute(text(insert), link)
    asked = erase(strict)
    assert (asked.status, asked.json["state"]) == (202, "waiting"), asked.json
    path = f"/v1/approvals/{asked.json['approval']['approvalId']}"
    shown = second.get(path).json
    assert shown["effect"]["counts"] == {"mailbox_usage": 1, "sign_ins": 1, "users": 2}
    assert shown["effect"]["items"][0] == asked.json["pseudonym"]
    assert "ann" not in json.dumps(shown["effect"]).lower()
    assert code(strict.post(f"{path}/approve", {"digest": shown["digest"]})) == (
        403,
        "approval_own",
    )
    done = second.post(f"{path}/approve", {"digest": shown["digest"]})
    assert done.status == 200, done.json
    work_off(strict, done)
    found = strict.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    assert (found["state"], found["rows"]["users"]) == ("done", 2)
    # `joann@contoso.com` has hers within: it is somebody else's.
    assert scan(owner, [one for one in terms.likes if "ann@" not in one]) == {}
    left = rows_of(engine, "users", "id, display_name, user_principal_name, job_title")
    assert [row for row in left if not row[0].startswith("p_")] == [
        ("j-1", "Jo Ann", "joann@contoso.com", None),
        ("n-1", "Ann Smith", "ann2@contoso.com", None),
    ]
    assert len(others) == len(left)
    his = [row for row in left if row[0].startswith("p_")]
    assert {row[0] for row in his} == {found["pseudonym"]}
    [(user, signed_in)] = [
        row for row in rows_of(engine, "sign_ins", "user_id, ip_address") if row[0].startswith("p_")
    ]
    assert (user, signed_in[:2]) == (found["pseudonym"], "p_")


def test_a_certificate_says_who_and_what_remains_and_is_verified(
    people: Api,
) -> None:
    asked = erase(people)
    assert asked.status == 202, asked.json
    work_off(people, asked)
    found = people.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    certificate = found["certificate"]
    assert certificate["rows"] == {"mailbox_usage": 1, "sign_ins": 1, "users": 2}
    assert {one["where"] for one in certificate["remains"]} == {"audit", "backups", "microsoft365"}
    assert "ann" not in json.dumps(certificate).lower()
    verify = f"{PERSONS}/certificates/verification"
    body = {"certificate": certificate, "signature": found["signature"]}
    assert people.post(verify, body).json == {"valid": True}
    assert people.post(verify, {**body, "signature": "é"}).json == {"valid": False}
    forged = {**body, "certificate": {**certificate, "rows": {}}}
    assert people.post(verify, forged).json == {"valid": False}
    told = [(event.act, event.target) for event in chain_of(people.doors.engine, TENANT)]
    assert told.count(("person.erase", f"person:{found['pseudonym']}")) == 1


def test_an_erasure_is_refused_while_the_account_is_there_and_under_a_hold(api: Api) -> None:
    seed(api.doors.engine, gone=False)
    assert code(erase(api)) == (409, "person_present")
    collect(api.doors.engine, TENANT, "users", [JOANN, NAMESAKE])
    api.post(HOLDS, {"reason": "case"})
    assert code(erase(api)) == (409, "tenant_on_hold")
    assert len(rows_of(api.doors.engine, "users", "id, valid_from")) == 4
    assert all(not row[0].startswith("p_") for row in rows_of(api.doors.engine, "users", "id, 1"))


def test_a_rejected_erasure_forgets_whom_it_was_about(strict: Api, second: Api) -> None:
    asked = erase(strict)
    path = f"/v1/approvals/{asked.json['approval']['approvalId']}"
    assert second.post(f"{path}/reject", {}).status == 200
    found = strict.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    assert found["state"] == "rejected"
    with tenant_session(strict.doors.engine, TENANT) as connection:
        left = connection.execute(text("SELECT identity FROM kanri.person_requests")).scalars()
        assert list(left) == [None]


def test_a_hold_that_is_placed_meanwhile_stops_it_and_it_is_done_afterwards(people: Api) -> None:
    asked = erase(people)
    hold = people.post(HOLDS, {"reason": "case"}).json["holdId"]
    work_off(people, asked)
    job = people.get(f"/v1/jobs/{asked.json['jobId']}").json
    assert (job["state"], job["problem"]["code"]) == ("failed", "tenant_on_hold")
    people.post(f"{HOLDS}/{hold}/lift")
    again = f"{TENANT}/{asked.json['erasureId']}"
    run(people, "erase_person", again)
    found = people.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    assert found["state"] == "done"
