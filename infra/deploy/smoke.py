"""Tries a deployment without changing it, for `kanri demo --check URL`.

With an API key (permissions tenant:read and report:read) each report of each connected tenant is
fetched once; without, only liveness and the refusal of strangers are tried.
"""

import time
import urllib.error
import urllib.request

from infra.cli.api import ApiFailed, KanriApi

_PATIENCE_SECONDS = 900.0  # a new Front Door takes minutes to know its routes everywhere
_TIMEOUT_SECONDS = 60.0


def status_of(url: str) -> int:
    """Return the HTTP status of a GET without credentials; 0 if nobody answered."""
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError(f"an API is tried over https: {url}")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_until_live(url: str, patience: float = _PATIENCE_SECONDS) -> bool:
    """Tell whether the liveness route answers within `patience` seconds: new instances need time."""
    deadline = time.monotonic() + patience
    while status_of(f"{url}/api/health/live") != 200:
        if time.monotonic() > deadline:
            return False
        time.sleep(2)
    return True


def problems(url: str, api_key: str, patience: float = _PATIENCE_SECONDS) -> list[str]:
    """Return what is wrong with the deployment at `url`; nothing if it is sound."""
    if not wait_until_live(url, patience):
        return ["/api/health/live does not answer 200"]
    found = []
    for path in ("/api/v1/tenants", "/api/health/ready"):
        status = status_of(url + path)
        if status != 401:
            found.append(f"{path} answers a stranger with {status}, not 401")
    return found + (_report_problems(KanriApi(url, api_key)) if api_key else [])


def _report_problems(api: KanriApi) -> list[str]:
    try:
        return [
            f"report {result.report} of tenant {tenant}: HTTP {result.status}"
            for tenant in api.tenants()
            for result in (api.fetch_report(tenant, key) for key in api.report_keys(tenant))
            if result.status != 200
        ]
    except ApiFailed as error:
        return [str(error)]
