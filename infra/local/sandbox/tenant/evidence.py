"""Evidence of security alerts: eight types of one list, each with properties of its own."""

from collections.abc import Callable
from hashlib import sha256

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.people import People

_ACTIONS = ("remediated", "prevented", "active", "unremediated")


def evidence(
    people: People, dice: Dice, number: int, kind: str, moment: float, *, active: bool
) -> Entity:
    """A piece of evidence of a type (`user`, `ip` ...), gathered at `moment` (epoch seconds)."""
    roll = dice.roll(number + 1_000_000_000)
    return {
        "@odata.type": f"#microsoft.graph.security.{kind}Evidence",
        "createdDateTime": precise(moment),
        "verdict": ("suspicious", "malicious", "unknown")[roll[0] % 3],
        "remediationStatus": _ACTIONS[2 + roll[1] % 2] if active else _ACTIONS[roll[1] % 2],
        "remediationStatusDetails": None,
        "roles": ["compromised"] if kind == "user" else [],
        "detailedRoles": [],
        "tags": [],
        **_FACTS[kind](people, roll, moment),
    }


def _account(people: People, roll: bytes, _moment: float = 0.0) -> Entity:
    index = int.from_bytes(roll[2:5]) % people.count
    own = people.roll(index)
    upn, display = people.names(index, own, people.kind(index, own))
    name, _, domain = upn.partition("@")
    return {
        "userAccount": {
            "accountName": name,
            "domainName": domain,
            "displayName": display,
            "userSid": f"S-1-12-1-{int.from_bytes(roll[5:9])}",
            "azureAdUserId": people.guid(index),
            "userPrincipalName": upn,
        }
    }


def _ip(_people: People, roll: bytes, _moment: float) -> Entity:
    return {
        "ipAddress": f"198.51.100.{roll[9]}",
        "countryLetterCode": "NL" if roll[9] < 99 else None,
    }


def _mailbox(people: People, roll: bytes, moment: float) -> Entity:
    account = _account(people, roll, moment)
    upn = account["userAccount"]["userPrincipalName"]
    return {
        "primaryAddress": upn,
        "displayName": account["userAccount"]["displayName"],
        "upn": upn,
        **account,
    }


def _device(_people: People, roll: bytes, moment: float) -> Entity:
    return {
        "deviceDnsName": f"desktop-{roll[10]:03d}.corp.contoso.example",
        "mdeDeviceId": sha256(roll).hexdigest()[:40],
        "azureAdDeviceId": None,
        "firstSeenDateTime": precise(moment - 8_640_000),
        "osPlatform": "Windows11",
        "version": "24H2",
        "healthStatus": "active",
        "riskScore": "medium",
        "onboardingStatus": "onboarded",
        "loggedOnUsers": [],
    }


def _details(roll: bytes) -> Entity:
    return {
        "fileName": "powershell.exe" if roll[11] < 90 else f"invoice_{roll[11]}.pdf.exe",
        "filePath": "C:\\Users\\Public\\Downloads",
        "fileSize": 1_000 * roll[12],
        "sha1": sha256(roll).hexdigest()[:40],
        "sha256": sha256(roll).hexdigest(),
    }


def _file(_people: People, roll: bytes, _moment: float) -> Entity:
    return {"detectionStatus": "prevented", "fileDetails": _details(roll)}


def _process(people: People, roll: bytes, moment: float) -> Entity:
    return {
        "processId": int.from_bytes(roll[13:15]),
        "processCommandLine": '"powershell.exe" -enc SQBFAFgA',
        "processCreationDateTime": precise(moment - 20),
        "imageFile": _details(roll),
        **_account(people, roll),
    }


def _message(people: People, roll: bytes, moment: float) -> Entity:
    upn = _account(people, roll)["userAccount"]["userPrincipalName"]
    return {
        "networkMessageId": f"{roll[16:20].hex()}-0000-4000-8000-{roll[20:26].hex()}",
        "internetMessageId": f"<{roll[16:24].hex()}@mail.example>",
        "subject": "緊急: 請求書のお支払いについて",
        "recipientEmailAddress": upn,
        "senderIp": f"192.0.2.{roll[27]}",
        "receivedDateTime": precise(moment - 600),
        "deliveryAction": "Delivered",
        "deliveryLocation": "Inbox",
        "threats": ["ZapPhish"],
        "threatDetectionMethods": ["URL detonation reputation"],
        "urls": ["https://login.example/verify"],
        "urlCount": 1,
        "attachmentsCount": 0,
    }


_FACTS: dict[str, Callable[[People, bytes, float], Entity]] = {
    "user": _account,
    "ip": _ip,
    "mailbox": _mailbox,
    "device": _device,
    "file": _file,
    "process": _process,
    "analyzedMessage": _message,
    "url": lambda _people, roll, _moment: {"url": f"https://login.example/{roll[28]}"},
    "mailCluster": lambda _people, roll, _moment: {
        "clusterBy": "Subject;SenderIp",
        "clusterByValue": f"192.0.2.{roll[29]}",
        "emailCount": roll[30],
        "networkMessageIds": [],
        "query": "(Subject eq 'invoice')",
        "urn": f"urn:MailCluster:{roll[:8].hex()}",
    },
    "cloudApplication": lambda _people, _roll, _moment: {
        "appId": 20893,
        "displayName": "Microsoft Exchange Online",
        "instanceId": 0,
        "instanceName": "Microsoft Exchange Online",
        "saasAppId": 20893,
    },
}
