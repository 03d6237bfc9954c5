"""Settings that are for a laptop, a sandbox or a test: an app in Azure that has one refuses to start.

Each is something that works, and is not safe; what does not work is refused anywhere (`settings`).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from shared.core.clouds import PUBLIC_AUTHORITIES, PUBLIC_GRAPHS

if TYPE_CHECKING:
    from shared.core.settings import Settings

# A secret that somebody typed has few different characters.
_FEWEST_CHARACTERS = 10


def found_unsafe(settings: "Settings", storage: str) -> Iterator[tuple[str, str]]:
    """Yield the key and the reason of each setting that is not safe in Azure.

    `storage` is the connection string of the host's storage account, empty with an identity.
    """
    yield from _of_tests(settings)
    yield from _of_places(settings, storage)
    yield from _of_secrets(settings)


def _of_tests(settings: "Settings") -> Iterator[tuple[str, str]]:
    if settings.clock_file is not None:
        yield "KANRI_CLOCK_FILE", "an app in Azure lives in real time"
    if settings.ca_file is not None:
        yield "KANRI_CA_FILE", "whoever has a root of his own reads what is sent to Microsoft"


def _of_places(settings: "Settings", storage: str) -> Iterator[tuple[str, str]]:
    if settings.trusted_proxies == 0:
        yield "KANRI_TRUSTED_PROXIES", "addresses are unknown: nobody who guesses can be shut out"
    if urlsplit(settings.graph_endpoint).netloc not in PUBLIC_GRAPHS:
        yield "KANRI_GRAPH_ENDPOINT", f"not one of {', '.join(sorted(PUBLIC_GRAPHS))}"
    if urlsplit(settings.authority_host).netloc not in PUBLIC_AUTHORITIES:
        yield "KANRI_AUTHORITY_HOST", f"not one of {', '.join(sorted(PUBLIC_AUTHORITIES))}"
    if (
        settings.database_auth != "entra"
    ):  # With Entra the server is verified whatever the URL says.
        options = dict(parse_qsl(urlsplit(settings.database_url).query))
        if options.get("sslmode") != "verify-full":
            yield "KANRI_DATABASE_URL", "the server is not verified: add sslmode=verify-full"
    told = storage.lower().replace(" ", "")
    if "usedevelopmentstorage=true" in told or "http://" in told or "protocol=http;" in f"{told};":
        yield "AzureWebJobsStorage", "an emulator, or without TLS"


def _of_secrets(settings: "Settings") -> Iterator[tuple[str, str]]:
    if settings.owner_secret and _is_weak(settings.owner_secret):
        yield "KANRI_OWNER_SECRET", "not random"
    if not settings.sealing_keys:
        yield "KANRI_SEALING_KEYS", "missing, or the vault's secret cannot be read"
    elif any(_is_weak(entry.partition(":")[2]) for entry in settings.sealing_keys.split()):
        yield "KANRI_SEALING_KEYS", "a key is not random"


def _is_weak(secret: str) -> bool:
    return len(set(secret)) < _FEWEST_CHARACTERS
