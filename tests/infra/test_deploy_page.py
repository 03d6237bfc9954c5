"""docs/deploy.md and the runbooks say what is so: counts, names, routes, modules."""

import re

import psycopg
import pytest

from infra.local.postgres import Postgres
from tests.app_bindings import app_bindings
from tests.fixtures.children import run_child
from tests.infra.declarations import INFRA, ROOT, read_json
from tests.infra.inventory import inventory

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
PAGES = {
    path.name: path.read_text(encoding="utf-8")
    for path in [ROOT / "docs" / "deploy.md", *sorted((ROOT / "docs/runbooks").glob("*.md"))]
}
SIZES = ["small", "private", "production"]


def _row(start: str) -> list[str]:
    [line] = [line for line in PAGE.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_the_table_counts_what_the_files_declare() -> None:
    counts = [inventory(size) for size in SIZES]
    assert _row("resources") == [str(count.resources) for count in counts]
    assert _row("alert rules") == [str(count.alerts) for count in counts]
    assert _row("private endpoints |") == [str(count.private_endpoints) for count in counts]


def test_the_table_names_the_shapes_of_the_sizes() -> None:
    shapes = [read_json(INFRA / "sizes.json")[size] for size in SIZES]
    for cell, shape in zip(_row("PostgreSQL |"), shapes, strict=True):
        assert cell.startswith(f"{shape['databaseSku']}, {shape['databaseStorageGb']} GB")
    assert _row("point-in-time") == [f"{shape['databaseBackupDays']} days" for shape in shapes]
    assert _row("always-ready instances for") == [str(s["alwaysReadyHttp"]) for s in shapes]
    assert _row("instances in a scale group") == [str(s["instanceCeiling"]) for s in shapes]
    assert _row("storage |") == [shape["storageSku"] for shape in shapes]
    assert _row("logs: daily cap") == [
        f"{shape['logDailyCapGb']} GB, {shape['logRetentionDays']} days" for shape in shapes
    ]


def test_the_totals_are_the_sums_of_the_items() -> None:
    items = PAGE.split("| item |")[1].split("| **total**")[0].splitlines()[2:]
    for column in (1, 2, 3):
        cells = [
            line.strip("|").split("|")[column].strip() for line in items if line.startswith("|")
        ]
        total = sum(int(cell) for cell in cells if cell != "-")
        assert _row("**total**")[column - 1] == f"**~{total}**"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_route_that_a_page_calls_exists(name: str) -> None:
    routes = {
        re.sub(r"\{[^}]*\}", "*", f"/{b['route']}")
        for _, b in app_bindings()
        if b["type"] == "httpTrigger"
    }
    for path in re.findall(r"(/api/v1[\w/{}$-]*|/api/health/\w+)", PAGES[name]):
        plain = re.sub(r"\{[^}]*\}|\$\w+|(?<=reports/)\w+", "*", path).rstrip("/")
        assert plain in routes, path


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_module_and_file_that_a_page_names_exists(name: str) -> None:
    for module in re.findall(r"python -m ([\w.]+)", PAGES[name]):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
    for path_name in re.findall(r"`((?:infra|shared|docs|\.github)/[\w./-]+)`", PAGES[name]):
        assert (ROOT / path_name).exists(), path_name
    for link in re.findall(r"\]\(([\w-]+\.md)\)", PAGES[name]):
        assert link in PAGES, link


def test_the_variables_that_are_set_are_read() -> None:
    read = set(
        re.findall(r"readEnvironmentVariable\('(\w+)'", (INFRA / "main.bicepparam").read_text())
    )
    assert set(re.findall(r"azd env set (\w+)", PAGE)) <= read
    assert {name for name in read if name.startswith("KANRI_")} <= set(
        re.findall(r"KANRI_\w+", PAGE)
    ) | {"KANRI_DATABASE_OWNER_TYPE"}


def test_the_page_asks_for_the_azd_that_the_project_asks_for() -> None:
    [wanted] = re.findall(r'azd: ">= ([\d.]+)"', (ROOT / "azure.yaml").read_text(encoding="utf-8"))
    assert f"`azd` ({wanted} or later)" in PAGE


def test_the_pipeline_may_hand_out_the_roles_of_the_template_and_no_other() -> None:
    [listed] = re.findall(r'^roles="(.+?)"$', PAGE, re.MULTILINE | re.DOTALL)
    guids = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert set(re.findall(guids, listed)) == set(
        re.findall(guids, (INFRA / "modules/roles.bicep").read_text(encoding="utf-8"))
    )


def test_every_block_of_commands_is_a_script() -> None:
    blocks = re.findall(r"^ *```sh\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) > 8
    for block in blocks:
        result = run_child(["bash", "-n"], input=block, text=True, capture_output=True)
        assert (result.returncode, result.stderr) == (0, ""), block


@pytest.mark.stack
def test_every_statement_that_a_runbook_gives_runs(postgres_server: Postgres) -> None:
    statements = [
        found for page in PAGES.values() for found in re.findall(r"`(select [^`]+)`", page)
    ]
    assert len(statements) > 3
    with psycopg.connect(postgres_server.url("postgres")) as connection:
        for statement in statements:
            connection.execute(statement)
