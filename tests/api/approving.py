"""Asking for what has to wait for a second person, and deciding it."""

from copy import replace
from datetime import timedelta

from shared.core import clock
from tests.api.conftest import TENANT, Answer, Api
from tests.api.doors import Doors
from tests.fixtures.seed import collect

PEOPLE = [{"id": f"u{n}"} for n in range(3)]


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def ask_for_purge(api: Api, people: int = 3) -> str:
    """Remove the tenant with its data; return the id of what waits."""
    collect(api.doors.engine, TENANT, "users", PEOPLE[:people])
    answer = api.delete(f"/v1/tenants/{TENANT}", purge="true")
    assert (answer.status, answer.json["job"], answer.messages) == (202, None, ())
    waiting = answer.json["approval"]
    assert answer.headers["Location"] == f"/api/v1/approvals/{waiting['approvalId']}"
    return str(waiting["approvalId"])


def new_key(**more: object) -> dict[str, object]:
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    given = {"name": "k", "permissions": ["tenant:read", "tenant:write"], "expiresAt": until}
    return given | more


def approve(api: Api, approval: str, digest: str | None = None, key: str | None = None) -> Answer:
    path = f"/v1/approvals/{approval}"
    seen = digest or api.get(path).json["digest"]
    headers = {} if key is None else {"idempotency-key": key}
    return api.post(f"{path}/approve", {"digest": seen}, headers=headers)


def key_of(maker: Api, permissions: list[str]) -> Api:
    """A key that `maker` makes, where nothing waits."""
    lenient = replace(maker.doors.settings(), approvals="off")
    api = replace(maker, doors=Doors(maker.doors.engine, lenient))
    until = maker.get("/v1/me").json["until"]
    made = api.post("/v1/keys", {"name": "k", "permissions": permissions, "expiresAt": until})
    assert made.status == 201, made.json
    return maker.as_caller(x_api_key=made.json["key"])


def key_id(api: Api) -> str:
    return str(api.get("/v1/me").json["subjectId"])
