"""The text of a statement without any value: what PostgreSQL leaves in it now and then is taken out.

pg_stat_statements puts `$1` in the place of constants, but not in all statements, and not in one whose
entry was dropped while it ran.
https://www.postgresql.org/docs/current/pgstatstatements.html
"""

import re

_VALUES = re.compile(
    r"""
    \$(?P<tag>[A-Za-z_]?\w*)\$.*?\$(?P=tag)\$     # $tag$ ... $tag$
    | [eEbBxXnN]?'(?:[^'\\]|''|\\.)*(?:'|\Z)      # '...', also one that is cut off
    | (?<![\w$.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?   # 12.5e3, but neither $1 nor a1
    | --[^\n]* | /\*.*?\*/                        # remarks
    """,
    re.VERBOSE | re.DOTALL,
)
_NAMES = re.compile(r'("(?:[^"]|"")*")')
_SPACES = re.compile(r"\s+")

LONGEST = 500


def without_values(statement: str) -> str:
    """Return the statement in one line, `?` for each constant and remark, at most `LONGEST` characters."""
    # A name in quotes may hold an apostrophe: what stands between names is looked at apart.
    parts = _NAMES.split(statement)
    bare = "".join(part if n % 2 else _VALUES.sub("?", part) for n, part in enumerate(parts))
    line = _SPACES.sub(" ", bare).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
