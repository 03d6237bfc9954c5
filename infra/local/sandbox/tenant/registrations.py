"""Which authentication methods users registered (`userRegistrationDetails`)."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.people import ADMINS, Kind, People

METHOD_SETS: tuple[tuple[int, tuple[str, ...], str], ...] = (
    (52, (), "none"),
    (60, ("microsoftAuthenticatorPush", "softwareOneTimePasscode"), "push"),
    (40, ("microsoftAuthenticatorPush", "softwareOneTimePasscode", "mobilePhone"), "push"),
    (36, ("mobilePhone",), "sms"),
    (14, ("mobilePhone", "email"), "voiceMobile"),
    (12, ("email",), "none"),
    (18, ("passKeyDeviceBound", "microsoftAuthenticatorPasswordless"), "push"),
    (14, ("windowsHelloForBusiness", "mobilePhone"), "sms"),
    (10, ("softwareOneTimePasscode",), "oath"),
)
_SET_OF_BYTE = tuple(n for n, (share, _m, _p) in enumerate(METHOD_SETS) for _ in range(share))
_SECOND_FACTORS = {
    "microsoftAuthenticatorPush",
    "softwareOneTimePasscode",
    "mobilePhone",
    "passKeyDeviceBound",
    "windowsHelloForBusiness",
    "microsoftAuthenticatorPasswordless",
}
_PASSWORDLESS = {
    "passKeyDeviceBound",
    "windowsHelloForBusiness",
    "microsoftAuthenticatorPasswordless",
}


def seeded_registration(people: People, index: int, anchor: int) -> Entity:
    """The registration state that the seed gives a user."""
    roll = people.roll(index)
    methods = _SET_OF_BYTE[roll[30]] if people.kind(index, roll) is not Kind.SHARED else 0
    if index < ADMINS and methods == 0 and index != 1:
        methods = 1
    user = people.make(index)
    _share, names, preferred = METHOD_SETS[methods]
    return registration(
        user,
        list(names),
        preferred,
        admin=index < ADMINS,
        updated=epoch_stamp(anchor - roll[31] * 700),
    )


def registration(
    user: Entity, methods: list[str], preferred: str, *, admin: bool, updated: str
) -> Entity:
    """One `userRegistrationDetails` object; the flags follow from the methods."""
    strong = bool(_SECOND_FACTORS & set(methods))
    passwordless = bool(_PASSWORDLESS & set(methods))
    reset = strong or "email" in methods
    return {
        "id": user["id"],
        "userPrincipalName": user["userPrincipalName"],
        "userDisplayName": user["displayName"],
        "userType": user["userType"].lower(),
        "isAdmin": admin,
        "isSsprRegistered": reset,
        "isSsprEnabled": True,
        "isSsprCapable": reset,
        "isMfaRegistered": strong,
        "isMfaCapable": strong,
        "isPasswordlessCapable": passwordless,
        "methodsRegistered": methods,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": ["PhoneAppNotification"]
        if preferred == "push"
        else [],
        "userPreferredMethodForSecondaryAuthentication": preferred,
        "lastUpdatedDateTime": updated,
    }
