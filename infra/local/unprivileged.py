"""Run a program as an ordinary user when we are root: PostgreSQL refuses to run as root."""

import os
import shutil
import sys
from pathlib import Path

from infra.local.errors import StackError
from shared.core.text import Text

_NOBODY = 65534


def ordinary_user_prefix(folder: Path) -> list[str]:
    """Return what to put before a command so that an ordinary user owning `folder` runs it.

    Empty if we are not root. As root, setpriv(1) of util-linux changes to the owner of `folder`
    (nobody for a new folder, which is handed over) and keeps one capability, CAP_DAC_OVERRIDE, so
    that a clone below /root works without opening /root to everybody. The program gets SIGINT when
    its parent dies: a change of user clears the signal that `Child` asked for.
    Raises StackError where root has no setpriv.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError(
            Text(
                "PostgreSQL does not run as root: use an ordinary user, or install util-linux.",
                "PostgreSQL は root では動作しません。一般ユーザーで実行するか、"
                "util-linux をインストールしてください。",
            )
        )
    uid = folder.stat().st_uid or _NOBODY
    os.chown(folder, uid, uid)
    only = "-all,+dac_override"
    return [
        setpriv,
        f"--reuid={uid}",
        f"--regid={uid}",
        "--clear-groups",
        f"--inh-caps={only}",
        f"--ambient-caps={only}",
        f"--bounding-set={only}",
        "--no-new-privs",
        "--pdeathsig=INT",
        "--",
    ]
