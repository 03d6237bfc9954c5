"""Made-up users in bulk, as pages of Graph's JSON: for tables bigger than is worth reading by HTTPS."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

PAGE = 999

_SPACE = UUID("6f1f3c52-0f0e-4b57-9d1b-0d7a1cf7a001")
_START = datetime(2019, 4, 1, tzinfo=UTC)
_GIVEN = ("Aiko", "Ben", "Chiyo", "Dana", "Emi", "Felix", "Grace", "Haruto", "Ines", "Jun")
_FAMILY = ("Sato", "Smith", "Suzuki", "Jones", "Takahashi", "Brown", "Tanaka", "Miller", "Ito")
_DEPARTMENTS = ("Sales", "Finance", "Research", "Support", "Legal", "製造", "営業", None)
_PLACES = (("JP", "Tokyo"), ("JP", "Osaka"), ("GB", "Leeds"), ("US", "Austin"), ("DE", "Köln"))
_SKUS = ("05e9a617-0261-4cee-bb44-138d3ef5d965", "6fd2c87f-b296-42f0-b197-1e91e994b900")


def user_pages(count: int, first: int = 0) -> Iterator[bytes]:
    """Yield `count` users, numbered from `first` on, as pages of at most 999."""
    yield from _pages(count, _user, first)


def activity_pages(count: int) -> Iterator[bytes]:
    """Yield the signInActivity of the same users."""
    yield from _pages(count, _activity)


def _pages(count: int, make: Callable[[int], dict[str, object]], first: int = 0) -> Iterator[bytes]:
    for start in range(first, first + count, PAGE):
        objects = [make(number) for number in range(start, min(start + PAGE, first + count))]
        page = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users"}
        yield json.dumps({**page, "value": objects}, ensure_ascii=False).encode()


def user_id(number: int) -> str:
    """Return the object id of user `number`; ids are scattered as Entra's are."""
    return str(uuid5(_SPACE, str(number)))


def user_principal_name(number: int) -> str:
    """Return the sign-in name of user `number`."""
    return f"user{number:07d}@contoso.onmicrosoft.com"


def _user(number: int) -> dict[str, object]:
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[number // 7 % len(_FAMILY)]
    country, city = _PLACES[number % len(_PLACES)]
    return {
        "id": user_id(number),
        "userPrincipalName": user_principal_name(number),
        "displayName": f"{given} {family} {number}",
        "mail": user_principal_name(number),
        "givenName": given,
        "surname": family,
        "jobTitle": f"Job {number % 40}",
        "department": _DEPARTMENTS[number % len(_DEPARTMENTS)],
        "officeLocation": f"Building {number % 12}",
        "companyName": "Contoso",
        "employeeId": f"{number:06d}",
        "usageLocation": country,
        "country": country,
        "city": city,
        "userType": "Guest" if number % 20 == 0 else "Member",
        "accountEnabled": number % 13 != 0,
        "createdDateTime": _instant(number * 617),
        "lastPasswordChangeDateTime": _instant(number * 911),
        "onPremisesSyncEnabled": True if number % 3 == 0 else None,
        "preferredLanguage": "ja-JP" if country == "JP" else "en-US",
        "assignedLicenses": [{"disabledPlans": [], "skuId": _SKUS[number % len(_SKUS)]}],
        "externalUserState": "Accepted" if number % 20 == 0 else None,
    }


def _activity(number: int) -> dict[str, object]:
    return {
        "id": user_id(number),
        "signInActivity": {
            "lastSignInDateTime": _instant(number * 1009),
            "lastSignInRequestId": user_id(number + 1),
            "lastNonInteractiveSignInDateTime": _instant(number * 1013),
            "lastNonInteractiveSignInRequestId": user_id(number + 2),
            "lastSuccessfulSignInDateTime": _instant(number * 1009),
            "lastSuccessfulSignInRequestId": user_id(number + 1),
        },
    }


def _instant(minutes: int) -> str:
    moment = _START + timedelta(minutes=minutes % (7 * 365 * 1440))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
