"""`python -m infra.deploy.sealing`: make the key that the app seals with, unless the vault has one.

Reads the outputs of the template from the environment: KANRI_VAULT_ID, KANRI_SITE_ID. Goes by Azure
Resource Manager, not by the vault's own address, which a private network closes: who may change the
vault may write a secret so, and cannot read one. The key goes to the Azure CLI on its standard
input, so that no list of processes shows it; nobody else sees it.
"""

import json
import os
import secrets
import shutil
import subprocess

SECRET = "kanri-sealing"  # noqa: S105 - its name, as infra/main.bicep has it

_API = ("--api-version", "2025-05-01")
# https://learn.microsoft.com/azure/app-service/app-service-key-vault-references#understand-rotation
_REFRESH = "/config/configreferences/appsettings/refresh?api-version=2022-03-01"
_NOT_FOUND = 3


def ensure_key(vault_id: str, site_id: str) -> bool:
    """Make the key if there is none, and let the site look for it; return whether it was made.

    Raises CalledProcessError with the CLI's words on stderr, RuntimeError without the CLI. One
    deployment of an environment runs at a time; a key that is there is never written over.
    """
    secret = f"{vault_id}/secrets/{SECRET}"
    found = _az("resource", "show", "--id", secret, *_API)
    if found.returncode == 0:
        return False
    if found.returncode != _NOT_FOUND:
        found.check_returncode()
    properties = json.dumps({"value": f"k1:{secrets.token_urlsafe(32)}"})
    words = ("resource", "create", "--id", secret, "--properties", "@-", *_API)
    _az(*words, given=properties).check_returncode()
    _az("rest", "--method", "post", "--url", site_id + _REFRESH).check_returncode()
    return True


def _az(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    tool = shutil.which("az")  # az.cmd on Windows
    if tool is None:
        raise RuntimeError("the Azure CLI (az) is needed to make the key that the app seals with")
    command = [tool, *words, "--output", "none", "--only-show-errors"]
    return subprocess.run(command, input=given, text=True, timeout=900, check=False)


def main() -> None:
    """Make the key that is missing; KeyError names an output that is."""
    made = ensure_key(os.environ["KANRI_VAULT_ID"], os.environ["KANRI_SITE_ID"])
    print(
        "the app seals with a new key" if made else "the vault has the key that the app seals with"
    )


if __name__ == "__main__":
    main()
