"""Makes the OpenAPI 3.1 document from the routes, the structs and the reports: nothing is written twice.

https://spec.openapis.org/oas/v3.1.0
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import msgspec

from shared.core import registry
from shared.core.declarations import of
from shared.core.format import FORMATS, Format
from shared.core.imported import IMPORTS
from shared.core.masking import masking_of
from shared.core.names import HALF_SURROGATES
from shared.core.report import ReportColumn, ValueType
from shared.core.text import Lang, Text
from shared.render.json import ReportAnswer
from shared.web.idempotency import REPLAYED
from shared.web.openapi_examples import example_of
from shared.web.openapi_headers import (
    OF_LIMITS,
    header_components,
    header_parameters,
    header_references,
)
from shared.web.openapi_problems import problem_responses
from shared.web.route import Parameter, Route
from shared.web.shapes import NO_LINE_FEED, Problem

type Json = dict[str, Any]

VERSION = "1"
_REF = "#/components/schemas/{name}"
_LANGUAGE: Json = {"type": "string", "enum": ["en", "ja"]}
_LANG = Parameter(
    "lang",
    Text("Language of texts.", "テキストの言語。"),
    {"$ref": _REF.format(name="Language")},
)
_SECURITY_SCHEMES: Json = {
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "A key made by POST /v1/keys: scoped to permissions and tenants, expiring,"
        " revocable. It may also be sent as a bearer token.",
    },
    "entra": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of Microsoft Entra ID for Kanri's own audience; its app"
        " roles are those of GET /v1/roles. Those in a token of the operators' tenant count on every"
        " tenant, those in one of a connected tenant on its own. Memberships add to them.",
    },
}
_TYPES: dict[ValueType, Json] = {
    "text": {"type": ["string", "null"]},
    "bool": {"type": ["boolean", "null"]},
    "int": {"type": ["integer", "null"]},
    "float": {"type": ["number", "null"]},
    "timestamp": {"type": ["string", "null"], "format": "date-time"},
    "date": {"type": ["string", "null"], "format": "date"},
    "json": {},
}


def document(routes: Sequence[Route], lang: Lang) -> Json:
    """Return the whole document; titles and summaries in `lang`. Pages and hooks are no part of it."""
    routes = [route for route in routes if route.endpoint.kind == "api"]
    schemas = _schemas(routes)
    schemas |= _report_schemas(schemas["ReportAnswer"], lang)
    paths: Json = {}
    for route in routes:
        operation = _operation(route, schemas, lang)
        paths.setdefault(f"/{route.path}", {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kanri", "version": VERSION},
        "servers": [{"url": "/api"}],
        "security": [{"apiKey": []}, {"entra": []}],
        "tags": _tags(routes),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": header_components(lang),
            "responses": {"Problem": _problem()},
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


def _tags(routes: Sequence[Route]) -> list[Json]:
    """One tag per noun; the docstring of its package says what it is about."""
    return [
        {"name": _tag(noun), "description": (import_module(noun).__doc__ or "").strip()}
        for noun in dict.fromkeys(route.noun for route in routes)
    ]


def _tag(noun: str) -> str:
    return noun.rpartition(".")[2].replace("_", "-")


def _operation(route: Route, schemas: Json, lang: Lang) -> Json:
    operation: Json = {
        "tags": [_tag(route.noun)],
        "operationId": f"{route.noun.rpartition('.')[2]}_{route.handle.__name__}",
        "summary": route.summary.of(lang),
        "description": (route.handle.__doc__ or "").strip(),
        "parameters": [
            *(_path_parameter(name, route.path) for name in _path_names(route.path)),
            *(_query_parameter(parameter, lang) for parameter in (*route.parameters, _LANG)),
            *header_parameters(route, lang),
        ],
        "responses": {
            **problem_responses(route, lang),
            str(route.status): _success(route, schemas, lang),
            **{str(status): _beside(route, status, schemas, lang) for status in route.also},
            "default": {"$ref": "#/components/responses/Problem"},
        },
    }
    if route.permission == "anonymous":
        operation["security"] = []
    else:
        operation["x-kanri-permission"] = route.permission
    if route.body is not None:
        schema = {"$ref": _REF.format(name=route.body.__name__)}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": _exemplified(schema, schemas)},
        }
    elif route.text is not None:
        # As a file, so that what a client sends are the bytes that it was given.
        file = {"schema": {"type": "string", "format": "binary"}, "example": route.text.example}
        operation["requestBody"] = {"required": True, "content": {route.text.media_type: file}}
    return operation


def _exemplified(schema: Json, schemas: Json) -> Json:
    return {"schema": schema, "example": example_of(schema, schemas)}


def _path_names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _path_parameter(name: str, path: str) -> Json:
    schema: Json = {"type": "string"}
    if name == "key":
        schema["enum"] = list(registry.report_keys())
    elif name == "dataset":
        schema["enum"] = list(registry.kept() if "{object}" in path else of(IMPORTS))
    elif name in ("tenant", "id"):
        schema["format"] = "uuid"
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameter(parameter: Parameter, lang: Lang) -> Json:
    described: Json = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.summary.of(lang),
        "schema": dict(parameter.schema),
    }
    if parameter.example is not None:
        described["example"] = parameter.example
    return described


def _success(route: Route, schemas: Json, lang: Lang) -> Json:
    response: Json = {
        "description": route.summary.of(lang),
        "headers": header_references(
            (*_headers_of(route), *([REPLAYED] if route.repeatable else []))
        ),
    }
    content: Json = {}
    if route.answer is ReportAnswer:
        pages = [{"$ref": _REF.format(name=_page_name(key))} for key in registry.report_keys()]
        content["application/json"] = _exemplified({"anyOf": pages}, schemas)
    elif route.answer is not None:
        schema = {"$ref": _REF.format(name=route.answer.__name__)}
        content["application/json"] = _exemplified(schema, schemas)
    if route.answer is not None and issubclass(route.answer, ReportAnswer):
        for form in registry.of(FORMATS).values():
            if form.needs_all_rows:
                content[form.media_type.partition(";")[0]] = _file(form)
    if content:
        response["content"] = content
    return response


def _file(form: Format) -> Json:
    if form.is_binary:
        return {"schema": {"type": "string", "format": "binary"}}
    return {"schema": {"type": "string"}, "example": form.example}


def _headers_of(route: Route) -> tuple[str, ...]:
    return (*OF_LIMITS, *route.headers) if route.limited else route.headers


def _beside(route: Route, status: int, schemas: Json, lang: Lang) -> Json:
    if status == 304:
        headers = header_references(_headers_of(route))
        return {"description": "The copy you have is right", "headers": headers}
    if status == 204:
        return {"description": route.summary.of(lang), "headers": header_references(())}
    return _success(route, schemas, lang)


def _problem() -> Json:
    schema = {"$ref": _REF.format(name="Problem")}
    return {"description": "A problem", "content": {"application/problem+json": {"schema": schema}}}


def _schemas(routes: Sequence[Route]) -> Json:
    kinds = [
        *(route.answer for route in routes if route.answer),
        *(route.body for route in routes if route.body),
        Problem,
    ]
    _, components = msgspec.json.schema_components(dict.fromkeys(kinds), ref_template=_REF)
    _make_portable(components)
    return {**components, "Language": _LANGUAGE}


def _make_portable(schema: Any) -> None:
    """Say in `schema` what generators and validators of other languages understand.

    A list of anything says so. A pattern looks at nothing behind its end, and names no half
    surrogates, which few can: no JSON has them that is UTF-8.
    """
    if isinstance(schema, dict):
        if schema.get("type") == "array" and "prefixItems" not in schema:
            schema.setdefault("items", {})
        if isinstance(pattern := schema.get("pattern"), str):
            schema["pattern"] = pattern.removesuffix(NO_LINE_FEED).replace(HALF_SURROGATES, "")
        for part in schema.values():
            _make_portable(part)
    elif isinstance(schema, list):
        for part in schema:
            _make_portable(part)


def _report_schemas(page: Json, lang: Lang) -> Json:
    """For each report the schema of a row, and of a page of such rows; `page` is that of any page."""
    schemas: Json = {}
    for key in registry.report_keys():
        report = registry.report(key)
        row = f"{key.title()}Row"
        schemas[row] = {
            "type": "object",
            # No title: generators would make the name of a class of it, in whatever language.
            "description": report.title.of(lang),
            "properties": {column.id: _column(column, lang) for column in report.columns},
        }
        rows = {"type": "array", "items": {"$ref": _REF.format(name=row)}}
        # Said whole, not as an `allOf` that narrows: not every generator takes that in.
        own = {"report": {"type": "string", "enum": [key]}, "rows": rows}
        schemas[_page_name(key)] = {
            **page,
            "title": _page_name(key),
            "x-kanri-permission": report.permission,
            "properties": {**page["properties"], **own},
        }
    return schemas


def _page_name(key: str) -> str:
    return f"{key.title()}Report"


def _column(column: ReportColumn, lang: Lang) -> Json:
    schema: Json = {
        **_TYPES[column.type],
        "title": column.ja if lang == "ja" else column.en,
        "x-kanri-personal": column.personal,
    }
    if (masking := masking_of(column)) is not None:
        schema["x-kanri-masked"] = masking
    if column.unavailable is not None:
        schema["description"] = column.unavailable.of(lang)
    elif column.labels:
        words = "; ".join(f"{code}: {word.of(lang)}" for code, word in column.labels.items())
        schema["description"] = words
    return schema
