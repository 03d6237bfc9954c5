"""Writes reach Graph once: what may have been done is never asked for again, and says so."""

import asyncio
from uuid import UUID, uuid4

import msgspec
import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.errors import (
    GraphError,
    GraphUnavailable,
    MalformedAnswer,
    NotPermitted,
    OutcomeUnknown,
    StoreUnavailable,
    Throttled,
)
from shared.graph.client import GraphClient, Written
from shared.graph.exchange import Exchange
from shared.graph.governor import Governor
from tests.fixtures.graph import QUICK, OpenPurse, sandbox_settings
from tests.fixtures.hostile import ANSWERS, Asked, Hostile, elsewhere, http
from tests.graph.test_client import Open, use

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("may_write")]


async def found(client: GraphClient, name: str) -> Written:
    """Found a security group called `name`."""
    group = {"displayName": name, "mailNickname": "t", "mailEnabled": False}
    body = msgspec.json.encode({**group, "securityEnabled": True})
    return await client.write("POST", f"{client.endpoint}/v1.0/groups", body, bucket="directory")


@pytest.fixture
def name() -> str:
    """A group nobody else founds."""
    return f"Group {uuid4()}"


def count(admin: SandboxAdmin, name: str) -> int:
    """How many groups of that name exist: how often the write was done."""
    groups = admin.journal("groups", select=["displayName"])["objects"]
    return sum(group["displayName"] == name for group in groups.values())


def test_a_write_tells_status_body_and_where_it_is(
    open_graph: Open, sandbox_admin: SandboxAdmin, purse: OpenPurse, name: str
) -> None:
    async def live(client: GraphClient) -> list[Written]:
        made = await found(client, name)
        url = f"{client.endpoint}/v1.0/groups/{msgspec.json.decode(made.body)['id']}"
        changed = await client.write("PATCH", url, b'{"description":"D"}', bucket="directory")
        return [made, changed, await client.write("DELETE", url, bucket="directory")]

    made, changed, deleted = use(open_graph, live)
    assert made.status == 201
    assert msgspec.json.decode(made.body)["displayName"] == name
    assert made.location is not None
    assert msgspec.json.decode(made.body)["id"] in made.location
    assert (changed.status, changed.body, changed.location) == (204, b"", None)
    assert deleted.status == 204
    assert purse.reserved == [("directory/writes", 1), ("directory", 1)] * 3
    assert count(sandbox_admin, name) == 0


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("throttle", {"count": 2, "retry_after": 1}),
        ("throttle_silent", {"count": 2}),
        ("unavailable", {"count": 2, "retry_after": 1}),
        ("expired_token", {"count": 1}),
    ],
)
def test_what_was_thrown_back_is_asked_for_again(
    open_graph: Open, sandbox_admin: SandboxAdmin, name: str, kind: str, more: dict[str, int]
) -> None:
    sandbox_admin.faults({"kind": kind, "path": "/groups", "method": "POST", **more})
    assert use(open_graph, lambda client: found(client, name)).status == 201
    assert count(sandbox_admin, name) == 1


@pytest.mark.parametrize("kind", ["lost", "reset", "cut", "malformed_json"])
def test_what_was_done_behind_a_failure_is_done_once(
    open_graph: Open, sandbox_admin: SandboxAdmin, name: str, kind: str
) -> None:
    rule = {"kind": kind, "path": "/groups", "method": "POST", "count": 1}
    sandbox_admin.faults(rule)
    if kind == "malformed_json":  # the bytes are the caller's to read; that it was done is certain
        assert use(open_graph, lambda client: found(client, name)).status == 201
    else:
        with pytest.raises(OutcomeUnknown) as raised:
            use(open_graph, lambda client: found(client, name))
        assert not raised.value.retryable
        assert UUID(str(raised.value.params["request"]))
        known = {"lost": 504, "cut": 201}
        assert raised.value.params["status"] == known.get(kind, "-")
    assert count(sandbox_admin, name) == 1


@pytest.mark.parametrize("kind", ["server_error", "gateway_timeout"])
def test_a_failure_that_says_nothing_is_not_tried_again(
    open_graph: Open, sandbox_admin: SandboxAdmin, purse: OpenPurse, name: str, kind: str
) -> None:
    sandbox_admin.faults({"kind": kind, "path": "/groups", "method": "POST", "count": 1})
    with pytest.raises(OutcomeUnknown):
        use(open_graph, lambda client: found(client, name))
    assert len(purse.reserved) == 2
    assert count(sandbox_admin, name) == 0


@pytest.mark.parametrize(
    ("kind", "error"), [("missing_permission", NotPermitted), ("not_found", GraphError)]
)
def test_a_refused_write_is_certain(
    open_graph: Open, sandbox_admin: SandboxAdmin, name: str, kind: str, error: type[GraphError]
) -> None:
    sandbox_admin.faults({"kind": kind, "path": "/groups", "method": "POST"})
    with pytest.raises(error) as raised:
        use(open_graph, lambda client: found(client, name))
    assert not isinstance(raised.value, OutcomeUnknown)


def test_a_storm_of_429_is_raised_and_nothing_done(
    open_graph: Open, sandbox_admin: SandboxAdmin, purse: OpenPurse, name: str
) -> None:
    storm = {"kind": "throttle", "path": "/groups", "method": "POST", "retry_after": 1}
    sandbox_admin.faults(storm)

    async def many(client: GraphClient) -> list[Written | BaseException]:
        writes = (found(client, name) for _ in range(5))
        return await asyncio.gather(*writes, return_exceptions=True)

    answers = use(open_graph, many)
    assert all(isinstance(answer, Throttled) for answer in answers)
    assert purse.penalties == [("directory", 1.0)] * 5 * QUICK.attempts
    assert count(sandbox_admin, name) == 0


