"""What is for a laptop, a sandbox or a test keeps an app in Azure from starting, and is named."""

import pytest

from shared.core.settings import BadSetting, read_settings
from tests.core.azure_settings import AZURE

NO_ENTRA = {"KANRI_DATABASE_AUTH": "password"}
PLACE = "postgresql://app:pw@host/kanri"
ACCOUNT = "DefaultEndpointsProtocol={};AccountName=a;AccountKey=b"

UNSAFE = [
    ("KANRI_CLOCK_FILE", "/data/clock", {}),
    ("KANRI_CA_FILE", "/data/ca.pem", {}),
    ("KANRI_GRAPH_ENDPOINT", "https://localhost:8443", {}),
    ("KANRI_GRAPH_ENDPOINT", "https://graph.microsoft.com.example.org", {}),
    ("KANRI_GRAPH_ENDPOINT", "https://graph.microsoft.com:8443", {}),
    ("KANRI_AUTHORITY_HOST", "https://login.example.org", {}),
    ("KANRI_DATABASE_URL", PLACE, NO_ENTRA),
    ("KANRI_DATABASE_URL", f"{PLACE}?sslmode=require", NO_ENTRA),
    ("KANRI_DATABASE_URL", f"{PLACE}?sslmode=verify-ca", NO_ENTRA),
    ("KANRI_DATABASE_URL", f"{PLACE}?sslmode=disable", NO_ENTRA),
    ("KANRI_OWNER_SECRET", "a" * 40, {}),
    ("KANRI_OWNER_SECRET", "password" * 5, {}),
    ("KANRI_SEALING_KEYS", "", {}),
    ("KANRI_SEALING_KEYS", "@Microsoft.KeyVault(VaultName=kv;SecretName=kanri-sealing)", {}),
    ("KANRI_SEALING_KEYS", f"k1:{'ab' * 20}", {}),
    ("KANRI_SEALING_KEYS", f"{AZURE['KANRI_SEALING_KEYS']} k0:{'ab' * 20}", {}),
    ("KANRI_TRUSTED_PROXIES", "", {}),
    ("AzureWebJobsStorage", "UseDevelopmentStorage=true", {}),
    ("AzureWebJobsStorage", ACCOUNT.format("http"), {}),
    ("AzureWebJobsStorage", "AccountName=a;BlobEndpoint=http://127.0.0.1:10000/a;", {}),
]
# Refused wherever the app runs: the form alone says so.
NEVER = [
    ("KANRI_PUBLIC_URL", "http://kanri.example.com"),
    ("KANRI_GRAPH_ENDPOINT", "http://graph.microsoft.com"),
    ("KANRI_AUTHORITY_HOST", "http://login.microsoftonline.com"),
    ("KANRI_OWNER_SECRET", "short"),
    ("KANRI_SEALING_KEYS", "k1:short"),
    ("KANRI_AUDIT_HOT_DAYS", "89"),
]


def test_what_the_deployment_says_is_safe() -> None:
    assert read_settings(AZURE).database_auth == "entra"
    assert read_settings(AZURE | {"AzureWebJobsStorage": ACCOUNT.format("https")})
    verified = {"KANRI_DATABASE_URL": f"{PLACE}?sslmode=verify-full"}
    assert read_settings(AZURE | NO_ENTRA | verified)


@pytest.mark.parametrize(("key", "value", "beside"), UNSAFE)
def test_an_unsafe_setting_keeps_the_app_in_azure_from_starting(
    key: str, value: str, beside: dict[str, str]
) -> None:
    with pytest.raises(BadSetting, match=key) as found:
        read_settings(AZURE | beside | {key: value})
    assert found.value.code == "setting_unsafe"
    assert "pw@" not in str(found.value)
    on_a_laptop = {name: text for name, text in AZURE.items() if name.startswith("KANRI_")}
    assert read_settings(on_a_laptop | beside | {key: value})


@pytest.mark.parametrize(("key", "value"), NEVER)
def test_what_is_unsafe_anywhere_is_refused_anywhere(key: str, value: str) -> None:
    with pytest.raises(BadSetting, match=key) as found:
        read_settings({"KANRI_DATABASE_URL": PLACE, key: value})
    assert value not in str(found.value) or key == "KANRI_AUDIT_HOT_DAYS"


def test_a_container_of_somebody_else_is_not_azure() -> None:
    laptop = {"KANRI_DATABASE_URL": PLACE, "KANRI_CA_FILE": "ca.pem", "CONTAINER_NAME": "c"}
    assert read_settings(laptop).ca_file is not None
