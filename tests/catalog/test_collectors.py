"""Every collector: declaration consistent, permissions real, request served, rows decoded."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from copy import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, inspect

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.collector import FROM, UNTIL, Below, Bounds, Collector, Since
from shared.core.registry import collector, datasets
from shared.core.rows import Parent, Rows
from shared.graph.batch import read_children
from shared.graph.budgets import services
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions
from shared.graph.jobs import create_job, state_of_job
from shared.graph.paging import read_page
from shared.graph.requests import first_url, job_rows_url, posted, window_url
from shared.graph.usage_reports import read_usage
from shared.store.schema.dataset_tables import SCHEMA
from tests.catalog.metadata import item_of, needs_metadata, properties
from tests.graph.test_client import Open, use

EVERY = pytest.mark.parametrize("spec", [collector(name) for name in datasets()], ids=datasets())


@EVERY
def test_the_declaration_is_consistent(spec: Collector) -> None:
    names = [column.name for column in spec.columns]
    assert len(names) == len(set(names))
    assert not {"id", "raw", "tenant_id", "valid_from", "valid_to"} & set(names)
    assert spec.title.en
    assert spec.title.ja
    assert spec.docs.startswith("https://learn.microsoft.com/en-us/graph/")
    assert spec.service in services()
    assert spec.every >= timedelta(minutes=15)
    assert spec.permissions
    for permission in spec.permissions:
        assert permission.purpose.en != permission.purpose.ja
    assert (spec.shape == "event") == (spec.event_time is not None)
    assert (spec.shape == "measure") == (spec.extent.reading in ("usage", "dates"))
    assert set(spec.keep.volatile) <= {column.source for column in spec.columns} | set(
        ("Report Refresh Date", "Report Period") if spec.shape == "measure" else ()
    )
    # Of an object that has changed, rounds of changes do not tell which elements it has no more.
    assert spec.answer.each is None or not spec.extent.tells_changes
    sent = spec.ask.body if spec.answer.job is None else spec.answer.job.body
    if sent:
        texts = "".join(value for _, value in sent if isinstance(value, str))
        bounded = FROM in texts
        assert bounded == (UNTIL in texts)
        assert spec.extent.reading == ("slices" if bounded else "listing")
    if (job := spec.answer.job) is not None:
        assert not (job.partly and spec.extent.reading == "slices"), "it would be passed over"
    if spec.parent is not None:
        assert spec.parent in datasets()
        assert "{" in spec.ask.path
        assert set(spec.of_parent) <= {column.name for column in collector(spec.parent).columns}
        assert spec.extent.ages is None or collector(spec.parent).event_time is not None
        assert spec.keep.closes or not spec.extent.tells_changes
    assert spec.key or spec.answer.objects == 1
    if spec.event_time is not None:
        [event] = [column for column in spec.columns if column.name == spec.event_time]
        assert event.type == "timestamp"
        assert spec.parent is not None or event.source == Since.of(spec).source


@EVERY
def test_a_request_for_each_of_many_is_declared_costly(spec: Collector) -> None:
    """Below every user, with a link of its own for each parent, or more than a day may take."""
    each = Below.of(spec).each if spec.parent is not None else None
    changes = each is not None and each.tells_changes
    many = spec.parent == "users" or changes or spec.extent.daily is not None
    assert spec.costly or not many
    assert spec.parent is not None or not spec.costly, "what is read by itself costs its pages"


@EVERY
def test_the_select_is_what_the_columns_need(spec: Collector) -> None:
    if not spec.select:
        assert not spec.answer.selectable or not spec.ask.selects
        return
    sources = {column.source.split("/")[0] for column in spec.columns}
    needed = {source for source in sources if not source.startswith(("@", "{"))}
    marked = {spec.extent.removed} - {"@removed"}
    keys = {source.split("/")[0] for source in spec.key}
    assert set(spec.select) == needed | keys | marked
    assert len(set(spec.select)) == len(spec.select)


@EVERY
def test_names_and_addresses_are_marked_personal(spec: Collector) -> None:
    told = ("user_principal_name", "given_name", "surname", "ip_address", "owner_")
    for column in spec.columns:
        if column.name.startswith(told) or (column.name == "mail" and spec.dataset == "users"):
            assert column.personal, column.name


@EVERY
def test_each_personal_column_says_whose_it_is(spec: Collector) -> None:
    """By the row's person, by another column, by itself; or that anybody may stand in it."""
    names = {"id", *(column.name for column in spec.columns)}
    assert names.issuperset(spec.person)
    for column in spec.columns:
        if not column.personal:
            assert column.whose == "", column.name
        elif column.whose == "":
            assert spec.person, f"{column.name}: whose is it?"
        else:
            assert column.whose in {"itself", "anybody"} | names - {column.name}, column.name
    assert not spec.person or any(column.personal for column in spec.columns)


@pytest.mark.stack
@EVERY
def test_the_table_has_every_column(spec: Collector, app_engine: Engine) -> None:
    columns = {column["name"] for column in inspect(app_engine).get_columns(spec.dataset, SCHEMA)}
    assert columns >= {column.name for column in spec.columns} | {"tenant_id", "id", "raw"}


