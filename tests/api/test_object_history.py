"""The history of an object: what it was when, what changed, what nobody can say, what is hidden from whom."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from shared.core import clock, registry
from shared.core.clock import written
from shared.store.session.sessions import tenant_session
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.fixtures.in_order import parents_first
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

NOW = clock.now().replace(microsecond=0)


def days(count: float) -> datetime:
    return NOW - timedelta(days=count)


def ann(**more: object) -> Object:
    own: dict[str, object] = {"id": "u1", "display_name": "Ann", "department": "Sales"}
    return own | {"account_enabled": True} | more


def path(dataset: str, object_id: str) -> str:
    """As the host hands it on: decoded, but for the slash."""
    return f"/v1/tenants/{TENANT}/objects/{dataset}/{object_id.replace('/', '%2F')}/history"


def told(version: Mapping[str, Any]) -> dict[str, tuple[object, object]]:
    """The changes by column. What has none is the seed's: its objects name properties as columns are."""
    changes = version["changes"]
    return {one["column"]: (one["before"], one["after"]) for one in changes if one["column"]}


# What an object has below which others are read.
PARENTS: Mapping[str, Object] = {
    "users": {"mail": "ann@contoso.example", "assigned_licenses": [{"skuId": "s"}]},
    "service_principals": {"app_id": "00000003-0000-0000-c000-000000000000"},
    "message_traces": {"status": "pending"},
    "drive_items": {"shared_scope": "users"},
}


def seed(engine: Engine, dataset: str, at: datetime) -> None:
    """One object `o`; what is read below others is below one of that id, which is there by then."""
    collector = registry.collector(dataset)
    own: dict[str, object] = {"id": "o", **PARENTS.get(dataset, {})}
    if collector.event_time is not None:
        own[collector.event_time] = NOW
    day = at.date() if collector.shape == "measure" else None
    collect(engine, TENANT, dataset, [own], report_date=day, at=at)


@pytest.fixture
def lived(api: Api, app_engine: Engine) -> Api:
    """Ann is seen, moves, is gone, comes back, and marries; somebody else is always there."""
    other = {"id": "u2", "display_name": "Bob"}
    for ago, found in (
        (9, [ann(), other]),
        (8, [ann(), other]),
        (7, [ann(department="Legal", job_title="Judge"), other]),
        (6, [other]),
        (5, [other]),
        (4, [ann(department="Legal", job_title="Judge", account_enabled=False), other]),
        (3, [ann(display_name="Ann Sato", department="Legal", account_enabled=False), other]),
        (2, [ann(display_name="Ann Sato", department="Legal", account_enabled=False), other]),
    ):
        collect(app_engine, TENANT, "users", found, at=days(ago))
    return api


def test_versions_tell_when_what_changed_and_when_it_was_away(lived: Api) -> None:
    answer = lived.get(path("users", "u1"))
    assert answer.status == 200, answer.json
    found = answer.json
    assert (found["present"], found["coverage"]["state"]) == (True, "ok")
    assert found["firstSeenAt"] == written(days(9))
    assert found["lastSeenAt"].startswith(written(days(2))[:19])
    assert [(v["begins"], v["ends"]) for v in found["versions"]] == [
        ("changed", None),
        ("shown_again", "changed"),
        ("changed", "removed"),
        ("first_seen", "changed"),
    ]
    spans = [(v["validFrom"], v["validTo"]) for v in found["versions"]]
    assert spans == [
        (written(days(3)), None),
        (written(days(4)), written(days(3))),
        (written(days(7)), written(days(6))),
        (written(days(9)), written(days(7))),
    ]
    seen = [v["lastSeenAt"][:19] for v in found["versions"]]
    assert seen == [written(days(ago))[:19] for ago in (2, 4, 7, 8)]
    newest, again, moved, first = map(told, found["versions"])
    assert newest == {"display_name": ("Ann", "Ann Sato"), "job_title": ("Judge", None)}
    assert again == {"account_enabled": (True, False)}
    assert moved == {"department": ("Sales", "Legal"), "job_title": (None, "Judge")}
    assert first == {
        "display_name": (None, "Ann"),
        "department": (None, "Sales"),
        "account_enabled": (None, True),
    }


