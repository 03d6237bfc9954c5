"""Who may do what, as a table: what the grants of the nouns add up to."""

from itertools import pairwise

from shared.core.access import PERMISSIONS, ROLES
from shared.core.grant import ASCENDING, GRANTS
from shared.core.registry import of

# The nouns that there were first. Another one adds to every role, and takes nothing from these.
TABLE = {
    "report:read": "Kanri.MaskedReader",
    "tenant:read": "Kanri.MaskedReader",
    "collection:read": "Kanri.MaskedReader",
    "report:personal": "Kanri.Reader",
    "collection:run": "Kanri.Operator",
    "health:read": "Kanri.Operator",
    "tenant:write": "Kanri.Admin",
    "key:write": "Kanri.Admin",
}
NOUNS = {permission.partition(":")[0] for permission in TABLE}


def test_each_role_may_do_what_the_table_says_and_no_more() -> None:
    for rank, role in enumerate(ASCENDING):
        expected = {p for p, least in TABLE.items() if ASCENDING.index(least) <= rank}
        found = {p for p in ROLES[role] if p.partition(":")[0] in NOUNS}
        assert found == expected


def test_each_role_may_do_what_those_before_it_may() -> None:
    for less, more in pairwise(ASCENDING):
        assert ROLES[less] < ROLES[more]


def test_the_last_role_may_do_everything_and_everything_is_granted_to_somebody() -> None:
    acts = {f"{noun}:{act}" for noun, grant in of(GRANTS).items() for act in grant.acts}
    assert acts == PERMISSIONS == ROLES[ASCENDING[-1]]
