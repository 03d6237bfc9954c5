"""The picture of the README shows what the terminal showed and fetches nothing."""

from pathlib import Path

from infra.cli.picture import save_picture
from infra.cli.summary import DatasetResult, ReportResult, Summary


def test_the_picture_holds_every_line_and_no_address(tmp_path: Path) -> None:
    summary = Summary(
        datasets=[DatasetResult(dataset="users", state="ok", rows=2000, seconds=1.5)],
        reports=[ReportResult(report="mfa", rows=7, milliseconds=12.3)],
    )
    save_picture(summary, tmp_path / "demo.svg")
    svg = (tmp_path / "demo.svg").read_text(encoding="utf-8")
    assert all(word in svg for word in ("users", "2,000", "mfa"))
    assert "url(http" not in svg
    assert "@font-face" not in svg