async def _listing(client: GraphClient, spec: Collector) -> Rows:
    if spec.answer.job is not None:
        return await _made(client, spec)
    url = first_url(client.endpoint, spec)
    return (await read_page(client, spec, url, body=posted(spec))).rows


async def _since(client: GraphClient, spec: Collector) -> Rows:
    url = window_url(client.endpoint, spec, clock.now() - timedelta(days=7))
    return (await read_page(client, spec, url)).rows


async def _usage(client: GraphClient, spec: Collector) -> Rows:
    return next((await read_usage(client, spec)).batches)


async def _dates(client: GraphClient, spec: Collector) -> Rows:
    day = clock.now().date() - timedelta(days=7)
    return next((await read_usage(client, spec, day.isoformat())).batches)


async def _children(client: GraphClient, spec: Collector) -> Rows:
    assert spec.parent is not None
    above = collector(spec.parent)
    parents = await _SAMPLES[above.extent.reading](client, above)
    names = [column.name for column in above.columns]
    columns = [dict(zip(names, values, strict=True)) for values in parents.values]
    chosen = [
        Parent(own, {name: str(told[name]) for name in spec.of_parent})
        for own, told in zip(parents.ids, columns, strict=True)
        if told.get("shared_scope", "all")
    ]
    rows = Rows()
    for answer in await read_children(client, spec, chosen[:20]):
        if answer.page is not None:
            rows.extend(answer.page.rows)
    return rows


async def _slices(client: GraphClient, spec: Collector) -> Rows:
    now = clock.now()
    if spec.answer.job is None:
        bounds = now - timedelta(days=1), now
        url = window_url(client.endpoint, spec, *bounds)
        return (await read_page(client, spec, url, body=posted(spec, bounds))).rows
    return await _made(client, spec, (now - timedelta(days=1), now))


async def _made(client: GraphClient, spec: Collector, bounds: Bounds | None = None) -> Rows:
    own = await create_job(client, spec, bounds)
    while (state := await state_of_job(client, spec, own)) is not None and not state.readable:
        assert state.under_way
        await asyncio.sleep(0.3)
    result = None if state is None else state.result
    return (await read_page(client, spec, job_rows_url(client.endpoint, spec, own, result))).rows


_SAMPLES: Mapping[str, Callable[[GraphClient, Collector], Awaitable[Rows]]] = {
    "listing": _listing,
    "since": _since,
    "slices": _slices,
    "usage": _usage,
    "dates": _dates,
    "children": _children,
}


async def _sample(client: GraphClient, spec: Collector) -> tuple[int, int, list[bytes]]:
    """Read one page; return rows, rejected and the raw objects."""
    rows = await _SAMPLES[spec.extent.reading](client, spec)
    return len(rows.ids), len(rows.rejected), rows.raws


@pytest.fixture
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Some services take one request a second, and each client here believes it is the first."""
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1)


@pytest.mark.stack
@pytest.mark.usefixtures("unthrottled")
@EVERY
def test_the_sandbox_serves_it_and_every_row_decodes(spec: Collector, open_graph: Open) -> None:
    async def sample(client: GraphClient) -> tuple[int, int, list[bytes]]:
        return await _sample(client, spec)

    rows, rejected, raws = use(open_graph, sample)
    assert rows > 0
    assert rejected == 0
    first = json.loads(raws[0])
    if spec.select:
        kept = {name for name in first if not name.startswith("@")}
        assert kept <= set(spec.select)


@pytest.mark.stack
def test_every_permission_is_one_that_the_sandbox_app_holds(
    open_graph: Open, sandbox: SandboxReady
) -> None:
    granted = use(open_graph, granted_permissions)
    declared = {p.name for name in datasets() for p in collector(name).permissions}
    assert declared <= granted


def undeclared(spec: Collector) -> set[str]:
    """Return the sources of which the metadata knows no null, and the collector does."""
    item = item_of(spec)
    kinds = {} if item is None else properties(spec.ask.version, item)
    columns = (column for column in spec.columns if not column.never_null)
    return {column.source for column in columns if kinds.get(column.source, "").endswith("!")}


@needs_metadata
@EVERY
def test_what_the_metadata_knows_no_null_of_is_declared_so(spec: Collector) -> None:
    assert undeclared(spec) == set()


@needs_metadata
def test_what_is_not_declared_is_found_whatever_the_dataset_is_called() -> None:
    spec = collector("domains")
    columns = tuple(replace(column, never_null=False) for column in spec.columns)
    assert "isVerified" in undeclared(replace(spec, dataset="new", columns=columns))


@needs_metadata
@pytest.mark.parametrize("path", ["nowhere/{id}", "users/{id}/nothing", "users/$count"])
def test_a_path_that_the_metadata_cannot_judge_fails(path: str) -> None:
    spec = collector("users")
    with pytest.raises(AssertionError):
        item_of(replace(spec, ask=replace(spec.ask, path=path)))
