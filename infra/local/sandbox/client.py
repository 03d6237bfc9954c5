"""The admin client: faults, time, life, journal and direct changes of a running sandbox."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from datetime import datetime
from typing import Any

_TIMEOUT = 120


class SandboxError(RuntimeError):
    """The sandbox refused an admin request; the text says why."""


class SandboxAdmin:
    """Synchronous calls to the admin endpoint.

    `admin_url`, `ca_file` and `admin_token` stand in the ready line. Where a tenant can be named
    (by id), the first one is meant without it.
    """

    def __init__(self, admin_url: str, ca_file: str, admin_token: str) -> None:
        self._url = admin_url.rstrip("/")
        self._token = admin_token
        context = ssl.create_default_context(cafile=ca_file)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    @classmethod
    def of(cls, ready: dict[str, Any]) -> "SandboxAdmin":
        """The client for the sandbox whose ready line was read."""
        return cls(ready["adminUrl"], ready["caFile"], ready["adminToken"])

    def call(self, verb: str, **given: Any) -> Any:
        """Any verb of the admin endpoint; None values are left out. Raises SandboxError."""
        body = json.dumps({k: v for k, v in given.items() if v is not None}).encode()
        headers = {"Content-Type": "application/json", "X-Sandbox-Admin": self._token}
        request = urllib.request.Request(f"{self._url}/{verb}", body, headers)  # noqa: S310 - https
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SandboxError(f"{verb}: {error.code} {error.read().decode()}") from error

    def stats(self) -> dict[str, Any]:
        """Sandbox time, counters, active faults, tenants; also completes the wire log so far."""
        return dict(self.call("stats"))

    def faults(self, *rules: dict[str, Any], seed: int = 0) -> None:
        """Replace the active fault rules (fields: see `faults.Rule`)."""
        self.call("faults", rules=list(rules), seed=seed)

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self.faults()

    def advance(self, seconds: float) -> datetime:
        """Move sandbox time forward; returns the new present."""
        return datetime.fromisoformat(self.call("advance", seconds=seconds)["now"])

    def life(
        self, steps: int, tenant: str | None = None, seed: int | None = None
    ) -> list[dict[str, str]]:
        """Let the tenant live for some steps; returns what happened."""
        return list(self.call("life", steps=steps, tenant=tenant, seed=seed)["events"])

    def journal(
        self,
        dataset: str,
        tenant: str | None = None,
        at: datetime | None = None,
        select: Iterable[str] | None = None,
        clock: str = "wall",
    ) -> dict[str, Any]:
        """`{"sequence", "now", "wall", "objects": {id: object}}` of a data set at an instant.

        Data sets: users, groups, members, registrations, sign_in_activity,
        conditional_access_policies, named_locations, role_definitions, role_assignments,
        role_eligibilities, issues, and the `COLLECTIONS` of the areas; of the present only:
        organization, domains, subscribed_skus, subscriptions, health_overviews, sign_ins,
        directory_audits, and the `LOGS` of the areas. `at` is wall-clock time, or sandbox time with
        `clock="sandbox"`; None is the present.
        """
        moment = at.isoformat() if at else None
        chosen = list(select) if select else None
        return dict(
            self.call(
                "journal", dataset=dataset, tenant=tenant, at=moment, select=chosen, clock=clock
            )
        )

    def lives(
        self, dataset: str, tenant: str | None = None, select: Iterable[str] | None = None
    ) -> dict[str, list[list[Any]]]:
        """What was ever true of a data set: id to `[wall-clock instant, object or None]`, oldest first."""
        chosen = list(select) if select else None
        return dict(self.call("lives", dataset=dataset, tenant=tenant, select=chosen)["objects"])

    def create(self, collection: str, item: dict[str, Any], tenant: str | None = None) -> Any:
        """Add an object with its id."""
        return self.call("create", collection=collection, object=item, tenant=tenant)

    def patch(
        self, collection: str, key: str, changes: dict[str, Any], tenant: str | None = None
    ) -> Any:
        """Change properties; None stores an explicit null."""
        return self.call("patch", collection=collection, id=key, changes=changes, tenant=tenant)

    def delete(
        self, collection: str, key: str, tenant: str | None = None, *, final: bool = False
    ) -> None:
        """Delete an object; users and groups softly unless `final`."""
        self.call("delete", collection=collection, id=key, tenant=tenant, final=final)

    def restore(self, collection: str, key: str, tenant: str | None = None) -> Any:
        """Bring a soft-deleted object back."""
        return self.call("restore", collection=collection, id=key, tenant=tenant)

    def member(self, group: str, member: str, tenant: str | None = None, *, present: bool) -> None:
        """Add or remove one group member."""
        self.call("member", group=group, member=member, present=present, tenant=tenant)

    def event(
        self, log: str, event: dict[str, Any], *, age: float = 0, twice: bool = False
    ) -> dict[str, Any]:
        """Let an event of `sign_ins`, `directory_audits` or a log of an area appear, `age` seconds old.

        With the id of an event that was added before it takes the place of that one, or, if
        `twice`, is listed beside it.
        """
        return dict(self.call("event", log=log, event=event, age=age, twice=twice))

    def tenant(self, tenant: str | None = None, **facts: Any) -> dict[str, Any]:
        """Read or set `premium` (none, P1, P2), `concealNames`, `notBought` (services), facts of areas."""
        return dict(self.call("tenant", tenant=tenant, **facts))

    def app(self, tenant: str | None = None, **facts: Any) -> dict[str, Any]:
        """Register an application, or change the one with `appId`.

        Facts: secret, displayName, permissions, roles ({audience: [role]}), certificate (PEM),
        federated (["issuer subject"]).
        """
        return dict(self.call("app", tenant=tenant, **facts))

    def token(self, audience: str, tenant: str | None = None, **facts: Any) -> str:
        """A signed access token.

        Facts: roles, user (object id), groups (true: as Entra names them, or says that they are too
        many), scope, claims, expiresIn (seconds, may be negative),
        foreignKey, tid, authority.
        """
        return str(self.call("token", audience=audience, tenant=tenant, **facts)["token"])

    def throttle(self, scale: float) -> None:
        """Scale the documented budgets and forget what was spent; 0 switches throttling off."""
        self.call("throttle", scale=scale)

    def wire_log(self, file: str | None) -> None:
        """Write exchanges to another file from now on; None stops."""
        self.call("wirelog", file=file or "")
