"""Whatever Graph, Entra or a download does: the run ends in the ledger or is put off, with a cause.

Each answer is given to each way of asking. Our token goes to Graph alone, and what comes back from
elsewhere is a file or a failure.
"""

import gzip
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import Engine

from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import OpenPurse, sandbox_settings
from tests.fixtures.hostile import ANSWERS, TOKEN, Asked, Hostile, elsewhere, http

pytestmark = [pytest.mark.stack, pytest.mark.slow]

# One dataset for each way of asking: listing, delta, window, $batch, report settings and CSV.
LISTING, DELTA, WINDOW, CHILDREN, USAGE = (
    "domains", "users", "directory_audits", "members", "mailbox_usage",
)  # fmt: skip
DATASETS = (LISTING, DELTA, WINDOW, CHILDREN, USAGE)
BOMB = gzip.compress(b" " * (70 << 20), 1)


@pytest.fixture
def attacked(
    app_engine: Engine, sandbox: SandboxReady, purse: OpenPurse, hostile: Hostile
) -> Bench:
    """A bench whose Graph is hostile, with one group that is known."""
    bench = Bench(app_engine, sandbox, purse)
    bench.settings = sandbox_settings(sandbox, 0, **hostile.settings)
    hostile.entra, hostile.asked = None, []
    hostile.answer = _one_group
    row = bench.collect("groups")
    assert row is not None
    assert (row.state, row.counts.inserted) == ("ok", 1)
    hostile.asked.clear()
    return bench


def _one_group(asked: Asked) -> bytes:
    link = "https://" + _host(asked) + "/v1.0/groups/delta?$deltatoken=x"
    return http(msgspec.json.encode({"value": [{"id": "g1"}], "@odata.deltaLink": link}))


def _host(asked: Asked) -> str:
    lines = asked.head.split("\r\n")
    return next(line[6:] for line in lines if line.lower().startswith("host: "))


def outcome(bench: Bench, dataset: str) -> tuple[str, str | None]:
    """Collect; the state and the cause, of the ledger or of the run that was put off."""
    row = bench.collect(dataset)
    if row is not None:
        assert row.counts.closed == 0
        return row.state, row.cause
    lines = bench.runs.status(bench.tenant_id, clock.now())
    line = next(line for line in lines if line.dataset == dataset)
    assert line.next_due is not None
    return "put off", line.cause


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_to_every_question_ends_in_the_ledger(
    attacked: Bench, hostile: Hostile, name: str
) -> None:
    hostile.answer = lambda _asked: ANSWERS[name]
    for dataset in DATASETS:
        state, cause = outcome(attacked, dataset)
        assert state in ("failed", "partial", "not_permitted", "put off"), (dataset, state)
        assert cause is not None, dataset


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_of_entra_ends_in_the_ledger(
    attacked: Bench, hostile: Hostile, name: str
) -> None:
    hostile.entra = lambda _asked: ANSWERS[name]
    state, cause = outcome(attacked, LISTING)
    assert state in ("failed", "not_permitted", "put off")
    assert cause in ("entra_unreachable", "entra_refused")
    assert hostile.asked == []


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_of_a_download_ends_in_the_ledger(
    attacked: Bench, hostile: Hostile, other_host: Hostile, name: str
) -> None:
    hostile.answer = _usage_at(
        other_host.origin.replace("localhost", "127.0.0.1") + "/file?sig=secret"
    )
    other_host.answer = lambda _asked: ANSWERS[name]
    state, cause = outcome(attacked, USAGE)
    assert state in ("failed", "put off")
    assert cause is not None
    assert other_host.asked, "the report is on another host"
    _assert_nothing_of_ours(other_host)


@pytest.mark.parametrize("body", [b"", b'{"responses": [', BOMB], ids=["json", "open", "bomb"])
def test_a_body_without_end_is_given_up(attacked: Bench, hostile: Hostile, body: bytes) -> None:
    coding = {"Content_Encoding": "gzip"} if body is BOMB else {}
    answer = http(body or b" " * (65 << 20), **coding)
    hostile.answer = lambda _asked: answer
    state, cause = outcome(attacked, LISTING)
    assert state in ("failed", "put off")
    assert cause in ("graph_malformed", "graph_unreachable")


