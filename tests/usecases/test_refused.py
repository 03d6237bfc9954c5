"""What Graph refuses for want of a licence or a permission costs one request a day, and says so."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.clock import written
from shared.core.collector import PLANS
from shared.core.registry import collector, datasets, of
from shared.core.settings import Settings
from shared.core.throttling import SERVICES
from shared.graph.consent import granted_permissions
from shared.render.parts.coverage import coverage_line, dataset_coverage
from shared.usecases.note_consent import note_consent
from tests.fixtures.in_order import parents_first
from tests.fixtures.schedule import Schedule, sandbox_by_our_clock, scheduled
from tests.fixtures.stored import collected
from tests.usecases.fault_cells import kind_of

pytestmark = pytest.mark.stack

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# After so long nobody waits for a message any more.
LOST = 16 * MINUTE
ONE_OF_EACH_KIND = sorted({kind_of(collector(name)): name for name in datasets()}.values())
RISKY = "/identityProtection/riskyUsers"
# Of a batch the requests within are refused, as Graph does it.
ALL_BUT_BATCHES = r"^/(v1\.0|beta)/(?!\$batch)"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refused")


@pytest.fixture(scope="module")
def sandbox(home: Path) -> Iterator[SandboxReady]:
    with sandbox_by_our_clock(home) as ready:
        yield ready


@pytest.fixture(scope="module")
def tenant(
    sandbox: SandboxReady, home: Path, fresh_database: Callable[[], Settings]
) -> Iterator[Schedule]:
    """What others are read below has been read well once."""
    with scheduled(sandbox, home, fresh_database()) as found:
        above = {PLANS, *(collector(name).parent for name in datasets())}
        for dataset in parents_first():
            if dataset in above:
                row = found.collect(dataset)
                assert row is not None
                assert row.state == "ok", (dataset, row.cause_detail)
        yield found


@pytest.fixture(params=["not_permitted", "not_licensed"])
def refused(
    request: pytest.FixtureRequest, tenant: Schedule, sandbox: SandboxReady
) -> Iterator[str]:
    """Everything is refused, for want of permissions in each service's own words, or of a licence."""
    app = sandbox.tenants[0].client_id
    granted = sorted(tenant.runner.run(granted_permissions(tenant.client)))
    if request.param == "not_permitted":
        tenant.admin.app(appId=app, permissions=[])
    else:
        tenant.admin.faults({"kind": "unlicensed", "path": ALL_BUT_BATCHES})
    tenant.client.tokens.forget()
    yield request.param
    tenant.admin.clear_faults()
    tenant.admin.app(appId=app, permissions=granted)
    tenant.client.tokens.forget()


def test_each_dataset_costs_one_request_a_day(tenant: Schedule, refused: str) -> None:
    names = datasets() if refused == "not_permitted" else ONE_OF_EACH_KIND
    tenant.due()  # there is a line of each
    clock.move(tenant.ahead, HOUR)
    tenant.runs.make_due(tenant.tenant_id, datasets(), clock.now())
    asked = tenant.live(MINUTE, names)
    # Where the tests before have let days pass, nothing is asked for below events that are too old by now.
    names = [name for name in names if asked[name] or collector(name).extent.ages is None]
    assert {name: asked[name] for name in names} == dict.fromkeys(names, 1)
    # The first refusal may be a mistake of Graph's: it is asked once more by its cadence.
    tenant.runs.make_due(tenant.tenant_id, datasets(), clock.now())
    began = clock.now()
    assert tenant.live(MINUTE, names) == dict.fromkeys(names, 1)
    told = tenant.coverage()
    for name in names:
        one = told[name]
        assert one.state == refused
        assert one.asked_again_at is not None, name
        assert one.asked_again_at - began > max(DAY, collector(name).every), name
    for by in (HOUR, 10 * HOUR, 12 * HOUR):
        assert tenant.live(by, names) == {}
    clock.move(tenant.ahead, HOUR + 10 * MINUTE)
    daily = {name for name in names if collector(name).every <= DAY}
    assert set(tenant.due()).intersection(names) == daily
    assert len(daily) > len(names) / 2
    clock.move(tenant.ahead, LOST)


@pytest.mark.parametrize("dataset", ["mailbox_usage", "teams_daily_activity"])
def test_a_report_that_is_refused_alone_is_asked_for_before_its_settings(
    tenant: Schedule, dataset: str
) -> None:
    clock.move(tenant.ahead, DAY)
    tenant.admin.faults({"kind": "missing_permission", "path": r"/reports/get"})
    collected(tenant, dataset, "not_permitted", "graph_not_permitted")
    tenant.requests()
    collected(tenant, dataset, "not_permitted", "graph_not_permitted")
    assert tenant.requests() == 1
    tenant.admin.clear_faults()
    collected(tenant, dataset)


