"""The composition root: builds each door once per worker, importing it on first use."""

from functools import cache, cached_property
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.control.audit_heads import AuditHeads
    from shared.core.sample import Batch
    from shared.core.sealing import Keyring
    from shared.core.settings import Settings
    from shared.graph.client import GraphClient
    from shared.identity.access_tokens import AccessTokens
    from shared.store.audit.log import AuditLog
    from shared.store.registers.known_access import KnownAccess
    from shared.store.registers.secrets import Secrets
    from shared.usecases.doors import WorkDoors
    from shared.usecases.limit_requests import Limits
    from shared.usecases.resolve_groups import KnownGroups
    from shared.usecases.sample_requests import Samples
    from shared.vault.archive import Archive


@cache
def logs() -> None:
    """Set up logging and what telemetry may not hold; every trigger calls it first."""
    from shared.core.logs import configure_logs
    from shared.core.redaction import redact_spans

    configure_logs(settings().log_level)
    redact_spans()


def settings() -> "Settings":
    """Return the settings of this process."""
    from shared.core.settings import settings as read

    return read()


@cache
def access_tokens() -> "AccessTokens":
    """Return the check of access tokens for our own API, with the signing keys it has fetched."""
    from shared.identity.access_tokens import AccessTokens

    return AccessTokens(settings())


@cache
def engine() -> "Engine":
    """Return the pool of timers and queues; HTTP has one of its own."""
    from shared.store.session.engine import open_engine

    return open_engine(settings())


@cache
def graph(tenant_id: UUID) -> "GraphClient":
    """Return Microsoft Graph of one tenant; it lives on the worker's event loop."""
    return _graph_client(tenant_id, engine())


def _graph_client(tenant_id: UUID, engine: "Engine") -> "GraphClient":
    """A client that draws from the request budgets that all workers share in the database."""
    from shared.graph.client import GraphClient
    from shared.graph.governor import Governor
    from shared.store.registers.budgets import Budgets
    from shared.usecases.spend_budget import SharedPurse

    purse = SharedPurse(Budgets(engine), settings().client_id, tenant_id)
    return GraphClient(settings(), tenant_id, Governor(purse, purse.users))


@cache
def work_doors() -> "WorkDoors":
    """Return the doors that work goes through."""
    from shared.usecases.doors import WorkDoors

    seconds = settings().collect_slice_seconds
    return WorkDoors(
        engine=engine(),
        graph=graph,
        slice_seconds=seconds,
        audit_heads=audit_heads,
        archive=archive,
        keyring=keyring,
        audit_hot_days=settings().audit_hot_days,
    )


@cache
def keyring() -> "Keyring":
    """Return the keys that seal what is secret or archived."""
    from shared.core.sealing import Keyring, named_keys

    return Keyring(named_keys(settings().sealing_keys))


@cache
def audit_heads() -> "AuditHeads":
    """Return the heads of audit chains that are kept in Azure Tables."""
    from shared.control.audit_heads import AuditHeads
    from shared.core.settings import storage_place
    from shared.identity.storage import open_tables

    return AuditHeads(open_tables(storage_place(), settings()))


@cache
def archive() -> "Archive":
    """Return what is kept in Blob Storage for years."""
    from shared.core.settings import storage_place
    from shared.identity.storage import open_blobs
    from shared.vault.archive import Archive

    return Archive(open_blobs(storage_place(), settings()))


@cache
def web_doors() -> "WebDoors":
    """Return the doors of the HTTP functions."""
    from shared.store.session.engine import open_engine

    return WebDoors(open_engine(settings(), settings().web_pool_size))


class WebDoors:
    """The doors of the HTTP functions (see web.doors), on a pool that no collection can exhaust."""

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine

    def settings(self) -> "Settings":
        """Return the settings of this process."""
        return settings()

    @cached_property
    def _audit(self) -> "AuditLog":
        from datetime import timedelta

        from shared.store.audit.log import AuditLog

        return AuditLog(self.engine, timedelta(seconds=settings().audit_readings_seconds))

    def audit(self) -> "AuditLog":
        """Return the audit log; it counts what repeats, so there is one."""
        return self._audit

    @cached_property
    def _limits(self) -> "Limits":
        from shared.core.rate_limit import limits_in_force
        from shared.usecases.limit_requests import Limits

        return Limits(self.engine, limits_in_force(settings().rate_limits))

    def limits(self) -> "Limits":
        """Return the limits; this worker's leases are kept in them, so there is one."""
        return self._limits

    @cached_property
    def _samples(self) -> "Samples":
        from shared.usecases.sample_requests import Samples

        def keep(batch: "Batch") -> None:
            from shared.store.registers.request_samples import RequestSamples

            RequestSamples(self.engine).keep(batch)

        return Samples(keep)

    def samples(self) -> "Samples":
        """Return what this worker counts its requests in, so there is one."""
        return self._samples

    @cached_property
    def _known_access(self) -> "KnownAccess":
        from shared.store.registers.known_access import KnownAccess

        return KnownAccess()

    def known_access(self) -> "KnownAccess":
        """Return what this worker remembers of who may do what, so there is one."""
        return self._known_access

    def access_tokens(self) -> "AccessTokens":
        """Return the check of access tokens for our own API."""
        return access_tokens()

    @cached_property
    def _secrets(self) -> "Secrets":
        from shared.store.registers.secrets import Secrets

        return Secrets(self.engine, keyring())

    def audit_heads(self) -> "AuditHeads":
        """Return the heads of audit chains that are kept in Azure Tables."""
        return audit_heads()

    def archive(self) -> "Archive":
        """Return what is kept in Blob Storage for years."""
        return archive()

    def keyring(self) -> "Keyring":
        """Return the keys that seal what is secret or archived."""
        return keyring()

    def secrets(self) -> "Secrets":
        """Return the secrets that all instances share; each is read once."""
        return self._secrets

    @cached_property
    def _known_groups(self) -> "KnownGroups":
        from shared.usecases.resolve_groups import KnownGroups

        return KnownGroups(self.fresh_graph)

    def known_groups(self) -> "KnownGroups":
        """Return the groups of those whose tokens do not name them."""
        return self._known_groups

    def fresh_graph(self, tenant_id: UUID) -> "GraphClient":
        """Return a client of one tenant's Graph for whoever runs his own event loop, and closes it."""
        return _graph_client(tenant_id, self.engine)
