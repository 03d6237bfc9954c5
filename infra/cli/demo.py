"""`kanri demo`: start everything afresh, collect once, fetch each report once, stop."""

import json
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.first_run import collect, fetch_reports
from infra.cli.summary import Summary
from infra.cli.terminal import Exit, ended_by_signals, failures_explained, results, say, spoken
from infra.local.database import prepare_database
from infra.local.errors import BadStart
from infra.local.repository import WORK_DIR
from infra.local.stack import Stack, StackOptions
from infra.local.tenant_file import read_tenant_file
from shared.core.text import Text


def demo(
    users: Annotated[
        int | None,
        typer.Option(
            min=50,
            max=500_000,
            help=spoken(
                Text("Users of the sandbox tenant.", "サンドボックス テナントのユーザー数。")
            ),
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help=spoken(Text("Print one JSON object.", "JSON オブジェクトを 1 つ出力します。")),
        ),
    ] = False,
    wire_log: Annotated[
        Path | None,
        typer.Option(
            help=spoken(
                Text(
                    "Write each Graph exchange as one line of JSON.",
                    "Graph とのやり取りを 1 行ずつ JSON で書き出します。",
                )
            )
        ),
    ] = None,
    tenant: Annotated[
        Path | None,
        typer.Option(
            help=spoken(
                Text(
                    "JSON file with the login to an existing tenant.",
                    "既存のテナントへのサインイン情報を含む JSON ファイル。",
                )
            )
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            help=spoken(
                Text(
                    "URL of an existing PostgreSQL database (its owner).",
                    "既存の PostgreSQL データベースの URL (所有者)。",
                )
            )
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(
            help=spoken(
                Text(
                    "Connection string of an existing storage account.",
                    "既存のストレージ アカウントの接続文字列。",
                )
            )
        ),
    ] = None,
    work_dir: Annotated[
        Path,
        typer.Option(help=spoken(Text("Folder of the data.", "データのフォルダー。"))),
    ] = WORK_DIR / "demo",
) -> None:
    """Collect a tenant once and fetch its reports, on a fresh stack that is stopped afterwards."""
    with failures_explained(), ended_by_signals():
        if tenant is not None and (users is not None or wire_log is not None):
            raise BadStart(
                Text(
                    "--users and --wire-log are for the sandbox tenant, not for --tenant.",
                    "--users と --wire-log はサンドボックス テナント用です。"
                    "--tenant とは併用できません。",
                )
            )
        options = StackOptions(
            work_dir=work_dir,
            users=users,
            wire_log=wire_log,
            tenant=read_tenant_file(tenant) if tenant else None,
            database_url=database,
            storage=storage,
            prepare_database=prepare_database,
        )
        summary = _run(options)
        if as_json:
            print(json.dumps(summary.as_json(), ensure_ascii=False))
        else:
            summary.show(results())
        if not summary.ok:
            raise typer.Exit(Exit.FINDINGS)


def _run(options: StackOptions) -> Summary:
    stack = Stack(options, say)
    try:
        running = stack.start(reset=True)
        return Summary(datasets=collect(running), reports=fetch_reports(running))
    except KeyboardInterrupt:
        say(Text("Stopping ...", "停止しています..."))
        raise typer.Exit(Exit.INTERRUPTED) from None
    finally:
        stack.stop()
