"""What differs between Microsoft's clouds besides the two addresses in the settings.

https://learn.microsoft.com/en-us/entra/identity-platform/authentication-national-cloud and
https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
"""

from urllib.parse import urlsplit

from msgspec import Struct

# Authorities that Entra's own instance discovery knows, and where Graph is; a sandbox is none of them.
PUBLIC_AUTHORITIES = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
    }
)
# https://learn.microsoft.com/en-us/graph/deployments
PUBLIC_GRAPHS = frozenset(
    {
        "graph.microsoft.com",
        "graph.microsoft.us",
        "dod-graph.microsoft.us",
        "microsoftgraph.chinacloudapi.cn",
    }
)


class Cloud(Struct, frozen=True, kw_only=True):
    """One cloud. `federation` is the audience of a managed identity's token that stands in for a
    secret, `databases` the resource of PostgreSQL, `issuer` that of Entra's tokens of version 1."""

    federation: str
    databases: str
    issuer: str


_GLOBAL = Cloud(
    federation="api://AzureADTokenExchange",
    databases="https://ossrdbms-aad.database.windows.net",
    issuer="https://sts.windows.net",
)
_US_GOVERNMENT = Cloud(
    federation="api://AzureADTokenExchangeUSGov",
    databases="https://ossrdbms-aad.database.usgovcloudapi.net",
    issuer="https://sts.windows.net",
)
_CHINA = Cloud(
    federation="api://AzureADTokenExchangeChina",
    databases="https://ossrdbms-aad.database.chinacloudapi.cn",
    issuer="https://sts.chinacloudapi.cn",
)
_BY_AUTHORITY = {
    "login.microsoftonline.us": _US_GOVERNMENT,
    "login.partner.microsoftonline.cn": _CHINA,
    "login.chinacloudapi.cn": _CHINA,
}


def cloud_of(authority_host: str) -> Cloud:
    """Return the cloud of an Entra authority (a URL); the global one for any other, a sandbox too."""
    return _BY_AUTHORITY.get(urlsplit(authority_host).hostname or "", _GLOBAL)
