"""The settings class, local.settings.sample.json and the app settings in Bicep name the same keys."""

import json
import re
from pathlib import Path

import pytest

from shared.core.settings import PREFIX, RULES, BadSetting, read_settings

ROOT = Path(__file__).resolve().parents[2]
DATABASE = {"KANRI_DATABASE_URL": "postgresql://kanri_app@localhost/kanri"}


def test_the_sample_lists_every_setting_and_no_other() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_text(encoding="utf-8"))
    named = {key for key in sample["Values"] if key.startswith(PREFIX)}
    assert named == {PREFIX + name.upper() for name in RULES}


def test_the_deployment_sets_every_setting_and_no_other() -> None:
    bicep = (ROOT / "infra/modules/functionapp.bicep").read_text(encoding="utf-8")
    named = set(re.findall(r"^  (KANRI_\w+):", bicep, flags=re.MULTILINE))
    assert named == {PREFIX + name.upper() for name in RULES}


def test_every_setting_says_what_it_is_for() -> None:
    assert all(rule.purpose for _, rule in RULES.values())


def test_an_unknown_key_of_ours_fails_and_is_named() -> None:
    with pytest.raises(BadSetting, match="KANRI_GRPAH_ENDPOINT"):
        read_settings(DATABASE | {"KANRI_GRPAH_ENDPOINT": "x"})


def test_a_missing_database_fails_and_says_what_it_is() -> None:
    with pytest.raises(BadSetting, match="PostgreSQL URL"):
        read_settings({})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("KANRI_POOL_SIZE", "0"),
        ("KANRI_POOL_SIZE", "many"),
        ("KANRI_DATABASE_AUTH", "trust"),
        ("KANRI_LOG_LEVEL", "LOUD"),
        ("KANRI_GRAPH_ENDPOINT", "graph.microsoft.us"),
        ("KANRI_GRAPH_ENDPOINT", "https://graph.microsoft.us/v1.0"),
        ("KANRI_AUTHORITY_HOST", "http://login.microsoftonline.us"),
        ("KANRI_PUBLIC_URL", "http://kanri.contoso.com"),
        ("KANRI_PUBLIC_URL", "https://kanri.contoso.com/api"),
        ("KANRI_HOME_TENANT_ID", "contoso.onmicrosoft.com"),
        ("KANRI_RATE_LIMITS", "reading.caller=0"),
        ("KANRI_RATE_LIMITS", "reading.callers=10"),
        ("KANRI_ALLOWED_RANGES", "203.0.113.0/24 10.0.0.0/33"),
        ("KANRI_DENIED_RANGES", "203.0.113.7/24"),
    ],
)
def test_a_wrong_value_names_the_key(key: str, value: str) -> None:
    with pytest.raises(BadSetting, match=key):
        read_settings(DATABASE | {key: value})


def test_an_owner_secret_is_long_and_never_a_reference_that_was_left() -> None:
    key = "KANRI_OWNER_SECRET"
    with pytest.raises(BadSetting, match=key):
        read_settings(DATABASE | {key: "short"})
    left = "@Microsoft.KeyVault(VaultName=kv-kanri;SecretName=kanri-owner)"
    assert read_settings(DATABASE | {key: left}).owner_secret == ""
    assert read_settings(DATABASE | {key: "x" * 32}).owner_secret == "x" * 32


def test_ranges_are_read_in_one_spelling() -> None:
    read = read_settings(DATABASE | {"KANRI_DENIED_RANGES": "203.0.113.7 2001:DB8::/32"})
    assert read.denied_ranges == ("203.0.113.7/32", "2001:db8::/32")


def test_a_cloud_may_end_in_a_slash() -> None:
    read = read_settings(DATABASE | {"KANRI_GRAPH_ENDPOINT": "https://graph.microsoft.us/"})
    assert read.graph_endpoint == "https://graph.microsoft.us"


def test_secrets_are_not_printed() -> None:
    shown = repr(read_settings(DATABASE | {"KANRI_CLIENT_SECRET": "hush-hush"}))
    assert "hush-hush" not in shown
    assert "kanri_app" not in shown
