"""SQLAlchemy statements as text, written once and run many times by a bare cursor.

Values that belong to a statement stand in it as literals: they need not be sent each time, and the
planner sees them. What a question brings along is a parameter, never part of the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Select
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg


class _Compiler(PGCompiler_psycopg):
    """Writes bound values out; a parameter of the question is one that has no value yet."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *context: Any, **options: Any) -> Any:
        if bindparam.value is not None:
            options["literal_binds"] = True
        return super().visit_bindparam(bindparam, *context, **options)  # type: ignore[no-untyped-call]


class _Dialect(PGDialect_psycopg):
    statement_compiler = _Compiler


_NUMBERED = _Dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_NAMED = _Dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with parameters `$1`, `$2` ..., for `psycopg.RawCursor`; `names` says which is which."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """Return the values in the order of the parameters; others may be among `values`."""
        return [values[name] for name in self.names]


def written(statement: Select[Any]) -> Statement:
    """Return a statement as text that the server can keep prepared."""
    compiled = statement.compile(dialect=_NUMBERED)
    return Statement(compiled.string, tuple(compiled.positiontup or ()))


def written_for_copy(statement: Select[Any]) -> str:
    """Return a statement as text with parameters `%(name)s`: COPY takes none, psycopg fills them in."""
    return statement.compile(dialect=_NAMED).string
