"""What Tenant Configuration Management extracts: the policies of workloads, as it tells of them.

Names of resources and properties: the schemas of the workloads on Microsoft Learn. A resource is called
after its kind and what it is known by; properties begin with a capital.
"""

from collections.abc import Iterator

from infra.local.sandbox.tenant import compliance_configuration, intune_configuration
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.teams_apps import STORE
from infra.local.sandbox.tenant.teams_policies import NAMED

_RATHER_GLOBAL = (
    "TeamsClientConfiguration", "TeamsFederationConfiguration", "TeamsGuestCallingConfiguration",
    "TeamsGuestMeetingConfiguration", "TeamsGuestMessagingConfiguration", "TeamsMeetingConfiguration",
    "TeamsOrgWideAppSettings",
)  # fmt: skip
_EXCHANGE = (
    "AcceptedDomain", "AntiPhishPolicy", "AntiPhishRule", "AtpPolicyForO365", "DkimSigningConfig",
    "HostedConnectionFilterPolicy", "HostedContentFilterPolicy", "HostedContentFilterRule",
    "HostedOutboundSpamFilterPolicy", "InboundConnector", "JournalRule", "MalwareFilterPolicy",
    "MalwareFilterRule", "MobileDeviceMailboxPolicy", "OrganizationConfig", "OutboundConnector",
    "OwaMailboxPolicy", "QuarantinePolicy", "RemoteDomain", "SafeAttachmentPolicy",
    "SafeAttachmentRule", "SafeLinksPolicy", "SafeLinksRule", "SharingPolicy", "TransportConfig",
    "TransportRule",
)  # fmt: skip
# A tenant has none of these at first.
_RARE = {"InboundConnector", "OutboundConnector", "JournalRule"}


def type_of(kind: str) -> str:
    """The type that a resource of Teams or Exchange goes by: lower case, without the workload's name."""
    workload = "teams" if kind.startswith("Teams") else "exchange"
    return f"microsoft.{workload}.{kind.removeprefix('Teams').lower()}"


# What may be asked for.
TYPES = (
    frozenset(map(type_of, (*NAMED, *_RATHER_GLOBAL, *_EXCHANGE)))
    | intune_configuration.TYPES
    | compliance_configuration.TYPES
)


