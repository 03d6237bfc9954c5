"""A person's data: having all of it told, and having it erased."""

from shared.core.grant import Grant

GRANT = Grant({"export": "administrator", "erase": "administrator"})
