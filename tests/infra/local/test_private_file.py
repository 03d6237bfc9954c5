"""Folders that only their owner may look into, made or closed."""

import sys
from pathlib import Path

import pytest

from infra.local.private_file import private_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such modes")


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_folder_is_closed_with_those_made_on_the_way(tmp_path: Path) -> None:
    before = _mode(tmp_path)
    private_folder(tmp_path / "a" / "b")
    assert [_mode(tmp_path / "a"), _mode(tmp_path / "a" / "b")] == [0o700, 0o700]
    assert _mode(tmp_path) == before


def test_a_folder_of_an_earlier_version_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o755)
    (folder / "file").write_text("kept")
    private_folder(folder)
    assert (_mode(folder), (folder / "file").read_text()) == (0o700, "kept")
