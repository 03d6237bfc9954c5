"""`kanri up`: start everything, collect once, stay until Ctrl-C."""

import time

from infra.cli.first_run import collect
from infra.cli.options import FreePort, Reset, Users, WorkDir
from infra.cli.summary import Summary
from infra.cli.terminal import (
    ended_by_signals,
    failures_explained,
    lang,
    results,
    say,
    spoken,
)
from infra.local.database import prepare_database
from infra.local.errors import BadStart, StackError
from infra.local.ports import free_port
from infra.local.repository import WORK_DIR
from infra.local.stack import RunningStack, Stack, StackOptions
from shared.core.text import Text


def up(
    reset: Reset = False,
    users: Users = None,
    port: FreePort = None,
    work_dir: WorkDir = WORK_DIR,
) -> None:
    """Start PostgreSQL, Azurite, the sandbox tenant and the Functions host; collect; stay."""
    with failures_explained(), ended_by_signals():
        options = StackOptions(
            work_dir=work_dir,
            users=users,
            port=_port(port),
            prepare_database=prepare_database,
        )
        stack = Stack(options, say)
        try:
            running = stack.start(reset=reset)
            Summary(datasets=collect(running), links=_links(running)).show(results())
            _show_next(running)
            _stay(stack)
        except KeyboardInterrupt:
            say(Text("Stopping ...", "停止しています..."))
        finally:
            stack.stop()


def _port(wanted: int | None) -> int:
    """Return the port to serve on; BadStart, before anything is installed, if it is taken."""
    port = free_port(preferred=wanted or 7071)
    if wanted not in (None, port):
        raise BadStart(
            Text(
                f"Port {wanted} is taken. Name another with --port, or leave it out for a free one.",
                f"ポート {wanted} は使用中です。--port で別のポートを指定するか、"
                "省略して空きポートを使用してください。",
            )
        )
    return port


def _show_next(running: RunningStack) -> None:
    """Print a request that can be pasted as it is."""
    path = f"/api/v1/tenants/{running.login.tenant_id}/reports/users?top=5&lang={lang()}"
    say(Text("Try:", "次のコマンドをお試しください:"))
    results().print(
        f'curl -H "x-api-key: {running.api_key}" "{running.url}{path}"',
        markup=False,
        soft_wrap=True,
    )


def _stay(stack: Stack) -> None:
    say(Text("Running. Ctrl-C stops everything.", "実行中です。Ctrl-C ですべて停止します。"))
    while not (ended := stack.ended_parts()):
        time.sleep(0.5)
    names = ", ".join(ended)
    raise StackError(
        Text(
            f"A part ended by itself: {names}. Its log is in the folder logs.",
            f"{names} が予期せず終了しました。logs フォルダーのログを確認してください。",
        )
    )


def _links(running: RunningStack) -> dict[str, str]:
    return {
        "API": f"{running.url}/api/v1",
        "OpenAPI": f"{running.url}/api/openapi.json",
        spoken(Text("Tenant", "テナント")): running.login.tenant_id,
        spoken(Text("API key", "API キー")): running.api_key,
        spoken(Text("Settings", "設定")): str(running.settings_file),
    }
