"""What a caller may on a tenant: the union of what he holds there, and nothing of what he holds elsewhere."""

from datetime import timedelta
from uuid import UUID

import pytest

from shared.core import clock
from shared.core.access import (
    Caller,
    Hold,
    require,
    require_everywhere,
    require_holds,
    require_on,
)
from shared.core.errors import Forbidden

HERE = UUID("11111111-1111-1111-1111-111111111111")
THERE = UUID("22222222-2222-2222-2222-222222222222")
NOWHERE = UUID("33333333-3333-3333-3333-333333333333")


def caller(*holds: tuple[set[str], set[UUID] | None]) -> Caller:
    return Caller(
        "token",
        "token:x",
        tuple(
            Hold(frozenset(permissions), None if tenants is None else frozenset(tenants))
            for permissions, tenants in holds
        ),
    )


def refusal(act: object, *given: object) -> str:
    assert callable(act)
    with pytest.raises(Forbidden) as refused:
        act(*given)
    return refused.value.code


def test_rights_on_one_tenant_are_no_rights_on_another() -> None:
    both = caller(({"report:read", "tenant:write"}, {HERE}), ({"report:read"}, {THERE}))
    require_on(both, "tenant:write", HERE)
    require_on(both, "report:read", THERE)
    assert refusal(require_on, both, "tenant:write", THERE) == "permission_missing"
    assert refusal(require_on, both, "report:read", NOWHERE) == "tenant_forbidden"
    assert refusal(require_on, both, "key:write", HERE) == "permission_missing"


def test_what_is_held_everywhere_is_held_on_each() -> None:
    mixed = caller(({"report:read"}, None), ({"tenant:write"}, {HERE}))
    require_everywhere(mixed, "report:read")
    require_on(mixed, "report:read", NOWHERE)
    require_on(mixed, "tenant:write", HERE)
    assert refusal(require_everywhere, mixed, "tenant:write") == "scope_too_narrow"
    assert refusal(require_everywhere, mixed, "key:write") == "permission_missing"
    assert refusal(require, mixed, "key:write") == "permission_missing"


def test_tenants_are_seen_with_the_permission_that_is_held_there() -> None:
    both = caller(({"report:read"}, {HERE}), ({"tenant:read"}, {THERE}), ({"tenant:read"}, set()))
    assert both.tenants_with("report:read") == frozenset({HERE})
    assert both.tenants_with("tenant:read") == frozenset({THERE})
    assert both.tenants_with("key:write") == frozenset()
    assert caller(({"key:write"}, {HERE}), ({"key:write"}, None)).tenants_with("key:write") is None
    assert both.authority("tenant:read") == "tenant"
    assert caller(({"tenant:read"}, None)).authority("tenant:read") == "operator"


def test_personal_data_is_shown_where_the_right_to_it_is_held() -> None:
    both = caller(({"report:read", "report:personal"}, {HERE}), ({"report:read"}, {THERE}))
    assert (both.sees_personal_data(HERE), both.sees_personal_data(THERE)) == (True, False)


def test_nobody_gives_what_he_does_not_hold_there() -> None:
    both = caller(({"report:read", "tenant:write"}, {HERE}), ({"report:read"}, {THERE}))
    require_holds(both, {"report:read"}, {HERE, THERE})
    assert refusal(require_holds, both, {"tenant:write"}, {HERE, THERE}) == "permission_missing"
    assert refusal(require_holds, both, {"report:read"}, None) == "scope_too_narrow"
    assert refusal(require_holds, both, {"report:read"}, {NOWHERE}) == "tenant_forbidden"
    assert refusal(require_holds, both, set(), None) == "scope_too_narrow"
    assert refusal(require_holds, both, set(), {NOWHERE}) == "tenant_forbidden"


def test_nothing_that_is_given_outlives_the_giver() -> None:
    from copy import replace

    from shared.core.access import require_lasting

    now = clock.now()
    ending = replace(caller(({"report:read"}, None)), until=now)
    require_lasting(ending, now)
    assert refusal(require_lasting, ending, now + timedelta(seconds=1)) == "expiry_too_late"
    assert refusal(require_lasting, ending, None) == "expiry_too_late"
    require_lasting(caller(), None)
