"""`kanri import FILE...`: what the PowerShell tool's files are, and, with `--yes`, import them."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from infra.cli.api import ApiFailed, KanriApi
from infra.cli.options import AsJson
from infra.cli.terminal import Exit, failures_explained, results, spoken
from infra.local.errors import BadStart
from shared.core.names import shown
from shared.core.text import Text

_KEY = "KANRI_API_KEY"
# As much as the API takes of one file.
_MOST = 32_000_000

Files = Annotated[
    list[Path],
    typer.Argument(
        help=spoken(
            Text(
                "CSV or XLSX files of the tool, or its appsettings.json; of a folder all that lie in it.",
                "CSV または XLSX ファイル、appsettings.json。フォルダーを指定すると中のファイルすべて。",
            )
        )
    ),
]
Tenant = Annotated[str, typer.Option(help=spoken(Text("The tenant's id.", "テナント ID。")))]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes",
        help=spoken(
            Text(
                "Import what can be; else only what would become of it is told.",
                "インポートを実行します。省略時は結果の予測のみを表示します。",
            )
        ),
    ),
]
Zone = Annotated[
    str, typer.Option(help=spoken(Text("Zone of local times.", "日時のタイム ゾーン。")))
]
Url = Annotated[
    str,
    typer.Option(
        help=spoken(
            Text(
                f"Where Kanri answers; {_KEY} holds an API key with the permission collection:import.",
                f"Kanri の URL。{_KEY} に collection:import 権限を持つ API キーを設定します。",
            )
        )
    ),
]


def import_files(
    files: Files,
    tenant: Tenant,
    *,
    yes: Yes = False,
    time_zone: Zone = "Asia/Tokyo",
    url: Url = "http://127.0.0.1:7071",
    as_json: AsJson = False,
) -> None:
    """Look at each file, and import it if asked to; exit with 1 if one is refused."""
    console, refused = results(), False
    with failures_explained():
        if not (key := os.environ.get(_KEY, "")):
            raise BadStart(
                Text(
                    f"{_KEY} has no API key.",
                    f"環境変数 {_KEY} に API キーが設定されていません。",
                )
            )
        api = KanriApi(url.rstrip("/"), key)
        for file in _every(files):
            verdict = _one(api, tenant, file, time_zone, yes=yes)
            refused |= verdict["state"] == "refused"
            if as_json:
                console.print_json(data=verdict)
            else:
                console.print("\n".join(_told(verdict)), markup=False, soft_wrap=True)
    if refused:
        raise typer.Exit(Exit.FINDINGS)


def _every(files: list[Path]) -> list[Path]:
    """The files, those in folders too, by path."""
    found: list[Path] = []
    for file in files:
        inside = (
            sorted(one for one in file.rglob("*") if one.is_file()) if file.is_dir() else [file]
        )
        kinds = (".csv", ".tsv", ".txt", ".xlsx", ".json")
        found += [one for one in inside if not file.is_dir() or one.suffix.lower() in kinds]
    for file in found:
        if not file.is_file():
            raise BadStart(Text(f"There is no file {file}.", f"ファイル {file} がありません。"))
    return found


def _one(api: KanriApi, tenant: str, file: Path, zone: str, *, yes: bool) -> dict[str, Any]:
    """The verdict on a file, after importing it if that was asked for and can be."""
    if file.stat().st_size > _MOST:
        return _refused(file, f"> {_MOST} bytes")
    body = file.read_bytes()
    try:
        verdict = api.import_file(tenant, str(file), body, zone, None)
        if yes and verdict["state"] == "understood":
            verdict = api.import_file(tenant, str(file), body, zone, verdict["digest"])
    except ApiFailed as error:
        if error.status not in (400, 409, 413):
            raise
        return _refused(file, str(error.problem.get("detail", "")))
    return verdict


def _refused(file: Path, why: str) -> dict[str, Any]:
    return {"state": "refused", "name": str(file), "refused": {"message": why}}


def _told(verdict: dict[str, Any]) -> list[str]:
    lines = [f"{verdict['state']:<11} {shown(verdict['name'])}"]
    if (refused := verdict.get("refused")) is not None:
        lines.append(f"  {refused['message']}")
    if (table := verdict.get("table")) is not None:
        lines[0] += f"  {table['report']} {table['describedAt']} rows={table['rows']}"
        lines += [f"  ! {one['message']}" for one in table["warnings"]]
        lines += [f"  - {one['count']} lines: {one['message']}" for one in table["dropped"]]
        for column in table["columns"]:
            header = shown(column["header"])[:60]
            if column["why"] is not None:
                lines.append(f"  - {header}: {column['why']['message']}")
            lines += [
                f"  - {header}: {one['count']} cells, {one['message']}, first in line {one['line']}"
                for one in column["unread"]
            ]
    if (settings := verdict.get("settings")) is not None:
        lines += [
            f"  {one['path']} -> {one['threshold']}={one['value']}" for one in settings["taken"]
        ]
        lines += [f"  - {one['path']}: {one['message']}" for one in settings["left"]]
    return lines
