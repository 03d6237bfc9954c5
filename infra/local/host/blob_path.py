"""The path of a blob trigger: `container/folder/{name}.{extension}`."""

import re
from dataclasses import dataclass, field

_PARAMETER = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)\}")


@dataclass(frozen=True)
class BlobPath:
    """Which blobs a trigger is for; without a name after the container it is every blob.

    Each parameter takes as much as it can, so `{name}.{extension}` splits at the last dot
    (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-trigger#blob-name-patterns).
    """

    container: str
    prefix: str
    """What all names begin with, for listing."""
    _pattern: re.Pattern[str] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "BlobPath":
        """Read a path whose `%SETTINGS%` are expanded. Raises ValueError."""
        container, _, name = text.strip("/").partition("/")
        if not container or _PARAMETER.search(container):
            raise ValueError(f"the blob path {text!r} must begin with the name of a container")
        parts = _PARAMETER.split(name)  # literal, parameter, literal, ...
        names = parts[1::2]
        if len(set(names)) < len(names):
            raise ValueError(f"the blob path {text!r} names a parameter twice")
        pattern = "".join(
            f"(?P<{part}>.*)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
        )
        return cls(container.lower(), parts[0], re.compile(pattern if name else ".*", re.DOTALL))

    def match(self, name: str) -> dict[str, str] | None:
        """The values of the parameters in a blob's name; None if the path is not for it."""
        found = self._pattern.fullmatch(name)
        return found.groupdict() if found else None
