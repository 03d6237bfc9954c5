"""The file that the PowerShell tool made of a report, and how it wrote names."""

from collections.abc import Mapping

from msgspec import Struct

from shared.core.text import Lang


class LegacyFile(Struct, frozen=True):
    """The PowerShell tool's file of a report with all its headers."""

    files: Mapping[Lang, Mapping[str, str]]

    def of(self, lang: Lang) -> Mapping[str, str]:
        """Return header -> column id of the file in `lang`."""
        return self.files[lang]


# Parts that PascalCase writes in capitals, as the PowerShell tool did.
_CAPITALS = frozenset({"gb", "ip", "mb", "mfa", "sla", "url", "cpu"})


def pascal_case(column: str) -> str:
    """Return a column id as the PowerShell tool wrote it: `storage_used_mb` -> `StorageUsedMB`."""
    parts = column.split("_")
    return "".join(part.upper() if part in _CAPITALS else part.capitalize() for part in parts)
