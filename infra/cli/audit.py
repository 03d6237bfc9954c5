"""`kanri audit verify`: ask a running Kanri whether its audit logs are what was told, and name what is not."""

import os
from typing import Annotated, Any

import typer

from infra.cli.api import KanriApi
from infra.cli.terminal import Exit, failures_explained, results, spoken
from infra.local.errors import BadStart
from shared.core.text import Text

audit = typer.Typer(no_args_is_help=True)

_KEY = "KANRI_API_KEY"

Url = Annotated[
    str,
    typer.Option(
        help=spoken(
            Text(
                f"Where Kanri answers; {_KEY} holds an API key with the permission audit:read.",
                f"Kanri の URL。{_KEY} に audit:read 権限を持つ API キーを設定します。",
            )
        )
    ),
]
Tenant = Annotated[
    str | None,
    typer.Option(
        help=spoken(
            Text(
                "Only this tenant; else all of them and the deployment.",
                "このテナントのみ。省略時は全テナントと展開全体。",
            )
        )
    ),
]


@audit.command(
    help=spoken(
        Text(
            "Verify audit logs; exits with 1 if anything was altered, removed, inserted or cut.",
            "監査ログを検証します。改変、削除、挿入、切り落としがあれば終了コード 1 です。",
        )
    )
)
def verify(url: Url = "http://127.0.0.1:7071", tenant: Tenant = None) -> None:
    """Verify one chain or all, a line each, and each fault below its own."""
    with failures_explained():
        key = os.environ.get(_KEY, "")
        if not key:
            raise BadStart(
                Text(
                    f"{_KEY} has no API key.",
                    f"環境変数 {_KEY} に API キーが設定されていません。",
                )
            )
        api = KanriApi(url.rstrip("/"), key)
        chains = [tenant] if tenant else [None, *api.tenants()]
        found = [api.audit_verification(chain) for chain in chains]
    for one in found:
        _print(one)
    if not all(one["intact"] for one in found):
        raise typer.Exit(Exit.FINDINGS)


def _print(found: dict[str, Any]) -> None:
    console = results()
    kept = "-" if found["kept"] is None else found["kept"]["seq"]
    state = "ok" if found["intact"] else "FAULT"
    lines = [f"{state} {found['tenantId']} events={found['events']} kept={kept}"]
    lines += [f"  forged {name}" for name in found["forgedAnchors"]]
    lines += [f"  unreadable {name}" for name in found["unreadableFiles"]]
    lines += [
        f"  {fault['fault']} {fault['first']}-{fault['last']}: {fault['detail']}"
        for fault in found["findings"]
    ]
    console.print("\n".join(lines), markup=False, soft_wrap=True)


@audit.callback()
def group() -> None:
    """Keep `verify` a word of its own: with one command only, the group would be it."""
