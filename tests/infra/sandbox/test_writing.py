"""What may be changed: users, groups, deleted items, mail and subscriptions, as Graph answers it."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from infra.local.sandbox.tenant.apps import known_permissions
from tests.fixtures.children import run_child
from tests.fixtures.hostile import Asked, Hostile, http
from tests.infra.sandbox.conftest import Sandbox, started
from tests.infra.sandbox.test_contract import JUDGE

pytestmark = pytest.mark.stack

PERSON = {
    "accountEnabled": True,
    "displayName": "Aiko Test",
    "mailNickname": "aiko.test",
    "passwordProfile": {"password": "Sandb0x!only"},
}
TEAM = {"displayName": "T", "mailEnabled": False, "mailNickname": "t", "securityEnabled": True}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the exchanges of this file are written."""
    return tmp_path_factory.mktemp("writes") / "wire.jsonl"


@pytest.fixture(scope="module")
def running(log: Path) -> Iterator[Sandbox]:
    """A sandbox of this file alone, whose app may do everything."""
    options = ("--users", "60", "--throttle-scale", "0", "--wire-log", str(log))
    with started(log.parent, *options) as ready:
        sandbox = Sandbox(ready)
        app = sandbox.tenant["clientId"]
        sandbox.admin.app(appId=app, permissions=sorted(known_permissions()))
        yield sandbox
        sandbox.http.close()


@pytest.fixture
def unlogged(running: Sandbox, log: Path) -> Iterator[None]:
    """Requests that are wrong on purpose are not the judge's affair."""
    running.admin.wire_log(None)
    yield
    running.admin.wire_log(str(log))


def own_name(sandbox: Sandbox, name: str) -> str:
    """A user principal name of the tenant."""
    return f"{name}@{sandbox.get('/domains').json()['value'][0]['id']}"


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and Graph's error code."""
    return answer.status_code, answer.json()["error"]["code"]


def test_a_user_is_made_changed_deleted_and_brought_back(sandbox: Sandbox) -> None:
    body = {**PERSON, "userPrincipalName": own_name(sandbox, "aiko.test")}
    made = sandbox.http.post("/users", json=body)
    assert made.status_code == 201
    key = made.json()["id"]
    assert key in made.headers["location"]
    assert "passwordProfile" not in made.json()
    assert code(sandbox.http.post("/users", json=body)) == (400, "Request_BadRequest")
    changed = sandbox.http.patch(f"/users/{key}", json={"department": "Sales", "jobTitle": None})
    assert (changed.status_code, changed.content) == (204, b"")
    found = sandbox.get(f"/users/{key}?$select=department,displayName").json()
    assert found["department"] == "Sales"
    assert sandbox.http.delete(f"/users/{key}").status_code == 204
    assert sandbox.error(f"/users/{key}")[0] == 404
    bin_of_users = "/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime"
    [row] = [row for row in sandbox.read(bin_of_users)[0] if row["id"] == key]
    assert row["deletedDateTime"]
    restored = sandbox.http.post(f"/directory/deletedItems/{key}/restore")
    assert restored.json()["@odata.type"] == "#microsoft.graph.user"
    assert sandbox.get(f"/users/{key}").status_code == 200
    assert code(sandbox.http.post(f"/directory/deletedItems/{key}/restore"))[0] == 404


def test_a_group_is_made_changed_deleted_and_removed_for_good(sandbox: Sandbox) -> None:
    key = sandbox.http.post("/groups", json=TEAM).json()["id"]
    assert sandbox.http.patch(f"/groups/{key}", json={"description": "D"}).status_code == 204
    assert sandbox.http.delete(f"/groups/{key}").status_code == 204
    assert sandbox.http.delete(f"/directory/deletedItems/{key}").status_code == 204
    rows, _ = sandbox.read("/directory/deletedItems/microsoft.graph.group")
    assert key not in {row["id"] for row in rows}
    assert code(sandbox.http.post(f"/directory/deletedItems/{key}/restore"))[0] == 404


