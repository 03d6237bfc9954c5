"""The summary as an SVG picture, for the README: the same tables, drawn by rich."""

import re
from io import StringIO
from pathlib import Path

from rich.console import Console

from infra.cli.summary import Summary

_WIDTH = 72


def save_picture(summary: Summary, file: Path) -> None:
    """Draw what the terminal showed. No font is fetched: the viewer's monospace one is used."""
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True)
    summary.show(console)
    svg = console.export_svg(title="uv run kanri demo", unique_id="kanri")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = "\n".join(line.rstrip() for line in svg.splitlines())
    file.write_text(svg.replace("Fira Code, monospace", "monospace") + "\n", encoding="utf-8")
