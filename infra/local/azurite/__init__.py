"""Azurite, the storage emulator of Azure: installed from npm once, run on Node from a wheel."""

from infra.local.azurite.server import Azurite

__all__ = ["Azurite"]