def test_the_history_is_that_of_the_stored_versions(lived: Api, app_engine: Engine) -> None:
    """Counted apart, in SQL that shares nothing with it."""
    with tenant_session(app_engine, TENANT) as connection:
        rows = connection.execute(
            text("SELECT valid_from, valid_to, department FROM data.users WHERE id = 'u1'")
        ).all()
    found = lived.get(path("users", "u1")).json["versions"]
    assert {(v["validFrom"], v["validTo"]) for v in found} == {
        (written(row.valid_from), row.valid_to and written(row.valid_to)) for row in rows
    }


def test_pages_add_up_and_a_cursor_is_of_one_object(lived: Api) -> None:
    whole = lived.get(path("users", "u1")).json
    parts, cursor = [], None
    while True:
        asked = {"top": 1} if cursor is None else {"top": 1, "cursor": cursor}
        page = lived.send("GET", path("users", "u1"), asked).json
        assert {name: page[name] for name in ("present", "firstSeenAt", "lastSeenAt")} == {
            name: whole[name] for name in ("present", "firstSeenAt", "lastSeenAt")
        }
        parts += page["versions"]
        if (following := page["cursor"]) is None:
            break
        cursor = following
    assert parts == whole["versions"]
    foreign = lived.get(path("users", "u2"), cursor=cursor)
    assert (foreign.status, foreign.json["code"]) == (400, "cursor_foreign")
    spoilt = lived.get(path("users", "u1"), cursor="AAAA")
    assert (spoilt.status, spoilt.json["code"]) == (400, "cursor_malformed")


def test_what_is_gone_is_told_and_since_when(lived: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "users", [{"id": "u2", "display_name": "Bob"}], at=days(1))
    found = lived.get(path("users", "u1")).json
    assert (found["present"], found["versions"][0]["ends"]) == (False, "removed")
    assert found["versions"][0]["validTo"] == written(days(1))
    assert found["lastSeenAt"] == found["versions"][0]["lastSeenAt"]
    assert found["lastSeenAt"].startswith(written(days(2))[:19])


def test_nobody_looked_is_another_answer_than_nothing_there(lived: Api, app_engine: Engine) -> None:
    def code(dataset: str) -> tuple[int, str]:
        answer = lived.get(path(dataset, "nobody"))
        return answer.status, answer.json["code"]

    assert code("users") == (404, "object_unknown")
    assert code("groups") == (404, "object_unread")
    collect(app_engine, TENANT, "groups", [], state="failed", cause="graph_refused", at=days(1))
    assert code("groups") == (404, "object_unread")
    assert code("nothing") == (404, "dataset_unknown")
    other = lived.get(f"/v1/tenants/{OTHER}/objects/users/u1/history")
    assert (other.status, other.json["code"]) == (404, "object_unread")


def test_an_id_of_several_values_is_the_one_that_is_kept(api: Api, app_engine: Engine) -> None:
    """The host leaves %2F as it is, whether a slash or itself was written so."""
    collect(app_engine, TENANT, "groups", [{"id": "g1"}], at=days(3))
    for ago, owner in ((2, "Ann"), (1, "Bob")):
        members = [
            {"id": f"g1/{one}", "member_id": one, "display_name": f"{owner} {one}"}
            for one in ("m1", "a%2Fb")
        ]
        collect(app_engine, TENANT, "members", members, at=days(ago))
    for written_so, own in (("g1/m1", "g1/m1"), ("g1/a%2Fb", "g1/a%2Fb")):
        answer = api.get(path("members", written_so))
        assert answer.status == 200, answer.json
        assert answer.json["id"] == own
        assert told(answer.json["versions"][0])["display_name"][1] == f"Bob {own[3:]}"