class Configuration:
    """Makes the resources of a tenant; `resources` keeps what changes."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._dice = Dice(tenant.seed, "configuration")
        self._apps = Dice(tenant.seed, "teams app")
        made = [*self._of_teams(), *self._of_exchange(), *self._of_intune(), *self._of_compliance()]
        self.resources = Collection.of("tenant_configuration", tenant.timeline, made)

    def _of_teams(self) -> Iterator[Entity]:
        for kind, names in NAMED.items():
            for place, name in enumerate(("Global", *names)):
                identity = "Global" if place == 0 else f"Tag:{name}"
                yield self._resource(kind, name, {"Identity": identity, **self._said(kind, place)})
        for kind in _RATHER_GLOBAL:
            yield self._resource(kind, "Global", {"Identity": "Global", **self._said(kind, 0)})

    def _of_exchange(self) -> Iterator[Entity]:
        for kind in _EXCHANGE:
            if kind in _RARE:
                continue
            names = ("Default", "社外向け") if kind.endswith(("Policy", "Rule")) else ("Default",)
            if kind == "AcceptedDomain":
                names = (self._tenant.domain, self._tenant.people.initial_domain)
            for place, name in enumerate(names):
                # Some are known by their identity, others by their name.
                known_by = "Name" if kind.endswith("Rule") else "Identity"
                said = {known_by: name, **self._of_mail(kind, place)}
                yield self._resource(f"EXO{kind}", name, said, kind)

    def _of_intune(self) -> Iterator[Entity]:
        for kind, name, said in intune_configuration.policies(
            Dice(self._tenant.seed, "intune policy")
        ):
            yield _told(f"microsoft.intune.{kind.lower()}", f"Intune{kind}-{name}", said)

    def _of_compliance(self) -> Iterator[Entity]:
        for kind, name, said in compliance_configuration.policies(self._tenant.domain):
            own = f"microsoft.{compliance_configuration.WORKLOAD}.{kind.lower()}"
            yield _told(own, f"SC{kind}-{name}", said)

    def _resource(self, called: str, name: str, said: Entity, kind: str = "") -> Entity:
        return _told(type_of(kind or called), f"{called}-{name}", said)

    def _said(self, kind: str, place: int) -> Entity:
        """What a policy of Teams says; the named ones differ from the global one."""
        roll = self._dice.roll(len(kind) * 100 + place)
        match kind:
            case "TeamsMeetingPolicy":
                return {
                    "AutoAdmittedUsers": ("EveryoneInCompany", "Everyone", "OrganizerOnly")[
                        roll[0] % 3
                    ],
                    "AllowAnonymousUsersToStartMeeting": roll[1] < 60,
                    "AllowPSTNUsersToBypassLobby": roll[2] < 60,
                    "AllowExternalParticipantGiveRequestControl": roll[3] < 60,
                    "AllowCloudRecording": place != 4,
                    "AllowTranscription": roll[4] < 128,
                }
            case "TeamsMessagingPolicy":
                return {
                    "AllowUserChat": place != 1,
                    "AllowSecurityEndUserReporting": roll[0] < 200,
                    "AllowOwnerDeleteMessage": place != 3,
                    "ReadReceiptsEnabledType": "UserPreference",
                }
            case "TeamsAppPermissionPolicy":
                return self._of_apps(place)
            case "TeamsFilesPolicy":
                entry = "Enabled" if place == 0 else "Disabled"
                return {"NativeFileEntryPoints": entry, "SPChannelFilesTab": "Enabled"}
        return _of_others(kind, roll) or {"Description": "" if place == 0 else "By hand"}

    def _of_apps(self, place: int) -> Entity:
        """Which apps are blocked: the global policy blocks a few of the store and one of our own."""
        of_store = [self._apps.guid(number) for number in (1, 5, 7)]
        own = [self._apps.guid(STORE + 1)]
        listed = "BlockedAppList" if place == 0 else "AllowedAppList"
        return {
            "GlobalCatalogAppsType": listed,
            "GlobalCatalogApps@odata.type": "#Collection(String)",
            "GlobalCatalogApps": of_store if place == 0 else [],
            "DefaultCatalogAppsType": "BlockedAppList",
            "DefaultCatalogApps": [],
            "PrivateCatalogAppsType": "BlockedAppList",
            "PrivateCatalogApps@odata.type": "#Collection(String)",
            "PrivateCatalogApps": own if place == 0 else [],
        }

    def _of_mail(self, kind: str, place: int) -> Entity:
        if kind == "HostedContentFilterPolicy":
            return {
                "BulkThreshold": 7 - place,
                "SpamAction": "MoveToJmf",
                "HighConfidenceSpamAction": "Quarantine",
                "PhishSpamAction": "Quarantine",
                "QuarantineRetentionPeriod": 30,
                "AllowedSenders": [],
                "AllowedSenderDomains@odata.type": "#Collection(String)",
                "AllowedSenderDomains": ["partner.example"],
            }
        return {"Comment": "" if place == 0 else "By hand", "Enabled": True}


def _told(own: str, display: str, said: Entity) -> Entity:
    return {
        "id": f"{own}/{display}",
        "resourceType": own,
        "displayName": display,
        "properties": {**said, "Ensure": "Present"},
    }


def _of_others(kind: str, roll: bytes) -> Entity:
    """What is said of people outside; nothing of other kinds."""
    if kind == "TeamsGuestMessagingConfiguration":
        return {"AllowUserChat": roll[0] < 200, "AllowMemes": True, "GiphyRatingType": "Moderate"}
    if kind == "TeamsFederationConfiguration":
        return {
            "AllowPublicUsers": roll[0] < 100,
            "AllowFederatedUsers": True,
            "AllowedDomains@odata.type": "#Collection(String)",
            "AllowedDomains": ["partner.example", "supplier.example"],
        }
    return {}
