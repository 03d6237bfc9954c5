"""The users of a tenant, computed one by one from their index."""

from enum import Enum

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.licences import (
    BUNDLE_OF_BYTE,
    BUNDLES,
    DAY,
    EXCHANGE_ONLY,
    NO_BUNDLE,
    Holdings,
)

TEAM_SIZE = 16
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
        self._anchor = anchor
        self.holdings = holdings
        self._dice = Dice(seed, "user")
        self._teams = Dice(seed, "team of users")
        self._team_cache: dict[int, tuple[int, int]] = {}
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
        if index < ADMINS or draw >= 30:
            return Kind.MEMBER
        return Kind.GUEST if draw < 10 else Kind.SHARED if draw < 15 else Kind.DISABLED

    def bundle(self, index: int, roll: bytes | None = None) -> int:
        """Which licence bundle the user holds (index into BUNDLES)."""
        roll = roll or self._dice.roll(index)
        kind = self.kind(index, roll)
        if kind is Kind.MEMBER:
            return BUNDLE_OF_BYTE[roll[1]]
        # A third of the disabled accounts still hold a licence: what a licence report should find.
        return BUNDLE_OF_BYTE[roll[1]] if kind is Kind.DISABLED and roll[2] < 85 else NO_BUNDLE

    def parts(self, index: int, roll: bytes | None = None) -> tuple[str, ...]:
        """Part numbers of the products the user holds."""
        return BUNDLES[self.bundle(index, roll)][1]

    def roll(self, index: int) -> bytes:
        """The user's chance, for those who compute something that belongs to a user."""
        return self._dice.roll(index)

    def make(self, index: int) -> Entity:
        """The user object of an index."""
        roll = self._dice.roll(index)
        kind = self.kind(index, roll)
        if kind is Kind.GUEST:
            return self._guest(index, roll)
        return self._employee(index, roll, kind)

    def _name(self, roll: bytes) -> tuple[str, str, str, str, bool]:
        """Surname, given name, mail forms of both, and whether the name is Japanese."""
        if roll[3] < 160:
            surname, mail_surname = names.JAPANESE_SURNAMES[roll[4] % 32]
            given, mail_given = names.JAPANESE_GIVEN_NAMES[roll[5] % 32]
            return surname, given, mail_surname, mail_given, True
        surname, given = (
            names.ENGLISH_SURNAMES[roll[4] % 32],
            names.ENGLISH_GIVEN_NAMES[roll[5] % 32],
        )
        plain = surname.lower().replace("'", "").replace("ü", "u")
        return surname, given, plain, given.lower().replace("ë", "e"), False

    def _guest(self, index: int, roll: bytes) -> Entity:
        surname, given, mail_surname, mail_given, _japanese = self._name(roll)
        partner = names.PARTNERS[roll[6] % len(names.PARTNERS)]
        mail = f"{mail_given}.{mail_surname}.{index}@{partner}"
        created = self._anchor - (5 + int.from_bytes(roll[7:9]) % 700) * DAY
        accepted = roll[9] < 200
        return {
            "id": self._dice.guid(index, roll),
            "displayName": f"{given} {surname}",
            "userPrincipalName": f"{mail.replace('@', '_')}#EXT#@{self.initial_domain}",
            "mail": mail,
            "mailNickname": f"{mail.replace('@', '_')}#EXT#",
            "otherMails": [mail],
            "proxyAddresses": [f"SMTP:{mail}"],
            "identities": [],
            "accountEnabled": True,
            "userType": "Guest",
            "creationType": "Invitation",
            "externalUserState": "Accepted" if accepted else "PendingAcceptance",
            "externalUserStateChangeDateTime": epoch_stamp(created + (DAY if accepted else 0)),
            "createdDateTime": epoch_stamp(created),
            "businessPhones": [],
            "assignedLicenses": [],
            "assignedPlans": [],
        }

    def _employee(self, index: int, roll: bytes, kind: Kind) -> Entity:
        surname, given, mail_surname, mail_given, japanese = self._name(roll)
        department, office_index = self.team(index)
        office, city, state, country, code, postal, _lat, _long = names.OFFICES[office_index]
        language = 0 if code == "JP" else 1
        upn = f"{mail_surname}.{mail_given}.{index:04d}@{self.domain}"
        created = self._anchor - (3 + int.from_bytes(roll[7:9]) % 2_900) * DAY - roll[10] * 240
        password = max(
            created, self._anchor - int.from_bytes(roll[11:13]) % 420 * DAY - roll[13] * 300
        )
        bundle = self.bundle(index, roll)
        user: Entity = {
            "id": self._dice.guid(index, roll),
            "displayName": f"{surname} {given}" if japanese else f"{given} {surname}",
            "givenName": given,
            "surname": surname,
            "userPrincipalName": upn,
            "mail": upn if bundle != NO_BUNDLE or kind is Kind.SHARED else None,
            "mailNickname": upn.split("@", 1)[0],
            "accountEnabled": kind is Kind.MEMBER,
            "userType": "Member",
            "jobTitle": names.TITLES[0 if index % TEAM_SIZE == 0 else 1 + roll[14] % 5][language],
            "department": names.DEPARTMENTS[department][language],
            "companyName": "Contoso" if code == "JP" else f"Contoso {code}",
            "officeLocation": office,
            "city": city,
            "state": state,
            "country": country,
            "postalCode": postal,
            "usageLocation": code,
            "preferredLanguage": "ja-JP" if japanese else "en-US",
            "businessPhones": [f"+81 3 5555 {index % 10_000:04d}"] if roll[15] < 140 else [],
            "createdDateTime": epoch_stamp(created),
            "lastPasswordChangeDateTime": epoch_stamp(password),
            "signInSessionsValidFromDateTime": epoch_stamp(password),
            "employeeId": f"E{100_000 + index}",
            "identities": [
                {
                    "signInType": "userPrincipalName",
                    "issuer": self.initial_domain,
                    "issuerAssignedId": upn,
                }
            ],
            "proxyAddresses": [f"SMTP:{upn}", f"smtp:{mail_given}{index}@{self.initial_domain}"],
            "otherMails": [],
            **self.holdings.bundles[bundle],
        }
        self._seldom(user, index, roll, kind)
        return user

    def _seldom(self, user: Entity, index: int, roll: bytes, kind: Kind) -> None:
        """Properties that only some accounts ever had."""
        if kind is Kind.SHARED:
            for name in ("givenName", "surname", "employeeId", "jobTitle"):
                del user[name]
            user["displayName"] = f"{user['department']} 共有 {index}"
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
            user["onPremisesLastSyncDateTime"] = epoch_stamp(self._anchor - roll[22] * 60)

    def sign_in_activity(self, index: int) -> Entity | None:
        """`signInActivity`, None for an account that never signed in.

        One member in ten has been silent for more than 90 days; what inactivity reports look for.
        """
        roll = self._dice.roll(index)
        kind = self.kind(index, roll)
        if kind is Kind.SHARED or roll[23] < 8:
            return None
        stale = kind is Kind.DISABLED or roll[23] < 33
        days = 91 + roll[24] * 2 if stale else roll[24] % 45
        last = self._anchor - days * DAY - int.from_bytes(roll[25:27])
        background = last if stale else self._anchor - roll[27] * 300
        return {
            "lastSignInDateTime": epoch_stamp(last),
            "lastSignInRequestId": self._dice.guid(index + 1_000_000_000, roll),
            "lastNonInteractiveSignInDateTime": epoch_stamp(background),
            "lastNonInteractiveSignInRequestId": self._dice.guid(index + 2_000_000_000, roll),
            "lastSuccessfulSignInDateTime": epoch_stamp(max(last, background)),
            "lastSuccessfulSignInRequestId": self._dice.guid(index + 2_000_000_000, roll),
        }

    def has_mailbox(self, index: int) -> bool:
        """Licensed for Exchange, or a shared mailbox."""
        return self.bundle(index) != NO_BUNDLE or self.kind(index) is Kind.SHARED

    def has_office(self, index: int) -> bool:
        """Licensed for OneDrive and Teams."""
        return self.bundle(index) not in (NO_BUNDLE, EXCHANGE_ONLY)
