"""The audit log over HTTP: filter, order, pages, instant and file as of any report; each its own chain."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from shared.core import clock
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker

pytestmark = pytest.mark.stack

LOG = f"/v1/tenants/{TENANT}/audit"


@pytest.fixture
def told(api: Api) -> Api:
    """The API after ten acts: a tenant was paused and resumed four times, another one once."""
    for tenant, times in ((TENANT, 4), (OTHER, 1)):
        for _ in range(times):
            for verb in ("pause", "resume"):
                assert api.post(f"/v1/tenants/{tenant}/{verb}").status == 200
    return api


def seqs(answer: Any) -> list[int]:
    assert answer.status == 200, answer.body
    return [row["seq"] for row in answer.json["rows"]]


def test_a_tenants_log_has_its_events_the_newest_first(told: Api) -> None:
    answer = told.get(LOG, top=3)
    assert seqs(answer) == [8, 7, 6]
    assert answer.json["rows"][0]["act"] == "tenant.resume"
    assert answer.json["rows"][0]["before"] == {"state": "paused", "pausedBy": "operator"}
    assert len(answer.json["rows"][0]["hash"]) == 64


def test_pages_add_up_although_the_log_grows_meanwhile(told: Api) -> None:
    found, answer = [], told.get(LOG, top=3)
    while True:
        found += seqs(answer)
        if answer.json["nextLink"] is None:
            break
        assert told.post(f"/v1/tenants/{TENANT}/pause").status == 200
        assert told.post(f"/v1/tenants/{TENANT}/resume").status == 200
        answer = told.follow(answer.json["nextLink"].removeprefix("https://kanri.example"))
    assert found == [8, 7, 6, 5, 4, 3, 2, 1]


def test_it_is_filtered_ordered_and_counted(told: Api) -> None:
    answer = told.get(LOG, filter="act eq 'tenant.pause'", orderBy="at", count="true")
    assert seqs(answer) == [1, 3, 5, 7]
    assert answer.json["totalCount"] == 4
    assert told.get(LOG, filter="nowhere eq 1").json["code"] == "column_unknown"


def test_as_of_an_instant_it_has_what_had_been_told(told: Api) -> None:
    long_ago = (clock.now() - timedelta(days=1)).isoformat()
    assert seqs(told.get(LOG, asOf=long_ago)) == []


def test_it_is_a_file_too(told: Api) -> None:
    answer = told.get(LOG, format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["Number"] for row in rows] == ["8", "7", "6", "5", "4", "3", "2", "1"]
    assert answer.headers["Kanri-Row-Count"] == "8"
    last = told.get(LOG, top=1, filter="act eq 'audit.export'").json["rows"]
    assert [row["after"] for row in last] == [{"rows": 8}], "who took the log is in the log"


def test_the_deployment_has_a_chain_of_its_own(told: Api) -> None:
    assert told.as_caller(x_api_key="kanri_test_wrong").get("/v1/tenants").status == 401
    answer = told.get("/v1/audit", filter="result ne 'done'")
    assert [row["result"] for row in answer.json["rows"]] == ["key_invalid"]


def test_who_may_not_read_it_does_not(told: Api, make_key: KeyMaker) -> None:
    def asking(*permissions: str, narrow: bool = False) -> Api:
        tenants = [TENANT] if narrow else None
        return told.as_caller(x_api_key=make_key(*permissions, tenants=tenants))

    assert asking("report:read", "report:personal").get(LOG).status == 403
    narrow = asking("audit:read", "report:personal", narrow=True)
    assert narrow.get(LOG).status == 200
    assert narrow.get(f"/v1/tenants/{OTHER}/audit").json["code"] == "tenant_forbidden"
    assert narrow.get("/v1/audit").json["code"] == "scope_too_narrow"
    masked = asking("audit:read").get(LOG, filter="address eq '203.0.113.7'")
    assert masked.headers["Kanri-Personal-Data"] == "masked"
    assert masked.status == 200


def test_the_log_of_a_removed_tenant_is_still_there(told: Api) -> None:
    assert told.delete(f"/v1/tenants/{TENANT}", purge="true").status == 202
    assert seqs(told.get(LOG, top=1)) == [9]
