"""What the function app declares, read once: `get_functions` of an app answers only once."""

import json
from functools import cache
from typing import Any

from function_app import app


@cache
def app_bindings() -> list[tuple[str, dict[str, Any]]]:
    """Return (function, binding) for every binding of the app."""
    return [
        (str(function.get_function_name()), binding)
        for function in app.get_functions()
        for binding in json.loads(function.get_function_json())["bindings"]
    ]
