"""What those see of personal data who may not see it (permission `report:personal`).

A text is replaced by its pseudonym: `p_` and sixteen hexadecimal digits, keyed for the tenant, the
same in each report and format, so that it still joins, groups and counts. Letter case makes another
pseudonym only where it makes another row. Everything else (a date, a number, a code: whoever knows
how they were made could guess them, or count them) is withheld: null.

Made in SQL by `store.answers.masked_columns`; who sees what is masked: `core.access`
`sees_personal_data`.

A filter or an order goes by the pseudonym, never by what is behind it, and not by what is withheld.
The order that a report has by itself leaves masked columns out: nobody looks for a pseudonym in it.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from uuid import UUID

from shared.core.errors import Forbidden
from shared.core.query import Both, Condition, Either, Negation, Order
from shared.core.report import ReportColumn

type Masking = Literal["pseudonym", "withheld"]


def masking_of(column: ReportColumn) -> Masking | None:
    """Return how a column is masked; None if there is nothing personal in it."""
    if not column.personal:
        return None
    return "pseudonym" if column.type == "text" and not column.labels else "withheld"


def key_of(secret: bytes, tenant_id: UUID) -> str:
    """Return the key of a tenant's pseudonyms, 64 hexadecimal digits; `secret` is the deployment's."""
    return hmac.digest(secret, tenant_id.bytes, "sha256").hex()


def unmasked_order(order: Sequence[Order], columns: Mapping[str, ReportColumn]) -> list[Order]:
    """Return the terms of `order` that go by a column which is not masked."""
    return [term for term in order if masking_of(columns[term.column]) is None]


def check_masked(
    columns: Sequence[ReportColumn], where: Condition | None, order: Sequence[Order]
) -> None:
    """Raise Forbidden if a filter or an order goes by a column whose values are withheld."""
    withheld = {column.id for column in columns if masking_of(column) == "withheld"}
    asked = [("filter", name) for name in columns_of(where)]
    asked += [("orderBy", term.column) for term in order]
    for parameter, name in asked:
        if name in withheld:
            raise Forbidden(
                "column_withheld", parameter=parameter, value=name, permission="report:personal"
            )


def columns_of(condition: Condition | None) -> Iterator[str]:
    """Yield the id of each column that a filter goes by."""
    match condition:
        case None:
            return
        case Both(left, right) | Either(left, right):
            yield from columns_of(left)
            yield from columns_of(right)
        case Negation(inner):
            yield from columns_of(inner)
        case _:
            yield condition.column
