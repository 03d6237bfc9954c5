"""Names that infrastructure and code share: settings, queues, containers, functions, routes."""

import ast
import json
import re
from collections import Counter

import pytest

from shared.core.settings import PREFIX, RULES, Settings, read_settings
from shared.vault.archive import AUDIT_CONTAINER
from tests.app_bindings import app_bindings
from tests.core.azure_settings import AZURE
from tests.infra.declarations import INFRA, ROOT, bicep, read_json

APP = bicep("modules/functionapp.bicep")
STORAGE = read_json(INFRA / "storage.json")
SIZES = read_json(INFRA / "sizes.json")
# What infrastructure itself needs: the deployment package, and the archive of the issue to come.
OWN_CONTAINERS = {"app-package", "archive"}


def _constants(suffix: str) -> set[str]:
    """Return the values of module constants of the product whose name ends with `suffix`."""
    found = set()
    for folder in ("shared", "functions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                    names = [t.id for t in node.targets if isinstance(t, ast.Name)]
                    if any(name.endswith(suffix) for name in names):
                        found.add(str(node.value.value))
    return found


def _app_settings() -> set[str]:
    block = re.search(r"^var appSettings = \{\n(.*?)^\}", APP, flags=re.MULTILINE | re.DOTALL)
    assert block
    return set(re.findall(r"^  (\w+):", block[1], flags=re.MULTILINE))


def _number(name: str) -> int:
    found = re.search(rf"^var {name} = (\d+)", APP, flags=re.MULTILINE)
    assert found, name
    return int(found[1])


def _groups() -> Counter[str]:
    """Count the app's scale groups: all HTTP functions together, every other function alone."""
    triggers = [b["type"] for _, b in app_bindings() if b["type"].endswith("Trigger")]
    kinds = Counter(triggers)
    assert set(kinds) <= {"httpTrigger", "queueTrigger", "timerTrigger"}
    return Counter(
        scaling=kinds["queueTrigger"] + bool(kinds["httpTrigger"]), single=kinds["timerTrigger"]
    )


def test_bicep_sets_every_setting_and_no_other() -> None:
    ours = {name for name in _app_settings() if name.startswith(PREFIX)}
    assert ours == {PREFIX + name.upper() for name in RULES}


def test_the_settings_that_bicep_writes_are_accepted() -> None:
    written = dict(re.findall(r"^  (KANRI_\w+): '([^'$]*)'$", APP, flags=re.MULTILINE))
    settings = read_settings(written | {"KANRI_DATABASE_URL": "postgresql://app@host/kanri"})
    assert settings.database_auth == "entra"
    assert settings.client_secret == ""
    assert read_settings(written | AZURE).key_environment == "live"


def test_the_sample_and_bicep_know_the_same_settings_of_ours() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_text(encoding="utf-8"))
    assert {key for key in sample["Values"] if key.startswith(PREFIX)} == {
        key for key in _app_settings() if key.startswith(PREFIX)
    }


def test_queues_in_bicep_are_those_of_the_code_and_their_poison_queues() -> None:
    bound = {b["queueName"] for _, b in app_bindings() if "queueName" in b}
    read = {b["queueName"] for _, b in app_bindings() if b["type"] == "queueTrigger"}
    poison = {f"{name}-poison" for name in read if not name.endswith("-poison")}
    assert set(STORAGE["queues"]) == bound | poison | _constants("_QUEUE")


def test_containers_and_tables_in_bicep_are_those_of_the_code() -> None:
    used = {b["path"].split("/")[0] for _, b in app_bindings() if b["type"].startswith("blob")}
    declared = set(STORAGE["containers"]) | set(STORAGE["immutableContainers"])
    declared |= set(STORAGE["auditContainers"])
    assert declared == used | _constants("_CONTAINER") | OWN_CONTAINERS
    tables = {b["tableName"] for _, b in app_bindings() if "tableName" in b}
    assert set(STORAGE["tables"]) == tables | _constants("_TABLE")


def test_every_connection_of_a_binding_is_a_setting() -> None:
    connections = {b["connection"] for _, b in app_bindings() if "connection" in b}
    prefixes = {name.split("__")[0] for name in _app_settings()}
    assert connections <= prefixes


def test_functions_that_bicep_names_exist() -> None:
    named = set(re.findall(r"function:(\w+)", APP))
    triggered = {
        name for name, b in app_bindings() if b["type"] in {"queueTrigger", "timerTrigger"}
    }
    assert named == triggered


