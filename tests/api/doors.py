"""The doors of the app over one engine, as `shared.wiring` has them for a worker."""

from datetime import timedelta
from functools import cached_property
from uuid import UUID, uuid4

from sqlalchemy import Engine

from shared.control.audit_heads import AuditHeads
from shared.core.rate_limit import limits_in_force
from shared.core.sealing import Keyring, named_keys
from shared.core.settings import Settings, StoragePlace
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.identity.access_tokens import AccessTokens
from shared.identity.storage import open_blobs, open_tables
from shared.store.audit.log import AuditLog
from shared.store.registers.budgets import Budgets
from shared.store.registers.known_access import KnownAccess
from shared.store.registers.request_samples import RequestSamples
from shared.store.registers.secrets import Secrets
from shared.usecases.limit_requests import Limits
from shared.usecases.resolve_groups import KnownGroups
from shared.usecases.sample_requests import Samples
from shared.usecases.spend_budget import SharedPurse
from shared.vault.archive import Archive
from tests.fixtures.ample import AMPLE


class Doors:
    """The doors of the app (see web.doors) over one engine."""

    def __init__(self, engine: Engine, settings: Settings, storage: str = "") -> None:
        """`storage` is a connection string; without one there is nothing outside the database."""
        self.engine = engine
        self._settings = settings
        self._storage, self._own = StoragePlace(storage), f"own{uuid4().hex}"

    def settings(self) -> Settings:
        return self._settings

    @cached_property
    def _tokens(self) -> AccessTokens:
        return AccessTokens(self._settings)

    def access_tokens(self) -> AccessTokens:
        return self._tokens

    @cached_property
    def _audit(self) -> AuditLog:
        return AuditLog(self.engine, timedelta(seconds=self._settings.audit_readings_seconds))

    def audit(self) -> AuditLog:
        return self._audit

    @cached_property
    def _limits(self) -> Limits:
        return Limits(self.engine, limits_in_force(self._settings.rate_limits or AMPLE))

    def limits(self) -> Limits:
        return self._limits

    @cached_property
    def _samples(self) -> Samples:
        return Samples(RequestSamples(self.engine).keep, every=None)

    def samples(self) -> Samples:
        return self._samples

    @cached_property
    def _known_access(self) -> KnownAccess:
        return KnownAccess()

    def known_access(self) -> KnownAccess:
        return self._known_access

    @cached_property
    def _heads(self) -> AuditHeads:
        return AuditHeads(open_tables(self._storage, self._settings), self._own)

    def audit_heads(self) -> AuditHeads:
        return self._heads

    @cached_property
    def _archive(self) -> Archive:
        return Archive(open_blobs(self._storage, self._settings), self._own)

    def archive(self) -> Archive:
        return self._archive

    @cached_property
    def _secrets(self) -> Secrets:
        return Secrets(self.engine, self.keyring())

    def keyring(self) -> Keyring:
        return Keyring(named_keys(self._settings.sealing_keys))

    def secrets(self) -> Secrets:
        return self._secrets

    @cached_property
    def _known_groups(self) -> KnownGroups:
        return KnownGroups(self.fresh_graph)

    def known_groups(self) -> KnownGroups:
        return self._known_groups

    def fresh_graph(self, tenant_id: UUID) -> GraphClient:
        purse = SharedPurse(Budgets(self.engine), self._settings.client_id, tenant_id)
        return GraphClient(self._settings, tenant_id, Governor(purse))
