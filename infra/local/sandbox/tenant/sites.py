"""SharePoint sites of a tenant: one for each Microsoft 365 group, and some that belong to none."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.people import TEAM_SIZE, Kind

GIB = 1 << 30
ALLOCATED = 25 * 1024 * GIB
_OWN = ("Intranet", "人事ポータル", "Brand Centre", "法務", "Search", "社内報")
_WEBS = 1_000_000_000
_OWNERLESS = 21  # of 256
_NO_ADDRESS = 32  # of 256: Microsoft leaves it blank


class Site(NamedTuple):
    """A site; `owner` is the number of a user, None without one.

    `url` is its address as usage reports tell it, which may be nothing, `address` the one it has.
    """

    id: str
    web: str
    roll: bytes
    template: str
    kind: str
    name: str
    title: str
    address: str
    url: str
    owner: int | None
    used: int
    files: int


def site_dice(tenant: Tenant) -> Dice:
    """What ids of sites are made with."""
    return Dice(tenant.seed, "site")


def sites(tenant: Tenant) -> tuple[Site, ...]:
    """Return the sites of the seeded tenant; ask for them by `tenant.part`."""
    return tuple(_sites(tenant))


def _sites(tenant: Tenant) -> Iterator[Site]:
    dice, groups = site_dice(tenant), tenant.groups_made
    host = f"https://{tenant.people.initial_domain.split('.')[0]}.sharepoint.com/sites"
    for index in range(groups.teams + len(_OWN)):
        roll = dice.roll(index)
        team = index < groups.teams
        own = _OWN[index - groups.teams] if not team else ""
        name = groups.make(index)["mailNickname"] if team else f"own{index - groups.teams}"
        address = f"{host}/{name}"
        files = roll[3] * 40 + roll[4]
        yield Site(
            id=dice.guid(index),
            web=dice.guid(index + _WEBS),
            roll=roll,
            template="Group" if team else "Communication Site",
            kind="Team site" if team else "Communication site",
            name=name,
            title=own or groups.make(index)["displayName"],
            address=address,
            url="" if roll[1] < _NO_ADDRESS else address,
            owner=_owner(tenant, index * TEAM_SIZE if team else roll[5], roll),
            used=files * (1 << 20) * (1 + roll[6] % 6) + roll[7],
            files=files,
        )


def _owner(tenant: Tenant, index: int, roll: bytes) -> int | None:
    if roll[0] < _OWNERLESS:
        return None
    index %= tenant.people.count
    return index if tenant.people.kind(index) is Kind.MEMBER else None


def last_activity(site: Site, refresh: date) -> date | None:
    """Return when a site was used last; one in six has been silent for the whole period."""
    if site.roll[8] < 43:
        return None
    return refresh - timedelta(days=site.roll[8] % 9 if site.roll[8] < 220 else site.roll[8] % 170)
