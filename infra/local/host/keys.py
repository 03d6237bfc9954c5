"""Function keys: who may call what, kept in blobs as the platform keeps them."""

import asyncio
import json
import secrets
from enum import IntEnum
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from infra.local.host.connections import HOST_STORAGE, StorageAccounts
from infra.local.host.functions import Function

CONTAINER = "azure-webjobs-secrets"


class Level(IntEnum):
    """What a presented key is good for."""

    NONE = 0
    FUNCTION = 1
    SYSTEM = 2
    ADMIN = 3


class Keys:
    """The keys of one app; load() reads them, generating what is missing."""

    def __init__(self, accounts: StorageAccounts, host_id: str, *, enforced: bool) -> None:
        self.accounts, self.host_id, self.enforced = accounts, host_id, enforced
        self.master = secrets.token_urlsafe(40)
        self._host: list[str] = []
        self._system: list[str] = []
        self._own: dict[str, list[str]] = {}

    async def load(self, functions: list[Function]) -> None:
        """Read host.json and one file per HTTP function. Raises azure.core errors."""
        host = await self._read("host", _new_host_file())
        self.master = host["masterKey"]["value"]
        self._host = _values(host["functionKeys"])
        self._system = _values(host["systemKeys"])
        named = [item.name for item in functions if item.trigger.type == "httpTrigger"]
        # Together: one after the other they would be a good part of a start.
        files = await asyncio.gather(
            *(self._read(name.lower(), {"keys": [_new_key("default")]}) for name in named)
        )
        self._own = {name: _values(file["keys"]) for name, file in zip(named, files, strict=True)}

    async def _read(self, name: str, initial: dict[str, Any]) -> dict[str, Any]:
        blob = self.accounts.blob(HOST_STORAGE, CONTAINER, f"{self.host_id}/{name}.json")
        try:
            content = await (await blob.download_blob()).readall()
        except ResourceNotFoundError:
            if name == "host":  # read first
                await self.accounts.make_container(HOST_STORAGE, CONTAINER)
            try:
                await blob.upload_blob(json.dumps(initial).encode(), overwrite=False)
            except ResourceExistsError:  # another host of the same app was first
                return await self._read(name, initial)
            return initial
        document: dict[str, Any] = json.loads(content)
        return document

    def level(self, key: str | None, function: Function | None) -> Level:
        """What a key is good for, in general or for one function."""
        if not key:
            return Level.NONE
        if _matches(key, [self.master]):
            return Level.ADMIN
        if _matches(key, self._system):
            return Level.SYSTEM
        own = self._own.get(function.name, []) if function else []
        return Level.FUNCTION if _matches(key, [*self._host, *own]) else Level.NONE

    def allows(self, key: str | None, function: Function) -> bool:
        """Whether a caller with this key (or none) may call an HTTP function.

        The needed level must be met exactly or by the master key: a system key does not open a
        function. An absent authLevel means function.
        """
        wanted = str(function.trigger.get("authLevel", "function")).lower()
        if not self.enforced or wanted == "anonymous":
            return True
        level = self.level(key, function)
        return level == Level.ADMIN or (wanted == "function" and level == Level.FUNCTION)

    def is_admin(self, key: str | None) -> bool:
        """Whether the caller holds the master key."""
        return self.level(key, None) == Level.ADMIN


def _new_key(name: str) -> dict[str, Any]:
    return {"name": name, "value": secrets.token_urlsafe(40), "encrypted": False}


def _new_host_file() -> dict[str, Any]:
    return {
        "masterKey": _new_key("master"),
        "functionKeys": [_new_key("default")],
        "systemKeys": [],
    }


def _values(keys: list[dict[str, Any]]) -> list[str]:
    return [str(key["value"]) for key in keys]


def _matches(key: str, known: list[str]) -> bool:
    given = key.encode()
    return any(secrets.compare_digest(given, candidate.encode()) for candidate in known)
