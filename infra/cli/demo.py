"""`kanri demo`: start everything afresh, collect once, fetch each report once, stop."""

import json
import os
from pathlib import Path

import typer

from infra.cli.api import KanriApi
from infra.cli.first_run import collect, fetch_reports
from infra.cli.options import (
    AsJson,
    Check,
    Database,
    Faults,
    Out,
    Picture,
    Storage,
    Tenant,
    Users,
    WireLog,
    WorkDir,
)
from infra.cli.picture import save_picture
from infra.cli.report_files import save_reports
from infra.cli.summary import Summary
from infra.cli.terminal import Exit, ended_by_signals, failures_explained, results, say
from infra.deploy.smoke import problems
from infra.local.database import prepare_database
from infra.local.errors import BadStart
from infra.local.existing_servers import check_database, check_storage
from infra.local.repository import WORK_DIR
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox.weather import BAD_WEATHER
from infra.local.stack import RunningStack, Stack, StackOptions
from infra.local.tenant_file import TenantLogin, read_tenant_file
from shared.core.text import Text

# Some hundred exports, one after the other, of a stack that has nobody else to serve.
_EVERY_FILE_AT_ONCE = "exporting.caller=5000 exporting.address=5000 exporting.tenant=5000"


def demo(
    users: Users = None,
    as_json: AsJson = False,
    wire_log: WireLog = None,
    tenant: Tenant = None,
    database: Database = None,
    storage: Storage = None,
    faults: Faults = False,
    picture: Picture = None,
    out: Out = None,
    check: Check = None,
    work_dir: WorkDir = WORK_DIR / "demo",
) -> None:
    """Collect a tenant once and fetch its reports, on a fresh stack that is stopped afterwards."""
    with failures_explained(), ended_by_signals():
        if check is not None:
            _check(check)
            return
        login = None
        if tenant is not None:
            login = _login(tenant, sandbox_wanted=bool(users or wire_log or faults))
        if database is not None:
            check_database(database)
        if storage is not None:
            check_storage(storage)
        options = StackOptions(
            work_dir=work_dir,
            users=users,
            wire_log=wire_log,
            tenant=login,
            database_url=database,
            storage=storage,
            prepare_database=prepare_database,
            rate_limits="" if out is None else _EVERY_FILE_AT_ONCE,
        )
        summary = _run(options, faults=faults, out=out)
        _tell(summary, as_json=as_json, picture=picture)
        if not summary.ok:
            raise typer.Exit(Exit.FINDINGS)


def _tell(summary: Summary, *, as_json: bool, picture: Path | None) -> None:
    if as_json:
        print(json.dumps(summary.as_json(), ensure_ascii=False))
    else:
        summary.show(results())
    if picture is not None:
        save_picture(summary, picture)


def _login(file: Path, *, sandbox_wanted: bool) -> TenantLogin:
    """Read the tenant file; BadStart if options for the sandbox came with it."""
    if sandbox_wanted:
        raise BadStart(
            Text(
                "--users, --wire-log and --faults are for the sandbox tenant, not for --tenant.",
                "--users、--wire-log、--faults はサンドボックス テナント用です。"
                "--tenant とは併用できません。",
            )
        )
    return read_tenant_file(file)


def _check(url: str) -> None:
    """Try a deployment without changing it; FINDINGS if it is not sound."""
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise BadStart(
            Text(
                f"--check takes the URL of a deployment, https://...azurewebsites.net, not {url}.",
                f"--check にはデプロイの URL (https://...azurewebsites.net) を指定してください "
                f"({url} は不可)。",
            )
        )
    say(Text(f"Waiting for {url} ...", f"{url} の応答を待っています..."))
    found = problems(url.rstrip("/"), os.environ.get("KANRI_SMOKE_KEY", ""))
    for line in found:
        results().print(line, markup=False)
    if found:
        raise typer.Exit(Exit.FINDINGS)
    say(Text(f"{url} is sound.", f"{url} は正常です。"))


def _save(running: RunningStack, out: Path) -> None:
    say(Text(f"Saving every report to {out} ...", f"すべてのレポートを {out} に保存しています..."))
    api = KanriApi(running.url, running.api_key)
    files = save_reports(api, running.login.tenant_id, out)
    size = sum(file.stat().st_size for file in files) / 1e6
    say(Text(f"{len(files)} files, {size:.1f} MB.", f"{len(files)} ファイル、{size:.1f} MB。"))


def _run(options: StackOptions, *, faults: bool, out: Path | None) -> Summary:
    stack = Stack(options, say)
    try:
        running = stack.start(reset=True)
        if faults and (sandbox := running.sandbox):
            admin = SandboxAdmin(sandbox.admin_url, sandbox.ca_file, sandbox.admin_token)
            admin.faults(*BAD_WEATHER)
        summary = Summary(datasets=collect(running), reports=fetch_reports(running))
        if out is not None:
            _save(running, out)
        return summary
    except KeyboardInterrupt:
        say(Text("Stopping ...", "停止しています..."))
        raise typer.Exit(Exit.INTERRUPTED) from None
    finally:
        stack.stop()
