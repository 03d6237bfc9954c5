"""The measured process of `asof`: the same first pages now and as of instants of the past."""

import json
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.perf.measure import Figures
from tests.perf.repeat import percentile
from tests.perf.report_product import Api, whole

type Job = Mapping[str, Any]

NOW = "now"
# What share of the history lies after it; none: 36 hours.
INSTANTS = {"36 h ago": 0.0, "middle": 0.5, "start": 0.9}
_HOURS = 36
# Their rows are what time has made of the objects: accounts that were not used for so many days.
_MADE_BY_TIME = {"costs"}

# The first ones open the sessions, prepare the statements and settle their plans: a plan is kept after ten,
# but for what takes long, which is planned for its values from the second one on.
_WARM_UP, _WARM_UP_SLOW, _SLOW = 12, 2, 0.3
# A report that takes longer than that for all its requests is asked less often, thrice at least.
_SECONDS = 6.0


def page_times(job: Job) -> Figures:
    """Return p50 and p99 in ms of each report's first 100 rows, as `p50/<instant>/<report>`.

    The instants, and now, take turns request by request, so that none has the machine in a better hour.
    AssertionError if the past has other rows than now: the versions differ in their span only.
    """
    from shared.core.registry import collector, report, report_keys

    api, versions, requests = Api(job), int(job["versions"]), int(job["requests"])
    asked = {NOW: {"top": "100"}}
    for name, share in INSTANTS.items():
        instant = _instant(int(versions * share)).isoformat().replace("+00:00", "Z")
        asked[name] = {"top": "100", "asOf": instant}
    figures: Figures = {}
    for key in report_keys():
        begun = time.perf_counter()
        found = {name: json.loads(whole(api.report(key, **asked[name]))) for name in asked}
        # What is given up has taken all the time that there is.
        answered = {name: one for name, one in found.items() if one.get("code") != "question_slow"}
        rows = {name: page.get("rowCount", page) for name, page in answered.items()}
        # What happened later is not there at an earlier instant; objects are, at each.
        happened = any(collector(name).event_time for name in report(key).needs)
        happened = happened or key in _MADE_BY_TIME
        assert happened or len(set(map(str, rows.values()))) <= 1, f"{key}: {rows}"
        is_slow = time.perf_counter() - begun > _SLOW * len(asked)
        warm_up = min(_WARM_UP_SLOW if is_slow else _WARM_UP, requests)
        spans: dict[str, list[float]] = {name: [] for name in asked}
        begun = time.perf_counter()
        for number in range(requests + warm_up):
            if number > warm_up + 2 and time.perf_counter() - begun > _SECONDS:
                break
            for name, query in asked.items():
                took = _took(api, key, query)
                if number >= warm_up:
                    spans[name].append(took)
        for name, each in spans.items():
            told = {"p50": percentile(sorted(each), 0.5), "p99": percentile(sorted(each), 0.99)}
            figures |= {f"{figure}/{name}/{key}": value for figure, value in told.items()}
            print(
                f"{key} {name}, {len(each)} requests: p50 {told['p50']:.1f}, p99 {told['p99']:.1f}",
                file=sys.stderr,
                flush=True,
            )
    return figures


def _took(api: Api, key: str, query: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    whole(api.report(key, **query))
    return (time.perf_counter() - begun) * 1000


def _instant(days: int) -> datetime:
    """Return an instant at which every object has the version of the same day; see histories.

    That of 36 hours ago is one at which some have, and some not yet.
    """
    from shared.core.clock import now

    if days == 0:
        return now() - timedelta(hours=_HOURS)
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days, hours=1)
