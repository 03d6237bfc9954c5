"""What bounds a column has to be one that PostgreSQL takes for safe below a policy, or no index goes by it.

COALESCE is not: a comparison with one is made after the policy's, on every row that the index brings.
`contain_leaked_vars` in src/backend/optimizer/util/clauses.c lists what is safe; CASE is.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Select
from sqlalchemy.sql.elements import BinaryExpression, ClauseElement
from sqlalchemy.sql.operators import between_op, eq, ge, gt, le, lt
from sqlalchemy.sql.visitors import iterate

from shared.core import registry
from shared.store.answers.sources import built

_ORDERS = (between_op, eq, ge, gt, le, lt)


def leaky(bound: object) -> Iterator[object]:
    """The COALESCEs in an expression; what a subquery has in it is worked out before."""
    if getattr(bound, "name", "") == "coalesce":
        yield bound
    elif isinstance(bound, ClauseElement) and not isinstance(bound, Select):
        for part in bound.get_children():
            yield from leaky(part)


@pytest.mark.parametrize("current", [True, False], ids=["now", "then"])
@pytest.mark.parametrize("key", registry.report_keys())
def test_no_column_is_bounded_by_what_may_leak(key: str, current: bool) -> None:
    _, query = built(registry.report(key).query, registry.collector, current=current)
    compared = [
        one
        for one in iterate(query)
        if isinstance(one, BinaryExpression) and one.operator in _ORDERS
    ]
    assert compared
    for one in compared:
        if isinstance(one.left, Column):
            assert not list(leaky(one.right)), str(one)
