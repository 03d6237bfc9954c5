"""Sign-ins: how many succeeded, of whom, and from where."""

from collections import Counter
from datetime import timedelta

from shared.core import clock
from tests.truth.world import Figures, World, at


def recount(world: World) -> Figures:
    since = clock.now() - timedelta(days=6)  # at first they are read a week back
    rows = [row for row in world.answered("signin") if row["signed_in_at"] > since]
    told = [one for one in world.has("sign_ins") if at(one["createdDateTime"]) > since]
    well = [one for one in told if one["status"]["errorCode"] == 0]
    results = Counter(row["user_id"] for row in rows if row["result"] == "success")
    yield "succeeded", results, Counter(one["userId"] for one in well)
    apps = Counter((row["application"], row["ip_address"]) for row in rows)
    yield "applications", apps, Counter((one["appDisplayName"], one["ipAddress"]) for one in told)
