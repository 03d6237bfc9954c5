"""SQLAlchemy statements as text, written once and run many times by a bare cursor.

Values that belong to a statement stand in it as literals: they need not be sent each time, and the
planner sees them. What a question brings along is a parameter, never part of the text: the text
comes to stand in the server's log and in pg_stat_statements.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import ARRAY, BindParameter, Select
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg
from sqlalchemy.types import TypeEngine


class _Compiler(PGCompiler_psycopg):
    """Writes bound values out; a parameter of the question is one that has no value yet."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *context: Any, **options: Any) -> Any:
        if bindparam.value is not None:
            options["literal_binds"] = True
        return super().visit_bindparam(bindparam, *context, **options)  # type: ignore[no-untyped-call]


class _CopyCompiler(_Compiler):
    """Reads parameters from a setting of the transaction: COPY takes none.

    Each is a subquery of its own, so that it is read once and not once a row.
    """

    def bindparam_string(self, name: str, *_context: Any, **_options: Any) -> str:
        kind = self._kinds[name]
        value = f"current_setting('{QUESTION}')::jsonb"
        if isinstance(kind, ARRAY):
            item = kind.item_type.compile(dialect=self.dialect)
            items = f"jsonb_array_elements_text({value} -> '{name}')"
            return f"ARRAY(SELECT item::{item} FROM {items} AS item)"  # noqa: S608
        return f"(SELECT ({value} ->> '{name}')::{kind.compile(dialect=self.dialect)})"

    def visit_bindparam(self, bindparam: BindParameter[Any], *context: Any, **options: Any) -> Any:
        self._kinds: dict[str, TypeEngine[Any]] = self.__dict__.setdefault("_kinds", {})
        self._kinds[bindparam.key] = bindparam.type
        return super().visit_bindparam(bindparam, *context, **options)


class _Dialect(PGDialect_psycopg):
    statement_compiler = _Compiler


class _CopyDialect(PGDialect_psycopg):
    statement_compiler = _CopyCompiler


# The setting that holds a COPY's parameters, as JSON.
QUESTION = "kanri.question"

_NUMBERED = _Dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
_FOR_COPY = _CopyDialect(paramstyle="named")  # type: ignore[no-untyped-call]


class Statement(Struct, frozen=True):
    """SQL with parameters `$1`, `$2` ..., for `psycopg.RawCursor`; `names` says which is which."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """Return the values in the order of the parameters; others may be among `values`."""
        return [values[name] for name in self.names]


def compiled(statement: Select[Any]) -> Statement:
    """Return a statement as text that the server can keep prepared."""
    done = statement.compile(dialect=_NUMBERED)
    return Statement(done.string, tuple(done.positiontup or ()))


def compiled_for_copy(statement: Select[Any]) -> str:
    """Return a statement as text that reads its parameters from the setting QUESTION, by name."""
    return statement.compile(dialect=_FOR_COPY).string
