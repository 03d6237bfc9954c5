"""Route templates of ASP.NET Core."""

import pytest

from infra.local.host.route_template import RouteTemplate


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("api/things/{id:int}", "/API/Things/5/", {"id": "5"}),
        ("api/things/{id:int}", "/api/things/five", None),
        ("api/things/{id}", "/api/things", None),
        ("api/{a}/{b?}", "/api/1", {"a": "1"}),
        ("api/{a}/{b?}", "/api/1/2", {"a": "1", "b": "2"}),
        ("api/{a}/{b=7}", "/api/1", {"a": "1", "b": "7"}),
        ("api/{*rest}", "/api", {}),
        ("api/{*rest}", "/api/a/b", {"rest": "a/b"}),
        ("api/{name}.{extension?}", "/api/a.b.c", {"name": "a.b", "extension": "c"}),
        ("api/{name}.{extension?}", "/api/abc", {"name": "abc"}),
        ("api/{n:regex(^\\d{{3}}$)}", "/api/123", {"n": "123"}),
        ("api/{n:regex(^\\d{{3}}$)}", "/api/1234", None),
        ("api/{n:length(2,3):alpha}", "/api/abc", {"n": "abc"}),
        ("api/{n:min(5)}", "/api/4", None),
        ("api/{d:datetime}", "/api/2026-03-13", {"d": "2026-03-13"}),
        ("api/{g:guid}", "/api/not-a-guid", None),
        ("api/{b:bool}", "/api/True", {"b": "True"}),
        ("api/{f:nonfile}", "/api/a.txt", None),
    ],
)
def test_match(template: str, path: str, values: dict[str, str] | None) -> None:
    assert RouteTemplate(template).match(path) == values


@pytest.mark.parametrize(
    "template",
    ["api//x", "api/{a", "api/a}", "api/{a}{b}", "api/{a:nope}", "api/{a:int(3)}", "api/{a}/{A}",
     "api/{a?}.x", "api/{*a?}", "api/{}"],
)  # fmt: skip
def test_malformed(template: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        RouteTemplate(template)
