"""A report tells of the run that is under way: how far it is, and how fast Graph lets it go."""

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.rows import Rejected, Rows
from shared.store.datasets.loading import Loader
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from tests.api.conftest import TENANT, Api
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

DATASET = "user_registration_details"


def test_a_first_read_says_how_far_it_is_and_what_limits_it(api: Api, app_engine: Engine) -> None:
    path = f"/v1/tenants/{TENANT}/reports/mfa"
    [before, users] = api.get(path).json["coverage"]
    assert (before["dataset"], before["state"]) == (DATASET, "never")
    runs = Runs(app_engine)
    [claim] = runs.request(TENANT, [DATASET], clock.now())
    run = runs.open(claim, clock.now())
    assert isinstance(run, Run)
    page = Rows(rejected=[Rejected(None, "whatever")] * 100)
    loader = Loader(app_engine, registry.collector(DATASET))
    loader.apply(run, page, observed_at=clock.now(), checkpoint={"nextLink": "x"})
    [reading, others] = api.get(path).json["coverage"]
    assert reading["state"] == "never"
    assert reading["note"].startswith(before["note"])
    assert "100 objects so far" in reading["note"]
    assert "five requests in ten seconds" in reading["note"]
    assert others["note"] == users["note"], "nothing is read of them"
    [japanese, _] = api.get(path, lang="ja").json["coverage"]
    assert "100 件" in japanese["note"]
    runs.finish(run, "ok", now=clock.now())
    [done, _] = api.get(path).json["coverage"]
    assert (done["state"], done["note"]) == ("ok", None)


def test_good_data_that_is_read_anew_has_no_note(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "sign_ins", [])
    runs = Runs(app_engine)
    [claim] = runs.request(TENANT, ["sign_ins"], clock.now())
    assert isinstance(runs.open(claim, clock.now()), Run)
    [coverage] = api.get(f"/v1/tenants/{TENANT}/reports/signin").json["coverage"]
    assert (coverage["state"], coverage["note"]) == ("ok", None)
