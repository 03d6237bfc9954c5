"""Settings that hold a secret or several things: how each form is read. ValueError says what is wrong."""

from collections.abc import Callable, Mapping

from shared.core.addresses import canonical_range
from shared.core.rate_limit import limits_in_force
from shared.core.sealing import named_keys

_SHORTEST_SECRET = 32

# What Azure leaves of a reference to a vault where there is no such secret: everybody knows how it
# reads. https://learn.microsoft.com/en-us/azure/app-service/app-service-key-vault-references
_LEFT_REFERENCE = "@Microsoft.KeyVault("


def _secret(text: str) -> str:
    if text.startswith(_LEFT_REFERENCE):
        return ""
    if len(text) < _SHORTEST_SECRET:
        raise ValueError(f"a secret has {_SHORTEST_SECRET} characters or more")
    return text


def _keys(text: str) -> str:
    """Return the keys as they are written; none for a reference that was left."""
    if text.startswith(_LEFT_REFERENCE):
        return ""
    named_keys(text)
    return text


def _rate_limits(text: str) -> str:
    """Return the text itself: limits are read with the first request, and checked at the start."""
    limits_in_force(text)
    return text


def _ranges(text: str) -> tuple[str, ...]:
    return tuple(canonical_range(one) for one in text.split())


FORMS: Mapping[str, Callable[[str], object]] = {
    "secret": _secret,
    "keys": _keys,
    "rate limits": _rate_limits,
    "ranges": _ranges,
}
