"""Which of our datasets are read from which of Microsoft's services."""

from sqlalchemy import FromClause, column, values
from sqlalchemy import Text as TextType

from shared.core import registry

# The areas of our datasets, and the services in Microsoft's words that they are read from.
_OF_SERVICE = (
    ("Exchange Online", "exchange"),
    ("Microsoft Teams", "teams"),
    ("OneDrive for Business", "onedrive"),
    ("SharePoint Online", "onedrive"),
    ("Microsoft Intune", "devices"),
    ("Microsoft Entra", "identity"),
    ("Microsoft 365 Defender", "security"),
)


def datasets() -> tuple[str, ...]:
    """Every dataset that is read from one of the services."""
    areas = {area for _service, area in _OF_SERVICE}
    return tuple(name for name in registry.datasets() if registry.area(name) in areas)


def services_of_datasets() -> FromClause:
    """The datasets with the services that they are read from."""
    named = values(column("dataset", TextType), column("service", TextType), name="read_from")
    pairs = [
        (name, service)
        for name in datasets()
        for service, area in _OF_SERVICE
        if registry.area(name) == area
    ]
    return named.data(pairs)
