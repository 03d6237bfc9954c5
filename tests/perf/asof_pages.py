"""The measured process of `asof`: the same first pages now and as of instants of the past."""

import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.perf.measure import Figures
from tests.perf.repeat import percentile
from tests.perf.report_product import Api, whole

type Job = Mapping[str, Any]

# What share of the history lies after it; none: one minute.
INSTANTS = {"a minute ago": 0.0, "in the middle": 0.5, "at the start": 0.9}

# The first ones open the sessions, prepare the statements and settle their plans: a plan is kept after ten.
_WARM_UP = 12
# A report that takes longer than that for all its requests is asked less often, thrice at least.
_SECONDS = 6.0


def page_times(job: Job) -> Figures:
    """Return the p50 in ms of each report's first 100 rows, as `<instant>/<report>` and `now/<report>`.

    The instants take turns request by request, so that none has the machine in a better hour.
    AssertionError if the past has other rows than now: the versions differ in their span only.
    """
    from shared.core.registry import collector, report, report_keys

    api, versions, requests = Api(job), int(job["versions"]), int(job["requests"])
    warm_up = min(_WARM_UP, requests)
    asked = {"now": {"top": "100"}}
    for name, share in INSTANTS.items():
        instant = _instant(int(versions * share)).isoformat().replace("+00:00", "Z")
        asked[name] = {"top": "100", "asOf": instant}
    figures: Figures = {}
    for key in report_keys():
        found = {name: json.loads(whole(api.report(key, **asked[name]))) for name in asked}
        rows = {name: page.get("rowCount", page) for name, page in found.items()}
        # What happened later is not there at an earlier instant; objects are, at each.
        happened = any(collector(name).event_time for name in report(key).needs)
        assert happened or len(set(map(str, rows.values()))) == 1, f"{key}: {rows}"
        spans: dict[str, list[float]] = {name: [] for name in asked}
        begun_all = time.perf_counter()
        for number in range(requests + warm_up):
            if number > warm_up + 2 and time.perf_counter() - begun_all > _SECONDS:
                break
            for name, query in asked.items():
                begun = time.perf_counter()
                whole(api.report(key, **query))
                if number >= warm_up:
                    spans[name].append((time.perf_counter() - begun) * 1000)
        for name, each in spans.items():
            figures[f"{name}/{key}"] = percentile(sorted(each), 0.5)
    return figures


def _instant(days: int) -> datetime:
    """Return an instant at which every object has the version of the same day; see histories."""
    from shared.core.clock import now

    if days == 0:
        return now() - timedelta(minutes=1)
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days, hours=1)
