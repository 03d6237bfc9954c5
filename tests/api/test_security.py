"""Events of security and the posture of Kanri itself, by HTTP: what is told, and to whom."""

from copy import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, insert, update

from shared.core import clock
from shared.core.posture import CHECKS
from shared.core.registry import of
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT
from shared.store.audit.verifications import LastVerification, Verifications
from shared.store.registers.api_key_table import API_KEYS
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.consents import Consents
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.session.sessions import operator_session
from shared.usecases.check_consent import judge_consent
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.api.doors import Doors
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

EVENTS, POSTURE = "/v1/security/events", "/v1/security/posture"


def rows(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["rows"]
    return found


def findings(api: Api, check: str) -> list[dict[str, Any]]:
    answer = api.get(POSTURE, check=check)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["findings"]
    return found


def finding(api: Api, check: str) -> dict[str, Any]:
    [found] = findings(api, check)
    return found


@pytest.fixture
def lived(api: Api, make_key: KeyMaker) -> Api:
    """The API after some things that matter to security, and some that do not."""
    assert api.as_caller(x_api_key="kanri_test_wrong").get("/v1/tenants").status == 401
    narrow = api.as_caller(x_api_key=make_key("report:read", tenants=[TENANT]))
    assert narrow.get(f"/v1/tenants/{TENANT}/audit").status == 403
    assert narrow.get(f"/v1/tenants/{TENANT}/reports/users", nowhere="x").status == 400
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    body = {"name": "n", "permissions": ["report:read"], "tenantIds": [str(TENANT)]}
    made = api.post("/v1/keys", {**body, "expiresAt": until})
    assert made.status == 201, made.json
    assert api.delete(f"/v1/keys/{made.json['details']['keyId']}").status == 204
    assert api.get(f"/v1/tenants/{TENANT}/audit", format="csv").status == 200
    assert api.post(f"/v1/tenants/{TENANT}/pause").status == 200
    return api


def test_what_matters_is_told_with_how_much(lived: Api) -> None:
    found = {row["event"]: row for row in rows(lived.get(EVENTS))}
    assert found.keys() >= {
        "sign_in_failed",
        "access_refused",
        "request_failed",
        "key_made",
        "key_revoked",
        "personal_data_exported",
    }
    assert found["sign_in_failed"]["tenant_id"] == str(DEPLOYMENT)
    assert found["access_refused"]["tenant_id"] == str(TENANT)
    assert found["key_revoked"]["severity"] == "medium"
    assert not [row for row in rows(lived.get(EVENTS)) if row["act"] == "tenant.pause"]
    high = rows(lived.get(EVENTS, filter="severity in ('low') and result ne 'done'"))
    assert {row["event"] for row in high} == {"sign_in_failed", "request_failed"}


def test_who_took_them_as_a_file_is_told_himself(lived: Api) -> None:
    assert lived.get(EVENTS, format="csv", lang="ja").status == 200
    exports = rows(lived.get(EVENTS, filter="act eq 'security.export'"))
    assert [row["event"] for row in exports] == ["personal_data_exported"]


def test_who_sees_one_tenant_sees_its_events_without_persons(
    lived: Api, make_key: KeyMaker
) -> None:
    narrow = lived.as_caller(x_api_key=make_key("security:read", tenants=[TENANT]))
    answer = narrow.get(EVENTS)
    assert {row["tenant_id"] for row in rows(answer)} == {str(TENANT)}
    assert answer.headers["Kanri-Personal-Data"] == "masked"
    assert narrow.get(EVENTS, tenant=OTHER).json["code"] == "tenant_forbidden"
    assert rows(narrow.get(EVENTS)) == rows(narrow.get(EVENTS, tenant=TENANT))


def test_a_pseudonym_of_an_address_is_the_same_whichever_tenants_are_asked_about(
    behind: Api, make_key: KeyMaker
) -> None:
    from_there = {"x-forwarded-for": "203.0.113.7"}
    narrow = make_key("report:read", tenants=[TENANT])
    refused = behind.as_caller(x_api_key=narrow)
    assert refused.get(f"/v1/tenants/{TENANT}/audit", from_there).status == 403
    masked = behind.as_caller(x_api_key=make_key("security:read", tenants=[TENANT]))
    [row] = rows(masked.get(EVENTS, filter="event eq 'access_refused'"))
    assert row["address"].startswith("p_")
    [same] = rows(masked.get(EVENTS, filter=f"address eq '{row['address']}'"))
    assert same == row
    log = behind.as_caller(x_api_key=make_key("audit:read", tenants=[TENANT]))
    own = rows(log.get(f"/v1/tenants/{TENANT}/audit", filter=f"address eq '{row['address']}'"))
    assert [entry["seq"] for entry in own] == [row["seq"]], "it joins with the audit log"
    [shown] = rows(behind.get(EVENTS, filter="event eq 'access_refused'"))
    assert shown["address"] == "203.0.113.7"


def test_every_check_looks_and_says_why_and_what_mends_it(api: Api) -> None:
    answer = api.get(POSTURE)
    found = answer.json["findings"]
    assert {one["check"] for one in found} == set(of(CHECKS))
    assert all(one["why"] and one["fix"] and one["docs"] for one in found)
    counts = answer.json["counts"]
    assert counts["passed"] + counts["failed"] + counts["unknown"] == len(found)
    failed = api.get(POSTURE, status="fail").json["findings"]
    assert {one["status"] for one in failed} == {"fail"}
    japanese = api.get(POSTURE, lang="ja").json["findings"]
    assert [one["why"] for one in japanese] != [one["why"] for one in found]


def test_pages_add_up_and_a_copy_is_right_until_something_changes(api: Api) -> None:
    whole = api.get(POSTURE)
    answer = api.get(POSTURE, top=3)
    found = answer.json["findings"]
    while answer.json["cursor"]:
        answer = api.get(POSTURE, top=3, cursor=answer.json["cursor"])
        found += answer.json["findings"]
    assert found == whole.json["findings"]
    named = {"if-none-match": whole.headers["ETag"]}
    assert api.get(POSTURE, named).status == 304
    assert api.post(f"/v1/tenants/{TENANT}/pause").status == 200
    assert api.get(POSTURE, named).status == 200


def test_who_sees_one_tenant_is_told_nothing_of_the_deployment(
    api: Api, make_key: KeyMaker
) -> None:
    narrow = api.as_caller(x_api_key=make_key("security:read", tenants=[TENANT]))
    found = narrow.get(POSTURE).json["findings"]
    assert {one["tenantId"] for one in found} == {str(TENANT)}
    assert {one["check"] for one in found} == {c for c in of(CHECKS) if of(CHECKS)[c].of_tenants}
    assert narrow.get(POSTURE, tenant=OTHER).json["code"] == "tenant_forbidden"
    assert api.get(POSTURE, tenant=OTHER, check="owners").json["findings"] == []


def test_keys_that_never_end_or_are_not_used_or_open_all_from_anywhere(api: Api) -> None:
    engine = api.doors.engine
    [mine] = [key.key_id for key in ApiKeys(engine).all()]
    assert finding(api, "keys_that_end")["status"] == "pass"
    assert finding(api, "keys_in_use")["status"] == "pass"
    wide = finding(api, "keys_with_bounds")
    assert (wide["status"], wide["about"]) == ("fail", [str(mine)])
    _, old = ApiKeys(engine).create(
        "old",
        environment="test",
        permissions=["report:read"],
        tenant_ids=[TENANT],
        expires_at=None,
    )
    with operator_session(engine) as connection:
        long_ago = clock.now() - timedelta(days=91)
        change = update(API_KEYS).filter_by(key_id=old.key_id).values(created_at=long_ago)
        connection.execute(change)
    for check in ("keys_that_end", "keys_in_use"):
        found = finding(api, check)
        assert (found["status"], found["about"]) == ("fail", [str(old.key_id)]), check
    ApiKeys(engine).revoke(old.key_id)
    assert finding(api, "keys_that_end")["status"] == "pass", "a key that is revoked opens nothing"


def owner(engine: Engine, kind: str = "user") -> None:
    row = {
        "membership_id": uuid4(),
        "subject_kind": kind,
        "subject_directory": uuid4(),
        "subject_id": uuid4(),
        "role": "owner",
        "created_at": clock.now(),
    }
    with operator_session(engine) as connection:
        connection.execute(insert(MEMBERSHIPS), [row])


def test_owners_are_two_to_five_and_of_a_group_nobody_knows(api: Api) -> None:
    seen = []
    for _ in range(7):
        seen.append(finding(api, "owners")["status"])
        owner(api.doors.engine)
    assert seen == ["fail", "fail", "pass", "pass", "pass", "pass", "fail"]


def test_of_a_group_of_owners_it_is_unknown_how_many_they_are(api: Api) -> None:
    owner(api.doors.engine, "group")
    assert finding(api, "owners")["status"] == "unknown"


def test_approvals_are_in_force_with_two_who_may_or_by_setting(api: Api) -> None:
    assert finding(api, "approvals_in_force")["status"] == "fail"
    for _ in range(2):
        owner(api.doors.engine)
    assert finding(api, "approvals_in_force")["status"] == "pass"
    assert finding(with_settings(api, approvals="off"), "approvals_in_force")["status"] == "fail"


def with_settings(api: Api, **changed: Any) -> Api:
    settings: Settings = replace(api.doors.settings(), **changed)
    return replace(api, doors=Doors(api.doors.engine, settings))


def test_what_is_set_is_judged_and_no_secret_is_told(api: Api) -> None:
    assert finding(api, "addresses_known")["status"] == "fail"
    limited = with_settings(api, trusted_proxies=1)
    assert finding(limited, "addresses_known")["status"] == "pass"
    assert finding(api, "addresses_limited")["about"] == ["KANRI_ALLOWED_RANGES"]
    keys = api.doors.settings().sealing_keys
    told = api.get(POSTURE).body.decode()
    assert keys
    assert not [entry for entry in keys.split() if entry.partition(":")[2] in told]
    assert api.doors.settings().database_url not in told
    assert finding(api, "sealing_keys")["status"] == "unknown", "how old they are nobody knows"
    unsafe = finding(api, "settings_safe")
    assert unsafe["status"] == "fail"
    assert "KANRI_TRUSTED_PROXIES" in unsafe["about"]


def test_chains_are_to_be_verified_within_a_month(api: Api) -> None:
    notes, now = Verifications(api.doors.engine), clock.now()
    assert finding(api, "audit_verified")["status"] == "unknown"
    for chain in (DEPLOYMENT, TENANT, OTHER):
        notes.note(LastVerification(chain, now - timedelta(days=32), intact=True, events=5))
    assert finding(api, "audit_verified")["status"] == "fail"
    for chain in (DEPLOYMENT, TENANT, OTHER):
        notes.note(LastVerification(chain, now, intact=True, events=5))
    assert finding(api, "audit_verified")["status"] == "pass"
    notes.note(LastVerification(TENANT, now + timedelta(seconds=1), intact=False, events=5))
    found = finding(api, "audit_verified")
    assert (found["status"], found["about"]) == ("fail", [str(TENANT)])
    notes.note(LastVerification(TENANT, now, intact=True, events=5))
    assert finding(api, "audit_verified")["status"] == "fail", "an older one takes nothing back"


def test_tenants_that_are_paused_badly_read_or_consent_too_much(
    api: Api, app_engine: Engine
) -> None:
    def of_tenants(check: str) -> dict[str, str]:
        return {one["tenantId"]: one["status"] for one in findings(api, check)}

    assert of_tenants("tenants_read") == {str(TENANT): "unknown", str(OTHER): "unknown"}
    assert of_tenants("consent_fits") == {str(TENANT): "unknown", str(OTHER): "unknown"}
    collect(app_engine, TENANT, "users", [])
    collect(app_engine, OTHER, "users", [], state="not_permitted", cause="graph_not_permitted")
    assert of_tenants("tenants_read") == {str(TENANT): "pass", str(OTHER): "fail"}
    needed = [line.permission for line in judge_consent(frozenset())]
    consents, now = Consents(app_engine), clock.now()
    consents.note(TENANT, needed, now)
    consents.note(OTHER, [*needed, "Mail.ReadWrite"], now)
    assert of_tenants("consent_fits") == {str(TENANT): "pass", str(OTHER): "fail"}
    [wide] = [one for one in findings(api, "consent_fits") if one["status"] == "fail"]
    assert wide["about"] == ["Mail.ReadWrite"]
    consents.note(OTHER, needed, now - timedelta(days=91))
    assert of_tenants("consent_fits")[str(OTHER)] == "unknown"
    assert api.post(f"/v1/tenants/{OTHER}/pause").status == 200
    assert of_tenants("tenants_active") == {str(TENANT): "pass", str(OTHER): "fail"}


def test_a_check_or_a_status_that_there_is_not_is_named(api: Api) -> None:
    for parameter in ("check", "status"):
        answer = api.send("GET", POSTURE, {parameter: "nowhere"})
        assert (answer.status, answer.json["code"]) == (400, "value_not_allowed")
        assert answer.json["parameter"] == parameter
    assert api.get(POSTURE, tenant=UUID(int=7)).json["code"] == "tenant_unknown"