def test_a_full_purse_that_cannot_be_kept_hides_no_success(
    sandbox: SandboxReady, sandbox_admin: SandboxAdmin, name: str
) -> None:
    class Broken(OpenPurse):
        """Gives, and cannot take what is owed afterwards."""

        async def penalize(self, bucket: str, seconds: float) -> None:
            self.penalties.append((bucket, seconds))
            raise StoreUnavailable("database_unavailable")

    class Warned(Governor):
        """Graph warns that the limit is near."""

        async def settle(self, bucket: str, cost: float, exchange: Exchange) -> None:
            exchange.share = 1.2
            await super().settle(bucket, cost, exchange)

    def opened() -> GraphClient:
        tenant_id = UUID(sandbox.tenants[0].tenant_id)
        return GraphClient(sandbox_settings(sandbox), tenant_id, Warned(Broken()), QUICK)

    assert use(opened, lambda client: found(client, name)).status == 201
    with pytest.raises(StoreUnavailable):
        use(opened, lambda client: client.read(f"{client.endpoint}/v1.0/users", bucket="directory"))


REFUSED = {
    "deep_error", "deep_inner_error", "error_is_a_list", "wait_for_ever", "wait_nan", "wait_a_date",
    "claims", "bad_claims",
}  # fmt: skip


@pytest.mark.parametrize("answer", sorted(set(ANSWERS) - REFUSED))
def test_whatever_is_answered_a_write_is_sent_once(
    open_hostile: Open, hostile: Hostile, answer: str
) -> None:
    hostile.answer = lambda _asked: ANSWERS[answer]

    async def outcome(client: GraphClient) -> Written | OutcomeUnknown:
        try:
            return await found(client, "T")
        except OutcomeUnknown as error:
            return error

    done = use(open_hostile, outcome)
    assert isinstance(done, OutcomeUnknown) or 200 <= done.status < 300
    assert len(hostile.asked) == 1


def test_a_limit_of_writes_holds_up_no_read(
    open_hostile: Open, hostile: Hostile, purse: OpenPurse
) -> None:
    slow = {"Retry-After": "90", "x-ms-throttle-scope": "Tenant_Application/Write/app/tenant"}
    hostile.answer = lambda _asked: http(b"{}", "429 Slow", **slow)
    with pytest.raises(Throttled) as raised:
        use(open_hostile, lambda client: found(client, "T"))
    assert raised.value.retry_after == 90
    assert purse.penalties == [("directory/writes", 90.0)]


def test_nobody_there_is_certain_and_tried_again(
    sandbox: SandboxReady, hostile: Hostile, purse: OpenPurse
) -> None:
    names = {"KANRI_GRAPH_ENDPOINT": "https://localhost:1", "KANRI_AUTHORITY_HOST": hostile.origin}
    names["KANRI_CA_FILE"] = hostile.ca_file

    def opened() -> GraphClient:
        return GraphClient(sandbox_settings(sandbox, 0, **names), uuid4(), Governor(purse), QUICK)

    with pytest.raises(GraphUnavailable):
        use(opened, lambda client: found(client, "T"))
    assert len(purse.reserved) == 2 * QUICK.attempts


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Go", "308 Go"])
def test_a_redirect_takes_no_write_away(
    open_hostile: Open, hostile: Hostile, other_host: Hostile, status: str
) -> None:
    hostile.answer = lambda _asked: elsewhere(f"{other_host.origin}/v1.0/groups", status)
    with pytest.raises(OutcomeUnknown):
        use(open_hostile, lambda client: found(client, "T"))
    assert other_host.asked == []


@pytest.mark.parametrize("status", ["307 Go", "308 Go"])
def test_a_redirect_within_graph_keeps_method_and_body(
    open_hostile: Open, hostile: Hostile, status: str
) -> None:
    def moved(asked: Asked) -> bytes:
        if asked.target == "/v1.0/groups":
            return elsewhere("/v1.0/groups2", status)
        return http(b'{"id":"1"}', "201 Created")

    hostile.answer = moved
    assert use(open_hostile, lambda client: found(client, "T")).status == 201
    assert [asked.head.split(" ")[0] for asked in hostile.asked] == ["POST", "POST"]
    assert hostile.asked[0].body == hostile.asked[1].body != b""


def test_redirects_without_end_are_left(open_hostile: Open, hostile: Hostile) -> None:
    hostile.answer = lambda asked: elsewhere(asked.target, "307 Go")
    with pytest.raises(OutcomeUnknown):
        use(open_hostile, lambda client: found(client, "T"))
    assert len(hostile.asked) < 10


@pytest.mark.parametrize(
    "url", ["https://graph.example.org/v1.0/groups", "http://localhost/v1.0/groups"]
)
def test_a_write_goes_to_our_graph_alone(open_graph: Open, url: str) -> None:
    with pytest.raises(MalformedAnswer, match="graph_link_foreign"):
        use(open_graph, lambda client: client.write("DELETE", url, bucket="directory"))


def test_each_attempt_carries_the_same_client_request_id(
    open_hostile: Open, hostile: Hostile
) -> None:
    slow = http(b"{}", "429 Slow", Retry_After="0")
    answers = [slow, http(b"{}", "201 Created")]
    hostile.answer = lambda _asked: answers.pop(0)
    use(open_hostile, lambda client: found(client, "T"))
    ids = [_header(asked, "client-request-id") for asked in hostile.asked]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert UUID(ids[0])


def _header(asked: Asked, name: str) -> str:
    lines = (line.partition(":") for line in asked.head.split("\r\n"))
    return next(value.strip() for key, _, value in lines if key.lower() == name)