def test_an_answer_says_what_is_refused_and_when_it_is_asked_again(tenant: Schedule) -> None:
    tenant.admin.faults({"kind": "unlicensed", "path": RISKY})
    collected(tenant, "risky_users", "not_licensed", "graph_not_licensed")
    collected(tenant, "risky_users", "not_licensed", "graph_not_licensed")
    told = tenant.coverage()["risky_users"]
    assert told.asked_again_at is not None
    at = written(told.asked_again_at)
    for lang in ("en", "ja"):
        answer = dataset_coverage(told, clock.now(), lang)
        assert answer.asked_again_at == told.asked_again_at
        assert answer.note is not None
        assert at in answer.note
    assert coverage_line([told], clock.now()).endswith(f";asked-again={at}")
    tenant.admin.clear_faults()
    collected(tenant, "risky_users")  # by hand it is asked at once
    assert tenant.coverage()["risky_users"].asked_again_at is None
    assert "asked-again" not in coverage_line([tenant.coverage()["risky_users"]], clock.now())


def test_what_is_granted_meanwhile_is_asked_for_at_once(
    tenant: Schedule, sandbox: SandboxReady
) -> None:
    app = sandbox.tenants[0].client_id
    granted = tenant.runner.run(granted_permissions(tenant.client))
    needed = collector("risky_users").permissions
    less = granted - {name for one in needed for name in (one.name, *one.covered_by)}
    tenant.admin.app(appId=app, permissions=sorted(less))
    tenant.client.tokens.forget()
    note_consent(tenant.engine, tenant.tenant_id, less, clock.now())
    collected(tenant, "risky_users", "not_permitted", "graph_not_permitted")
    tenant.admin.faults({"kind": "missing_permission", "path": "/domains"})
    collected(tenant, "domains", "not_permitted", "graph_not_permitted")
    note_consent(tenant.engine, tenant.tenant_id, less, clock.now())
    assert not tenant.asks_again_now("risky_users"), "nothing is new"
    tenant.admin.app(appId=app, permissions=sorted(granted))
    note_consent(tenant.engine, tenant.tenant_id, granted, clock.now())
    assert tenant.asks_again_now("risky_users")
    assert not tenant.asks_again_now("domains"), "it needs another permission"
    tenant.admin.clear_faults()
    collected(tenant, "risky_users")
    collected(tenant, "domains")


def test_what_was_bought_meanwhile_is_asked_for_at_once(tenant: Schedule) -> None:
    tenant.admin.faults({"kind": "unlicensed", "path": RISKY})
    collected(tenant, PLANS)
    collected(tenant, "risky_users", "not_licensed", "graph_not_licensed")
    collected(tenant, PLANS)
    assert not tenant.asks_again_now("risky_users"), "nothing is new"
    tenant.admin.tenant(notBought=["exchange"])
    try:
        collected(tenant, PLANS)
        assert tenant.asks_again_now("risky_users")
    finally:
        tenant.admin.tenant(notBought=[])
        tenant.admin.clear_faults()
    collected(tenant, "risky_users")
    collected(tenant, PLANS)


# How each service says it; the message is Microsoft's, as far as it was seen.
FORMS = {
    "role_eligibilities": (
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 license.",
    ),
    "sign_ins": (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", ""),
    "risky_users": (403, "Forbidden", "Your tenant is not licensed for this feature."),
    "managed_devices": (
        400,
        "BadRequest",
        '{"Message": "Request not applicable to target tenant."}',
    ),
    "sites": (400, "BadRequest", "Tenant does not have a SPO license."),
    "user_drives": (400, "BadRequest", "Tenant does not have a SPO license."),
    "mailbox_settings": (404, "OrganizationFromTenantGuidNotFound", "The tenant does not exist."),
    "inbox_rules": (404, "OrganizationFromTenantGuidNotFound", "The tenant does not exist."),
    "mailbox_usage": (404, "UnknownTenantId", "We do not recognize this tenant ID."),
    "teams": (403, "Forbidden", "Teams is disabled for your tenant."),
    "channels": (403, "Forbidden", "Failed to get license information."),
    "email_threat_events": (
        400,
        "BadRequest",
        "Failed to resolve table or column expression named 'EmailEvents'",
    ),
    "audit_records": (403, "Forbidden", "The tenant has no license for auditing."),
}


@pytest.mark.parametrize("dataset", FORMS)
def test_each_service_is_understood_when_it_says_that_it_was_not_bought(
    tenant: Schedule, dataset: str
) -> None:
    clock.move(tenant.ahead, LOST)
    tenant.admin.faults({"kind": "refused", "path": ALL_BUT_BATCHES, "value": FORMS[dataset]})
    row = collected(tenant, dataset, "not_licensed", "graph_not_licensed")
    tenant.admin.clear_faults()
    assert not row.counts.changed


def test_every_form_of_a_service_is_tried() -> None:
    tried = FORMS.values()
    for service in of(SERVICES).values():
        for form in service.not_bought:
            assert any(form.is_told_by(*one) for one in tried), (service.name, form)