def test_who_may_not_see_personal_data_sees_no_trace_of_its_changes(
    api: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    """Versions that differ in what is withheld alone are one, whatever was told of them."""
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 5)]
    for ago, moment in zip((9, 8, 7, 6), moments, strict=True):
        own = ann(last_password_change_at=moment, job_title=f"Chief {ago}")
        collect(app_engine, TENANT, "users", [own], at=days(ago))
    collect(app_engine, TENANT, "users", [ann(display_name="aNN")], at=days(5))
    collect(app_engine, TENANT, "users", [ann(display_name="Eve", department="Law")], at=days(4))
    masked = api.as_caller(x_api_key=make_key("report:read"))
    answer = masked.get(path("users", "u1"))
    assert answer.headers["Kanri-Personal-Data"] == "masked"
    newest, first = answer.json["versions"]
    assert (first["validFrom"], first["validTo"]) == (written(days(9)), written(days(4)))
    assert newest["validFrom"] == written(days(4))
    by_column = {change["column"]: change for change in newest["changes"]}
    assert set(by_column) == {"display_name", "department"}
    assert by_column["display_name"]["masked"] == "pseudonym"
    shown = masked.get(f"/v1/tenants/{TENANT}/reports/users").json["rows"][0]["display_name"]
    assert by_column["display_name"]["after"] == shown
    assert "last_password_change_at" in answer.json["withheld"]
    assert not [word for word in (b"Ann", b"Eve", b"Chief", b"2026-01-0") if word in answer.body]
    assert len(api.get(path("users", "u1")).json["versions"]) == 6


def test_an_id_that_names_somebody_is_no_oracle(
    api: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    mail = "ann@contoso.example"
    for ago, count in ((3, 1), (2, 7)):
        box = [{"id": mail, "user_principal_name": mail, "item_count": count}]
        day = (NOW - timedelta(days=ago)).date()
        collect(app_engine, TENANT, "mailbox_usage", box, report_date=day, at=days(ago - 1))
    masked = api.as_caller(x_api_key=make_key("report:read"))
    there, away = (masked.get(path("mailbox_usage", one)) for one in (mail, "no@contoso.example"))
    assert (there.status, there.json["code"]) == (403, "object_withheld")
    assert (away.status, away.json["code"], away.json["detail"]) == (
        403,
        "object_withheld",
        there.json["detail"],
    )
    answer = api.get(path("mailbox_usage", mail))
    assert answer.status == 200, answer.json
    found = answer.json
    assert found["present"] is None
    newest, first = found["versions"]
    assert (newest["begins"], first["begins"]) == ("measured", "measured")
    assert date.fromisoformat(newest["reportDate"]) == days(2).date()
    assert told(newest) == {"item_count": (1, 7)}


def test_an_event_that_was_told_again_has_both_versions(api: Api, app_engine: Engine) -> None:
    for ago, code in ((3, 50074), (2, 0)):
        sign_in = {"id": "s1", "created_at": days(4), "error_code": code}
        collect(app_engine, TENANT, "sign_ins", [sign_in], at=days(ago))
    found = api.get(path("sign_ins", "s1")).json
    newest, first = found["versions"]
    assert told(newest) == {"error_code": (50074, 0)}
    assert (newest["validFrom"], first["validTo"]) == (written(days(2)), written(days(2)))
    assert found["present"] is None


def test_every_dataset_tells_of_an_object(api: Api, app_engine: Engine) -> None:
    """Whatever its shape: a version as of now."""
    at = days(1)
    for dataset in parents_first():
        seed(app_engine, dataset, at)
        answer = api.get(path(dataset, "o"))
        assert answer.status == 200, (dataset, answer.json)
        (only,) = answer.json["versions"]
        assert (only["validFrom"], only["validTo"]) == (written(at), None), dataset
        assert answer.json["coverage"]["dataset"] == dataset
