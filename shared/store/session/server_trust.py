"""Whom we take for our PostgreSQL server: one whose certificate names the host, from a known root."""

import os
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_VERIFYING = ("verify-ca", "verify-full")


def verified(url: str) -> str:
    """Return a libpq URL that connects to the server it names and to no other.

    Whatever weaker `sslmode` it had: the password may be an Entra token, worth as much elsewhere.
    """
    return with_roots(_changed(url, sslmode="verify-full"))


def with_roots(url: str) -> str:
    """Return a libpq URL that names the root certificates where it verifies and names none itself.

    They are certifi's, which the package ships: the libpq in psycopg's wheel knows no roots of the
    operating system. Those of Azure Database for PostgreSQL are among them (DigiCert Global Root G2,
    Microsoft RSA Root Certificate Authority 2017).
    https://learn.microsoft.com/azure/postgresql/security/security-tls
    """
    options = dict(parse_qsl(urlsplit(url).query))
    if options.get("sslmode") not in _VERIFYING:
        return url
    if "sslrootcert" in options or "PGSSLROOTCERT" in os.environ:
        return url
    import certifi

    return _changed(url, sslrootcert=certifi.where())


def _changed(url: str, **options: str) -> str:
    parts = urlsplit(url)
    query = urlencode({**dict(parse_qsl(parts.query)), **options}, safe="/")
    return urlunsplit(parts._replace(query=query))
