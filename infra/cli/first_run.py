"""Connect the tenant of a running stack and collect it once, through the product's own API."""

from infra.cli.api import KanriApi
from infra.cli.follow import follow
from infra.cli.summary import DatasetResult, ReportResult
from infra.cli.terminal import say
from infra.local.host_admin import HostAdmin
from infra.local.repository import ROOT
from infra.local.stack import RunningStack
from shared.core.text import Text


def collect(stack: RunningStack) -> list[DatasetResult]:
    """Connect the tenant if it is new, collect every dataset, show it; return how each run ended.

    The work itself is done by the host's own queue functions: this only asks and watches. Nobody
    waits for the full minute after which the timer looks for what was put off: it is run by hand.
    """
    api = KanriApi(stack.url, stack.api_key)
    tenant = stack.login.tenant_id
    if tenant not in api.tenants():
        say(Text("Connecting the tenant ...", "テナントを接続しています..."))
        if missing := api.connect_tenant(tenant):
            names = ", ".join(missing)
            say(Text(f"Not consented to: {names}", f"同意されていないアクセス許可: {names}"))
        if stack.sandbox is not None:
            say(Text("Switching every dataset on ...", "すべてのデータセットを有効化しています..."))
            api.switch_on(tenant)
    api.start_collections(tenant)
    host = HostAdmin(stack.url, app=ROOT, settings=stack.settings_file)
    standing = follow(lambda: api.collections(tenant), urge=lambda: host.start("timer_dispatch"))
    runs = api.last_runs(tenant)
    return [runs.get(item.dataset, item) for item in standing]


def fetch_reports(stack: RunningStack) -> list[ReportResult]:
    """Fetch each report once."""
    api = KanriApi(stack.url, stack.api_key)
    tenant = stack.login.tenant_id
    return [api.fetch_report(tenant, key) for key in api.report_keys(tenant)]
