"""The users of a tenant, computed one by one from their index."""

from enum import Enum

from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.calendar import Calendar
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.licences import (
    BUNDLE_OF_BYTE,
    BUNDLES,
    NO_BUNDLE,
    Holdings,
)

TEAM_SIZE = 16
_JAPANESE = 160  # of 256 people
_MEMBERS_FROM = 30  # draws below belong to guests, shared mailboxes and disabled accounts
ADMINS = 6  # the first users are enabled members, so that roles have someone to point at


class Kind(Enum):
    """What an account is for."""

    MEMBER = "member"
    GUEST = "guest"
    SHARED = "shared mailbox"
    DISABLED = "disabled"


class People:
    """Makes user objects.

    A property that was never set is missing from the object: lists answer null for it, delta
    leaves it out (as the delta query overview describes).
    """

    def __init__(self, seed: int, count: int, anchor: int, domain: str, holdings: Holdings) -> None:
        self.count = count
        self.domain = domain
        self._calendar = Calendar(anchor)
        self.holdings = holdings
        self._dice = Dice(seed, "user")
        self._teams = Dice(seed, "team of users")
        self._team_cache: dict[int, tuple[int, int]] = {}
        self._places = {
            (department, office): _place(department, office)
            for department in range(len(names.DEPARTMENTS))
            for office in range(len(names.OFFICES))
        }
        self.initial_domain = domain.split(".", 1)[0] + ".onmicrosoft.com"

    def guid(self, index: int) -> str:
        """Object id of a user."""
        return self._dice.guid(index)

    def index(self, key: str) -> int | None:
        """Index behind an object id or a user principal name of a seeded user."""
        if "@" not in key:
            found = self._dice.index(key)
            return found if found is not None and found < self.count else None
        digits = key.split("@", 1)[0].split("_", 1)[0].rsplit(".", 1)[-1]
        if not digits.isdigit() or int(digits) >= self.count:
            return None
        found = int(digits)
        return found if self.make(found)["userPrincipalName"].lower() == key.lower() else None

    def team(self, index: int) -> tuple[int, int]:
        """Department and office (as indexes) of the team a user belongs to."""
        team = index // TEAM_SIZE
        if team not in self._team_cache:
            roll = self._teams.roll(team)
            office = roll[1] % 5 if roll[2] < 150 else roll[1] % len(names.OFFICES)
            self._team_cache[team] = (roll[0] % len(names.DEPARTMENTS), office)
        return self._team_cache[team]

    def kind(self, index: int, roll: bytes | None = None) -> Kind:
        """What the account is for."""
        draw = (roll or self._dice.roll(index))[0]
        if draw >= _MEMBERS_FROM or index < ADMINS:
            return Kind.MEMBER
        return Kind.GUEST if draw < 10 else Kind.SHARED if draw < 15 else Kind.DISABLED

    def bundle(self, index: int, roll: bytes | None = None) -> int:
        """Which licence bundle the user holds (index into BUNDLES)."""
        roll = roll or self._dice.roll(index)
        kind = self.kind(index, roll)
        # A third of the disabled accounts still hold a licence: what a licence report should find.
        if kind is Kind.MEMBER or (kind is Kind.DISABLED and roll[2] < 85):
            return BUNDLE_OF_BYTE[roll[1]]
        return NO_BUNDLE

    def parts(self, index: int, roll: bytes | None = None) -> tuple[str, ...]:
        """Part numbers of the products the user holds."""
        return BUNDLES[self.bundle(index, roll)][1]

    def roll(self, index: int) -> bytes:
        """The user's chance, for those who compute something that belongs to a user."""
        return self._dice.roll(index)

    def names(self, index: int, roll: bytes, kind: Kind) -> tuple[str, str]:
        """User principal name and display name, without making the whole user."""
        if kind is Kind.GUEST:
            guest = self._guest(index, roll)
            return guest["userPrincipalName"], guest["displayName"]
        display, _surname, _given, prefix = _NAMES[roll[3] < _JAPANESE][roll[4] % 32][roll[5] % 32]
        if kind is Kind.SHARED:
            display = f"{self._places[self.team(index)]['department']} 共有 {index}"
        return f"{prefix}.{index:04d}@{self.domain}", display

    def make(self, index: int) -> Entity:
        """The user object of an index."""
        roll = self._dice.roll(index)
        kind = self.kind(index, roll)
        if kind is Kind.GUEST:
            return self._guest(index, roll)
        return self._employee(index, roll, kind)

    def _guest(self, index: int, roll: bytes) -> Entity:
        _display, surname, given, prefix = _NAMES[roll[3] < _JAPANESE][roll[4] % 32][roll[5] % 32]
        mail = f"{prefix}.{index}@{names.PARTNERS[roll[6] % len(names.PARTNERS)]}"
        outside = mail.replace("@", "_")
        days = 6 + (roll[7] << 8 | roll[8]) % 700
        accepted = roll[9] < 200
        company = {"companyName": mail.partition("@")[2].split(".")[0].title()}
        return {
            "id": self._dice.guid(index),
            "displayName": f"{given} {surname}",
            "userPrincipalName": f"{outside}#EXT#@{self.initial_domain}",
            "mail": mail,
            "mailNickname": f"{outside}#EXT#",
            "otherMails": [mail],
            "proxyAddresses": [f"SMTP:{mail}"],
            "identities": [],
            "accountEnabled": True,
            "userType": "Guest",
            "creationType": "Invitation",
            "externalUserState": "Accepted" if accepted else "PendingAcceptance",
            "externalUserStateChangeDateTime": self._calendar.stamp(days - accepted, roll[10]),
            "createdDateTime": self._calendar.stamp(days, roll[10]),
            "businessPhones": [],
            "assignedLicenses": [],
            "assignedPlans": [],
            **(company if roll[11] < 160 else {}),
        }

    def _employee(self, index: int, roll: bytes, kind: Kind) -> Entity:
        japanese = roll[3] < _JAPANESE
        display, surname, given, prefix = _NAMES[japanese][roll[4] % 32][roll[5] % 32]
        place = self._places[self.team(index)]
        nickname = f"{prefix}.{index:04d}"
        upn = f"{nickname}@{self.domain}"
        days = 3 + (roll[7] << 8 | roll[8]) % 2_900
        password = self._calendar.stamp(min(days, 1 + (roll[11] << 8 | roll[12]) % 420), roll[10])
        bundle = self.bundle(index, roll)
        language = 0 if place["usageLocation"] == "JP" else 1
        user: Entity = {
            "id": self._dice.guid(index),
            "displayName": display,
            "givenName": given,
            "surname": surname,
            "userPrincipalName": upn,
            "mail": upn if bundle != NO_BUNDLE or kind is Kind.SHARED else None,
            "mailNickname": nickname,
            "accountEnabled": kind is Kind.MEMBER,
            "userType": "Member",
            "jobTitle": names.TITLES[0 if index % TEAM_SIZE == 0 else 1 + roll[14] % 5][language],
            **place,
            "preferredLanguage": "ja-JP" if japanese else "en-US",
            "businessPhones": [f"+81 3 5555 {index % 10_000:04d}"] if roll[15] < 140 else [],
            "createdDateTime": self._calendar.stamp(days, roll[10]),
            "lastPasswordChangeDateTime": password,
            "signInSessionsValidFromDateTime": password,
            "employeeId": f"E{100_000 + index}",
            "identities": [self._identity(upn)],
            "proxyAddresses": [f"SMTP:{upn}", f"smtp:u{index}@{self.initial_domain}"],
            "otherMails": [],
            **self.holdings.bundles[bundle],
        }
        self._seldom(user, index, roll, kind)
        return user

    def _identity(self, upn: str) -> Entity:
        issuer = self.initial_domain
        return {"signInType": "userPrincipalName", "issuer": issuer, "issuerAssignedId": upn}

    def _seldom(self, user: Entity, index: int, roll: bytes, kind: Kind) -> None:
        """Properties that only some accounts ever had."""
        if kind is Kind.SHARED:
            for name in ("givenName", "surname", "employeeId", "jobTitle"):
                del user[name]
            user["displayName"] = self.names(index, roll, kind)[1]
            return
        if roll[16] < 110:
            user["mobilePhone"] = f"+81 90 {1_000 + roll[17] * 30:04d} {index % 10_000:04d}"
        elif roll[16] < 120:
            user["mobilePhone"] = None
        if roll[18] < 120:
            user["employeeType"] = "Contractor" if roll[18] < 20 else "Employee"
        if roll[19] < 90:
            user["passwordPolicies"] = "DisablePasswordExpiration" if roll[19] < 20 else None
        if roll[20] < 80:
            user["onPremisesSyncEnabled"] = True
            user["onPremisesDomainName"] = "corp.contoso.example"
            user["onPremisesSamAccountName"] = f"u{index:06d}"
            user["onPremisesImmutableId"] = f"{roll[21:37].hex()[:22]}=="
            user["onPremisesLastSyncDateTime"] = self._calendar.stamp(1, roll[22])

    def sign_in_activity(self, index: int) -> Entity | None:
        """`signInActivity`, None for an account that never signed in.

        One member in ten has been silent for more than 90 days; what inactivity reports look for.
        """
        roll = self._dice.roll(index)
        kind = self.kind(index, roll)
        if kind is Kind.SHARED or roll[23] < 8:
            return None
        stale = kind is Kind.DISABLED or roll[23] < 33
        days = 91 + roll[24] * 2 if stale else 1 + roll[24] % 45
        background = days if stale else 1 + roll[27] % 3
        newest = min(days, background)
        return {
            "lastSignInDateTime": self._calendar.stamp(days, roll[25]),
            "lastSignInRequestId": self._dice.guid(index + 1_000_000_000),
            "lastNonInteractiveSignInDateTime": self._calendar.stamp(background, roll[25]),
            "lastNonInteractiveSignInRequestId": self._dice.guid(index + 2_000_000_000),
            "lastSuccessfulSignInDateTime": self._calendar.stamp(newest, roll[25]),
            "lastSuccessfulSignInRequestId": self._dice.guid(index + 2_000_000_000),
        }


