"""Who may do what, as a table: what the grants of the nouns and the roles add up to."""

import pytest

from shared.core.grant import GRANTS
from shared.core.registry import of
from shared.core.role import ROLES, Role, lineage
from shared.core.role_permissions import APP_ROLES, PERMISSIONS, ROLE_PERMISSIONS, permissions_of

# The nouns that there were first. Another one adds to some roles, and takes nothing from these.
TABLE = {
    "report:read": "masked_reader",
    "tenant:read": "masked_reader",
    "collection:read": "masked_reader",
    "report:personal": "reader",
    "collection:run": "operator",
    "collection:import": "administrator",
    "health:read": "operator",
    "tenant:write": "administrator",
    "key:write": "administrator",
}
EXTENDS = {
    "masked_reader": {"masked_reader"},
    "reader": {"masked_reader", "reader"},
    "analyst": {"masked_reader", "reader", "analyst"},
    "operator": {"masked_reader", "reader", "operator"},
    "backup_operator": {"masked_reader", "backup_operator"},
    "approver": {"masked_reader", "approver"},
    "auditor": {"masked_reader", "auditor"},
    "administrator": {
        *("masked_reader", "reader", "analyst", "operator", "auditor", "administrator"),
    },
    "owner": set(of(ROLES)),
}


def test_the_built_in_roles_are_these() -> None:
    assert {role: set(lineage(role)) for role in of(ROLES)} == EXTENDS


@pytest.mark.parametrize("role", EXTENDS)
def test_each_role_may_do_what_the_table_says_and_no_more(role: str) -> None:
    nouns = {permission.partition(":")[0] for permission in TABLE}
    expected = {p for p, least in TABLE.items() if least in EXTENDS[role]}
    found = {p for p in ROLE_PERMISSIONS[role] if p in TABLE or p.partition(":")[0] not in nouns}
    assert {p for p in found if p.partition(":")[0] in nouns} == expected


def test_the_owner_may_do_everything_and_everything_is_granted_to_somebody() -> None:
    acts = {f"{noun}:{act}" for noun, grant in of(GRANTS).items() for act in grant.acts}
    assert acts == PERMISSIONS == ROLE_PERMISSIONS["owner"]
    assert ROLE_PERMISSIONS["administrator"] < ROLE_PERMISSIONS["owner"]


def test_every_act_names_roles_that_there_are() -> None:
    assert {role for grant in of(GRANTS).values() for role in grant.least()} <= set(of(ROLES))


def test_app_roles_of_a_token_are_roles() -> None:
    assert {name.removeprefix("Kanri.") for name in APP_ROLES} >= {
        "MaskedReader",
        "Reader",
        "Operator",
    }
    assert APP_ROLES["Kanri.Admin"] == "administrator"
    assert set(APP_ROLES.values()) == set(of(ROLES))
    assert permissions_of(["Kanri.Reader"]) == ROLE_PERMISSIONS["reader"]
    assert permissions_of(["Kanri.Emperor", "", "reader"]) == frozenset()


@pytest.mark.parametrize("role", of(ROLES).values(), ids=list(of(ROLES)))
def test_a_role_is_told_in_both_languages(role: Role) -> None:
    assert role.title.en
    assert role.title.ja
    assert role.description.en.endswith(".")
    assert role.description.ja.endswith("。")