def test_deleted_objects_are_kept_for_thirty_days(sandbox: Sandbox) -> None:
    key = sandbox.http.post("/groups", json=TEAM).json()["id"]
    sandbox.http.delete(f"/groups/{key}")
    sandbox.admin.advance(31 * 86_400)
    assert code(sandbox.http.post(f"/directory/deletedItems/{key}/restore"))[0] == 404


@pytest.mark.usefixtures("unlogged")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/users", {**PERSON, "userPrincipalName": "aiko@example.org"}),
        ("/users", PERSON),
        ("/users", {**PERSON, "colour": "red"}),
        ("/groups", {"displayName": "T"}),
        ("/groups", {**TEAM, "id": "5"}),
        ("/groups", {**TEAM, "mailEnabled": True}),
    ],
)
def test_a_body_that_makes_no_object_is_refused(
    sandbox: Sandbox, path: str, body: dict[str, Any]
) -> None:
    assert code(sandbox.http.post(path, json=body)) == (400, "Request_BadRequest")


@pytest.mark.usefixtures("unlogged")
def test_writing_needs_permission_and_a_method_that_exists(sandbox: Sandbox) -> None:
    app = sandbox.tenant["clientId"]
    sandbox.admin.app(appId=app, permissions=["User.Read.All"])
    sandbox.sign_in()
    try:
        assert code(sandbox.http.post("/groups", json=TEAM)) == (403, "Authorization_RequestDenied")
    finally:
        sandbox.admin.app(appId=app, permissions=sorted(known_permissions()))
        sandbox.sign_in()
    assert sandbox.http.put("/groups", json=TEAM).status_code == 405


def test_writes_are_limited_apart_from_reads(sandbox: Sandbox) -> None:
    sandbox.admin.throttle(2 / 3000)
    codes = [sandbox.http.post("/groups", json=TEAM).status_code for _ in range(3)]
    refused = sandbox.http.post("/groups", json=TEAM)
    sandbox.admin.throttle(0)
    assert codes == [201, 201, 429]
    assert refused.headers["x-ms-throttle-scope"].split("/")[1] == "Write"
    assert int(refused.headers["retry-after"]) > 0


def test_mail_is_taken_and_kept_among_what_was_sent(sandbox: Sandbox) -> None:
    users = sandbox.read("/users?$select=id,mail&$top=100")[0]
    sender = next(user["id"] for user in users if user["mail"])
    silent = next(user["id"] for user in users if not user["mail"])
    message = {
        "subject": "Hello",
        "body": {"contentType": "text", "content": "Hello"},
        "toRecipients": [{"emailAddress": {"address": "someone@example.org"}}],
    }
    sent = sandbox.http.post(f"/users/{sender}/sendMail", json={"Message": message})
    assert (sent.status_code, sent.content) == (202, b"")
    [kept] = sandbox.read(f"/users/{sender}/mailFolders/sentItems/messages")[0]
    assert kept["subject"] == "Hello"
    unsaved = {"Message": message, "SaveToSentItems": False}
    assert sandbox.http.post(f"/users/{sender}/sendMail", json=unsaved).status_code == 202
    assert len(sandbox.read(f"/users/{sender}/mailFolders/sentItems/messages")[0]) == 1
    refused = sandbox.http.post(f"/users/{silent}/sendMail", json={"Message": message})
    assert code(refused) == (404, "MailboxNotEnabledForRESTAPI")
    nobody = {"Message": {**message, "toRecipients": []}}
    assert code(sandbox.http.post(f"/users/{sender}/sendMail", json=nobody))[0] == 400


@pytest.fixture(scope="module")
def receiver(log: Path) -> Iterator[Hostile]:
    """An endpoint that says validation tokens back, or whatever a test wants instead."""
    server = Hostile(log.parent)
    server.start()
    yield server
    server.stop()


def _says_it_back(asked: Asked) -> bytes:
    token = parse_qs(urlsplit(asked.target).query)["validationToken"][0]
    return http(token.encode()).replace(b"application/json", b"text/plain")


