"""Report value types as SQL types, so that a column arrives as what the report declares."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Float,
    Integer,
    String,
    Text,
    cast,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from shared.core.report import ValueType

# What to cast to, and the SQLAlchemy type that needs no cast.
_TYPES: dict[ValueType, tuple[TypeEngine[Any], type[TypeEngine[Any]]]] = {
    "text": (Text(), String),
    "bool": (Boolean(), Boolean),
    "int": (BigInteger(), Integer),
    "float": (Double(), Float),
    "timestamp": (DateTime(timezone=True), DateTime),
    "date": (Date(), Date),
    "json": (JSONB(), JSON),
}


def in_type(expression: ColumnElement[Any], kind: ValueType) -> ColumnElement[Any]:
    """Return `expression` as `kind`, cast only if it is not known to be that already."""
    target, fits = _TYPES[kind]
    return expression if isinstance(expression.type, fits) else cast(expression, target)
