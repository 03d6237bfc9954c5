"""Directory roles and who holds them.

Template ids: Microsoft's "Microsoft Entra built-in roles" reference.
"""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.people import Kind, People

ROLES = (
    ("62e90394-69f5-4237-9190-012177145e10", "Global Administrator"),
    ("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"),
    ("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"),
    ("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"),
    ("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator"),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    ("69091246-20e8-4a56-aa4d-066075b2a7a8", "Teams Administrator"),
    ("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"),
    ("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator"),
    ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"),
    ("b0f54661-2d74-4c50-afa3-1ec803f12efe", "Billing Administrator"),
    ("4d6ac14f-3453-41d0-bef9-a3e0c569773a", "License Administrator"),
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
    ("5d6b6bb7-de71-4623-b4af-96380a352509", "Security Reader"),
    ("4a5d8f65-41da-4de4-8968-e035b65339cf", "Reports Reader"),
    ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "Directory Readers"),
)


def definitions(seed: int) -> list[Entity]:
    """`roleManagement/directory/roleDefinitions`: the built-in roles and one custom role."""
    rows: list[Entity] = [
        {
            "id": template,
            "templateId": template,
            "displayName": name,
            "description": f"Built-in role {name}.",
            "isBuiltIn": True,
            "isEnabled": True,
            "version": "1",
            "resourceScopes": ["/"],
            "rolePermissions": [
                {
                    "allowedResourceActions": ["microsoft.directory/users/standard/read"],
                    "condition": None,
                }
            ],
        }
        for template, name in ROLES
    ]
    custom = Dice(seed, "custom role").guid(0)
    rows.append(
        {
            **rows[-1],
            "id": custom,
            "templateId": custom,
            "displayName": "端末登録担当 (custom)",
            "description": None,
            "isBuiltIn": False,
            "version": None,
        }
    )
    return rows


def assignments(seed: int, people: People, admins: str, application: str) -> list[Entity]:
    """`roleManagement/directory/roleAssignments`: users, a role-assignable group, an application."""
    dice = Dice(seed, "role assignment")
    held: list[tuple[str, str]] = [(ROLES[0][0], people.guid(n)) for n in range(3)]
    held.append((ROLES[12][0], admins))
    for n, (template, _name) in enumerate(ROLES[1:15]):
        for extra in range(1 + n % 3):
            user = (7 * n + 31 * extra + 5) % people.count
            if people.kind(user) is not Kind.SHARED:
                held.append((template, people.guid(user)))
    held.append((ROLES[14][0], application))
    held = list(dict.fromkeys(held))
    return [
        {
            "id": f"{dice.guid(n).replace('-', '')[:22]}-1",
            "principalId": principal,
            "roleDefinitionId": template,
            "directoryScopeId": "/",
            "appScopeId": None,
            "condition": None,
        }
        for n, (template, principal) in enumerate(held)
    ]


def activated(eligibility: Entity, key: str) -> Entity:
    """The assignment that is in force while somebody has activated what he is eligible for."""
    return {
        "id": f"{key}-1",
        "principalId": eligibility["principalId"],
        "roleDefinitionId": eligibility["roleDefinitionId"],
        "directoryScopeId": "/",
        "appScopeId": None,
        "condition": None,
    }


def eligibilities(seed: int, people: People, anchor: int, admins: str) -> list[Entity]:
    """`roleManagement/directory/roleEligibilityScheduleInstances`, of users and of a group.

    One has no end, one ends today, the others within a year.
    """
    dice = Dice(seed, "role eligibility")
    held = [(ROLES[7][0], admins)]
    for n in range(6):
        user = (11 * n + 17) % people.count
        if people.kind(user) is not Kind.SHARED:
            held.append((ROLES[n][0], people.guid(user)))
    days = (None, 0, 30, 90, 180, 364)
    return [
        {
            "id": f"{dice.guid(n).replace('-', '')[:22]}-1-e",
            "principalId": principal,
            "roleDefinitionId": template,
            "directoryScopeId": "/",
            "appScopeId": None,
            "memberType": "Direct",
            "startDateTime": epoch_stamp(anchor - (n + 1) * 86_400),
            "endDateTime": None if until is None else epoch_stamp(anchor + until * 86_400 + 3_600),
            "roleEligibilityScheduleId": dice.guid(n + 1_000),
        }
        for n, (template, principal) in enumerate(dict.fromkeys(held))
        for until in (days[n % len(days)],)
    ]
