"""Secrets and certificates of applications, as directory objects show them: never the secret itself."""

import base64

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice

ENDLESS = "2299-12-30T15:00:00Z"  # what scripts ask for who want no end


def secret(dice: Dice, number: int, anchor: int, until: int | None) -> Entity:
    """A secret that ends `until` days after the anchor (before it if negative), or never."""
    roll = dice.roll(2_000_000 + number)
    end = ENDLESS if until is None else epoch_stamp(anchor + until * DAY + roll[0] * 60)
    return {
        "customKeyIdentifier": None,
        "displayName": f"secret {number}" if roll[1] < 200 else None,
        "endDateTime": end,
        "hint": base64.b64encode(roll[2:5]).decode()[:3],
        "keyId": dice.guid(2_000_000 + number),
        "secretText": None,
        "startDateTime": epoch_stamp(anchor - (30 + roll[5]) * DAY),
    }


def certificate(dice: Dice, number: int, anchor: int, until: int) -> Entity:
    """A certificate that ends `until` days after the anchor."""
    roll = dice.roll(3_000_000 + number)
    return {
        "customKeyIdentifier": base64.b64encode(roll[:20]).decode(),
        "displayName": f"CN=certificate {number}",
        "endDateTime": epoch_stamp(anchor + until * DAY + roll[20] * 60),
        "key": None,
        "keyId": dice.guid(3_000_000 + number),
        "startDateTime": epoch_stamp(anchor - 300 * DAY),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def credentials(dice: Dice, number: int, anchor: int) -> Entity:
    """What a registration signs in with, every kind of case by turns."""
    n = 10 * number
    cases: tuple[Entity, ...] = (
        {"passwordCredentials": [secret(dice, n, anchor, 180)]},
        {"passwordCredentials": [secret(dice, n, anchor, 12)]},
        {},
        {"passwordCredentials": [secret(dice, n, anchor, -1)]},
        {"keyCredentials": [certificate(dice, n, anchor, 500)]},
        {
            "passwordCredentials": [
                secret(dice, n + place, anchor, until)
                for place, until in enumerate((-700, -340, -30, 25, 330))
            ]
        },
        {"passwordCredentials": [secret(dice, n, anchor, None)]},
        {
            "passwordCredentials": [secret(dice, n, anchor, -90)],
            "keyCredentials": [certificate(dice, n, anchor, -3)],
        },
    )
    return cases[number % len(cases)]
