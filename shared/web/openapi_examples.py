"""An example of what a JSON Schema describes: made from the schema, so that it cannot contradict it."""

from collections.abc import Mapping
from typing import Any

type Json = Mapping[str, Any]

_OF_A_FORMAT = {
    "date-time": "2026-01-31T09:00:00Z",
    "date": "2026-01-31",
    "uuid": "11111111-1111-1111-1111-111111111111",
}
# Words for properties whose schema says no more than that they are texts.
_OF_A_NAME = {
    "dataset": "users",
    "displayName": "Contoso",
    "name": "Power BI",
    "report": "users",
    "key": "kanri_live_shown-this-once",
    "code": "tenant_unknown",
    "userPrincipalName": "ann@contoso.com",
}


def example_of(schema: Json, components: Mapping[str, Json], name: str = "") -> Any:
    """Return a value of `schema`, whose references point into `components`; `name` is its property's."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components, name)
    if "allOf" in schema:
        parts = [example_of(part, components, name) for part in schema["allOf"]]
        return {key: value for part in parts for key, value in part.items()}
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components, name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _plain(schema, components, name)


def _plain(schema: Json, components: Mapping[str, Json], name: str) -> Any:
    kinds = schema.get("type", "object" if "properties" in schema else None)
    match kinds[0] if isinstance(kinds, list) else kinds:
        case "object":
            properties = schema.get("properties", {})
            return {key: example_of(part, components, key) for key, part in properties.items()}
        case "array":
            return [example_of(schema.get("items", {}), components, name.removesuffix("s"))]
        case "string":
            return _OF_A_FORMAT.get(schema.get("format", ""), _OF_A_NAME.get(name, "text"))
        case "integer":
            return schema.get("minimum", 1)
        case "number":
            return 1.5
        case "boolean":
            return True
        case _:
            return {}
