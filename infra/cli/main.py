"""The entry point of `kanri`: the list of its commands, one file each."""

# ruff: noqa: E402  (what is imported below is to be kept compiled too)

from infra.local.bytecode import keep_bytecode

keep_bytecode()

import typer

from infra.cli.audit import audit
from infra.cli.clock import clock
from infra.cli.demo import demo
from infra.cli.host import LIKE_CORE_TOOLS, host
from infra.cli.import_files import import_files
from infra.cli.terminal import spoken
from infra.cli.up import up
from infra.cli.version import version
from shared.core.text import Text

app = typer.Typer(name="kanri", no_args_is_help=True, pretty_exceptions_show_locals=False)

_COMMANDS = (
    (
        up,
        Text(
            "Start everything, collect, stay until Ctrl-C.",
            "すべて起動して収集し、Ctrl-C まで動作します。",
        ),
    ),
    (
        demo,
        Text(
            "Start everything afresh, collect once, fetch each report once, stop.",
            "新しい状態で起動し、1 回収集して各レポートを取得し、停止します。",
        ),
    ),
    (
        host,
        Text(
            "Run only the Functions host, on what the settings file names.",
            "設定ファイルの内容で Functions ホストだけを実行します。",
        ),
    ),
    (
        clock,
        Text(
            "Let days pass for a stack that runs.",
            "実行中のスタックの時刻を進めます。",
        ),
    ),
    (
        import_files,
        Text(
            "Import files of the PowerShell tool, or say what they are.",
            "PowerShell ツールのファイルをインポートします (既定は確認のみ)。",
        ),
    ),
    (version, Text("Print the version.", "バージョンを表示します。")),
)

for _command, _help in _COMMANDS:
    _settings = LIKE_CORE_TOOLS if _command is host else None
    _name = "import" if _command is import_files else None
    app.command(_name, help=spoken(_help), context_settings=_settings)(_command)
app.add_typer(
    audit,
    name="audit",
    help=spoken(Text("Verify who did what.", "監査ログを検証します。")),
)
