"""Call records: lists between bounds, versions that rise, sessions and participants by pages."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

PATH = "/communications/callRecords"
SESSIONS = "sessions?$expand=segments"
NEWER = "include-unknown-enum-members"


def test_a_month_of_calls_is_told_and_no_more(sandbox: Sandbox) -> None:
    now = sandbox.moment()
    rows, _page = sandbox.read(PATH)
    assert len(rows) == len({row["id"] for row in rows}) > 400
    begun = [row["startDateTime"] for row in rows]
    assert min(begun) > f"{now - timedelta(days=30, minutes=1):%Y-%m-%dT%H:%M}"
    assert Counter(row["version"] for row in rows).keys() <= {1, 3}
    assert {"groupCall", "peerToPeer"} == {row["type"] for row in rows}
    assert {(row["organizer"], str(row["participants"])) for row in rows} == {(None, "[]")}
    kinds = Counter(next(iter(row["organizer_v2"]["identity"])) for row in rows)
    assert kinds["user"] > 0.9 * len(rows)
    assert kinds["phone"] > 0


def test_a_window_is_the_calls_that_began_in_it(sandbox: Sandbox) -> None:
    high = sandbox.moment() - timedelta(days=2)
    low = high - timedelta(days=1)
    bounds = (
        f"startDateTime ge {low:%Y-%m-%dT%H:%M:%SZ} and startDateTime lt {high:%Y-%m-%dT%H:%M:%SZ}"
    )
    rows, _page = sandbox.read(f"{PATH}?$filter={bounds}&$select=id,startDateTime")
    whole, _page = sandbox.read(PATH)
    edge = f"{low:%Y-%m-%dT%H:%M:%S}", f"{high:%Y-%m-%dT%H:%M:%S}"
    within = {row["id"] for row in whole if edge[0] <= row["startDateTime"] < edge[1]}
    assert {row["id"] for row in rows} == within
    assert within
    assert set(rows[0]) == {"id", "startDateTime"}
    for option in ("$top=5", "$orderby=startDateTime", "$count=true"):
        assert sandbox.error(f"{PATH}?{option}")[0] == 400


def test_a_record_comes_after_its_call_and_grows(sandbox: Sandbox) -> None:
    before = {row["id"]: row for row in sandbox.read(PATH)[0]}
    for _ in range(30):
        sandbox.admin.advance(1_800)
        later = {row["id"]: row for row in sandbox.read(PATH)[0]}
        new = [own for own in later.keys() - before.keys() if later[own]["version"] == 1]
        if new:
            break
    assert new
    sessions = len(sandbox.read(f"{PATH}/{new[0]}/sessions")[0])
    assert later[new[0]]["endDateTime"] < later[new[0]]["lastModifiedDateTime"]
    sandbox.admin.advance(3 * 3_600)
    grown = sandbox.get(f"{PATH}/{new[0]}").json()
    assert grown["version"] == 3
    assert len(sandbox.read(f"{PATH}/{new[0]}/sessions")[0]) >= sessions
    sandbox.admin.advance(31 * 86_400)
    assert sandbox.error(f"{PATH}/{new[0]}") == (404, "NotFound")
    assert sandbox.error(f"{PATH}/{new[0]}/sessions") == (404, "NotFound")


def test_sessions_have_pages_and_media_what_is_missing(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read(PATH)
    told = [row["id"] for row in rows if row["type"] == "groupCall" and row["version"] == 3]
    sizes = ((own, len(sandbox.read(f"{PATH}/{own}/participants_v2")[0])) for own in told)
    crowd, size = next(pair for pair in sizes if pair[1] > 60)
    first = sandbox.get(f"{PATH}/{crowd}/{SESSIONS}").json()
    assert len(first["value"]) == 60
    assert len(sandbox.read(f"{PATH}/{crowd}/{SESSIONS}")[0]) == size
    whole = sandbox.get(f"{PATH}/{crowd}?$expand=sessions($expand=segments)").json()
    assert len(whole["sessions"]) == 60
    assert sandbox.read(whole["sessions@odata.nextLink"])[0][0]["id"]
    media = [
        (medium["label"], one)
        for row in rows[:30]
        for session in sandbox.read(f"{PATH}/{row['id']}/{SESSIONS}")[0]
        for segment in session["segments"]
        for medium in segment["media"] or [{"label": "none", "streams": [{}]}]
        for one in medium["streams"]
    ]
    labels = Counter(label for label, _one in media)
    assert {"main-audio", "main-video", "applicationsharing-video", "none"} <= labels.keys()
    spoken = [one for label, one in media if label == "main-audio"]
    assert any(one["averageJitter"] is None for one in spoken)
    assert all(one["averageJitter"].startswith("PT0") for one in spoken if one["averageJitter"])
    ids = [(one["streamId"], one["streamDirection"]) for one in spoken]
    assert all(own for own, _way in ids)


def test_newer_products_are_held_back(sandbox: Sandbox) -> None:
    def families(**headers: str) -> set[str]:
        rows, _page = sandbox.read(PATH)
        return {
            session["caller"]["userAgent"]["productFamily"]
            for row in rows[:40]
            for session in sandbox.read(f"{PATH}/{row['id']}/sessions", **headers)[0]
        }

    assert families() == {"teams", "unknownFutureValue"}
    assert families(Prefer=NEWER) == {"teams", "azureCommunicationServices"}


def test_who_may_not_is_refused_and_who_asks_too_often_waits(sandbox: Sandbox) -> None:
    app = sandbox.admin.app(permissions=["User.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    denied = sandbox.get(PATH, Authorization=f"Bearer {sandbox.token(other)}")
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "Authorization_RequestDenied")  # fmt: skip
    sandbox.admin.throttle(0.2)
    codes = [sandbox.get(PATH).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