def _place(department: int, office: int) -> Entity:
    """The properties that all members of a team share."""
    name, city, state, country, code, postal, _latitude, _longitude = names.OFFICES[office]
    return {
        "department": names.DEPARTMENTS[department][0 if code == "JP" else 1],
        "companyName": "Contoso" if code == "JP" else f"Contoso {code}",
        "officeLocation": name,
        "city": city,
        "state": state,
        "country": country,
        "postalCode": postal,
        "usageLocation": code,
    }


def _name_table(*, japanese: bool) -> list[list[tuple[str, str, str, str]]]:
    """By surname and given name: display name, surname, given name, mail prefix."""
    if japanese:
        return [
            [
                (f"{surname} {given}", surname, given, f"{mail}.{mail_given}")
                for given, mail_given in names.JAPANESE_GIVEN_NAMES
            ]
            for surname, mail in names.JAPANESE_SURNAMES
        ]
    plain = str.maketrans({"'": None, "ü": "u", "ë": "e"})
    return [
        [
            (f"{given} {surname}", surname, given, f"{surname}.{given}".lower().translate(plain))
            for given in names.ENGLISH_GIVEN_NAMES
        ]
        for surname in names.ENGLISH_SURNAMES
    ]


_NAMES = {japanese: _name_table(japanese=japanese) for japanese in (False, True)}
