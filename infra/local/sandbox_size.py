"""The size of the sandbox tenant: fixed by the first start on a work folder, remembered after it."""

from pathlib import Path

from infra.local.errors import BadStart
from shared.core.text import Text

FIRST_USERS = 2_000


def sandbox_users(home: Path, wanted: int | None) -> int:
    """Return how many users the sandbox in `home` has, and remember the number.

    A tenant does not shrink or grow because a command said so: BadStart if `wanted` differs from
    what the collected history was read from.
    """
    note = home / "users"
    known = int(note.read_text(encoding="ascii")) if note.exists() else None
    if known is not None and wanted not in (None, known):
        raise BadStart(
            Text(
                f"The sandbox tenant of this folder has {known:,} users. "
                "Use --reset to start afresh with another number.",
                f"このフォルダーのサンドボックス テナントのユーザー数は {known:,} 人です。"
                "別の人数で始めるには --reset を指定してください。",
            )
        )
    users = known or wanted or FIRST_USERS
    home.mkdir(parents=True, exist_ok=True)
    note.write_text(str(users), encoding="ascii")
    return users
