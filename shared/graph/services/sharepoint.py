"""Drives, sites and lists count resource units: 1,250 per minute and 1.2 million a day.

Tenants of more than a thousand licences are granted up to five times as much. Users stand not for
licences, guests have none, so all draw from the smallest. A single item, a delta with a token and a
download cost 1, what lists or changes 2, permissions 5.
"""

from shared.core.throttling import Budget, NotBought, Service

SERVICE = Service(
    docs="https://learn.microsoft.com/en-us/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online",
    health=("SharePoint", "OneDriveForBusiness"),
    budget=Budget(rate=13, capacity=470),
    units={
        "sites/getAllSites": 2,
        "sites/{id}/drives": 2,
        "drives/{id}/root/delta": 2,
        "drives/{id}/items/{id}/permissions": 5,
    },
    # The code is BadRequest, and the same as of any other mistake.
    not_bought=(NotBought(statuses=(400,), says="tenant does not have a spo license"),),
)