def test_paths_that_bicep_opens_or_probes_are_anonymous_routes() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(INFRA.rglob("*.bicep"))]
    paths = {path for text in texts for path in re.findall(r"'[^']*?(/api/[a-z/]+)'", text)}
    routes = {
        f"/{b['route']}"
        for _, b in app_bindings()
        if b["type"] == "httpTrigger" and b["authLevel"].lower() == "anonymous"
    }
    assert paths <= routes
    assert "/api/health/live" in paths


def test_the_module_counts_the_scale_groups_of_the_app() -> None:
    assert _groups() == Counter(scaling=_number("scalingGroups"), single=_number("singleGroups"))


@pytest.mark.parametrize("size", sorted(SIZES))
def test_all_instances_together_fit_into_the_database(size: str) -> None:
    shape = SIZES[size]
    groups = _groups()
    offered = shape["databaseUserConnections"] - _number("reservedConnections")
    pool, web = shape["poolSize"], shape["webPoolSize"]
    fixed = groups["single"] * pool + shape["alwaysReadyHttp"] * web
    each = (groups["scaling"] - 1) * pool + web
    affordable = (offered - fixed) // each
    instances = min(affordable, shape["instanceCeiling"])
    assert instances * each + fixed <= offered
    assert instances == shape["instanceCeiling"]
    # https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#considerations
    assert 1 <= instances <= 1000


def test_the_module_computes_what_the_test_computes() -> None:
    formula = re.search(r"^var affordableInstances = (.*)$", APP, flags=re.MULTILINE)
    assert formula
    assert formula[1] == (
        "(databaseUserConnections - reservedConnections"
        " - singleGroups * poolSize - alwaysReadyHttp * webPoolSize)"
        " / ((scalingGroups - 1) * poolSize + webPoolSize)"
    )
    assert "var maximumInstances = min(affordableInstances, instanceCeiling)" in APP


@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_quiet_app_is_not_near_its_limit_and_a_full_group_is(size: str) -> None:
    assert (
        "var busyInstances = "
        "maximumInstances * 9 / 10 + scalingGroups - 1 + singleGroups + alwaysReadyHttp\n"
    ) in APP
    groups, shape = _groups(), SIZES[size]
    others = groups["scaling"] - 1 + groups["single"] + shape["alwaysReadyHttp"]
    busy = shape["instanceCeiling"] * 9 // 10 + others
    quiet = 3 + shape["alwaysReadyHttp"]  # one request, one collection, the timer
    assert quiet < busy <= others + shape["instanceCeiling"]


def test_a_pool_never_grows_beyond_its_setting() -> None:
    from shared.store.session.engine import open_engine

    settings = Settings(database_url="postgresql://app@localhost/kanri", pool_size=3)
    pool = open_engine(settings).pool
    assert (pool.size(), pool._max_overflow) == (3, 0)  # type: ignore[attr-defined]


# https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits: maximum user connections
USER_CONNECTIONS = {"Standard_B1ms": 35, "Standard_B2s": 414, "Standard_D2ds_v5": 844}


@pytest.mark.parametrize("size", sorted(SIZES))
def test_the_connections_are_those_of_the_server_size(size: str) -> None:
    shape = SIZES[size]
    assert shape["databaseUserConnections"] == USER_CONNECTIONS[shape["databaseSku"]]
    assert not (shape["zoneRedundant"] and shape["databaseTier"] == "Burstable")
    assert not shape["zoneRedundant"] or shape["alwaysReadyHttp"] >= 2


def test_extensions_that_migrations_create_are_allowed() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "shared/store").rglob("*.py")]
    created = {
        name.upper()
        for text in sources
        for name in re.findall(r"CREATE EXTENSION (?:IF NOT EXISTS )?(\w+)", text)
    }
    allowed = re.search(r"var extensions = \[(.*)\]", bicep("modules/postgres.bicep"))
    assert allowed
    assert created == set(re.findall(r"'(\w+)'", allowed[1]))


def test_nothing_of_the_audit_log_can_be_changed_for_seven_years() -> None:
    """Azurite knows no immutability: the deployment's text stands in for it."""
    storage = bicep("modules/storage.bicep")
    policy = storage.split("resource auditImmutability ")[1].split("\n]\n")[0]
    assert "in content.auditContainers" in policy
    assert "immutabilityPeriodSinceCreationInDays: auditDays" in policy
    assert "allowProtectedAppendWrites: false" in policy
    assert "isVersioningEnabled: true" in storage
    assert STORAGE["auditContainers"] == [AUDIT_CONTAINER]
    [days] = re.findall(r"^param auditDays int = (\d+)$", bicep("main.bicep"), flags=re.MULTILINE)
    assert int(days) >= 7 * 365 + 2
    production = (INFRA / "main.prod.bicepparam").read_text(encoding="utf-8")
    assert "auditDays" not in production, "production keeps the default"
