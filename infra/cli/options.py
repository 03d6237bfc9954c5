"""The options of the `kanri` commands: their names, limits and help in both languages."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.terminal import spoken
from shared.core.text import Text

Users = Annotated[
    int | None,
    typer.Option(
        min=50,
        max=500_000,
        help=spoken(
            Text(
                "Users of the sandbox tenant (2,000 at first).",
                "サンドボックス テナントのユーザー数 (初回は 2,000)。",
            )
        ),
    ),
]

AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help=spoken(Text("Print one JSON object.", "JSON オブジェクトを 1 つ出力します。")),
    ),
]

WireLog = Annotated[
    Path | None,
    typer.Option(
        help=spoken(
            Text(
                "Write each Graph exchange as one line of JSON.",
                "Graph とのやり取りを 1 行ずつ JSON で書き出します。",
            )
        )
    ),
]

Tenant = Annotated[
    Path | None,
    typer.Option(
        help=spoken(
            Text(
                "JSON file with the login to an existing tenant.",
                "既存のテナントへのサインイン情報を含む JSON ファイル。",
            )
        )
    ),
]

Database = Annotated[
    str | None,
    typer.Option(
        help=spoken(
            Text(
                "URL of an existing PostgreSQL database (its owner).",
                "既存の PostgreSQL データベースの URL (所有者)。",
            )
        )
    ),
]

Storage = Annotated[
    str | None,
    typer.Option(
        help=spoken(
            Text(
                "Connection string of an existing storage account.",
                "既存のストレージ アカウントの接続文字列。",
            )
        )
    ),
]

Faults = Annotated[
    bool,
    typer.Option(
        "--faults",
        help=spoken(
            Text(
                "Let the sandbox misbehave as Graph does: 429, 503, cut pages ...",
                "サンドボックスに Graph の異常 (429、503、切断など) を再現させます。",
            )
        ),
    ),
]

Picture = Annotated[
    Path | None,
    typer.Option(
        help=spoken(
            Text("Save the summary as an SVG picture.", "結果を SVG 画像として保存します。")
        )
    ),
]

Out = Annotated[
    Path | None,
    typer.Option(
        file_okay=False,
        help=spoken(
            Text(
                "Save every report there, in each format and language.",
                "すべてのレポートを各形式・各言語でこのフォルダーに保存します。",
            )
        ),
    ),
]

WorkDir = Annotated[
    Path,
    typer.Option(help=spoken(Text("Folder of the data.", "データのフォルダー。"))),
]

Reset = Annotated[
    bool,
    typer.Option(
        "--reset",
        help=spoken(Text("Throw the data away first.", "最初にデータを破棄します。")),
    ),
]

FreePort = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=65535,
        help=spoken(
            Text("Port of the API (7071, or a free one).", "API のポート (7071 または空きポート)。")
        ),
    ),
]

Port = Annotated[int, typer.Option(help=spoken(Text("Port on 127.0.0.1.", "127.0.0.1 のポート。")))]

SettingsFile = Annotated[
    Path,
    typer.Option(
        help=spoken(
            Text("File shaped like local.settings.json.", "local.settings.json 形式のファイル。")
        )
    ),
]

Check = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help=spoken(
            Text(
                "Only try the deployment at URL, changing nothing; an API key in KANRI_SMOKE_KEY "
                "lets it fetch each report.",
                "URL のデプロイを変更せずに確認だけします。KANRI_SMOKE_KEY に API キーがあれば"
                "各レポートも取得します。",
            )
        ),
    ),
]
