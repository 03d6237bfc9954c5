"""A tenant that has bought next to nothing: what it cannot have costs a dataset one request a day."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from shared.catalog.graph_permissions import CONFIGURATION_MONITORING
from shared.core import clock
from shared.core.collector import PLANS
from shared.core.coverage import REFUSED
from shared.core.registry import collector, datasets
from shared.core.settings import Settings
from tests.fixtures.schedule import Schedule, sandbox_by_our_clock, scheduled
from tests.fixtures.stored import collected

pytestmark = pytest.mark.stack

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# All that the sandbox knows not to have been bought, and the principal that makes snapshots.
NOTHING = (
    "teams", "exchange", "sharepoint", "intune", "defender", "defender_office", "backup", "tcm",
)  # fmt: skip


@pytest.fixture(scope="module")
def tenant(
    tmp_path_factory: pytest.TempPathFactory, fresh_database: Callable[[], Settings]
) -> Iterator[Schedule]:
    """It knows its plans, and has asked for everything as often as a mistake of Graph's is allowed for."""
    home = tmp_path_factory.mktemp("nothing")
    with (
        sandbox_by_our_clock(home) as sandbox,
        scheduled(sandbox, home, fresh_database()) as found,
    ):
        found.admin.tenant(premium="none", notBought=list(NOTHING))
        collected(found, PLANS)
        yield found


def test_a_day_costs_each_dataset_that_is_refused_one_request(tenant: Schedule) -> None:
    above = {PLANS, *(one for name in datasets() if (one := collector(name).parent))}
    asked = [n for n in datasets() if n in above or collector(n).parent or collector(n).licence]
    asked += [n for n in datasets() if CONFIGURATION_MONITORING in collector(n).permissions]
    first = tenant.live(MINUTE, asked)
    refused = sorted(name for name, one in tenant.coverage().items() if one.state in REFUSED)
    # Not below something, and not a few of them only.
    assert {"call_records", "sign_ins", "teams", "sites", "message_traces"} <= set(refused)
    assert len(refused) > len(asked) / 2
    assert {name: first[name] for name in refused if first[name] > 1} == {}
    # The first refusal may be a mistake of Graph's: each is asked once more by its cadence.
    tenant.runs.make_due(tenant.tenant_id, refused, clock.now())
    tenant.live(MINUTE, refused)
    day = Counter[str]()
    for _ in range(24):
        day += tenant.live(HOUR, {*refused, *above})
    assert {name: day[name] for name in refused if day[name] > 1} == {}
    told = tenant.coverage()
    for name in refused:
        assert told[name].state in REFUSED, name
        assert told[name].asked_again_at is not None, name
