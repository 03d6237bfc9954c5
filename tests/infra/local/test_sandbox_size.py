"""The size of the sandbox tenant stays what it was at the first start."""

from pathlib import Path

import pytest

from infra.local.errors import BadStart
from infra.local.sandbox_size import FIRST_USERS, sandbox_users


def test_the_first_number_is_remembered(tmp_path: Path) -> None:
    assert sandbox_users(tmp_path, 300) == 300
    assert sandbox_users(tmp_path, None) == 300
    assert sandbox_users(tmp_path, 300) == 300


def test_another_number_needs_a_reset(tmp_path: Path) -> None:
    assert sandbox_users(tmp_path, None) == FIRST_USERS
    with pytest.raises(BadStart, match="--reset"):
        sandbox_users(tmp_path, 50)