def subscription(sandbox: Sandbox, receiver: Hostile, **changes: Any) -> dict[str, Any]:
    """The body of a subscription that is in order."""
    now = datetime.fromisoformat(sandbox.admin.stats()["now"])
    return {
        "changeType": "updated,deleted",
        "notificationUrl": f"{receiver.origin}/notify?code=1",
        "resource": "/users",
        "expirationDateTime": (now + timedelta(days=28)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "clientState": "own",
        **changes,
    }


def test_a_subscription_lives_from_handshake_to_deletion(
    sandbox: Sandbox, receiver: Hostile
) -> None:
    receiver.answer = _says_it_back
    made = sandbox.http.post("/subscriptions", json=subscription(sandbox, receiver))
    assert made.status_code == 201, made.text
    assert receiver.asked[-1].target.startswith("/notify?code=1&validationToken=")
    row = made.json()
    assert row["clientState"] is None
    path = f"/subscriptions/{row['id']}"
    sooner = {"expirationDateTime": subscription(sandbox, receiver)["expirationDateTime"]}
    assert sandbox.http.patch(path, json=sooner).status_code == 200
    assert [row["id"] for row in sandbox.read("/subscriptions")[0]] == [row["id"]]
    assert sandbox.http.delete(path).status_code == 204
    assert code(sandbox.http.patch(path, json=sooner))[0] == 404
    short = sandbox.http.post("/subscriptions", json=subscription(sandbox, receiver))
    sandbox.admin.advance(29 * 86_400)
    assert sandbox.get(f"/subscriptions/{short.json()['id']}").status_code == 404, "it expired"


@pytest.mark.usefixtures("unlogged")
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"resource": "/planets"}, 400),
        ({"changeType": "created"}, 400),
        ({"notificationUrl": "http://localhost/notify"}, 400),
        ({"notificationUrl": None}, 400),
        ({"expirationDateTime": "2020-01-01T00:00:00Z"}, 400),
        ({"expirationDateTime": "2099-01-01T00:00:00Z"}, 400),
        ({"clientState": "x" * 129}, 400),
    ],
)
def test_a_subscription_out_of_order_is_refused(
    sandbox: Sandbox, receiver: Hostile, changes: dict[str, Any], status: int
) -> None:
    receiver.answer = _says_it_back
    answer = sandbox.http.post("/subscriptions", json=subscription(sandbox, receiver, **changes))
    assert answer.status_code == status


@pytest.mark.parametrize(
    "said", [http(b"no").replace(b"application/json", b"text/plain"), http(b"", "500 No"), b""]
)
def test_without_the_handshake_there_is_no_subscription(
    sandbox: Sandbox, receiver: Hostile, said: bytes
) -> None:
    receiver.answer = lambda _asked: said
    answer = sandbox.http.post("/subscriptions", json=subscription(sandbox, receiver))
    assert code(answer) == (400, "ValidationError")


@pytest.mark.skipif(not JUDGE.exists(), reason="the contract checker is not here")
def test_the_judge_finds_nothing(running: Sandbox, log: Path) -> None:
    # What this file's tests have said so far is judged too, but they come in any order.
    made = running.http.post(
        "/users", json=PERSON | {"userPrincipalName": own_name(running, "judged")}
    )
    here = f"/users/{made.json()['id']}"
    assert running.http.patch(here, json={"department": "Judged"}).status_code == 204
    assert running.http.delete(here).status_code == 204
    running.admin.stats()  # completes the log
    assert {"POST", "PATCH", "DELETE"} <= {
        json.loads(line)["method"] for line in log.read_text(encoding="utf-8").splitlines()
    }
    words = [sys.executable, str(JUDGE), str(log)]
    verdict = run_child(words, capture_output=True, text=True, check=False)
    assert verdict.stdout.splitlines()[-1].endswith(" 0 findings"), verdict.stdout[-3000:]