@pytest.mark.parametrize("dataset", DATASETS)
def test_redirects_in_a_ring_end(attacked: Bench, hostile: Hostile, dataset: str) -> None:
    hostile.answer = lambda asked: elsewhere(asked.target, "307 Again")
    assert outcome(attacked, dataset) == ("failed", "graph_malformed")
    assert len(hostile.asked) <= 60


@pytest.mark.parametrize("status", ["301 A", "302 B", "303 C", "307 D", "308 E"])
@pytest.mark.parametrize("dataset", DATASETS)
def test_no_redirect_shows_our_token_to_another_host(
    attacked: Bench, hostile: Hostile, other_host: Hostile, dataset: str, status: str
) -> None:
    hostile.answer = lambda _asked: elsewhere(other_host.origin + "/v1.0/stolen", status)
    other_host.answer = _one_group
    assert outcome(attacked, dataset) == ("failed", "graph_link_foreign")
    assert other_host.asked == []


def test_entra_cannot_send_our_secret_elsewhere(
    attacked: Bench, hostile: Hostile, other_host: Hostile
) -> None:
    hostile.entra = lambda _asked: elsewhere(other_host.origin + "/stolen", "307 Away")
    state, _ = outcome(attacked, LISTING)
    assert state in ("put off", "not_permitted")
    assert other_host.asked == []


def test_a_download_is_followed_without_anything_of_ours(
    attacked: Bench, hostile: Hostile, other_host: Hostile
) -> None:
    hostile.answer = _usage_at(other_host.origin + "/hop")
    away = other_host.origin + "/v1.0/reports/next"
    other_host.answer = lambda asked: (
        elsewhere(away) if asked.target == "/hop" else http(_CSV, **{"Set-Cookie": "a=b"})
    )
    assert outcome(attacked, USAGE)[1] == "columns_missing", "it has been read"
    assert [asked.target for asked in other_host.asked] == ["/hop", "/v1.0/reports/next"]
    _assert_nothing_of_ours(other_host)


def test_a_download_may_not_lead_back_with_our_token(
    attacked: Bench, hostile: Hostile, other_host: Hostile
) -> None:
    usage = _usage_at(other_host.origin + "/hop")
    hostile.answer = lambda asked: http(_CSV) if asked.target == "/back" else usage(asked)
    other_host.answer = lambda _asked: elsewhere(hostile.origin + "/back")
    outcome(attacked, USAGE)
    [back] = [asked for asked in hostile.asked if asked.target == "/back"]
    assert TOKEN not in back.head


def test_a_download_says_nothing_about_waiting_or_permissions(
    attacked: Bench, hostile: Hostile, other_host: Hostile, purse: OpenPurse
) -> None:
    hostile.answer = _usage_at(other_host.origin + "/file")
    other_host.answer = lambda _asked: http(b"{}", "429 Slow", **{"Retry-After": "86400"})
    assert outcome(attacked, USAGE) == ("put off", "graph_unreachable")
    assert purse.penalties == []


_CSV = b"Report Refresh Date,User Principal Name,Report Period\r\n2026-01-01,a@b.c,7\r\n"


def _usage_at(location: str) -> Callable[[Asked], bytes]:
    """A Graph whose usage report is at `location`."""

    def answer(asked: Asked) -> bytes:
        if "reportSettings" in asked.target:
            return http(b'{"displayConcealedNames": false}')
        return elsewhere(location)

    return answer


def _assert_nothing_of_ours(server: Hostile) -> None:
    for asked in server.asked:
        assert TOKEN not in asked.head
        assert "authorization" not in asked.head.lower()
        assert "cookie" not in asked.head.lower()
        assert "client-request-id" not in asked.head.lower()
        assert asked.body == b""
